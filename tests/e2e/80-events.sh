#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Events: one breach a source and window with ECS names, a full table, reopened files, interfaces that come later.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

log=$tmp/events.log
count() { jq -c "select($1)" "$log" 2>/dev/null | wc -l; } # JQ-CONDITION
at_least() { [ "$(count "$2")" -ge "$1" ]; }
breach='.event.action == "rate-limit-breach"'

net_up
rld_start <<END
set-option log file:$log
set-option sources-max 64
attach srv0
attach later0
set-limit udp 5/2s match udp dport 9
set-limit slow 5/minute match udp dport 10 on-full shared
END
check "an absent interface gives interface-pending" wait_for at_least 1 '.event.action == "interface-pending" and .observer.ingress.interface.name == "later0"'
is "... and status says so" "$(json '.interfaces[] | select(.name == "later0") | .state' status)" pending
ip -n "$server" link add later0 type veth peer name later1
check "when it appears, interface-attached follows" wait_for at_least 1 '.event.action == "interface-attached" and .observer.ingress.interface.name == "later0"'
is "... and status says so" "$(json '.interfaces[] | select(.name == "later0") | .state' status)" attached
ip -n "$server" link del later0
pending_again() { [ "$(json '.interfaces[] | select(.name == "later0") | .state' status)" = pending ]; }
check "when it goes, it is pending again" wait_for pending_again
ip -n "$server" link add later0 type veth peer name later1
check "... and attached again when it comes again" wait_for at_least 2 '.event.action == "interface-attached" and .observer.ingress.interface.name == "later0"'

frames "${client4[0]}" "$server4" kind=udp dport=10 count=2000 >/dev/null
frames "${client4[1]}" "$server4" kind=udp dport=10 count=2000 >/dev/null
check "a breach comes" wait_for at_least 2 "$breach and .rule.name == \"slow\""
sleep 0.3
is "one a source for 2000 packets in a window" "$(jq -r "select($breach and .rule.name == \"slow\") | .source.ip" "$log" | sort | tr '\n' ' ')" \
	"${client4[0]} ${client4[1]} "
is "... with ECS names" "$(jq -r "select($breach and .rule.name == \"slow\" and .source.ip == \"${client4[0]}\") |
	[.event.kind, .event.category[0], .destination.ip, .destination.port, .network.transport, .network.type, .observer.product,
	.observer.ingress.interface.name, .rld.window, .rld.count, .rld.verdict, .rld.suppressed] | map(tostring) | join(\" \")" "$log")" \
	"event network $server4 10 udp ipv4 rld srv0 5/1m 6 drop 0"
like "... with the time" "$(jq -r "select($breach) | .[\"@timestamp\"]" "$log" | head -1)" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$'
frames "${client4[0]}" "$server4" kind=udp per-second=200 seconds=5 count=100000 >/dev/null
wait_for at_least 3 "$breach and .rule.name == \"udp\""
is "5 seconds over 5/2s are three windows: three breaches" "$(count "$breach and .rule.name == \"udp\"")" 3
sleep 2.1
frames "${client4[0]}" "$server4" kind=udp count=1 >/dev/null
check "the next packet in good time is a recovery" wait_for at_least 1 '.event.action == "rate-limit-recovered" and .rule.name == "udp"'
between "... with the packets refused since" "$(jq 'select(.event.action == "rate-limit-recovered" and .rule.name == "udp") | .rld.count' "$log")" 900 990
is "sequence numbers have no gap" "$(jq -s '[.[].event.sequence] | . == [range(1; length + 1)]' "$log")" true

ctl -q clear all
frames 10.77.1.0 "$server4" kind=udp dport=10 sources=2000 count=4000 >/dev/null
check "a table full of sources gives state-full" wait_for at_least 1 '.event.action == "state-full"'
between "... and few of them" "$(count '.event.action == "state-full"')" 1 3
between "the table stays within sources-max" "$(json '.sources_tracked' status)" 1 64
between "packets without a place are counted" "$(limit_stat slow state_full)" 1 4000
ctl -q clear all

mv "$log" "$log.1"
kill -USR1 "$rld_pid"
check "SIGUSR1 makes a new file" wait_for test -e "$log"
ctl -q mode monitor
check "... and events go there" wait_for at_least 1 '.event.action == "control-command" and .rld.command == "mode monitor"'
is "... with who did it" "$(jq -r 'select(.rld.command == "mode monitor" and .event.action == "control-command") | "\(.user.id) \(.event.outcome) \(.process.pid | type)"' "$log")" "0 success number"
is "... and not to the old one" "$(grep -c 'mode monitor' "$log.1")" 0
ctl -q mode enforce

ctl -j events -f >"$tmp/follow" &
kids+=($!)
follows() { ctl -q allow add 192.0.2.50 && ctl -q allow del 192.0.2.50 && [ -s "$tmp/follow" ]; }
wait_for follows
frames "${client4[2]}" "$server4" kind=udp dport=10 count=20 >/dev/null
followed() { jq -e "select(.data.source.ip == \"${client4[2]}\")" "$tmp/follow"; }
check "events -f streams a breach" wait_for followed
has_event() { [ "$(json "[.events[] | select($breach)] | length" events --source "${client4[2]}")" = 1 ]; }
check "events --source finds it" has_event
is "events --source finds no other's" "$(json "[.events[] | select($breach)] | length" events --source 192.0.2.0/24)" 0

check "a ban" ctl set-limit banning 5/second match udp dport 11 ban for 6s
frames "${client4[1]}" "$server4" kind=udp dport=11 count=20 >/dev/null
check "gives source-banned" wait_for at_least 1 ".event.action == \"source-banned\" and .source.ip == \"${client4[1]}\""
before=$(udp_arrived)
sleep 1.2
frames "${client4[1]}" "$server4" kind=udp dport=11 count=5 >/dev/null
is "... and refuses although the window is over" "$(udp_arrived)" "$before"
over() { [ "$(json .bans_total show lists)" = 0 ]; }
wait_for over
frames "${client4[1]}" "$server4" kind=udp dport=11 count=5 >/dev/null
is "... until the ban ends" $(($(udp_arrived) - before)) 5
check "... with source-unbanned" wait_for at_least 1 ".event.action == \"source-unbanned\" and .source.ip == \"${client4[1]}\""
frames "${client4[1]}" "$server4" kind=udp dport=11 count=20 >/dev/null
check "unban is done" ctl unban "${client4[1]}"
sleep 0.3
before=$(udp_arrived)
frames "${client4[1]}" "$server4" kind=udp dport=11 count=5 >/dev/null
is "... and works at once" $(($(udp_arrived) - before)) 5

# No more than a poll in a second while all is quiet: it is still in the kernel when its limit goes.
sleep 2
check "another limit" ctl set-limit gone 5/minute per source/24 match udp dport 12
sleep 2
frames "${client4[0]}" "$server4" kind=udp dport=12 count=20 >/dev/null
check "a limit is deleted right after a breach" ctl del-limit gone
gone="$breach and .destination.port == 12"
check "... which is told" wait_for at_least 1 "$gone"
is "... with the limit's name and what was counted" "$(jq -r "select($gone) | \"\(.rule.name) \(.rld.window) \(.rld.key.source)\"" "$log")" \
	"gone 5/1m 10.77.0.0/24"

# --- commands that are refused
refusals() { # COUNT
	python3 - "$tmp/sock" "$1" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
answers = s.makefile("rb")
for _ in range(int(sys.argv[2])):
    s.sendall(b'{"command":["clear","of-no-such-name"]}\n')
    assert b'"error"' in answers.readline()
END
}
breaches() { json "[.events[] | select($breach)] | length" events; }
breaches_kept=$(breaches)
between "breaches are kept" "$breaches_kept" 5 4096
size=$(stat -c %s "$log")
check "10000 commands that are refused" refusals 10000
between "... cost the disk few lines" $((($(stat -c %s "$log") - size) / 1024)) 1 40
between "... a budget's" "$(count '.event.outcome == "failure"')" 20 22
is "... and breaches are kept all the same" "$(breaches)" "$breaches_kept"
told() { refusals 1 && [ "$(jq -s 'map(.rld.suppressed? // 0 | select(. > 9000)) | length' "$log")" -ge 1 ]; }
patience=15 check "... and the next one says how many were not told" wait_for told
finish
