#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A daemon that is killed under traffic is missed by nobody: limits hold, counts go on, the next one adopts everything.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

pass_count() { json '.sources[] | select(.limit == "udp") | .pass' sources; }

net_up
rld_start <<END
attach srv0
set-limit udp 300/minute match udp
set-limit 20/second
END

before=$(udp_arrived)
frames "${client4[0]}" "$server4" kind=udp count=200 >/dev/null
is "200 of 300 used" "$(pass_count)" 200
check "a statement by command" ctl set-limit extra 7/minute match tcp dport 81
check "... and an entry with an end" ctl deny add 10.77.0.4 for 1h
check "... and one that ends soon" ctl deny add "${client6[2]}" for 6s
began=$SECONDS

background client "$tools/frames" cli0 "$mac" "${client4[0]}" "$server4" kind=udp per-second=500 seconds=3 count=100000 >/dev/null
sender=$!
old=$rld_pid
rld_stop KILL
is "the daemon is gone" "$(kill -0 "$old" 2>&1 | grep -c 'No such process')" 1
out=$(ctl status 2>&1)
is "... rlctl exits with 7" "$(ctl status >/dev/null 2>&1; echo $?)" 7
like "... and says that rld is not running" "$out" 'rld is not running'
wait "$sender"
is "killed: the window's last 100 passed, no more" $(($(udp_arrived) - before)) 300
is "killed: of 100 pings in a second the 20 of another limit" "$(in_client ping -q -c 100 -l 100 -W 1 -I "${client4[1]}" "$server4" |
	sed -n 's/.*, \([0-9]*\) received.*/\1/p')" 20
is "killed: the deny list holds" "$(in_client ping -q -c 3 -i 0.05 -W 1 -I "${client4[2]}" "$server4" |
	sed -n 's/.*, \([0-9]*\) received.*/\1/p')" 0

let_in() { in_client ping -q -c 1 -W 1 -I "${client6[2]}" "$server6"; }
check "killed: an entry of it ends" wait_for let_in
between "... in time" $((SECONDS - began)) 4 9

counted=$(seen_by_iface)
rld_restart
like "the next daemon says that it went on" "$(cat "$rld_log")" 'went on with the state of an earlier rld'
is "the source's counts went on" "$(pass_count)" 300
between "... those of refused packets too" \
	"$(json '.sources[] | select(.limit == "udp") | .drop' sources)" 1000 2000
between "... and those of the interface" "$(json '[.reasons[]] | add' stats)" $((counted - 60)) $((counted + 60))
is "the interface is attached" "$(json '.interfaces[0] | "\(.name) \(.state)"' status)" "srv0 attached"
like "running statements survived" "$(ctl export)" '^set-limit extra 7/1m per source match tcp dport 81$'
is "... and are called unsaved" "$(json '.unsaved' status)" 1
is "the deny entry survived" "$(in_client ping -q -c 2 -i 0.05 -W 1 -I "${client4[2]}" "$server4" |
	sed -n 's/.*, \([0-9]*\) received.*/\1/p')" 0
ctl -q clear all
frames "${client4[0]}" "$server4" kind=udp count=400 >/dev/null
has_breach() { [ "$(json '[.events[] | select(.event.action == "rate-limit-breach" and .rule.name == "udp")] | length' events)" -gt 0 ]; }
check "events come again" wait_for has_breach
echoes() { in_server ping -q -c 60 -l 60 -W 1 127.0.0.1 | sed -n 's/.*, \([0-9]*\) received.*/\1/p'; }
check "another interface" ctl attach lo
between "... is limited" "$(echoes)" 5 40
ctl -q detach lo
is "... and detached by its name" "$(echoes)" 60
is "... alone" "$(json '[.interfaces[] | "\(.name) \(.state)"] | join(" ")' status)" "srv0 attached"
rld_stop INT
like "SIGINT stops it" "$(tail -n 1 "$rld_log")" 'stopped; pinned limits still enforce on srv0'
is "... and limits stay in force" "$(in_client ping -q -c 2 -i 0.05 -W 1 -I "${client4[2]}" "$server4" |
	sed -n 's/.*, \([0-9]*\) received.*/\1/p')" 0
rld_restart

out=$(in_server timeout 10 "$build/rld" --config "$config" --socket "$tmp/sock2" --bpffs "$bpffs" --state-dir "$tmp/state2" \
	--listen none 2>&1)
is "a second rld on the same bpffs refuses" $? 1
like "... and says the pid" "$out" "rld runs already: pid $rld_pid "
out=$(in_server timeout 10 "$build/rld" --config "$config" --socket "$tmp/sock2" --bpffs "$bpffs-2" \
	--state-dir "$tmp/../${tmp##*/}/state/" --listen none 2>&1)
is "a second rld with the same state directory refuses" "$? $([ -e "$bpffs-2" ] && echo attached)" "1 "
like "... and says whose it is" "$out" "rld runs already: pid $rld_pid, on $bpffs, keeps its state in $tmp"
like "... and what to do" "$out" 'stop it first, or give this one its own --state-dir'
is "... and leaves the first its statements" "$(json '.unsaved' status)" 1
out=$(in_server timeout 10 "$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs-2" --state-dir "$tmp/state2" \
	--listen none 2>&1)
is "a second rld with the same socket refuses" "$? $([ -e "$bpffs-2" ] && echo pinned)" "1 "
like "... and says the pid" "$out" "rld runs already: pid $rld_pid serves the socket"
ip -n "$server" link add other0 type veth peer name other1
printf 'attach lo\nattach other0\n' >"$tmp/two.conf"
background server "$build/rld" --config "$tmp/two.conf" --socket "$tmp/sock2" --bpffs "$bpffs-2" --state-dir "$tmp/state2" \
	--listen 127.0.0.1:9780 2>/dev/null
second=$!
check "two run side by side with other paths and another address" wait_for "$build/rlctl" -q -s "$tmp/sock2" status
end "$second"
is "--detach takes all of its interfaces, whatever the configuration says" \
	"$(in_server "$build/rld" --detach --config /dev/null/no --bpffs "$bpffs-2" --state-dir "$tmp/state2" | grep ^detached | sort)" \
	"$(printf 'detached from lo\ndetached from other0')"
is "... and none of the other's" "$(json '.interfaces[0] | "\(.name) \(.state)"' status)" "srv0 attached"
out=$(timeout 10 "$build/rld" --detach --bpffs "$bpffs" 2>&1)
is "--detach leaves a running rld its pins" $? 1
like "... and says the pid too" "$out" "pid $rld_pid"
check "the first goes on" ctl -q status

rld_stop
like "a stopped daemon says where limits still enforce" "$(tail -n 1 "$rld_log")" 'still enforce on srv0.*rld --detach'
out=$(in_server timeout 10 "$build/rld" --detach --bpffs "$bpffs" --state-dir "$tmp/none" 2>&1)
is "rld --detach with no daemon running" "$? $(tail -n 1 <<<"$out")" "0 detached from srv0"
like "... says that nothing was kept" "$out" "^rld: no rld has kept anything in $tmp/none"
is "... frees the interface" "$(ip -n "$server" -d -j link show dev srv0 | jq -r '.[0].xdp.prog.name // "none"')" none
is "... and the bpffs" "$([ -e "$bpffs" ] && echo there)" ""
keep_config=1 rld_start
rld_stop
like "... from another namespace too, without an interface's name of that one" \
	"$(timeout 10 "$build/rld" --detach --bpffs "$bpffs" 2>&1)" '^detached from ifindex [0-9]+$'
before=$(udp_arrived)
frames "${client4[0]}" "$server4" kind=udp count=400 >/dev/null
is "... and nothing is refused any more" $(($(udp_arrived) - before)) 400

keep_config=1 rld_start --detach-on-exit
check "attached again" [ "$(json '.interfaces[0].state' status)" = attached ]
rld_stop
is "--detach-on-exit leaves nothing" "$([ -e "$bpffs" ] && echo there)" ""
keep_config=1 rld_start --detach-on-exit
rld_stop INT
is "... after SIGINT as well" "$([ -e "$bpffs" ] && echo there)" ""

# The paths that rld and rlctl have when none is given, in a mount namespace.
# shellcheck disable=SC2016
out=$(nsenter --net="/run/netns/$server" unshare -m --propagation private bash -c '
for dir in /run /var/lib; do mount -t tmpfs none $dir || exit; done
mount -t bpf none /sys/fs/bpf && unset RLD_SOCKET || exit
"$1/rld" --config "$2" --listen none 2>/dev/null &
for i in {1..100}; do "$1/rlctl" -q status 2>/dev/null && break; sleep 0.1; done
ls -d /sys/fs/bpf/rld/link_* /var/lib/rld/running.conf | wc -l
kill -9 $! && wait $!
"$1/rlctl" status
"$1/rld" --detach >/dev/null
"$1/rlctl" status' - "$build" "$config" 2>&1)
is "without options rld has its default paths" "$(head -n 1 <<<"$out")" 2
like "... where rlctl sees what is pinned when it is gone" "$out" 'not running .*limits pinned by an earlier run still enforce on srv0$'
like "... or that nothing is" "$out" 'not running .*no limits are pinned at /sys/fs/bpf/rld$'

# --- another sources-max: the sources are moved, and nothing is of another version
rld_start <<END
attach srv0
set-limit day 200/day match udp dport 12 ban for 1h
set-limit every 1/day match udp dport 11 ban for 1h everywhere
END
ip -n "$server" route add 10.78.0.0/16 dev srv0
frames 10.78.0.1 "$server4" kind=udp dport=12 sources=300 count=600 >/dev/null
frames 10.78.9.1 "$server4" kind=udp dport=11 count=2 >/dev/null
resize() { # SOURCES-MAX
	rld_stop
	seen=$(wc -l <"$rld_log")
	echo "set-option sources-max $1" >>"$config"
	rld_restart
	tail -n +"$((seen + 1))" "$rld_log" | grep -q 'it was' && wait_for moved
	out=$(tail -n +"$((seen + 1))" "$rld_log")
}
moved() { tail -n +"$((seen + 1))" "$rld_log" | grep -q 'are in the new table'; }
sources() { json '.limits[] | select(.name == "day") | .sources' stats; }
resize 1024
like "another sources-max is called that" "$out" \
	'^rld: sources-max is now 1024, it was 65536: the sources are moved into the new table$'
like "... and what is carried over said" "$out" '^rld: 301 sources are in the new table, with their windows and bans, after [0-9]+ ms$'
is "... then nothing is left of the former one" "$(find "$bpffs" -name "*_old")" ""
unlike "... and nothing else" "$out" 'another version|nothing is lost|no room'
is "... sources, counters and bans are there" \
	"$(json .total sources) $(limit_stat day pass) $(json '[.bans[] | select(.everywhere)] | length' show lists)" "301 600 1"
resize 64
like "a smaller one: for how many there was no room is said" "$out" \
	'^rld: 64 sources are in the new table.*; 237 found no room, their windows and bans are lost$'
is "... and they are not counted as there" "$(json .total sources) $(json .sources_tracked status)" "64 64"
between "... by their limit neither" "$(sources)" 63 64
resize 60000
like "a larger one again" "$out" '^rld: 64 sources are in the new table'
is "... has those that were left" "$(json .total sources) $(json .sources_tracked status)" "64 64"
resize 60000
unlike "the same one is nothing to tell of" "$out" 'sources-max|another version|new table'
finish
