#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the daemon does about sources and bans when packets no longer come, and what it takes while it rests.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

events() { json "[.events[] | select(.event.action == \"$1\")] | length" events; } # ACTION
event_is_there() { [ "$(events "$1")" -ge "${2:-1}" ]; } # ACTION [COUNT]
tracked() { json .sources_tracked status; }
none_tracked() { [ "$(tracked)" = 0 ]; }
# A pass through a table of this size takes 5 to 15 s at rest, and a source is forgotten by the one after it fell silent.
all_forgotten() { patience=50 wait_for none_tracked; }
no_ban_left() { [ "$(bpftool -j map dump pinned "$bpffs/bans" | jq length)" = 0 ]; }
cpu_us() { awk '{ sum += $1 } END { print int(sum / 1000) }' "/proc/$rld_pid/task"/*/schedstat; }
resident_kib() { awk '/^VmRSS:/ { print $2 }' "/proc/$rld_pid/status"; }

net_up
rld_start <<END
set-option sources-max 1048576
set-option idle-timeout 1s
attach srv0
set-limit some 5/second match udp dport 9
set-limit banning 5/second match udp dport 10 ban for 2s
set-limit barring 5/second match udp dport 11 ban for 2s everywhere
END
frames 10.77.1.0 "$server4" kind=udp dport=9 sources=3000 count=6000 >/dev/null
between "three thousand sources are tracked" "$(tracked)" 1000 3000
check "... and forgotten when they are idle" all_forgotten

frames "${client4[0]}" "$server4" kind=udp dport=9 count=20 >/dev/null
frames "${client4[1]}" "$server4" kind=udp dport=10 count=20 >/dev/null
frames "${client4[2]}" "$server4" kind=udp dport=11 count=20 >/dev/null
check "who is refused and falls silent recovers" wait_for event_is_there rate-limit-recovered
before=$(udp_arrived)
check "bans of those who fall silent end" wait_for event_is_there source-unbanned 2
frames "${client4[2]}" "$server4" kind=udp dport=12 count=5 >/dev/null
is "... one from everything lets the source in again" "$(($(udp_arrived) - before))" 5
check "... and its place is free again" wait_for no_ban_left

# The front table of this many sources is 32 MiB, and eight rule sets are 10.
for amount in {101..130}; do ctl -q set-limit some "$amount/second" match udp dport 9; done
before=$(resident_kib)
is "sources can be listed" "$(json '.total >= 0' sources)" true
between "what a walk through the table maps goes again (KiB)" "$(($(resident_kib) - before))" -4096 4096
if ldd "$build/rld" | grep -q libasan; then
	skip "what it takes at rest" "sanitizers take more"
	finish
fi
between "the daemon is small (KiB)" "$(resident_kib)" 1024 17408
ctl -q set-option idle-timeout 10m
frames 10.77.1.0 "$server4" kind=udp dport=9 sources=60000 count=60000 >/dev/null
between "sixty thousand sources are tracked" "$(tracked)" 30000 60010
sleep 3
before=$(cpu_us)
sleep 5
between "... and looked through at rest for 0.3 % of a CPU at most (us in 5 s)" "$(($(cpu_us) - before))" 0 15000
ctl -q del-limit some
scan_ended() { [ "$(fetch /metrics | awk '/^rld_sources_scan_age_seconds / { print int($2) }')" -lt 3 ]; }
scan_ended && sleep 4
all_cleared() { patience=50 wait_for scan_ended; }
check "sources of a limit that is gone do not stay for a minute" all_cleared
between "... in no more memory (KiB)" "$(resident_kib)" 1024 17408
finish
