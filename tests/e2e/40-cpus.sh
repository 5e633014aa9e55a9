#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two CPUs that send as one source at once are admitted the limit in each window, to the packet.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(nproc)" -ge 2 ] || skip_all "needs two CPUs"

# Both senders for so many seconds; prints the packets that arrived at the server's stack.
flood() { # SECONDS
	local before senders=()
	before=$(udp_arrived)
	frames "${client4[0]}" "$server4" kind=udp seconds="$1" count=20000000 cpu=0 sport=1111 >"$tmp/cpu0" &
	senders+=($!)
	frames "${client4[0]}" "$server4" kind=udp seconds="$1" count=20000000 cpu=1 sport=2222 >"$tmp/cpu1" &
	senders+=($!)
	wait "${senders[@]}"
	echo $(($(udp_arrived) - before))
}

# The program must have run on both CPUs, or the test shows nothing.
on_both() { # MODE
	local a b
	read -r a _ <"$tmp/cpu0"
	read -r b _ <"$tmp/cpu1"
	between "$1: CPU 0 sent many" "$a" 10000 20000000
	between "$1: CPU 1 sent many" "$b" 10000 20000000
}

# Windows follow each other at once under a flood, so 2.5 seconds are three windows of a second.
mode_test() { # MODE
	rld_start <<-END
		attach srv0 mode $1
		set-limit 5000/minute
	END
	is "$1: one window of 5000/minute admits 5000" "$(flood 1.5)" 5000
	on_both "$1"
	is "$1: the source's counters agree" "$(json '.sources[0].pass' sources)" 5000
	is "$1: passed and refused make all that came" "$(json '.sources[0] | .pass + .drop' sources)" \
		"$(json '.packets.pass + .packets.drop - ([.reasons | to_entries[] |
			select(.key | test("limit") | not) | .value] | add)' stats)"
	check "$1: 1000/second" ctl set-limit 1000/second
	ctl -q clear all
	is "$1: three windows of 1000/second admit 3000" "$(flood 2.5)" 3000
	is "$1: the source's counters agree" "$(json '.sources[0].pass' sources)" 3000
	check "$1: stacked windows" ctl set-limit 1000/second, 2500/minute
	ctl -q clear all
	is "$1: 1000/second, 2500/minute admit 2500" "$(flood 3.5)" 2500
	check "$1: a limit per all" ctl set-limit together 700/minute per all match udp
	is "$1: one bucket for everybody admits 700" "$(flood 0.5)" 700
	rld_reset
}

net_up multi
mode_test native
mode_test generic
finish
