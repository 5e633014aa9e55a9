#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every packet that the interface saw is counted once: by reason, by verdict and by interface, in both attach modes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

kinds4=udp,syn,echo,arp,not-ip,short-ip,bad-version,long-ip,short-tcp,first-fragment,later-fragment
kinds6=udp,syn,echo,not-ip,short-ip,bad-version,long-ip,short-tcp,first-fragment,later-fragment,extended,neighbour

counted() { json '[.reasons[]] | add' stats; }

# Packets that the interface saw but the program did not count; before and after it must be the same number. The kernel
# sends a packet of its own now and then: one that comes between the readings spoils them, so they are taken again.
uncounted() {
	local try before seen
	for try in 1 2 3 4 5; do
		before=$(counted)
		seen=$(seen_by_iface)
		[ "$before" != "$(counted)" ] || break
		sleep 0.2
	done
	echo $((seen - before))
}

mix() {
	local vlan
	for vlan in '' vlan=7 vlan=7,8; do
		frames "${client4[0]}" "$server4" kind=$kinds4 count=1100 ${vlan:+"$vlan"} >/dev/null
		frames "${client6[0]}" "$server6" kind=$kinds6 count=1200 ${vlan:+"$vlan"} >/dev/null
	done
	frames "${client4[1]}" "$server4" kind=udp sources=50 count=5000 >/dev/null
	in_client ping -q -c 20 -i 0.002 -W 1 "$server4" >/dev/null
	in_client ping -q -s 4000 -c 5 -i 0.01 -W 1 "$server6" >/dev/null
	in_client timeout 1 hping3 -q -S -p 80 -i u200 -c 2000 "$server4" >/dev/null 2>&1
}

net_up
for mode in native generic; do
	rld_start <<-END
		attach srv0 mode $mode
		set-limit 20/second
		set-limit syns 5 connections/second match tcp
		set-limit watched 3/second match udp monitor
	END
	is "$mode: attached" "$(json '.interfaces[0] | "\(.state) \(.attach_mode)"' status)" "attached $mode"
	offset=$(uncounted)
	early=$(json '.reasons["no-rules"]' stats) # between attaching and the first rules
	mix
	is "$mode: the reasons add up to the packets that the interface saw" "$(uncounted)" "$offset"
	ctl -j stats >"$tmp/stats"
	is "$mode: the verdicts add up to the reasons" \
		"$(jq '.data | [.packets[]] | add' "$tmp/stats")" "$(jq '.data | [.reasons[]] | add' "$tmp/stats")"
	before=$(counted)
	between "$mode: status counts the same for the interface" "$(json '.interfaces[0].packets' status)" \
		"$before" "$(counted)"
	# 100 of each kind for each of the three taggings.
	reasons() { jq -r '.data.reasons | [.["not-ip"], .["malformed-ipv4"], .["malformed-ipv6"],
		.["malformed-transport"]] | join(" ")' "$tmp/stats"; }
	is "$mode: not-ip and malformed frames each under their reason" "$(reasons)" "600 900 900 600"
	between "$mode: ARP" "$(jq '.data.reasons.arp' "$tmp/stats")" 300 310
	between "$mode: neighbour discovery" "$(jq '.data.reasons["neighbour-discovery"]' "$tmp/stats")" 300 320
	for reason in under-limit over-limit; do
		between "$mode: $reason" "$(jq ".data.reasons[\"$reason\"]" "$tmp/stats")" 100 100000
	done
	between "$mode: monitored packets are told apart" "$(jq '.data.packets.would_drop' "$tmp/stats")" 1 100000
	is "$mode: nothing was internal, nothing without rules" \
		"$(jq -r '.data.reasons | "\(.internal) \(.["no-rules"])"' "$tmp/stats")" "0 $early"
	is "$mode: what limits dropped, and the malformed, is what the verdicts say" \
		"$(jq '[.data.limits[].drop, (.data.reasons | to_entries[] | select(.key | startswith("malformed")) | .value)] | add' "$tmp/stats")" "$(jq '.data.packets.drop' "$tmp/stats")"
	is "$mode: sources hold every refused packet" "$(json '[.sources[].drop] | add' sources --top 1000)" \
		"$(json '([.limits[].drop] | add) - .unattributed' stats)"
	rld_reset
done

rld_start <<'END'
attach srv0
END
frames "${client4[0]}" "$server4" kind=short-ip,bad-version,long-ip,short-tcp count=400 >/dev/null
is "the malformed are dropped" "$(json '.packets.drop' stats)" 400
ctl -q set-option on-malformed pass
frames "${client4[0]}" "$server4" kind=short-ip,bad-version,long-ip,short-tcp count=400 >/dev/null
is "on-malformed pass passes them" "$(json '.packets.drop' stats)" 400
finish
