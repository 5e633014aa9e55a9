#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lists with a name, with real packets: denied, allowed and matched by name, changed by commands, kept and saved.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

one=${client4[0]} two=${client4[1]}

# How many of 5 packets arrive.
arrive() { # SOURCE
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp dport=9 count=5 >/dev/null
	echo $(($(udp_arrived) - before))
}
list() { json ".lists[] | select(.name == \"$1\") | $2" show lists; } # NAME JQ-FILTER

net_up
rld_start <<END
attach srv0
list bad add $one,2001:db8::/32
deny add @bad comment "by name"
END
is "who is on a list that is denied is refused" "$(arrive "$one")" 0
is "... and nobody else" "$(arrive "$two")" 5
is "show lists says who has it" "$(json '.deny_lists[] | "\(.list) \(.entries) \(.comment)"' show lists)" "bad 2 by name"
like "... for people as well" "$(ctl show lists)" '^deny +@bad \(2\) +- +by name$'
like "... with what uses each" "$(ctl show lists)" '^bad +2 +the deny list$'
is "show lists NAME has the prefixes" "$(ctl show lists bad)" "$one"$'\n'"2001:db8::/32"
check "an address comes to the list" ctl list bad add "$two"
is "... and is refused at once" "$(arrive "$two")" 0
check "one goes" ctl list bad del "$one"
is "... and passes at once" "$(arrive "$one")" 5
is "del-list of one in use is refused" "$(ctl del-list bad 2>&1 | head -n 1)" 'rlctl: list "bad" is used by the deny list'
check "a list that allows" ctl list good add "$two"
check "... is asked before one that denies" ctl allow add @good
is "... and lets pass" "$(arrive "$two")" 5
check "for a time" ctl allow del @good
check "... only" ctl allow add @good for 2s
is "... it lets pass" "$(arrive "$two")" 5
over() { [ "$(json '.allow_lists | length' show lists)" = 0 ]; }
check "... and ends" eval 'patience=10 wait_for over'
is "... for packets as well" "$(arrive "$two")" 0
check "a limit by name" ctl set-limit few 2/hour match udp src "@good,203.0.113.0/24"
check "... instead of the deny list" ctl deny del @bad
is "... matches who is on it" "$(arrive "$two")" 2
is "... and nobody else" "$(arrive "$one")" 5
check "a list that changes" ctl list good add "$one"
is "... changes what the limit matches" "$(arrive "$one")" 2
is "... of which the counts stay" "$(arrive "$two")" 0
check "a limit of all others" ctl set-limit few 3/hour match udp not src @good
is "... does not match who is on it" "$(arrive "$one")" 5
like "show limits has the name" "$(json '.limits[0].match' show limits)" '^udp not src @good$'
is "who is connected is not cut off by a list" \
	"$(ctl -j list good add 192.0.2.0/24 | jq -r .data.changed)" true

# A crash and a restart: lists that commands made are there.
check "a list for the restart" ctl deny add @bad
rld_stop KILL
rld_restart
is "after a crash lists are at work" "$(arrive "$two")" 0
is "... all of them" "$(json '[.lists[].name] | sort | join(" ")' show lists)" "bad good"
check "a reload returns to the file" ctl reload
is "... which has none of what commands made" "$(json '[.lists[].name] | join(" ")' show lists)" bad
is "... and denies whom it says" "$(arrive "$one") $(arrive "$two")" "0 5"
check "for a time, by name" ctl --yes allow add @bad for 1h
is "... who is on it passes" "$(arrive "$one")" 5
check "... after a reload, too" ctl reload
is "... as it is state" "$(arrive "$one") $(json '.allow_lists[0] | "\(.list) \(.timed)"' show lists)" "5 bad true"
check "... until it is taken back" ctl allow del @bad
check "export loads again" ctl export
ctl export >"$tmp/export"
is "... as it stands" "$("$build/rlctl" check "$tmp/export" 2>&1 | head -n 1)" "$tmp/export: valid, 0 limits"
finish
