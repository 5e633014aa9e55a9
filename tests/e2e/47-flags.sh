#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Conditions on TCP flags, the packet's own length and protocols by name, against what hping3 and ping send.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Sends five TCP packets with these flags, each in 20 ms.
scan() { # HPING3-FLAG...
	in_client timeout 10 hping3 -q -c 5 -i u20000 -p 4000 "$@" "$server4" >/dev/null 2>&1
}
dropped() { # LIMIT COMMAND...: how many more the limit has dropped then
	local limit=$1 before
	shift
	before=$(limit_stat "$limit" drop)
	"$@"
	echo $(($(limit_stat "$limit" drop) - before))
}

net_up
rld_start <<-END
	attach srv0
	set-limit xmas 0/m match flags fin+psh+urg
	set-limit null 0/m match flags none
	set-limit rst 0/m match tcp dport 4000 flags rst,syn+ack not flags urg
END
is "FIN, PSH and URG together" "$(dropped xmas scan -F -P -U)" 5
is "... and with ACK as well" "$(dropped xmas scan -F -P -U -A)" 5
is "two of the three are not" "$(dropped xmas scan -F -P)" 0
is "no flag at all" "$(dropped null scan)" 5
is "one is not none" "$(dropped null scan -A)" 0
is "one element of a list" "$(dropped rst scan -R)" 5
is "the other one, of two flags" "$(dropped rst scan -S -A)" 5
is "SYN alone is none of them" "$(dropped rst scan -S)" 0
is "what is excluded" "$(dropped rst scan -R -U)" 0
is "explain says the same" "$(json .reason explain "${client4[0]}" tcp flags fin+psh+urg)" over-limit
is "... and which flags the packet had" "$(json .packet.flags explain "${client4[0]}" tcp flags fin+psh+urg)" fin+psh+urg
is "... of one without them" "$(json .reason explain "${client4[0]}" tcp flags fin+psh)" no-limit
is "the limit as it is shown" "$(json '.limits[] | select(.name == "rst") | .match' show limits)" \
	"tcp dport 4000 flags rst,syn+ack not flags urg"

# 20 + 8 + 10 bytes; the frame has 14 more, and a padded one would have 60.
check "the packet's own length" ctl set-limit short 0/m match icmp ip-length 0-38
check "... and one byte more" ctl set-limit longer 0/m match icmp ip-length 39-60
pinged() { in_client ping -q -c 3 -i 0.02 -W 1 -s "$1" -I "${client4[1]}" "$server4" >/dev/null; } # BYTES
is "a packet of 38 bytes" "$(dropped short pinged 10)" 3
is "... is no longer one" "$(dropped longer pinged 10)" 0
is "39 bytes are" "$(dropped longer pinged 11)" 3
is "... and 61 are neither" "$(dropped short pinged 33) $(dropped longer pinged 33)" "0 0"

check "a protocol by its name" ctl set-limit gre 0/m match gre,igmp
in_client timeout 10 hping3 -q -c 5 -i u20000 -0 -H 47 -d 20 "$server4" >/dev/null 2>&1
is "five GRE packets" "$(limit_stat gre drop)" 5
is "its name is what is shown" "$(json '.limits[] | select(.name == "gre") | .match' show limits)" "igmp,gre"
finish
