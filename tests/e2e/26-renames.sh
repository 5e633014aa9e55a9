#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Interfaces that are renamed, swap names, go and come again.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

ifaces() { json '[.interfaces[] | .name + (if .attached_as then "=" + .attached_as else "" end) + ":" + .state] | sort | join(" ")' status; }
# Within a second, as the manual says.
soon() { # NAME EXPECTED
	patience=1 wait_for test_ifaces "$2"
	is "$1" "$(ifaces)" "$2"
}
test_ifaces() { [ "$(ifaces)" = "$1" ]; }
rename() { # FROM TO
	ip -n "$server" link set "$1" down && ip -n "$server" link set "$1" name "$2" && ip -n "$server" link set "$2" up
}
runs() { ip -n "$server" link show dev "$1" | grep -c 'prog/xdp'; }
prog_id() { ip -n "$server" -j link show dev "$1" | jq -r '.[0].xdp.prog.id'; }

net_up
for pair in va:1 vb:2; do
	ip -n "$server" link add "${pair%:*}" type veth peer name "peer${pair#*:}"
	ip -n "$server" link set "${pair%:*}" up
	ip -n "$server" link set "peer${pair#*:}" up
done
rld_start <<END
attach va
set-limit on-va 0/minute match udp iface va
set-limit 1000/second
END
is "va is attached" "$(ifaces)" "va:attached"
id=$(prog_id va)

rename va wan0
soon "renamed: attached under both names" "wan0=va:attached"
is "... by the same program" "$(prog_id wan0)" "$id"
like "... in the text, too" "$(ctl status)" 'wan0 \(attached as va\) +attached'
like "... and in the metrics" "$(fetch /metrics)" 'rld_attached\{iface="wan0"'
like "... and an event" "$(ctl events)" 'interface-renamed'
is "a condition on its former name holds there" "$(json .verdict explain 192.0.2.1 udp iface wan0)" drop
out=$(ctl attach wan0 2>&1)
like "attach by the new name says that it is attached" "$out" '^wan0: attached in'
is "... and is then by that name" "$(ifaces)" "va:pending wan0:attached"
check "detach by it" ctl detach wan0
is "... detaches" "$(runs wan0)" 0
rename wan0 va
soon "named as configured again: attached" "va:attached"

rename va wan0
soon "renamed again" "wan0=va:attached"
rename vb va
soon "another one bears the name now: both are attached" "va:attached wan0=va:attached"
check "detach of the renamed one by its new name" ctl detach wan0
is "... leaves the other" "$(ifaces)" "va:attached"
is "... attached, and that one not" "$(runs va) $(runs wan0)" "1 0"
rename va vb
soon "a chain of renames" "vb=va:attached"
rename vb vx
soon "... goes on" "vx=va:attached"
check "detach by the name that it was attached by" ctl detach va
is "... detaches" "$(ifaces) $(runs vx)" " 0"
rename vx vb
rename wan0 va

# Two that swap their names.
check "attach vb" ctl attach vb
first=$(ip -n "$server" -j link show dev vb | jq '.[0].ifindex')
for step in vb:tmp va:vb tmp:va; do rename "${step%:*}" "${step#*:}"; done
soon "swapped: what bears the name is attached, and what bore it" "va=vb:attached vb:attached"
is "... two interfaces" "$(ip -n "$server" -j link show dev va | jq '.[0].ifindex') $(runs va) $(runs vb)" "$first 1 1"
printf '%s\n' 'attach vb' 'set-limit 1000/second' >"$config"
id=$(prog_id vb)
like "a reload goes by names" "$(ctl reload 2>&1)" 'va: detached'
is "... and leaves the one that bears it" "$(ifaces) $(prog_id vb) $(runs va)" "vb:attached $id 0"

# A reload that only follows a rename leaves no gap.
id=$(ip -n "$server" -j -d link show dev vb | jq -c '.[0].ifindex')
rename vb up0
soon "renamed before the file" "up0=vb:attached"
counted=$(json '.interfaces[0].packets' status)
printf '%s\n' 'attach up0' 'set-limit 1000/second' >"$config"
check "reload" ctl reload
is "... keeps it as it is" "$(ifaces)" "up0:attached"
between "... with its counts" "$(json '.interfaces[0].packets' status)" "$counted" $((counted + 1000))

# Gone and come again.
ip -n "$server" link del up0
soon "deleted: pending" "up0:pending"
ip -n "$server" link add up0 type veth peer name peer9
soon "made anew: attached" "up0:attached"
ip -n "$server" link set up0 netns "$client"
soon "moved to another namespace: pending" "up0:pending"
is "... and free there" "$(ip -n "$client" link show dev up0 | grep -c prog/xdp)" 0
ip -n "$client" link set up0 netns "$server"
soon "back: attached" "up0:attached"

like "a pattern is refused" "$(ctl attach 'cali*' 2>&1)" 'is a pattern'
finish
