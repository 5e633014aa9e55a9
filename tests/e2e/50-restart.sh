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
finish
