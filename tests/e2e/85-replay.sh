#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A capture replayed gives the totals of the traffic that it recorded; what a capture can have wrong is said.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

live=$tmp/live.pcap
cut=$tmp/cut.pcap
captures() { python3 "$top/tests/tools/captures.py" "$@"; }
replay() { "$build/rlctl" -s "$tmp/sock" -j replay "$@"; }
refused() { "$build/rlctl" -s "$tmp/none" replay "$@" 2>&1 && echo "exit 0" || echo "exit $?"; }

# What must be the same: all that the kernel does not send on its own, perhaps before there were rules.
totals() { # JSON
	jq -cS '.data | .reasons as $r | ($r.arp + $r["neighbour-discovery"] + $r.mld + $r["no-rules"]) as $own |
		{reasons: ($r | del(.arp, .["neighbour-discovery"], .mld, .["no-rules"])), drop: .packets.drop, would_drop: .packets.would_drop,
		pass: (.packets.pass - $own), drop_bytes: .bytes.drop, unattributed,
		limits: [.limits[] | {name, pass, drop, would_drop, pass_bytes, drop_bytes, breaches, sources, state_full}]}' <<<"$1"
}

sources() { # JSON
	jq -cS '[.data.sources[] | {limit, source, dport, pass, drop, would_drop, pass_bytes, drop_bytes}] | sort_by(.limit, .source, .dport)' <<<"$1"
}

# A burst is over long before a window is, and the next one comes long after: when exactly does not matter.
burst() { frames "$@" per-second=3000 >/dev/null; }
bursts() {
	for _ in 1 2 3; do
		burst "${client4[0]}" "$server4" kind=udp dport=9 count=60
		burst "${client4[1]}" "$server4" kind=udp dport=10 count=40
		burst "${client6[0]}" "$server6" kind=syn,udp,echo dport=80 count=90
		burst 10.77.1.0 "$server4" kind=udp dport=11 sources=30 count=240
		sleep 1.5
	done
	burst "${client4[0]}" "$server4" kind=udp,syn,echo,not-ip,short-ip,bad-version,long-ip,short-tcp,first-fragment,later-fragment \
		count=200 vlan=7
	burst "${client6[2]}" "$server6" kind=not-ip,extended,short-tcp,first-fragment,later-fragment count=100 length=900
	burst 10.77.0.9 "$server4" kind=udp count=20
	burst 10.77.0.10 "$server4" kind=udp count=20
}

net_up
cat >"$tmp/rules.conf" <<'END'
attach srv0
deny add 10.77.0.9
allow add 10.77.0.10
set-limit short 20/second match udp dport 9 iface srv0
set-limit banning 10/second match udp dport 10 ban for 2s after 2 breaches in 1m
set-limit syns 5 connections/hour,7 connections/day match tcp dport 80
set-limit sliding 15/hour match udp dport 80 strategy sliding-window
set-limit moving 12/hour,40/day match icmpv6 strategy moving-window
set-limit bucket 20/day per source,dport match udp dport 11 strategy token-bucket burst 5
set-limit size 5kB/hour match vlan 7
set-limit watched 3/hour match fragment monitor
set-limit 50/hour
END
rld_start <"$tmp/rules.conf"
# In immediate mode the room is counted in packets of the greatest length.
background client tcpdump -i cli0 -Q out -w "$live" -U --immediate-mode -B 8192 -s 2000 --time-stamp-precision=nano 2>"$tmp/tcpdump1"
background client tcpdump -i cli0 -Q out -w "$cut" -U --immediate-mode -B 8192 -s 96 2>"$tmp/tcpdump2"
listening() { grep -q 'listening on' "$tmp/tcpdump1" && grep -q 'listening on' "$tmp/tcpdump2"; }
check "tcpdump listens" wait_for listening
bursts
sleep 0.5
recorders=("${kids[@]}")
for pid in "${recorders[@]}"; do end "$pid"; done
is "... and loses nothing" "$(grep -h 'dropped by kernel' "$tmp/tcpdump1" "$tmp/tcpdump2" | sort -u)" "0 packets dropped by kernel"
live_stats=$(ctl -j stats)
live_sources=$(ctl -j sources --top 1000)

again=$(replay "$live" --top 1000)
is "the replay's totals are those of the live run" "$(totals "$again")" "$(totals "$live_stats")"
is "... and so are its sources" "$(sources "$again")" "$(sources "$live_sources")"
between "... of which many were dropped" "$(jq '.data.packets.drop' <<<"$again")" 400 2000
is "... for every reason that was meant" "$(jq -r '.data.reasons | [to_entries[] | select(.value > 0 and
	(.key | IN("arp", "neighbour-discovery", "mld", "no-rules") | not)) | .key] | join(" ")' <<<"$again")" \
	"not-ip malformed-ipv4 malformed-transport allow-list deny-list banned under-limit over-limit"
is "... on the interface that the configuration attaches" "$(jq -r '.data.iface' <<<"$again")" srv0
between "... in the time that it took" "$(jq '.data.duration_ns / 1000000 | floor' <<<"$again")" 4500 20000
is "the live run counted none of it" "$(totals "$(ctl -j stats)")" "$(totals "$live_stats")"

with_conf() { replay "$@" --config "$tmp/rules.conf" --top 1000; }
captures pcapng "$live" "$tmp/live.pcapng"
captures cooked "$live" "$tmp/cooked.pcap"
is "--config gives the same" "$(totals "$(with_conf "$live")")" "$(totals "$again")"
is "so does a capture on standard input" "$(totals "$(with_conf - <"$live")")" "$(totals "$again")"
is "so does pcapng" "$(totals "$(with_conf "$tmp/live.pcapng")")" "$(totals "$again")"
cooked=$(with_conf "$tmp/cooked.pcap")
is "so does a cooked capture, without what was sent" "$(totals "$cooked")" "$(totals "$again")"
is "... which is counted" "$(jq '.data.capture | .outgoing == .replayed' <<<"$cooked")" true
short=$(with_conf "$cut")
is "packets that were cut count with all their bytes" "$(totals "$short")" "$(totals "$again")"
between "... and are counted" "$(jq '.data.capture.cut' <<<"$short")" 40 300
like "... and named" "$(jq -r '.data.notes[]' <<<"$short")" '^[0-9]+ packets were cut'

is "--iface of another name: a limit of srv0 does not match" \
	"$(jq '.data.limits[0] | .pass + .drop' <<<"$(with_conf "$live" --iface eth9)")" 0
is "--filter leaves the rest out" "$(jq -c '.data | [.packets.pass + .packets.drop, .reasons["deny-list"]]' \
	<<<"$(with_conf "$live" --filter 'src host 10.77.0.9')")" "[20,20]"
is "--top" "$(replay "$live" --top 2 | jq '.data.sources | length')" 2
ctl -q mode monitor
watched=$(replay "$live")
is "in mode monitor nothing is dropped, but would be" "$(jq -c '.data | [.mode, .packets.drop, .packets.would_drop > 400]' <<<"$watched")" '["monitor",0,true]'
is "the text says the same as the JSON" "$(ctl replay "$live" 2>/dev/null | sed -n 2p | tr -d ,)" \
	"$(jq -r '.data.packets | "\(.pass) packets passed \(.drop) dropped \(.would_drop) would have been dropped"' <<<"$watched")"
rld_reset

captures backwards "$live" "$tmp/backwards.pcap"
back=$(with_conf "$tmp/backwards.pcap")
is "time stamps that run backwards stand still" "$(jq '.data.capture | .backwards * 2 - .records | fabs <= 2' <<<"$back")" true
like "... and are named" "$(jq -r '.data.notes[]' <<<"$back")" 'ran backwards'
captures long "$tmp/long.pcap"
long=$(with_conf "$tmp/long.pcap")
is "a packet that is too long is left out" "$(jq -c '.data | [.capture.records, .capture.replayed, .capture.too_long, .packets.pass]' <<<"$long")" "[3,2,1,2]"
like "... and named" "$(jq -r '.data.notes[]' <<<"$long")" '^1 packets were left out: they are longer'

printf 'set-limit few 2/minute match udp\nset-option idle-timeout 10m\ndeny add 192.0.2.2 for 30m\n' >"$tmp/visits.conf"
captures visits "$tmp/visits.pcap"
visits=$(replay "$tmp/visits.pcap" --config "$tmp/visits.conf")
is "sources are forgotten when they are idle, by the capture's clock, but not their counts" \
	"$(jq -c '.data | [.forgotten, .total, (.sources[] | .source, .pass, .drop)]' <<<"$visits")" \
	'[16,2,"192.0.2.1",20,10,"192.0.2.2",8,0]'
is "an entry with an end ends by the capture's clock" "$(jq '.data.reasons.banned' <<<"$visits")" 2
is "times are those of the capture" "$(jq -c '.data | [.first, .last, .duration_ns]' <<<"$visits")" \
	'["2023-11-14T22:13:20.000Z","2023-11-15T01:13:20.000Z",10800000000000]'

captures cut-off "$live" "$tmp/cut-off.pcap"
captures wireless "$tmp/wireless.pcap"
echo 'no capture' >"$tmp/text"
config_of=(--config "$tmp/rules.conf")
like "a file that ends within a packet is refused with its place" "$(refused "$tmp/cut-off.pcap" "${config_of[@]}" | tr '\n' ' ')" \
	'cut-off.pcap: behind its packet [0-9]+: truncated .*tcpdump -r .*exit 1'
like "a file that is no capture" "$(refused "$tmp/text" "${config_of[@]}" | tr '\n' ' ')" 'unknown file format .*pcap or pcapng .*exit 1'
like "a file that is not there" "$(refused "$tmp/nosuch" "${config_of[@]}" | tr '\n' ' ')" 'nosuch: No such file .*exit 1'
like "another link type is named with those that can be" "$(refused "$tmp/wireless.pcap" "${config_of[@]}" | tr '\n' ' ')" \
	'link type is IEEE802_11 \(105\); it must be Ethernet, .*exit 1'
like "a bad filter" "$(refused "$live" "${config_of[@]}" --filter 'src of all evil' | tr '\n' ' ')" 'filter "src of all evil": .*exit 2'
echo 'set-limit udp 5/fortnight match udp' >"$tmp/bad.conf"
like "a bad configuration" "$(refused "$live" --config "$tmp/bad.conf" | tr '\n' ' ')" 'bad.conf:1:17: error: unknown period .*exit 6'
like "without --config rld must run" "$(refused "$live" | tr '\n' ' ')" 'not running .*--config FILE .*exit 7'
like "a word too many" "$(refused "$live" "$live")" 'not expected'
is "nothing is pinned" "$(find /sys/fs/bpf -path "$bpffs*" 2>/dev/null)" ""
finish
