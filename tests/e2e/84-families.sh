#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A prefix is of one family: ::/0 and its like are IPv6 alone, in the lists, in conditions, in explain, replay and sources.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

a4=${client4[0]} a6=${client6[0]}

arrive() { # SOURCE DESTINATION DPORT
	local before
	before=$(udp_arrived)
	frames "$1" "$2" kind=udp dport="$3" count=5 >/dev/null
	echo $(($(udp_arrived) - before))
}
# shellcheck disable=SC2016  # of awk, not of the shell
stack6() { in_server awk '/^Udp6(NoPorts|InDatagrams) / { n += $2 } END { print n }' /proc/net/snmp6; }
arrive6() { # DPORT
	local before
	before=$(stack6)
	frames "$a6" "$server6" kind=udp dport="$1" count=5 >/dev/null
	echo $(($(stack6) - before))
}
explained() { json '"\(.verdict) \(.reason)"' explain "$@"; }

net_up
rld_start <<'END'
attach srv0
deny add ::/3
set-limit six 2/hour match src ::/0 udp dport 9
END
is "a list of ::/3 lets IPv4 pass" "$(arrive "$a4" "$server4" 9)" 5
is "... as explain says" "$(explained "$a4" udp dport 9)" "pass no-limit"
is "match src ::/0 judges IPv6" "$(arrive6 9)" 2
is "... as explain says" "$(explained "$a6" udp dport 9)" "drop over-limit"
is "... and counts no IPv4 source" "$(json '[.sources[].source] | join(" ")' sources)" "fd77:0:0:1::/64"
is "sources in ::/0 are those of IPv6" "$(json .total sources --source ::/0) $(json .total sources --source 0.0.0.0/0)" "1 0"

ctl -q -y deny add ::/0
is "a deny of all IPv6 refuses it" "$(arrive6 10)" 0
is "... and no IPv4" "$(arrive "$a4" "$server4" 10)" 5
ctl -q -y deny add 0.0.0.0/0 for 1s
is "one of all IPv4 refuses that" "$(arrive "$a4" "$server4" 10)" 0
entry_gone() { [ "$(json '[.deny[].prefix] | index("0.0.0.0/0")' show lists)" = null ]; }
check "... until it ends" wait_for entry_gone
is "... and not for longer, with ::/0 still there" "$(arrive "$a4" "$server4" 10) $(arrive6 10)" "5 0"
ctl -q -y deny add ::ffff:0:0/96
is "::ffff:0:0/96 is IPv4" "$(arrive "$a4" "$server4" 10) $(json '[.deny[].prefix] | join(" ")' show lists)" "0 0.0.0.0/0 ::/0 ::/3"
ctl -q deny del 0.0.0.0/0
is "taken off, it lets IPv4 pass" "$(arrive "$a4" "$server4" 10)" 5
ctl -q -y allow add ::/1
is "an allow list of ::/1 exempts no IPv4 from a limit" \
	"$(ctl -q set-limit four 1/hour match udp dport 11 src 0.0.0.0/0; arrive "$a4" "$server4" 11)" 1

ctl export >"$tmp/export"
is "what export writes loads again to the same" "$(ctl -q check "$tmp/export" && cp "$tmp/export" "$tmp/rld.conf" &&
	ctl -q -y reload && ctl export | grep -v '^#')" "$(grep -v '^#' "$tmp/export")"
is "... and does the same" "$(arrive "$a4" "$server4" 10) $(arrive6 10)" "5 0"
finish
