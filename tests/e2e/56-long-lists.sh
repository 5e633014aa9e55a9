#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Long lists under traffic: no packet is judged by half of one, commands that are answered outlive a kill, and others are answered meanwhile.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

count=30000
statements() { # FIRST: so many entries from there on, shuffled, among them who sends
	echo "attach srv0"
	echo "allow add ${client4[1]}"
	awk -v first="$1" -v count=$count 'BEGIN { for (i = first; i < first + count; i++) printf "deny add 20.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256 }' | shuf
	echo "deny add ${client4[0]}"
	echo "set-limit udp 1/hour match udp dport 9"
}
loaded() { [ "$(json '.lists_loading' status)" = false ]; }
send() { background client "$tools/frames" cli0 "$mac" "$1" "$server4" kind=udp per-second=500 seconds=8 count=4000 >/dev/null; }

net_up
statements 0 >"$tmp/first"
rld_start <"$tmp/first"
check "the deny list is there soon after the start" wait_for loaded
is "... all of it" "$(json '.denied' status)" $((count + 1))
before=$(udp_arrived)
send "${client4[0]}" # background() sets $! once for each
denied=$!
send "${client4[1]}"
allowed=$!
ok=0
for i in 1 2 3 4 5 6; do
	statements $((i * 500)) >"$config"
	ctl reload >/dev/null && ok=$((ok + 1))
done
is "reloads of other lists succeed under traffic" $ok 6
wait "$denied" "$allowed"
is "none of a denied source's packets came through meanwhile, and all of an allowed one's" $(($(udp_arrived) - before)) 4000
is "what the last file says is in the list" "$(json '.deny | map(.prefix) | index("20.0.11.184") != null' show lists)" true
is "... and what it does not is not" "$(json '.deny | map(.prefix) | index("20.0.0.0")' show lists)" null
is "show lists has all" "$(json '.deny | length' show lists)" $((count + 1))
is "export has all" "$(ctl export | grep -c '^deny add')" $((count + 1))

# While a snapshot of the long list is written, commands go on, into the log.
answered=0
for i in $(seq 90); do
	ctl -q ban "172.16.0.$i" for 1h && answered=$((answered + 1))
	sleep 0.05
done
is "bans are answered" $answered 90
rld_stop KILL
rld_restart
check "after a kill the list is loaded again" wait_for loaded
is "... with each ban that was answered" "$(json '[.deny[] | select(.kind == "ban")] | length' show lists)" 90
before=$(udp_arrived)
frames "${client4[0]}" "$server4" kind=udp count=50 >/dev/null
is "... and who is denied is" $(($(udp_arrived) - before)) 0

check "an entry that covers many" ctl --yes deny add 20.0.0.0/8 for 2s
is "... is at work" "$(json '.denied' status)" $((count + 92))
statements 0 | sed 's/^deny add 20.*/& until 2999-12-31T00:00:00Z/' >"$config"
check "entries that end in centuries" ctl reload
check "... under one that ends soon" ctl --yes deny add 20.0.0.0/12 for 1s
check "... and back" ctl deny del 20.0.0.0/12
is "... are said to end then" "$(json '[.deny[] | select(.until == "2999-12-31T00:00:00.000Z")] | length' show lists)" $count
finish
