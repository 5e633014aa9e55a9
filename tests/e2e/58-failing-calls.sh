#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One call after the other of a change fails: what answers with an error is not in force, what is in force answers so.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

plan=$tmp/fail
fail_at() { "$tools/fail" "$plan" "$1" "$2"; }
left() { "$tools/fail" "$plan"; }
# Refuses that port and none beside it, with entries that have to be filled.
write_config() { # PORT
	printf 'attach srv0\nset-limit ssh 1000/s match tcp dport 22\nset-limit off 0/s match udp dport %d\ndeny add 192.0.2.%d\n' \
		"$1" "$1" >"$config"
}
# The ports of 11 and 12 that are refused.
refused() {
	local port before list=''
	for port in 11 12; do
		before=$(udp_arrived)
		frames "${client4[0]}" "$server4" kind=udp count=1 dport=$port >/dev/null
		[ "$(udp_arrived)" != "$before" ] || list+=$port
	done
	echo "$list"
}

started_or_gone() { ctl -q status 2>/dev/null || ! kill -0 "$rld_pid" 2>/dev/null; }

# A reload to each port in turn, of which call N fails, for N from 1 on until none does; or some of them.
reloads() { # KIND STEP MOST
	local n at=11 to said now
	wrong='' ok=0 failed=0 silent=0 ended=0
	for ((n = 1; n <= $3; n += $2)); do
		to=$((23 - at))
		write_config $to
		fail_at "$1" "$n"
		ctl reload >"$tmp/said" 2>&1
		said=$?
		[ "$(left)" = 0 ] || ended=1
		fail_at "$1" 0
		kill -0 "$rld_pid" 2>/dev/null || { wrong+=" $n:died" && rld_restart; }
		now=$(refused)
		if [ $said = 0 ] && [ "$now" = "$to" ]; then
			ok=$((ok + 1))
		elif [ $said != 0 ] && [ "$now" = "$at" ]; then
			failed=$((failed + 1))
		elif grep -q 'may be done or not' "$tmp/said"; then
			silent=$((silent + 1)) # no memory to answer with
		else
			wrong+=" $n:$said:$now:$(head -c 120 "$tmp/said")"
		fi
		at=${now:-11}
		[ $ended = 0 ] || break
	done
}

net_up
fail_at bpf 0
rld_by=(env LD_PRELOAD="$tools/failing.so" RLD_TEST_FAIL="$plan")
write_config 11
rld_restart
is "one port is refused" "$(refused)" 11
reloads bpf 1 200
is "system calls to BPF fail, each in turn: no reload answers what is not so" "$wrong" ''
is "... until the last ($failed failed, $ok came through)" $ended 1
reloads mapping 1 50
is "maps cannot be mapped ($failed failed, $ok came through): no reload answers what is not so" "$wrong" ''
reloads memory 9 500
is "there is no memory: no reload answers what is not so" "$wrong" ''
check "... and some have failed ($failed, $ok came through, $silent without an answer)" [ "$failed" -gt 0 ]
check "a reload afterwards is as ever" ctl reload

# A program takes over on two interfaces: on none, if it cannot on both.
ip -n "$server" link add more0 type veth peer name more1
ip -n "$server" link set more0 up
ip -n "$server" link set more1 up
write_config 11
echo "attach more0 mode generic" >>"$config"
check "two interfaces" ctl reload
programs() { in_server ip -d -j link show | jq -r '.[] | select(.xdp) | .xdp.prog.id' | sort -u; }
before=$(programs)
is "... run one program" "$(wc -w <<<"$before")" 1
sed -i 's/dport 11/dport 12/' "$config"
rld_stop
starts=0
for ((n = 1; n <= 60; n++)); do
	fail_at update "$n"
	rld_launch
	wait_for started_or_gone
	[ "$(left)" = 0 ] || break # it is up, and no call has failed
	wait "$rld_pid"
	starts=$((starts + 1))
	now=$(programs)
	[ "$now" = "$before" ] && [ "$(refused)" = 11 ] || wrong+=" $n:$(wc -w <<<"$now"):$(refused)"
done
is "a start whose program cannot be put on all of them leaves all as it was ($starts of them)" "$wrong" ''
is "... one that can be put on both takes over" "$(refused) $(programs | wc -w)" "12 1"
is "two starts failed" $starts 2
finish
