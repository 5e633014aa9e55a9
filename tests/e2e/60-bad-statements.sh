#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two hundred wrong lines: check and rld refuse each at its line and column, commands change nothing, nothing crashes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

lines=$top/tests/unit/data/bad_lines.txt
[ -e "$lines" ] || skip_all "there is no $lines"

net_up
rld_start <<'END'
attach srv0
set-limit ssh 600/minute match tcp dport 22
END
ctl export >"$tmp/export"

# bad_lines.txt has COLUMN, MESSAGE, LINE between tabs; \t, \n and \xNN stand for bytes.
count=0 unplaced='' status_wrong='' crashed='' accepted=''
while IFS=$'\t' read -r column _ text; do
	# A time that has passed is an error of a command only: files outlive the times in them.
	case $column$text in '' | '#'* | *'until 20'*) continue ;; esac
	count=$((count + 1))
	printf '# one line above\n%b\n' "$text" >"$tmp/bad.conf"
	out=$("$build/rlctl" check "$tmp/bad.conf" 2>&1)
	status=$?
	[ $status -lt 126 ] || crashed+="check: $text"$'\n'
	[ $status = 6 ] || status_wrong+="$status: $text"$'\n'
	grep -aEq "^$tmp/bad.conf:[0-9]+(:[0-9]+)?: error: " <<<"$out" || unplaced+="$text -> $out"$'\n'
	# Quotes are for files: a shell would have taken them.
	[[ $text != *[\"\'\\]* ]] || continue
	read -ra words <<<"$text"
	ctl -q "${words[@]}" >/dev/null 2>&1
	status=$?
	[ $status -lt 126 ] || crashed+="rlctl: $text"$'\n'
	[ $status != 0 ] || accepted+="$text"$'\n'
	if [ $status = 7 ]; then
		fail "rld lives" "died of: $text"
		finish
	fi
done <"$lines"

between "wrong lines tried" "$count" 150 2000
is "each is refused with its position" "$unplaced" ""
is "... and exit status 6" "$status_wrong" ""
is "nothing crashed" "$crashed" ""
is "rld still runs with the statements it had" "$(ctl export | grep -v '^#')" "$(grep -v '^#' "$tmp/export")${accepted:+
(accepted as commands: $accepted)}"

# Words of closed sets that rlctl and rld read themselves.
suggests() { # WORD ARGUMENT...
	like "rlctl ${*:2}: $1 is suggested" "$(ctl "${@:2}" 2>&1)" "did you mean \"$1\"\?"
}
suggests limits show limts
suggests options show optoins
suggests lists show list
suggests --json --jsn status
suggests --json -json status
suggests --json status --jsn
suggests --timeout --timout=3 status
suggests always --color=alwasy status
suggests --limit sources --limt ssh
suggests --sort sources --srot drop
suggests drop sources --sort dorp
suggests would_drop sources --sort would-drop
suggests --follow events --folow
suggests --since events --sicne 10m
suggests all clear al
suggests --limit clear all --limmit ssh
suggests --filter replay x.pcap --fliter tcp
suggests set-limit setlimit ssh 1/s
suggests status statsu
suggests dport explain 192.0.2.1 udp dprot 9
suggests auto attach srv0 mode atuo
suggests drop set-option on-malformed dropp
suggests second set-limit a 10/sek match any
later() { # WORD ARGUMENT...
	like "rlctl ${*:2}: $1 is for a later version" "$(ctl "${@:2}" 2>&1)" "$1\"? is not in this version"
}
later top top
later --dry-run --dry-run status
later reject set-limit a 1/s match any reject
later header set-limit a 1/s match header x
unlike "nothing is suggested for what is near to nothing" "$(ctl show xyzzy 2>&1)$(ctl --verbose status 2>&1)$(ctl sources --sort speed 2>&1)" "did you mean"

# rld itself, with a sample of them.
refused=0 tried=0 wrong=
while IFS=$'\t' read -r column _ text; do
	case $column$text in '' | '#'* | *'until 20'*) continue ;; esac
	tried=$((tried + 1))
	[ $((tried % 8)) = 0 ] || continue
	printf '%b\n' "$text" >"$tmp/bad.conf"
	out=$(in_server timeout 5 "$build/rld" --config "$tmp/bad.conf" --socket "$tmp/sock2" --bpffs "$bpffs-2" \
		--state-dir "$tmp/state2" --listen none 2>&1)
	status=$?
	if [ $status = 6 ] && grep -aq "^$tmp/bad.conf:" <<<"$out"; then refused=$((refused + 1)); else wrong+="$status: $text -> $out"$'\n'; fi
done <"$lines"
[ ! -e "$bpffs-2" ] || "$build/rld" --detach --bpffs "$bpffs-2" >/dev/null
is "rld refuses to start with each of $((tried / 8)) of them, exit status 6, position said" "$refused $wrong" "$((tried / 8)) "
finish
