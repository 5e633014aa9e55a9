#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# explain and test: what they say is what the next packet meets, they say why, and nobody can tell that they were asked.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

a=${client4[0]} b=${client4[1]} friend=${client4[2]}

send() { # SOURCE DPORT COUNT
	frames "$1" "$server4" kind=udp dport="$2" count="$3" >/dev/null
}
explained() { # JQ-FILTER ADDR [COND]...
	json "$1" explain "${@:2}"
}
step() { # JQ-FILTER LIMIT ADDR [COND]...
	explained ".steps[] | select(.limit == \"$2\") | $1" "${@:3}"
}
decided='"\(.verdict) \(.reason) \(.decided_by | "\(.stage) \(.limit) \(.window)")"'
tested() { # STATUS ADDR [COND]...
	local status
	ctl test "${@:2}" >"$tmp/out" 2>&1
	status=$?
	is "test ${*:2}: exit status $1, and not a word" "$status $(cat "$tmp/out")" "$1 "
}
# All that is counted, but for what the machines say to each other by themselves, and what rld says of the table's size
# when it looks at it, which is each second or ten.
counts() {
	ctl -j stats | jq -cS '.data | {limits, reasons: (.reasons | del(.arp, ."neighbour-discovery", .mld, .internal))}'
	ctl -j sources | jq -cS '.data.sources | map(del(.blocked_for_ns, .would_block_for_ns, .windows[].reset_in_ns, .first_seen, .last_seen, .banned_until)) | sort[]'
	ctl -j show lists | jq -cS '.data | del(.bans[].left_ns, .bans[].until)'
	ctl -j events | jq '[.data.events[].event.action | select(IN("control-command", "state-pressure") | not)] | length'
}
programs() { find "/proc/$rld_pid/fd" -lname '*bpf-prog' | wc -l; }

net_up
rld_start <<END
set-option sources-max 64
attach srv0
allow add $friend comment 'a friend'
set-limit udp 3/1m,20/hour match udp dport 9 strategy sliding-window on-full shared
set-limit watch 2/1m match udp dport 10 monitor
set-limit guess 2/1m match udp dport 11 ban for 30s
set-limit worse 2/1m match udp dport 12 ban for 30s everywhere
set-limit here 5/1m match udp dport 13 iface srv0 on-full drop
set-limit big 1kB/1m match udp dport 14
set-limit many 3/1m match udp dport 15 strategy sliding-window
set-limit 1000/hour
END

# The guard's is loaded after the start.
all_loaded() { [ "$(programs)" -ge 4 ]; }
check "the programs are loaded" wait_for all_loaded
before=$(programs)
is "a packet that nobody has sent passes" "$(explained "$decided" "$a" udp dport 9)" "pass under-limit limit null null"
is "what this needs was loaded when it was asked for" $(($(programs) - before)) 1
is "... by a source that is new" "$(step '"\(.state) \(.windows[0].remaining) \(.windows[1].remaining)"' udp "$a" udp dport 9)" "new 3 20"
tested 0 "$a" udp dport 9

for i in 1 2 3 4 5; do
	said=$(explained .verdict "$a" udp dport 9)
	arrived=$(udp_arrived)
	send "$a" 9 1
	case $(($(udp_arrived) - arrived)) in 1) did=pass ;; *) did=drop ;; esac
	is "packet $i meets what was said" "$said" "$did"
done
is "over the limit: by which limit and window" "$(explained "$decided" "$a" udp dport 9)" "drop over-limit limit udp 3/1m"
is "... with the counts of each window" \
	"$(step '[.windows[] | "\(.window) \(.count) \(.remaining)"] | join(", ")' udp "$a" udp dport 9)" "3/1m 3 0, 20/1h 3 17"
between "... and how long they last, in milliseconds" "$(step '.windows[1].reset_in_ns / 1000000 | floor' udp "$a" udp dport 9)" 3500000 7200000
is "... and what the source has passed and lost" "$(step '"\(.pass) \(.drop) \(.source) \(.strategy) \(.per)"' udp "$a" udp dport 9)" \
	"3 2 $a sliding-window source"
tested 10 "$a" udp dport 9
tested 0 "$b" udp dport 9
text=$(ctl explain "$a" udp dport 9)
like "for people: the sentence" "$text" "^$a udp dport 9: is dropped \(over-limit: udp 3/1m\)\$"
like "... the steps before" "$text" '^deny +- '
like "... and the windows" "$text" "^udp +drop +$a +3/1m +3 +0 +[0-9.m s]+ +sliding-window\$"

send "$a" 10 3
is "a limit that watches would drop" "$(explained "$decided" "$a" udp dport 10)" "would_drop over-limit limit watch 2/1m"
is "... and says that it watches, and that the default judges then" \
	"$(explained '[.steps[] | select(.limit) | "\(.limit) \(.mode) \(.outcome)"] | join(", ")' "$a" udp dport 10)" \
	"watch monitor would_drop, default enforce pass"
tested 11 "$a" udp dport 10

send "$a" 11 2
is "a packet that would bring about a ban" "$(step '"\(.outcome) \(.would_ban_for_ns / 1e9)"' guess "$a" udp dport 11)" "drop 30"
send "$a" 11 1
is "a ban by a limit" "$(explained "$decided" "$a" udp dport 11)" "drop banned limit guess null"
between "... for how long, in milliseconds" "$(step '.banned_for_ns / 1000000 | floor' guess "$a" udp dport 11)" 15000 30000
like "... for people" "$(ctl explain "$a" udp dport 11)" 'banned for another [12][0-9]\.[0-9]s'
send "$b" 12 3
is "a ban from everything, seen by another port" "$(explained "$decided" "$b" udp dport 9)" "drop banned ban null null"
is "... by which limit, and why" "$(explained '.steps[] | select(.stage == "ban") | "\(.outcome) \(.limit) \(.ban)"' "$b" udp dport 9)" \
	"drop worse 30s everywhere"
between "... and for how long" "$(explained '.steps[] | select(.stage == "ban") | .left_ns / 1000000 | floor' "$b" udp dport 9)" 15000 30000
check "unban" ctl unban "$b"
is "... lets it in again" "$(explained "$decided" "$b" udp dport 9)" "pass under-limit limit null null"
check "a ban by hand" ctl ban "$b" for 1h comment 'scans all day'
is "... is a ban" "$(explained "$decided" "$b" udp dport 9)" "drop banned ban null null"
is "... with its reason" "$(explained '.steps[] | select(.stage == "ban") | "\(.outcome) \(.prefix) \(.comment)"' "$b" udp dport 9)" \
	"drop $b scans all day"
between "... and its end" "$(explained '.steps[] | select(.stage == "ban") | .left_ns / 1e9 | floor' "$b" udp dport 9)" 3500 3600
like "... for people" "$(ctl explain "$b" udp dport 9)" "^ban +drop +$b, ban by hand, scans all day, for another 59m"
tested 10 "$b" udp dport 9
check "unban" ctl unban "$b"
tested 0 "$b" udp dport 9
is "the allow list" "$(explained '"\(.verdict) \(.reason) \(.decided_by.stage) \(.steps[] | select(.stage == "allow") | .comment)"' "$friend" udp dport 9)" \
	"pass allow-list allow a friend"
is "what is never refused" "$(explained "$decided" fe80::1 icmp-type 135)" "pass neighbour-discovery protected null null"
is "what no limit matches meets the default" "$(explained "$decided" "$a" tcp dport 99)" "pass under-limit default null null"

is "a condition on the interface, the only one" "$(explained '"\(.packet.iface) \(.decided_by.stage)"' "$a" udp dport 13)" "srv0 limit"
is "... and by its name" "$(explained '.decided_by.stage' "$a" udp dport 13 iface srv0)" limit
is "bytes count" "$(explained "$decided" "$a" udp dport 14 bytes 1000)" "pass under-limit limit null null"
is "... one too many" "$(explained "$decided" "$a" udp dport 14 bytes 1001)" "drop over-limit limit big 1kB/1m"
is "a tagged one, IPv6" "$(explained '"\(.packet.vlan) \(.packet.bytes) \(.steps[-1].source)"' 2001:db8::1 udp dport 9 vlan 7)" \
	"7 66 2001:db8::/64"

check "a limit that is disabled" ctl disable udp
is "... stands among the steps, and another one judges" \
	"$(explained '[.steps[] | select(.limit) | "\(.stage) \(.limit) \(.outcome)"] | join(", ")' "$a" udp dport 9)" \
	"limit udp disabled, default default pass"
like "... for people" "$(ctl explain "$a" udp dport 9)" '^udp +disabled +-$'
is "... where it would match" "$(explained '[.steps[] | .limit // empty] | join(" ")' "$a" udp dport 99)" default
check "enabled again" ctl enable udp
is "... with its counts" "$(explained "$decided" "$a" udp dport 9)" "drop over-limit limit udp 3/1m"

frames 198.51.100.1 "$server4" kind=udp dport=13 count=200 sources=200 >/dev/null
is "no room, on-full drop" "$(explained "$decided" 203.0.113.1 udp dport 13)" "drop state-full limit here null"
is "... is said" "$(step '"\(.state) \(.on_full)"' here 203.0.113.1 udp dport 13)" "full drop"
is "no room, on-full shared: strangers have one bucket" "$(explained "$decided" 203.0.113.1 udp dport 9)" "pass state-full limit udp null"
frames 203.0.113.1 "$server4" kind=udp dport=9 count=5 sources=5 >/dev/null
is "... which can be full, too" "$(explained "$decided" 203.0.113.1 udp dport 9)" "drop state-full limit udp 3/1m"
is "... with its counts" "$(step '"\(.state) \(.on_full) \(.windows[0].count)"' udp 203.0.113.1 udp dport 9)" "full shared 3"
like "... for people" "$(ctl explain 203.0.113.1 udp dport 9)" 'no room: shared'
is "no room, on-full spread: a bucket that is shared with few" "$(explained "$decided" 203.0.113.9 udp dport 15)" "pass state-full limit many null"
frames 203.0.113.9 "$server4" kind=udp dport=15 count=5 >/dev/null
is "... which can be full" "$(explained "$decided" 203.0.113.9 udp dport 15)" "drop state-full limit many 3/1m"
is "... with its counts" "$(step '"\(.state) \(.on_full) \(.windows[0].count)"' many 203.0.113.9 udp dport 15)" "full spread 3"
check "that limit goes" ctl -q del-limit many
is "who has a place keeps it" "$(step '"\(.outcome) \(.state)"' udp "$a" udp dport 9)" "drop tracked"

counts >"$tmp/before"
for i in {1..40}; do
	ctl -q explain "$a" udp dport $((8 + i % 8))
	ctl -q explain "203.0.113.$i" udp dport $((8 + i % 8)) bytes $((50 + i))
	ctl test "2001:db8:0:$i::1" tcp syn dport "$i" >/dev/null
done
is "120 explanations later everything is as it was, events too" "$(counts | diff "$tmp/before" -)" ""

ctl -q clear all
check "other limits" ctl set-limit udp 1000/hour match udp dport 9 strategy moving-window
before=$(($(limit_stat udp pass) + $(limit_stat udp drop)))
background client "$tools/frames" cli0 "$mac" "$a" "$server4" kind=udp dport=9 per-second=4000 seconds=3 count=100000 >"$tmp/sent"
wrong=
for i in {1..60}; do
	said=$(explained '"\(.reason) \(.steps[-1].windows[0] | .count + .remaining)"' "$a" udp dport 9)
	case $said in "under-limit 1000" | "over-limit 1000") ;; *) wrong+="$said, " ;; esac
done
is "while packets come, explanations are whole" "$wrong" ""
wait "${kids[-1]}"
is "... and each packet is counted once" $(($(limit_stat udp pass) + $(limit_stat udp drop) - before)) "$(awk '{ print $1 }' "$tmp/sent")"
is "... with the limit exactly used up" "$(limit_stat udp pass)" 1000

check "mode monitor" ctl mode monitor
tested 11 "$a" udp dport 9
is "... says so among the steps" "$(explained '.steps[0] | "\(.stage) \(.mode) \(.outcome)"' "$a" udp dport 9)" "mode monitor none"
check "mode off" ctl mode off
is "mode off decides" "$(explained "$decided" "$a" udp dport 9)" "pass mode-off mode null null"
check "mode enforce" ctl mode enforce
check "without a default" ctl del-limit default
is "... what no limit matches passes" "$(explained "$decided" "$a" tcp dport 99)" "pass no-limit default null null"

# --- what is held against an address of which nothing else is said
check "everything anew" ctl clear all
ctl set-limit default 1000/hour >/dev/null
for name in udp watch guess worse here big; do ctl -q del-limit "$name"; done
held() { explained "[.open[] | \"\(.limit) [\(.needs)] \(.outcome)\"] | join(\", \")" "$@"; } # ADDR [COND]...
ctl set-limit dns 3/1m match udp dport 53,5353 >/dev/null
ctl set-limit web 3/1m per source/24,dport match tcp dport 80,443 syn >/dev/null
ctl set-limit ssh 2/1m match tcp dport 22 syn ban for 1h >/dev/null
ctl set-limit pings 2/1m match icmp monitor >/dev/null
ctl set-limit new '20 connections/1m' match tcp >/dev/null
is "nobody: what needs no more words refuses nothing, what does is not known" "$(held "$a")" \
	"dns [udp dport 53,5353] pass, web [tcp dport 80,443 syn] unknown, ssh [tcp dport 22 syn] pass, pings [icmp] pass, new [tcp syn] pass"
is "... so it depends" "$(explained '"\(.verdict) \(.reason) \(.complete) \(.decided_by)"' "$a")" "depends null false null"
tested 12 "$a"
ctl -q del-limit web
is "without that one it passes, whatever it is" "$(explained '"\(.verdict) \(.decided_by.limit) \(.complete)"' "$a")" "pass null true"
tested 0 "$a"
send "$a" 53 4
is "a limit that refuses it is named" "$(held "$a")" \
	"dns [udp dport 53,5353] drop, ssh [tcp dport 22 syn] pass, pings [icmp] pass, new [tcp syn] pass"
tested 12 "$a"
is "... with the source's counts" "$(explained '.open[0] | "\(.source) \(.drop) \(.windows[0].remaining) \(.blocked_for_ns > 0)"' "$a")" "$a 1 0 true"
text=$(ctl explain "$a")
like "... for people: the sentence" "$text" "^$a: depends on what was not said; refused now by limit dns\$"
like "... the row" "$text" "^dns +udp dport 53,5353 +drop +$a +refuses it now, blocked for another "
like "... and how to ask" "$text" 'say what they need, one value of each'
is "the protocol said, the port not" "$(held "$a" udp)" "dns [dport 53,5353] drop"
tested 12 "$a" udp
is "another protocol: not concerned" "$(held "$a" tcp)" "ssh [dport 22 syn] pass, new [syn] pass"
tested 0 "$a" tcp
is "all said: the verdict" "$(explained "$decided" "$a" udp dport 53)" "drop over-limit limit dns 3/1m"
tested 10 "$a" udp dport 53
frames "$b" "$server4" kind=syn dport=22 count=4 >/dev/null
is "a ban by a limit is named" "$(explained '.open[] | select(.limit == "ssh") | "\(.outcome) \(.banned) \(.banned_for_ns / 6e10 | ceil)"' "$b")" "drop true 60"
like "... for people" "$(ctl explain "$b")" '^ssh +tcp dport 22 syn +drop +.*refuses it now, banned for another (1h|59m)'
tested 12 "$b"
tested 10 "$b" tcp dport 22 syn
is "a packet of a connection is not concerned, and the ban is named nevertheless" \
	"$(explained '"\(.verdict) \(.open[] | select(.limit == "ssh") | "\(.needs) \(.outcome)")"' "$b" tcp dport 22)" "pass syn drop"
tested 0 "$b" tcp dport 22
in_client ping -q -c 4 -i 0.01 -I "$b" "$server4" >/dev/null
is "one that only watches would drop" "$(explained '.open[] | select(.limit == "pings") | .outcome' "$b")" would_drop
check "a limit that nothing gets past" ctl set-limit closed 0/1m match udp dport 7
is "... refuses somebody new" "$(explained '.open[] | select(.limit == "closed") | "\(.outcome) \(.state)"' 198.51.100.9)" "drop new"
ctl set-limit default 1/1h >/dev/null
send "$b" 99 2
is "default refuses it, unless another limit would judge it" "$(explained '"\(.verdict) \(.steps[-1].outcome)"' "$b" udp)" "depends drop"
tested 12 "$b" udp
like "... for people" "$(ctl explain "$b" udp)" "^$b udp: depends on what was not said; refused now by limit default, closed\$"
is "... which none would if all is said" "$(explained "$decided" "$b" udp dport 99)" "drop over-limit default default 1/1h"
ctl set-limit default 1000/hour >/dev/null
check "a limit that matches whatever it is" ctl set-limit every 1/1m match any
send "$a" 99 2
is "... and is used up: certain" "$(explained "$decided" "$a")" "drop over-limit limit every 1/1m"
tested 10 "$a"
check "denied" ctl deny add "$b/32"
is "what is denied is certain, and no limit is asked" "$(explained '"\(.verdict) \(.reason) \(.open | length)"' "$b")" "drop deny-list 0"
tested 10 "$b"
ctl deny del "$b/32" >/dev/null
for name in dns ssh pings new closed every; do ctl -q del-limit "$name"; done

# What the manual and the README show.
while read -r line; do
	# shellcheck disable=SC2086
	ctl $line >"$tmp/out" 2>&1
	case $? in 0 | 10 | 11) pass "example: $line" ;; *) fail "example: $line" "$(cat "$tmp/out")" ;; esac
done < <(sed -E 's/\\-/-/g' "$top"/README.md "$top"/docs/*.md "$top"/man/rlctl.1 |
	sed -nE 's/^ *(# |sudo )?rlctl (-j )?((explain|test) [0-9a-f.:]+[^|&]*).*/\3/p' | sort -u)

refused() { # NAME LINE-OF-OUTPUT ADDR [COND]...
	local out status
	out=$(ctl explain "${@:3}" 2>&1)
	status=$?
	is "$1: exit status" "$status" 2
	like "... and where" "$out" "$2"
}
refused "a prefix is no address" '^ +\^{14} +one address' 203.0.113.0/24 udp
refused "no such interface" 'nothing is limited on that interface' "$a" iface nosuch0
refused "two protocols" '^ +\^{3} +each once' "$a" tcp udp
refused "fewer bytes than headers" 'at least 42' "$a" udp bytes 41
refused "an unknown word" 'did you mean "dport"' "$a" udp dprot 9
ctl test "$a" udp dprot 9 >/dev/null 2>&1
is "test of nonsense is no verdict" $? 2
finish
