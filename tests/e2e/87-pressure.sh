#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A table that gets full is told before it is, once, and again only after it was relieved: event, metric, status.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

log=$tmp/events.log
told() { jq -r 'select(.event.action | startswith("state-pressure") or startswith("state-relieved")) |
	"\(.event.action) \(.rld.pressure)"' "$log" 2>/dev/null | paste -sd, -; }
tell() { [ "$(told)" = "$1" ]; } # EVENTS
tracked() { json .sources_tracked status; }
# More than those that are there get no second element.
come() { frames "$1" "$server4" kind=udp dport=9 sources="$2" count=$((3 * $2)) per-second=20000 >/dev/null; } # FIRST HOW-MANY
metric() { fetch /metrics | sed -n "s/^$1 //p"; }
# The daemon looks every second while packets come.
a_look_later() { sleep 2.2; }

net_up
rld_start <<END
set-option log file:$log
set-option sources-max 1000
attach srv0
set-limit udp 100/hour match udp dport 9
END
come 10.77.1.0 850
a_look_later
is "850 sources of 1000 are there" "$(tracked)" 850
is "... of which nobody is told" "$(told)" ""
is "... nor warned" "$(json .pressure status) $(ctl status | grep -c warning)" "normal 0"
come 10.77.5.0 80
check "with 930 it is told" wait_for tell "state-pressure high"
is "... how many of how many, with ECS names" "$(jq -r 'select(.event.action == "state-pressure") | [.event.kind, .event.category[0],
	.observer.product, .rld.sources_tracked, .rld.sources_max] | map(tostring) | join(" ")' "$log")" "event network rld 930 1000"
is "... shown as a metric" "$(metric rld_state_pressure_ratio)" 0.930000
is "... and counted" "$(metric 'rld_events_total{action="state-pressure"}')" 1
is "... and in status" "$(json .pressure status)" high
like "... with what can be done" "$(ctl status)" '^warning: the table of sources is nearly full: .*on-full.* sources-max and idle-timeout'
check "some go" ctl clear 10.77.5.0/25
come 10.77.1.0 10
a_look_later
come 10.77.5.0 80
a_look_later
is "to and fro around nine tenths is not told again" "$(tracked) $(told)" "930 state-pressure high"

come 10.77.6.0 200
check "a full one is" wait_for tell "state-pressure high,state-pressure full"
is "... with no more than it has room for" "$(tracked)" 1000
like "... and in status" "$(ctl status)" '^warning: the table of sources is full: '
between "packets of newcomers found no room" "$(limit_stat udp state_full)" 100 600
so_far="state-pressure high,state-pressure full,state-pressure full"
rld_stop
rld_restart
check "the next daemon tells what it finds" wait_for tell "$so_far"
check "all go" ctl clear all
check "relief is told, if no packet comes, too" wait_for tell "$so_far,state-relieved normal"
is "... and the warning is gone" "$(json .pressure status) $(ctl status | grep -c warning)" "normal 0"
come 10.77.1.0 950
check "after it the next time is told" wait_for tell "$so_far,state-relieved normal,state-pressure high"

# Half a minute without a daemon: then a packet makes room itself.
rld_reset
rld_start <<END
set-option sources-max 1000
set-option idle-timeout 1s
attach srv0
set-limit udp 100/second match udp dport 9
END
come 10.77.1.0 1100
is "a table is full again" "$(json .pressure status)" full
rld_stop KILL
sleep 31
frames 10.77.7.1 "$server4" kind=udp dport=9 count=2 >/dev/null
rld_restart
between "what was forgotten without a daemon does not count" "$(tracked)" 0 2
is "... as pressure either" "$(json .pressure status)" normal

rld_reset
rld_start <<END
set-option sources-max 65536
attach srv0
END
memlock() { bpftool -j map show pinned "$bpffs/$1" | jq .bytes_memlock; }
documented=$(sed -n 's/^| \*\*a source\*\* | \*\*\([0-9]*\)\*\* |$/\1/p' "$top/docs/limits.md")
between "a place takes as many bytes as docs/limits.md says ($documented)" \
	$((($(memlock states) + $(memlock front) + $(memlock presence) + $(memlock spread)) / 65536)) $((documented - 8)) $((documented + 8))
finish
