#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A state directory that takes no more: commands act and say that they will not outlive a crash, until there is room.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

limits() { ctl export | grep -c '^set-limit'; }
kept() { json '.persisted' status; }
count_of() { json "[.events[] | select(.event.action == \"$1\")] | length" events; } # ACTION

net_up
# A mount of this test's own, which the daemon and what looks into it share.
mkdir "$tmp/state"
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation private sh -c 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"' "$tmp/state")
in_state() { nsenter -t "$rld_pid" -m "$@"; } # where that is mounted
rld_start <<END
attach srv0
set-limit web 100/minute match tcp dport 80
END
is "with room all is kept" "$(kept)" true
in_state dd if=/dev/zero "of=$tmp/state/fill" bs=1k 2>/dev/null
told=0
for i in {1..41}; do
	out=$(ctl set-limit "m$i" 7/minute match tcp dport $((1000 + i)) 2>&1) || fail "command $i: exit status"
	grep -q "limit m$i set" <<<"$out" && grep -q 'running.*No space left on device.*a crash or restart of rld forgets it' <<<"$out" && told=$((told + 1))
done
is "each of 41 commands on a full disk acts and says that it is not recorded" "$told $(limits)" "41 42"
is "... in JSON, too" "$(ctl -j set-limit m1 8/minute match tcp dport 1001 | jq -r '.data | "\(.changed) \(.persisted) \(.persist_error)"')" \
	"true false $tmp/state/running.log: No space left on device"
is "... and one that changes nothing" "$(json .persisted mode enforce)" false
is "... as status has it" "$(kept)" false
like "... for people" "$(ctl status)" '^error: what is at work cannot be kept .*No space left on device'
is "... one event" "$(count_of persist-failed)" 1
is "... and the metric" "$(fetch /metrics | sed -n 's/^rld_statements_kept //p')" 0
is "a reload says so, too" "$(json .persisted reload)" false
for i in {1..41}; do ctl -q set-limit "m$i" 7/minute match tcp dport $((1000 + i)); done
in_state rm "$tmp/state/fill"
is "where there is room again the next command records all" "$(json .persisted set-limit last 7/minute match tcp dport 2000)" true
is "... and says so" "$(count_of persist-recovered) $(kept) $(fetch /metrics | sed -n 's/^rld_statements_kept //p')" "1 true 1"
in_state dd if=/dev/zero "of=$tmp/state/fill" bs=1k 2>/dev/null
# A record may find room in a page that is there: fill that, too.
for i in {1..60}; do ctl -q set-limit "n$i" 7/minute match tcp dport $((3000 + i)); done
is "full again" "$(kept)" false
in_state rm "$tmp/state/fill"
patience=15 wait_for sh -c "'$build/rlctl' -s '$tmp/sock' -j status | jq -e .data.persisted"
is "without a command it is tried again" "$(kept)" true
# What is kept there now, for a daemon that has it after this one was killed.
mkdir "$tmp/kept"
in_state cp -a "$tmp/state/." "$tmp/kept/"
rld_stop KILL
cp -a "$tmp/kept/." "$tmp/state/"
rld_by=()
rld_restart
is "after kill -9 all limits are there" "$(limits)" 103
rld_reset

# --- a start where nothing can be written: limits first
mount_with() { # OPTION: a file system at the state directory, for rld alone
	mkdir -p "$tmp/state"
	# shellcheck disable=SC2016
	rld_by=(unshare -m --propagation private bash -c 'mount -t tmpfs -o "$1" tmpfs "$0" && dd if=/dev/zero "of=$0/fill" bs=1k &>/dev/null
		exec "${@:2}"' "$tmp/state" "$1")
}
for how in "ro Read-only file system" "size=4k No space left on device"; do
	mount_with "${how%% *}"
	rld_start <<END
attach srv0
set-limit web 100/minute match tcp dport 80
END
	is "a start on ${how#* }: the limits are in force" "$(limits)" 1
	is "... and nothing is kept" "$(kept) $(count_of persist-failed)" "false 1"
	like "... a command says so" "$(ctl set-limit a 7/minute match udp 2>&1)" "cannot be recorded \\($tmp/state/running.*: ${how#* }"
	rld_reset
done
finish
