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
like "... in the text, too, with nothing to note" "$(ctl status)" 'wan0 \(attached as va\) +attached +native +[0-9,]+ +-$'
like "... and in the metrics" "$(fetch /metrics)" 'rld_attached\{iface="wan0"'
like "... and an event" "$(ctl events)" 'interface-renamed  wan0  from va$'
is "a condition on its former name holds there" "$(json .verdict explain 192.0.2.1 udp iface wan0)" drop
out=$(ctl attach wan0 2>&1)
like "attach by the new name says that it is attached" "$out" '^wan0: attached in'
is "... and is then by that name" "$(ifaces)" "va:pending wan0:attached"
is "... which leaves the other without one, as the event says" \
	"$(json '[.events[] | select(.event.action == "interface-pending")] | last | .rld.note' events)" "there is no interface va"
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

# Under traffic. The sender's device goes by its index, so that the name of the other end is all that changes.
stream() { # SECONDS
	local i=0
	streams=()
	for words in "${client4[0]} dport=9" "${client4[1]} dport=7" "${client4[2]} dport=9" "${client6[2]} $server6 dport=9"; do
		# shellcheck disable=SC2086
		set -- "$1" $words
		[ $# -eq 4 ] || set -- "$1" "$2" "$server4" "$3"
		background client "$tools/frames" cli0 "$mac" "$2" "$3" kind=udp "$4" per-second=500 seconds="$1" count=100000 >"$tmp/sent.$i"
		streams+=($!)
		i=$((i + 1))
	done
}
# While it is up, which older kernels than Linux 6.2 do not let.
move() { ip -n "$server" link set "$1" name "$2" 2>/dev/null || rename "$1" "$2"; } # FROM TO
state_of() { json '[.interfaces[] | .name + (if .attached_as then "=" + .attached_as else "" end)] | join(" ")' status; }
guarded() { # INTERFACE: what the file says of it
	cat <<-END
	attach $1
	deny add ${client4[2]}
	deny add ${client6[2]}
	set-limit five 5/day match udp dport 9
	set-limit here 0/day match udp dport 7 iface $1
	END
}

rld_stop
check "rld --detach" "$build/rld" --detach --bpffs "$bpffs"
guarded srv0 >"$config"
rld_restart
is "srv0 is attached" "$(state_of)" srv0
before=$(udp_arrived)
frames "${client4[0]}" "$server4" kind=udp dport=9 count=20 >/dev/null
is "five pass, and then none" $(($(udp_arrived) - before)) 5
before=$(udp_arrived)
id=$(prog_id srv0)
stream 8
for step in srv0:ext0 ext0:ext1 ext1:srv0 srv0:ext0; do
	move "${step%:*}" "${step#*:}"
	sleep 0.2
done
is "renamed under traffic" "$(state_of)" "ext0=srv0"
guarded ext0 >"$config"
check "a reload that says the same of the new name" ctl reload
is "... and is attached by it" "$(state_of)" ext0
for step in ext0:ext1 ext1:ext2; do
	move "${step%:*}" "${step#*:}"
	guarded "${step#*:}" >"$config"
	ctl -q reload
done
is "renamed and reloaded at once" "$(state_of) $(prog_id ext2)" "ext2 $id"
rld_stop
move ext2 ext3
rld_restart
is "renamed while rld was stopped" "$(state_of)" "ext3=ext2"
rld_stop KILL
move ext3 ext4
rld_restart
is "... and while it was dead" "$(state_of)" "ext4=ext2"
is "... explain knows a condition on the name it was attached as" \
	"$(json .reason explain "${client4[1]}" udp dport 7 iface ext2)" over-limit
rld_stop
rld_restart
is "... and for the next one, too" "$(state_of)" "ext4=ext2"
wait "${streams[@]}"
between "four sources sent all the while" "$(cat "$tmp"/sent.* | awk '{ sum += $1 } END { print sum }')" 8000 16100
is "... and nothing of it got through" $(($(udp_arrived) - before)) 0
frames "${client4[1]}" "$server4" kind=udp dport=8 count=20 >/dev/null
is "... as what is not limited does" $(($(udp_arrived) - before)) 20
guarded ext4 >"$config"
check "reload" ctl reload
rld_stop
rld_restart
is "a reload settles the name for the next rld" "$(state_of)" ext4

# Names that are swapped while nobody looks.
ip -n "$server" link add low0 type veth peer name peer5
ip -n "$server" link set low0 up
ip -n "$server" link set peer5 up
for signal in TERM KILL; do
	rld_stop $signal
	for step in ext4:tmp low0:ext4 tmp:low0; do move "${step%:*}" "${step#*:}"; done
	rld_restart
	soon "swapped before a start, after SIG$signal: both are attached" "ext4:attached low0=ext4:attached"
	is "... and limited" "$(runs low0) $(runs ext4)" "1 1"
	before=$(udp_arrived)
	frames "${client4[0]}" "$server4" kind=udp dport=9 count=20 >/dev/null
	frames "${client4[2]}" "$server4" kind=udp dport=9 count=20 >/dev/null
	is "... by the same counts" $(($(udp_arrived) - before)) 0
	rld_stop
	for step in ext4:tmp low0:ext4 tmp:low0; do move "${step%:*}" "${step#*:}"; done
	rld_restart
	soon "swapped back: what bears the name is attached" "ext4:attached low0=ext4:attached"
	ctl -q detach low0
done

# Made anew under traffic: what comes before it is attached is not limited, and that is a moment.
ip -n "$server" link del low0
ip -n "$server" link add low0 index 777 type veth peer name peer5
guarded low0 >"$config"
check "--yes reload" ctl --yes reload
is "a device of a given index" "$(state_of)" low0
for round in 1 2 3; do
	ip -n "$server" link del low0
	ip -n "$server" link add low0 index 777 type veth peer name peer5
	ctl -q attach low0
	soon "made anew with the same index ($round): attached" "low0:attached"
	is "... and it runs the program" "$(runs low0)" 1
done
ip -n "$server" link set low0 netns "$client"
ip -n "$server" link add low0 index 777 type veth peer name peer6
soon "moved away, and another of its index and name there: attached" "low0:attached"
is "... this one, and not that one" "$(runs low0) $(ip -n "$client" link show dev low0 | grep -c prog/xdp)" "1 0"

# Moved away while no rld runs, which is another thing than an rld in another namespace.
ip -n "$server" link add far0 type veth peer name peer7
check "attach far0" ctl attach far0
rld_stop
ip -n "$server" link set far0 netns "$client"
in_client "$build/rld" --config "$config" --socket "$tmp/other" --bpffs "$bpffs" --state-dir "$tmp/state2" 2>"$tmp/other.log" &
wait $!
is "an rld in another network namespace is refused" $? 1
like "... and says why" "$(cat "$tmp/other.log")" 'enforces in another network namespace'
rld_restart
is "moved away before a start: pending, and the others go on" "$(ifaces)" "far0:pending low0:attached"
is "... and free there" "$(ip -n "$client" link show dev far0 | grep -c prog/xdp)" 0
ip -n "$client" link set far0 netns "$server"
soon "back: attached" "far0:attached low0:attached"

like "a pattern is refused" "$(ctl attach 'cali*' 2>&1)" 'is a pattern'
finish
