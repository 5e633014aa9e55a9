#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What save wrote is after a reload what was at work; what files cannot say is refused, with the line to change.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$RANDOM}
RANDOM=$seed
rounds=${ROUNDS:-60}

net_up
mkdir -p "$tmp/etc/rld.d"
cat >"$tmp/etc/rld.conf" <<END
attach srv0
mode enforce
set-option idle-timeout 5m
allow add 10.0.0.0/8 comment office
deny add 192.0.2.0/24
deny add 198.51.100.7 until 2100-01-01T00:00:00Z
set-limit a 100/minute match tcp dport 1
set-limit b 100/minute match tcp dport 2
disable b
END
cat >"$tmp/etc/rld.d/50-middle.conf" <<END
set-limit c 100/minute match tcp dport 3
deny add 192.0.2.128/25
set-limit 1000/second
END
cat >"$tmp/etc/rld.d/95-later.conf" <<END
set-limit z 100/minute match tcp dport 4
set-option metrics-top 5
allow add 172.16.0.1 comment late
END

start_of_files() { # [OPTION]...
	nsenter --net="/run/netns/$server" "${own_etc[@]}" "${rld_by[@]}" "$build/rld" --socket "$tmp/sock" --bpffs "$bpffs" \
		--state-dir "$tmp/state" --listen none "$@" 2>>"$rld_log" &
	rld_pid=$!
	check "rld starts with $*" wait_for ctl -q status
}
start_of_files
saved=$tmp/etc/rld.d/90-rlctl.conf

# A command after which save says which line stands in its way; a second one may come first.
refused() { # FILE:LINE COMMAND... [-- COMMAND...]
	local place=$1 words=() word out
	shift
	for word in "$@" --; do
		[ "$word" = -- ] || { words+=("$word"); continue; }
		ctl -q --yes "${words[@]}" || fail "rlctl ${words[*]}"
		words=()
	done
	out=$(ctl save 2>&1)
	is "save after $*: exit status" $? 1
	like "... names the line" "$out" "/etc/rld/$place( |\$|\))"
	is "... and writes nothing" "$(ls "$tmp/etc/rld.d")" "$(printf '50-middle.conf\n95-later.conf')"
	ctl -q --yes reload
}
refused rld.conf:4 allow del 10.0.0.0/8
refused rld.d/50-middle.conf:2 deny del 192.0.2.128/25
refused rld.conf:6 deny del 198.51.100.7
refused rld.conf:6 unban 198.51.100.7
refused rld.conf:5 deny add 192.0.2.0/24 for 1h
refused rld.conf:6 deny add 198.51.100.7 until never
refused rld.conf:1 detach srv0
refused rld.conf:7 del-limit a
refused rld.d/50-middle.conf:1 del-limit c
refused rld.d/50-middle.conf:3 del-limit default
refused rld.d/95-later.conf:1 set-limit z 7/minute match tcp dport 4
refused rld.d/95-later.conf:1 disable z
refused rld.d/95-later.conf:2 set-option metrics-top 7
refused rld.d/95-later.conf:3 allow add 172.16.0.1 comment other
refused rld.d/95-later.conf:1 set-limit new 5/minute match udp
refused rld.conf:7 del-limit a -- set-limit a 100/minute match tcp dport 1
refused rld.d/50-middle.conf:1 set-limit y 5/minute match udp -- del-limit c -- set-limit c 9/minute match tcp dport 3

# From here on a file that is read later has no limits, or no new one could be saved.
sed -i /set-limit/d "$tmp/etc/rld.d/95-later.conf"
echo "set-limit z 100/minute match tcp dport 4" >>"$tmp/etc/rld.d/50-middle.conf"
ctl -q --yes reload

one_of() { # WORD... -> $word
	shift $((RANDOM % $#))
	word=$1
}

# One command at random; most of what commands can do, on names of files and on new ones.
random_command() {
	local name list prefix
	one_of a b c z new1 new2 new3 default; name=$word
	one_of allow deny; list=$word
	one_of 10.0.0.0/8 192.0.2.0/24 192.0.2.128/25 172.16.0.1 203.0.113.0/24 203.0.113.9 2001:db8::/32; prefix=$word
	case $((RANDOM % 16)) in
	0 | 1 | 2) if [ "$name" = default ]; then command=(set-limit $((RANDOM % 50 + 1))/second); else
		command=(set-limit "$name" $((RANDOM % 50 + 1))/minute match tcp dport $((RANDOM % 9 + 1))); fi ;;
	3) command=(set-limit "$name" 9/hour per source/24 match udp comment "it's #$RANDOM") ;;
	4) command=(del-limit "$name") ;;
	5) command=(disable "$name") ;;
	6) command=(enable "$name") ;;
	7 | 8) command=("$list" add "$prefix") ;;
	9) command=("$list" add "$prefix" comment "why not $((RANDOM % 3))") ;;
	10) command=("$list" add "$prefix" for 1h) ;;
	11) command=("$list" del "$prefix") ;;
	12) one_of enforce monitor off; command=(mode "$word") ;;
	13) one_of 5m 10m 1h; command=(set-option idle-timeout "$word") ;;
	14) one_of auto none 22,2222; command=(set-option protect-port "$word") ;;
	15) one_of auto native generic; command=(attach srv0 mode "$word") ;;
	esac
}

written=0 rejected=0 wrong='' untold=''
for ((round = 0; round < rounds; round++)); do
	said=()
	for ((i = RANDOM % 3; i >= 0; i--)); do
		random_command
		said+=("${command[*]};")
		ctl -q --yes "${command[@]}" 2>/dev/null
	done
	ctl export >"$tmp/before"
	if out=$(ctl save 2>&1); then
		written=$((written + 1))
		[ "$(json .unsaved status)" = 0 ] || wrong+="unsaved after: ${said[*]} "
		ctl -q --yes reload || wrong+="no reload after: ${said[*]} "
		ctl export >"$tmp/after"
		cmp -s "$tmp/before" "$tmp/after" || wrong+="${said[*]} $(diff "$tmp/before" "$tmp/after") "
	else
		rejected=$((rejected + 1))
		grep -Eq '/etc/rld/(rld.conf|rld.d/(50-middle|95-later).conf):[0-9]+' <<<"$out" || untold+="${said[*]} $out "
		ctl -q --yes reload
	fi
	# Now and then back to the files as they were.
	[ $((RANDOM % 4)) != 0 ] || { rm -f "$saved" && ctl -q --yes reload; }
done
echo "# seed $seed: $written saved, $rejected refused"
is "a reload brings back what was at work when it was saved (SEED=$seed)" "$wrong" ""
is "each refusal names a line of another file" "$untold" ""
between "some were saved" "$written" $((rounds / 5)) "$rounds"
between "and some refused" "$rejected" $((rounds / 30)) "$rounds"

rm -f "$saved"
ctl -q --yes reload
ctl -q ban 192.0.2.1
ctl -q deny add 2001:db8:5::/48 for 1h
ctl -q set-limit new1 5/minute match udp dport 5
check "save beside bans" ctl save
unlike "... writes no bans and no entries with an end" "$(cat "$saved")" '192\.0\.2\.1|2001:db8:5'
ctl -q set-limit new2 6/minute match udp dport 6
rld_stop KILL
start_of_files
like "what commands set after a save goes on after a crash" "$(ctl export)" '^set-limit new2 6/1m'
ctl -q --yes reload
like "... bans and entries with an end after a reload, too" "$(ctl show lists | tr '\n' ' ')" '192\.0\.2\.1 .*2001:db8:5::/48'
echo 'set-limit first 1/minute match icmp' >>"$tmp/etc/rld.conf"
echo 'set-limit bad 5/fortnight match icmp' >"$tmp/etc/rld.d/96-bad.conf"
before=$(ctl export)
like "a mistake in the last file is told with its place" "$(ctl reload 2>&1)" '^/etc/rld/rld\.d/96-bad\.conf:1:17: error'
is "... and none of the files is taken up" "$(ctl export)" "$before"
rm "$tmp/etc/rld.d/96-bad.conf"

# --- a disk that takes its time
rld_stop
echo 0 >"$tmp/sync"
rld_by=(env LD_PRELOAD="$tools/sync.so" RLD_TEST_SYNC="$tmp/sync")
start_of_files
ctl -q --yes reload
ctl -q set-limit slow1 5/minute match udp dport 11
echo 2 >"$tmp/sync"
saving() { ctl save >"$tmp/answer" 2>&1 || echo "failed: $?" >>"$tmp/answer"; }
saving &
kids+=($!)
sleep 0.5
start=$(date +%s%N)
ctl -q set-limit slow2 6/minute match udp dport 12
ctl -q status
between "while save waits for the disk others are answered" $((($(date +%s%N) - start) / 1000000)) 0 1000
unlike "... the file is the old one" "$(cat "$saved")" slow1
is "... nothing says that it was saved" "$(cat "$tmp/answer")" ""
like "... and another save is told so" "$(ctl save 2>&1)" 'another save waits for the disk'
saved_it() { [ -s "$tmp/answer" ]; }
check "it is answered" wait_for saved_it
like "... with the file" "$(cat "$tmp/answer")" "^[0-9]+ statements in /etc/rld/rld.d/90-rlctl.conf"
like "... that has what was at work when it began" "$(grep -o 'slow[0-9]' "$saved" | tr '\n' ' ')" '^slow1 $'
is "... and what came later is unsaved" "$(json .unsaved status)" 1
echo -1 >"$tmp/sync"
before=$(cat "$saved")
out=$(ctl save 2>&1)
is "a disk that fails is an error" $? 1
like "... which says what" "$out" 'cannot write /etc/rld/rld.d/90-rlctl.conf: Input/output error'
is "... leaves the old file alone" "$(cat "$saved")" "$before"
is "... and none beside it" "$(find "$tmp/etc/rld.d" -name '*.new')" ""
echo 1 >"$tmp/sync"
saving &
kids+=($!)
sleep 0.5
rld_stop
like "rld does not end before the disk has it" "$(cat "$saved")" slow2
rld_by=()
echo 'attach srv0' >"$config"
start_of_files --config "$config"
unlike "with --config nothing else is read" "$(ctl export)" '^(set-limit|set-option)'
finish
