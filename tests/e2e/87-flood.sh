#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Made-up sources fill the table, and people who come for the first time meanwhile are served all the same.
# FLOOD=25000 ROOM=65536 PEOPLE=250: as many packets a second, places and people.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

flood=${FLOOD:-2000} room=${ROOM:-4096} people=${PEOPLE:-50}
long=10 # seconds of it
tools_py=$top/tests/tools

net_up
ip -n "$server" route add 10.88.0.0/16 via "${client4[0]}"
ip -n "$client" route add local 10.88.0.0/16 dev lo
background server python3 "$tools_py/newcomers.py" serve 53
wait_for in_server sh -c "ss -Hlun 'sport = :53' | grep -q ."

# Who has never asked before, each time.
nth=0
ask() { # PER-SECOND SECONDS: how many of 100 questions are answered
	nth=$((nth + 1))
	in_client python3 "$tools_py/newcomers.py" ask "$server4" 53 "10.88.$((nth * 4)).1" "$people" "$1" "$2" >"$tmp/asked"
	awk '{ printf "%.1f", 100 * $2 / $1 }' "$tmp/asked"
}
# Of a made-up source each, for as long as they ask.
flood_and_ask() { # PER-SECOND
	local pid
	frames 172.16.0.1 "$server4" kind=udp dport=53 sources=$((1 << 20)) count=$((flood * long)) per-second="$flood" >"$tmp/flooded" &
	pid=$!
	sleep $((long - 6))
	ask "$1" 5
	wait $pid
}
whole() { awk -v a="$1" -v b="$2" 'BEGIN { exit a < b }'; }

rld_start <<END
set-option sources-max $room
attach srv0
set-limit dns 20/second per source match udp dport 53
END
is "without a flood all are answered" "$(ask 5 1)" 100.0
got=$(flood_and_ask 5)
check "in a flood that the table has no room for 99 % are ($got)" whole "$got" 99
is "the flood was sent" "$(cut -d' ' -f1 "$tmp/flooded")" $((flood * long))
printf '# of %s packets %s found no room, at the end %s of %s places are taken\n' $((flood * long)) \
	"$(limit_stat dns state_full)" "$(json .sources_tracked status)" "$room"
is "10 s after it all are" "$(sleep 10; ask 5 1)" 100.0
between "... and what the flood left is forgotten" "$(json .sources_tracked status)" 0 $((room * 3 / 4 + people))

# A window that is longer than the flood: nobody can be forgotten, so the buckets decide.
rld_reset
rld_start <<END
set-option sources-max $room
attach srv0
set-limit dns 200/minute per source match udp dport 53
END
got=$(flood_and_ask 3)
check "with a window that outlives the flood 99 % are, too ($got)" whole "$got" 99
between "... and the table is full" "$(json .sources_tracked status)" "$room" "$room"
between "... of others: they have no places" "$(limit_stat dns state_full)" $((people * 10)) $((flood * long + people * 15))

rld_reset
rld_start <<END
set-option sources-max $room
attach srv0
set-limit dns 200/minute per source match udp dport 53 on-full shared
END
got=$(flood_and_ask 3)
check "with on-full shared they are not ($got)" whole 50 "$got"
finish
