#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A state directory that does not say any more what is enforced: the pinned rules go on until somebody decides.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

event() { json "[.events[] | select(.event.action == \"$1\")] | last | $2" events; } # ACTION JQ-FILTER
metric() { fetch /metrics | sed -n "s/^$1 //p"; }
arrive() { # PORT: how many of 20
	local before
	before=$(udp_arrived)
	frames "${client4[0]}" "$server4" kind=udp dport="$1" count=20 >/dev/null
	echo $(($(udp_arrived) - before))
}

net_up
rld_start <<END
attach srv0
set-limit web 5/hour match udp dport 12
END
ctl -q set-limit mine 3/hour match udp dport 13
is "both limits are at work" "$(arrive 12) $(arrive 13)" "5 3"
sleep 3 # a snapshot has that, and the log what follows
ctl -q set-limit last 4/hour match udp dport 15
rld_stop KILL
cp -a "$tmp/state" "$tmp/kept"
running=$tmp/state/running.conf
number=0
held() { # NAME COMMAND...: kill -9, damage, start
	rld_stop KILL
	rm -rf "$tmp/state"
	cp -a "$tmp/kept" "$tmp/state"
	"${@:2}"
	rld_restart
	number=$((number + 1))
	is "$1: rules are held" "$(json '.held != null' status) $(event rules-held .event.outcome) $(metric rld_rules_held)" "true failure 1"
	is "... and go on with their counts" "$(arrive 12) $(arrive 13)" "0 0"
	like "... no command changes them" "$(ctl set-limit z 1/s match icmp 2>&1)" 'rlctl reload.*rld --detach'
}
instead() { rm -rf "$1" && "${@:2}" "$1"; } # FILE COMMAND...
held "a damaged file" sed -i 's/3\/1h/9\/1h/' "$running"
like "... the file is kept" "$(ls "$tmp/state")" 'running\.conf\.bad'
held "a pipe" instead "$running" mkfifo
held "a log without its last command" truncate -s 0 "$tmp/state/running.log"
# test_held.c has more of them.
held "no log" rm "$tmp/state/running.log"
held "no directory" rm -r "$tmp/state"
# shellcheck disable=SC2016
like "status says what to do" "$(ctl status)" '^error: .*`rlctl reload`.*`rld --detach`'
like "... and so does the log" "$(cat "$rld_log")" 'rld: error: .*enforces on srv0 goes on unchanged'
rld_stop
rld_restart
is "... after a proper stop, too" "$(json '.held != null' status)" true
is "an interface that comes changes nothing" "$(ip -n "$server" link add new0 type veth peer name new1; sleep 1.2; arrive 13; json '.held != null' status)" "0
true"
echo 'nonsense' >>"$config"
is "a mistake in the files is no decision" "$(ctl reload >/dev/null 2>&1; echo $?) $(json '.held != null' status) $(arrive 13)" "6 true 0"
sed -i '$d' "$config"
out=$(ctl reload 2>&1)
is "a reload decides" "$? $(json .held status) $(metric rld_rules_held)" "0 null 0"
like "... and says what is over" "$out" 'dropped, as no file says it: limit mine'
is "... limits of the files keep their counts, others are gone" "$(arrive 12) $(arrive 13)" "0 20"
ctl -q set-limit mine 3/hour match udp dport 13
rld_stop KILL
rld_restart
is "... and commands are kept again" "$(json .held status) $(ctl export | grep -c mine)" "null 1"

rld_stop KILL
rm -rf "$tmp/state"
rld_restart
is "held again" "$(json '.held != null' status)" true
rld_stop
check "rld --detach ends it" "$build/rld" --detach --bpffs "$bpffs"
rld_restart
is "... then the files decide" "$(json .held status) $(ctl export | grep -c mine)" "null 0"

# A command that could not be recorded is not gone after a crash.
rld_stop
mkdir -p "$tmp/full"
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation private sh -c 'mount -t tmpfs -o size=4k tmpfs "$0"; exec "$@"' "$tmp/state")
rld_restart
ctl -q set-limit unkept 3/hour match udp dport 14
is "a limit on a full disk" "$(json .persisted status) $(arrive 14)" "false 3"
rld_stop KILL
rld_restart
is "... is held after kill -9" "$(json '.held != null' status) $(arrive 14)" "true 0"
finish
