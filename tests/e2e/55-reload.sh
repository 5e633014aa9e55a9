#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A reload under traffic keeps the counts of what did not change, a bad file changes nothing, save writes the file.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

reloaded() { [ "$(grep -c 'configuration reloaded' "$rld_log")" -ge "$1" ]; }
failed() { [ "$(grep -c 'reload failed' "$rld_log")" -ge "$1" ]; }

net_up
rld_start <<END
attach srv0
set-limit udp 500/minute match udp dport 9
set-limit other 100/minute match udp dport 10
END
before=$(udp_arrived)
frames "${client4[0]}" "$server4" kind=udp count=200 >/dev/null
frames "${client4[0]}" "$server4" kind=udp count=50 dport=10 >/dev/null

background client "$tools/frames" cli0 "$mac" "${client4[0]}" "$server4" kind=udp per-second=400 seconds=3 count=100000 >/dev/null
sender=$!
cat >"$config" <<END
attach srv0
set-limit udp 500/minute match udp dport 9
set-limit other 200/2minutes match udp dport 10
END
kill -HUP "$rld_pid"
check "SIGHUP reloads" wait_for reloaded 1
check "rlctl reload reloads" ctl reload
wait "$sender"
is "reloads under traffic keep an unchanged limit's counts: 500 arrived, and 50 of the other" \
	$(($(udp_arrived) - before)) 550
frames "${client4[0]}" "$server4" kind=udp count=300 dport=10 >/dev/null
is "a limit with other periods starts afresh" $(($(udp_arrived) - before)) 750

ctl export >"$tmp/export"
generation=$(json '.config.generation' status)
printf 'attach srv0\n\nset-limit udp 5/fortnight match udp\n' >"$config"
out=$(ctl reload 2>&1)
is "a bad file is refused with exit status 6" "$(ctl reload >/dev/null 2>&1; echo $?)" 6
like "... at file:line:column" "$out" "^$config:3:17: error: unknown period \"fortnight\""
like "... with the columns marked and what was expected" "$out" '\^{9} +one of: ms'
kill -HUP "$rld_pid"
check "SIGHUP refuses it too" wait_for failed 3
like "... and says the position in the log" "$(cat "$rld_log")" "$config:3:17: error"
is "... the old statements go on" "$(ctl export)" "$(cat "$tmp/export")"
is "... in the same generation" "$(json '.config.generation' status)" "$generation"
is "status tells of the failed reload" "$(json '.config.last_reload_successful' status)" false
like "... metrics too" "$(fetch /metrics)" '^rld_config_last_reload_successful 0'
frames "${client4[0]}" "$server4" kind=udp count=300 >/dev/null
is "... and the old limits hold" $(($(udp_arrived) - before)) 750

out=$(in_server timeout 10 "$build/rld" --config "$config" --socket "$tmp/sock2" --bpffs "$bpffs-2" --state-dir "$tmp/state2" \
	--listen none 2>&1)
is "rld does not start with a bad file" $? 6
like "... and says where" "$out" "^$config:3:17: error"
[ ! -e "$bpffs-2" ] || "$build/rld" --detach --bpffs "$bpffs-2" >/dev/null

printf 'attach srv0\nset-limit udp 500/minute match udp dport 9\n' >"$config"
check "a command" ctl set-limit extra 9/minute match tcp
check "a ban" ctl ban 192.0.2.77 for 1h
is "unsaved statements are counted" "$(json '.unsaved' status | grep -c '^[1-9]')" 1
check "a good file again" ctl reload
entries() { json '[.allow[], .deny[]] | map("\(.prefix) \(.until) \(.timed) \(.comment)") | sort | .[]' show lists; }
ctl -q allow add 198.51.100.7 until never
ctl -q allow add 2001:db8:9::/48 until never comment 'our office'
ctl -q deny add 203.0.113.0/24 until never
ctl -q deny add 203.0.113.9 for 2h comment "it's over soon"
ctl -q ban 192.0.2.78 comment scans
lists=$(ctl show lists; entries)
ctl -q reload
is "entries and bans, with an end and without, are after a reload what they were" "$(ctl show lists; entries)" "$lists"
for _ in 1 2 3 4; do
	rld_stop KILL
	rld_restart
	[ "$(ctl show lists; entries)" = "$lists" ] || break
	sleep 0.3
done
is "... and after crashes" "$(ctl show lists; entries)" "$lists"
ctl -q set-limit extra 9/minute match tcp
rld_stop
rld_restart
is "... and after a restart with running statements" "$(ctl show lists; entries)" "$lists"
ctl -q reload
unlike "the reload ends what commands set" "$(ctl export)" 'extra'
like "... but keeps bans, and where they stand" "$(ctl -j show lists)" '192\.0\.2\.77'
is "... and status is well" "$(json '.config.last_reload_successful' status)" true
out=$(ctl save 2>&1)
is "save does not touch a --config FILE" $? 1
like "... and says what to do" "$out" 'rlctl export'
rld_reset

mkdir -p "$tmp/etc/rld.d"
cat >"$tmp/etc/rld.conf" <<END
attach srv0
set-limit udp 500/minute match udp dport 9
END
saving() {
	nsenter --net="/run/netns/$server" "$build/rld" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" \
		--listen none 2>>"$rld_log" &
	local daemon=$!
	wait_for ctl -q status || return 1
	ctl -q set-limit saved 11/minute match tcp dport 443
	ctl -q set-limit udp 600/minute match udp dport 9
	ctl save
	echo "unsaved $(json '.unsaved' status)"
	ctl -q reload
	ctl export
	kill "$daemon"
	wait "$daemon"
}
export -f saving ctl json wait_for
export tmp server build bpffs rld_log
out=$("${own_etc[@]}" bash -c saving 2>&1)
like "save writes what commands changed" "$(cat "$tmp/etc/rld.d/90-rlctl.conf" 2>&1)" '^set-limit saved 11/1m per source match tcp dport 443$'
like "... a replaced limit too" "$(cat "$tmp/etc/rld.d/90-rlctl.conf" 2>&1)" '^set-limit udp 600/1m per source match udp dport 9$'
like "... then nothing is unsaved" "$out" '^unsaved 0$'
like "... and a reload finds it" "$out" '^set-limit saved 11/1m per source match tcp dport 443$'
finish
