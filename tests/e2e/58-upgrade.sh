#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A version with other layouts runs; this one takes its place under traffic. No packet goes unjudged, bans and entries with
# an end go on, and what starts anew is said.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

net_up
# The former version: this tree, with fewer interfaces, another split of the window's word and shorter events.
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
set-limit few 100/hour match udp dport 12
set-limit jail 2/hour match udp dport 13 ban for 1h everywhere
END
frames "${client4[1]}" "$server4" kind=udp dport=13 count=5 >/dev/null
check "an entry with an end" ctl deny add 10.77.9.0/24 for 2h
check "a ban by hand" ctl ban 10.77.8.1 for 2h
ends() { json '[.lists[]? | .entries[]? | select(.until) | "\(.prefix) \(.until)"] | sort | join(", ")' show lists; }
banned() { json '[.bans[] | .key.source // .source] | sort | join(",")' bans; }
entries=$(ctl show lists | grep -E '10\.77\.[89]\.' | sed 's/ *in .*//; s/  */ /g')
bans=$(ctl bans | grep -c '10\.77\.0\.3')

before=$(udp_arrived)
background client "$tools/frames" cli0 "$mac" "${client4[0]}" "$server4" kind=udp dport=12 per-second=5000 seconds=6 count=1000000 >"$tmp/sent"
sender=$!
sleep 1
rld_stop "${1:+TERM}"
build=$this
sleep 1
is "the former program goes on alone" $(($(udp_arrived) - before)) 100
rld_restart
like "what starts anew is said" "$(cat "$rld_log")" 'start afresh'
wait "$sender"
sent=$(cut -d ' ' -f 1 "$tmp/sent")
between "many were sent" "$sent" 10000 1000000
between "no packet goes unjudged: the amount, and once more for the new table" $(($(udp_arrived) - before)) 200 200
is "... by this version" "$(limit_stat few pass)" 100
is "entries and bans by hand go on, with their ends" "$(ctl show lists | grep -E '10\.77\.[89]\.' | sed 's/ *in .*//; s/  */ /g')" "$entries"
like "... of which there were two" "$entries" '10\.77\.8\.1.*'
is "the source that was banned from everything" "$bans" 1
before=$(udp_arrived)
frames "${client4[1]}" "$server4" kind=udp dport=99 count=50 >/dev/null
is "... still is" $(($(udp_arrived) - before)) 0
is "nothing of the former is left" "$(json .interfaces[0].state status)" attached
finish
