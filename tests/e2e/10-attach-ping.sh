#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Attaching, status, and a limit of 10 a second that lets exactly 10 of 100 pings through, tagged or not.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# One at a time, on a clean table: how many of 100 tagged requests the program passed.
tagged() { # SOURCE DESTINATION VLANS
	ctl -q clear all
	frames "$1" "$2" kind=echo count=100 vlan="$3" >/dev/null
	json '[.sources[] | .pass, .drop] | join(" ")' sources --limit default
}

net_up
rld_start </dev/null
is "without a configuration nothing is attached" "$(json '.interfaces | length' status)" 0
check "attach" ctl attach srv0
is "status says so" "$(json '.interfaces[0] | "\(.name) \(.state)"' status)" "srv0 attached"
like "... and in which mode" "$(json '.interfaces[0].attach_mode' status)" '^(native|generic)$'
is "the kernel has the program" "$(ip -n "$server" -d -j link show dev srv0 | jq -r '.[0].xdp.prog.name')" rld
is "without a limit all pings are answered" "$(pings "${client4[0]}" "$server4")" 100

check "set-limit 10/second" ctl set-limit 10/second
is "IPv4: 10 of 100 pings in a second" "$(pings "${client4[0]}" "$server4")" 10
is "another IPv4 address has its own 10" "$(pings "${client4[1]}" "$server4")" 10
is "IPv6: 10 of 100 pings in a second" "$(pings "${client6[0]}" "$server6")" 10

ctl -q clear all
sent=$(frames "${client6[0]}" "$server6" kind=echo count=50)
frames "${client6[1]}" "$server6" kind=echo count=50 >/dev/null
is "two addresses of one /64 share their 10 ($sent)" \
	"$(json '.sources[] | "\(.source) \(.pass) \(.drop)"' sources)" "fd77:0:0:1::/64 10 90"
frames "${client6[2]}" "$server6" kind=echo count=50 >/dev/null
is "an address of another /64 has its own" \
	"$(json '.sources[] | select(.source == "fd77:0:0:2::/64") | "\(.pass) \(.drop)"' sources)" "10 40"

is "802.1Q: 10 of 100 IPv4" "$(tagged "${client4[0]}" "$server4" 5)" "10 90"
is "802.1Q: 10 of 100 IPv6" "$(tagged "${client6[0]}" "$server6" 5)" "10 90"
is "QinQ: 10 of 100 IPv4" "$(tagged "${client4[0]}" "$server4" 5,6)" "10 90"
is "QinQ: 10 of 100 IPv6" "$(tagged "${client6[0]}" "$server6" 5,6)" "10 90"
ctl -q clear all
frames "${client4[0]}" "$server4" kind=echo count=50 >/dev/null
frames "${client4[0]}" "$server4" kind=echo count=50 vlan=5 >/dev/null
is "a tag gives a source no second 10" "$(json '.sources[] | "\(.pass) \(.drop)"' sources)" "10 90"

check "match vlan" ctl set-limit tagged 3/second match vlan 5
ctl -q clear all
frames "${client4[0]}" "$server4" kind=echo count=50 vlan=5 >/dev/null
frames "${client4[0]}" "$server4" kind=echo count=50 vlan=6 >/dev/null
is "match vlan 5 judges vlan 5 only" "$(json '.limits[] | "\(.name) \(.pass) \(.drop)"' stats tagged)" "tagged 3 47"

check "detach" ctl detach srv0
is "the kernel has no program any more" "$(ip -n "$server" -d -j link show dev srv0 | jq -r '.[0].xdp.prog.name // "none"')" none
is "after detach all pings are answered" "$(pings "${client4[0]}" "$server4")" 100
rld_stop
is "a stopped daemon with nothing attached says nothing of limits" "$(grep -c 'still enforce' "$rld_log")" 0
finish
