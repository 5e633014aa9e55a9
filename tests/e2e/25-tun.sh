#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Devices without an Ethernet header: a tun device is limited as any other, what cannot be read is refused by its name.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

tun_up() { # Each command is answered when its packets are in the kernel.
	local answer
	mkfifo "$tmp/to" "$tmp/from"
	exec 7<>"$tmp/to" 8<>"$tmp/from"
	background server python3 "$top/tests/tools/tun.py" tun0 "$tmp/to" >&8
	read -r -t 10 -u 8 answer && [ "$answer" = ready ]
}
tun() { # COMMAND...
	local answer
	echo "$*" >&7
	read -r -t 10 -u 8 answer
}
reason() { json ".reasons[\"$1\"]" stats; }

net_up
[ -c /dev/net/tun ] || skip_all "there is no /dev/net/tun"
tun_up || skip_all "a tun device cannot be made here"
ip -n "$server" addr add 10.99.0.1/24 dev tun0
ip -n "$server" addr add fd99::1/64 dev tun0 nodad
ip -n "$server" link set tun0 up
ip -n "$server" route add default dev tun0 # or the stack takes no strange sources

rld_start <<END
attach tun0
deny add 8.0.0.7
allow add 10.99.0.8
set-limit four 5/minute match udp dport 4
set-limit six 4/minute match udp dport 6
set-limit moving 3/minute match udp dport 7 strategy moving-window
set-limit size 1000 bytes/minute match udp dport 8
set-limit frag 2/minute match fragment
set-limit long 3/minute match length 500-1500
set-limit here 2/minute match udp dport 10 iface tun0
set-limit tags 0/minute match vlan 0-4095
set-limit 20/minute
END
is "tun0 is attached" "$(json '.interfaces[] | "\(.name) \(.state)"' status)" "tun0 attached"

before=$(udp_arrived)
# Sources with the EtherTypes of VLAN, ARP and IPv6 where Ethernet would have them.
tun udp 129.0.0.5 10.99.0.1 4 20
tun udp 8.6.0.5 10.99.0.1 4 20
tun udp 134.221.0.5 10.99.0.1 4 20
is "IPv4: five of twenty each" $(($(udp_arrived) - before)) 15
is "... counted by the limit" "$(limit_stat four pass) $(limit_stat four drop)" "15 45"
is "... none is malformed" "$(reason malformed-ethernet) $(reason malformed-ipv4) $(reason arp) $(reason vlan-depth)" "0 0 0 0"
like "the sources are those of the packets" "$(ctl sources --limit four)" '129\.0\.0\.5'
tun udp fd99::5 fd99::1 6 20
is "IPv6: four of twenty" "$(limit_stat six pass) $(limit_stat six drop)" "4 16"
tun udp 10.99.0.5 10.99.0.1 7 20
is "a moving window" "$(limit_stat moving pass) $(limit_stat moving drop)" "3 17"
tun udp 10.99.0.5 10.99.0.1 8 20 100
is "bytes are those from the IP header on" "$(limit_stat size pass) $(limit_stat size pass_bytes)" "10 1000"
tun udp 10.99.0.6 10.99.0.1 9 9 500
is "the length, too" "$(limit_stat long pass) $(limit_stat long drop)" "3 6"
tun udp 10.99.0.6 10.99.0.1 10 9
is "a limit of this interface" "$(limit_stat here pass) $(limit_stat here drop)" "2 7"
tun raw 4500001c00012000401100000a6300090a6300010009000b00080000 9
is "fragments" "$(limit_stat frag pass) $(limit_stat frag drop)" "2 7"
is "no packet has a tag" "$(limit_stat tags drop)" 0
tun udp 8.0.0.7 10.99.0.1 4 5
is "the deny list" "$(reason deny-list)" 5
tun udp 10.99.0.8 10.99.0.1 4 25
is "the allow list" "$(reason allow-list)" 25
tun udp 10.99.0.20 10.99.0.1 99 30
is "default" "$(limit_stat default pass) $(limit_stat default drop)" "20 10"
tun raw 45000014 4
is "a cut header is malformed" "$(reason malformed-ipv4)" 4
tun raw 4500001400000000401100000a6300090a630001 3
is "no transport where there should be one" "$(reason malformed-transport)" 3
is "each packet has one reason" "$(json '[.reasons[]] | add' stats)" \
	"$(json '.interfaces[] | select(.name == "tun0") | .packets' status)"

is "explain: a packet on it has no Ethernet header" "$(json '.packet | "\(.iface) \(.bytes)"' explain 10.99.0.30 udp dport 4)" "tun0 28"
is "... and meets what the next one meets" "$(json '"\(.verdict) \(.reason)"' explain 129.0.0.5 udp dport 4)" "drop over-limit"
is "... of IPv6, too" "$(json '"\(.verdict) \(.reason)"' explain fd99::5 udp dport 6)" "drop over-limit"
like "... and has no tag" "$(ctl explain 10.99.0.5 udp vlan 3 2>&1)" 'have no Ethernet header'

# The next rld knows of what it adopts, too, how its packets begin.
rld_stop
rld_restart
not_ip=$(reason not-ip)
tun udp 129.0.0.5 10.99.0.1 4 3
is "adopted: the window goes on" "$(limit_stat four pass) $(limit_stat four drop)" "15 48"
is "... and nothing is taken for no IP" "$(reason not-ip)" "$not_ip"

# A capture is of raw IP.
if command -v tcpdump >/dev/null; then
	background server tcpdump -i tun0 -Q in -w "$tmp/tun.pcap" -U --immediate-mode -B 8192 -s 2000 2>"$tmp/dump"
	dump=$!
	check "a capture of tun0 is of raw IP" wait_for grep -q 'link-type RAW' "$tmp/dump"
	ctl -q clear all
	captured() { [ "$(stat -c %s "$tmp/tun.pcap")" -ge "$1" ]; }
	first() { tun udp 10.99.0.8 10.99.0.1 99 1 && captured 25; }
	wait_for first
	tun udp 10.99.0.5 10.99.0.1 8 10 100
	of_size() { [ "$(tcpdump -r "$tmp/tun.pcap" udp dst port 8 2>/dev/null | wc -l)" -ge 10 ]; }
	wait_for of_size
	end "$dump"
	is "a replay of it counts the same bytes" \
		"$("$build/rlctl" -s "$tmp/sock" -j replay "$tmp/tun.pcap" --iface tun0 |
			jq -r '.data.limits[] | select(.name == "size") | "\(.pass) \(.pass_bytes)"')" "10 1000"
else
	skip "a replay of it counts the same bytes" "there is no tcpdump"
fi

# What there is of other types depends on the kernel.
for type in sit gre vti vcan; do
	words="type $type local 10.77.0.1 remote 10.77.0.2" name=TUNNEL
	case $type in
	sit) name=SIT ;;
	gre) name=IPGRE ;;
	vcan) words="type vcan" name=CAN ;;
	esac
	# shellcheck disable=SC2086
	if ip -n "$server" link add odd0 $words 2>/dev/null; then
		out=$(ctl attach odd0 2>&1)
		is "$type: refused" $? 1
		like "... by its name" "$out" "type $name \(ARPHRD"
		ip -n "$server" link del odd0
	else
		skip "$type: refused" "this kernel has no such device"
	fi
done
finish
