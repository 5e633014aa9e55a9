#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A packet that goes through several attached interfaces counts on each, which is said; one that goes through one is not warned of.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

nsip() { ip -n "$server" "$@"; }
# Attaches, which must succeed, and prints the answer's warning.
warned() { # IFACE
	json '"\(.state): \(.warning // "nothing")"' attach "$1"
}
warnings() { json '[.interfaces[] | select(.warning) | .name] | sort | join(" ")' status; }
warning_of() { json ".interfaces[] | select(.name == \"$1\") | .warning // \"nothing\"" status; }
# Detaches all of them, the upper ones first.
free() { # IFACE...
	local iface
	for iface in "$@"; do check "detach $iface" ctl -q detach "$iface"; done
}
# A packet to that device from a peer of a port, and on which interfaces it counts.
counted_on() { # PEER DEVICE
	local mac before after
	mac=$(nsip -j link show dev "$2" | jq -r '.[0].address')
	before=$(ctl -j status)
	in_server "$tools/frames" "$1" "$mac" 192.0.2.9 198.51.100.1 count=10 >/dev/null
	after=$(ctl -j status)
	jq -rn --argjson a "$before" --argjson b "$after" '[range($b.data.interfaces | length) |
		select($b.data.interfaces[.].packets - $a.data.interfaces[.].packets >= 10) | $b.data.interfaces[.].name] | sort | join(" ")'
}

net_up
in_server sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # packets of their own would count
for n in 1 2 3 4 5 6; do
	nsip link add "p$n" type veth peer name "q$n"
	nsip link set "p$n" up
	nsip link set "q$n" up
done
rld_start <<END
set-limit 1000000/second
END

is "the end of a veth: nothing to say" "$(warned p1)" "attached: nothing"
is "... nor of the other end" "$(warned q1)" "attached: nothing"
is "... in status either" "$(warnings)" ""
is "a packet counts on the one that receives it" "$(counted_on q1 p1)" "p1"
free p1 q1

if nsip link add br0 type bridge 2>/dev/null; then
	nsip link set br0 up
	for n in 1 2 3 4 5; do nsip link set "p$n" master br0; done
	is "a port of a bridge: nothing to say" "$(warned p1)" "attached: nothing"
	is "another port of it: nothing to say" "$(warned p2)" "attached: nothing"
	is "... a packet of the one does not count on the other" "$(counted_on q1 br0)" "p1"
	free p2
	is "the bridge of an attached port: packets count twice" "$(warned br0)" \
		"attached: packets of br0 go through p1 as well, which is attached too: limits count them twice; detach one of the two"
	like "... and so does status say" "$(ctl status)" '^warning: packets of p1 go through br0 as well.*twice'
	is "... of both" "$(warnings)" "br0 p1"
	is "... and so it is" "$(counted_on q1 br0)" "br0 p1"
	nsip link set p1 nomaster
	is "no port any more: nothing to say" "$(warnings)" ""
	nsip link set p1 master br0
	ctl -q detach p1
	like "a port after its bridge: the kernel refuses it, and why is said" "$(ctl attach p1 2>&1)" 'p1 is below an interface'
	free br0

	for n in 1 2; do ctl -q attach "p$n"; done
	is "a bridge and two of its ports" "$(warned br0)" \
		"attached: packets of br0 go through p1 and p2 as well, which are attached too: limits count them on each; detach br0 or those"
	free br0
	for n in 3 4 5; do ctl -q attach "p$n"; done
	like "many of them are a number" "$(warned br0)" ' go through p1, p2, p3, p4 and 1 more as well,'
	is "... a port meets the bridge alone" "$(warning_of p5 | cut -d, -f1)" "packets of p5 go through br0 as well"
	free br0 p2 p3 p4 p5 p1
else
	skip "a bridge and its ports" "this kernel has no bridge"
fi

# Made on another device.
for type in macvlan vlan ipvlan; do
	words=
	[ "$type" != vlan ] || words="id 5"
	# shellcheck disable=SC2086
	if ! nsip link add link p6 name up0 type "$type" $words 2>/dev/null; then
		skip "a $type and what it is made on" "this kernel has no $type"
		continue
	fi
	# shellcheck disable=SC2086
	nsip link add link p6 name up1 type "$type" ${words/5/6}
	nsip link set up0 up
	nsip link set up1 up
	is "a $type: nothing to say" "$(warned up0)" "attached: nothing"
	is "another $type on the same device: nothing to say" "$(warned up1)" "attached: nothing"
	[ "$type" = vlan ] || is "... a packet of the one does not count on the other" "$(counted_on q6 up0)" "up0"
	free up0 up1
	is "what they are made on: nothing to say" "$(warned p6)" "attached: nothing"
	like "... but with one of them" "$(warned up1)" 'up1 go through p6 as well.*twice'
	like "... and with both" "$(warned up0; warning_of p6)" 'p6 go through (up0 and up1|up1 and up0) as well.*on each'
	free up0 up1 p6
	nsip link del up0
	nsip link del up1
done

# From a port to the bridge, and from there to what is made on it.
if nsip link add link br0 name mv0 type macvlan mode bridge 2>/dev/null; then
	nsip link add link br0 name mv1 type macvlan mode bridge
	nsip link set mv0 up
	nsip link set mv1 up
	is "a port of a bridge" "$(warned p1)" "attached: nothing"
	is "... and another" "$(warned p2)" "attached: nothing"
	is "a macvlan on their bridge, which is not attached" "$(warned mv0 | cut -d, -f1)" \
		"attached: packets of mv0 go through p1 and p2 as well"
	is "... of all of them" "$(warnings)" "mv0 p1 p2"
	is "... and so it is" "$(counted_on q1 mv0)" "mv0 p1"
	is "... a packet to the bridge counts once" "$(counted_on q1 br0)" "p1"
	free mv0
	ctl -q attach br0
	is "with the bridge attached, too" "$(warned mv0 | cut -d, -f1-2)" \
		"attached: packets of mv0 go through p1, p2 and br0 as well"
	is "... a packet counts on three" "$(counted_on q2 mv0)" "br0 mv0 p2"
	is "another macvlan does not meet the first" "$(warned mv1 | cut -d, -f1-2)" \
		"attached: packets of mv1 go through p1, p2 and br0 as well"
	free mv0 mv1 br0 p1 p2

	# What is made on a bridge is a port of another.
	nsip link add br1 type bridge
	nsip link set br1 up
	nsip link set mv0 master br1
	nsip link add link br1 name mv2 type macvlan mode bridge
	nsip link set mv2 up
	is "a port" "$(warned p1)" "attached: nothing"
	is "a macvlan on a bridge whose port is made on its bridge" "$(warned mv2 | cut -d, -f1)" \
		"attached: packets of mv2 go through p1 as well"
	is "... and one on the first bridge, which that does not meet" "$(warned mv1 | cut -d, -f1)" "attached: packets of mv1 go through p1 as well"
	free mv1 mv2 p1
else
	skip "a port of a bridge and a macvlan on the bridge" "this kernel lacks one of them"
fi

# A tunnel carries packets of its own.
if nsip link add vx0 type vxlan id 7 dev p6 dstport 4789 2>/dev/null; then
	is "what carries a tunnel" "$(warned p6)" "attached: nothing"
	is "... and the tunnel: nothing to say" "$(warned vx0)" "attached: nothing"
	ctl -q detach p6
	like "in the other order the kernel refuses it, and how to do it is said" "$(ctl attach p6 2>&1)" 'detach that one, attach p6'
	free vx0
else
	skip "a tunnel and what carries it" "this kernel has no vxlan"
fi
finish
