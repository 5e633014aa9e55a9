#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A version with other layouts runs; this one takes its place under traffic. No packet goes unjudged; windows of an hour, bans
# and entries with an end go on; what starts anew is said.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

net_up
# The former version: this tree, with room for fewer interfaces and another split of the window's word.
former=$tmp/former
mkdir "$former"
cp -r "$top"/{bpf,include,user,Makefile} "$former"
sed -i 's/^\(#define RL_IFACES_MAX\) 64/\1 32/' "$former/include/rl/names.h"
sed -i 's/^\(#define RL_COUNT_BITS\) 48/\1 47/' "$former/include/rl/abi.h"
check "a version with other layouts builds" make -s -j2 -C "$former" B="$former/build" CFLAGS=-O0 "$former/build/rld"
this=$build
ln -s "$this/rlctl" "$former/build/rlctl"
build=$former/build
rld_start <<END
attach srv0
set-limit minute 100/minute match udp dport 12
set-limit hour 100/hour match udp dport 13
set-limit jail 2/hour match udp dport 14 ban for 1h everywhere
END
frames "${client4[1]}" "$server4" kind=udp dport=14 count=5 >/dev/null
check "an entry with an end" ctl deny add 10.77.9.0/24 for 2h
check "a ban by hand" ctl ban 10.77.8.1 for 2h
lists() { json '[.deny[] | "\(.prefix) \(.until)"] | join(", ")' show lists; }
lists=$(lists)
bans() { json '.bans[] | "\(.source) \(.limit) \(.everywhere)"' show lists; }

before=$(udp_arrived)
senders=()
for port in 12 13; do
	background client "$tools/frames" cli0 "$mac" "${client4[0]}" "$server4" kind=udp dport=$port per-second=3000 seconds=7 \
		count=1000000 >"$tmp/sent$port"
	senders+=($!)
done
sleep 1
rld_stop
build=$this
sleep 1
is "the former program goes on alone" $(($(udp_arrived) - before)) 200
rld_restart
like "what starts anew is said" "$(cat "$rld_log")" 'maps of another version: sources, .* start afresh; kept: bans'
wait "${senders[@]}"
between "many were sent" "$(cut -d ' ' -f 1 "$tmp/sent12")" 10000 1000000
is "no packet goes unjudged: a new minute's amount, and no new hour's" $(($(udp_arrived) - before)) 300
is "... by this version" "$(limit_stat minute pass) $(limit_stat hour pass)" "100 0"
like "there was an entry with an end, and a ban by hand" "$lists" '^10\.77\.8\.1 20.*, 10\.77\.9\.0/24 20'
is "... which go on, to the second" "$(lists)" "$lists"
is "... and so does the ban by a limit" "$(bans)" "${client4[1]} jail true"
before=$(udp_arrived)
frames "${client4[1]}" "$server4" kind=udp dport=99 count=50 >/dev/null
is "... from everything" $(($(udp_arrived) - before)) 0
finish
