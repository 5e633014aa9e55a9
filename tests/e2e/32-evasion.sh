#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Random frames against rules that refuse all of them: what a socket gets, or a router passes on, has evaded them.
#   EVASION_FRAMES=500000 tests/e2e/32-evasion.sh    for more than the some thousand of each rule
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
each=${EVASION_FRAMES:-4000}
seed=${RLD_TEST_SEED:-$(date +%s)}
echo "# RLD_TEST_SEED=$seed"

evade() { python3 "$top/tests/tools/evade.py" "$seed" "$1" "$mtu" "$client" "$server"; } # COUNT

net_up
behind_up
while read -r mode mtu; do
	ip -n "$client" link set cli0 mtu "$mtu"
	ip -n "$server" link set srv0 mtu "$mtu"
	rld_start <<-END
		attach srv0 mode $mode
		mode monitor
		set-limit nets 0/s match src 0.0.0.0/0,::/0
	END
	# What arrives if nothing is refused, or the rest would show nothing.
	read -r sent socket raw forwarded _ <<<"$(evade 3000)"
	between "$mode, MTU $mtu: sockets get frames" "$socket" $((sent / 50)) "$sent"
	between "$mode, MTU $mtu: raw sockets do" "$raw" $((sent / 10)) $((sent * 2))
	between "$mode, MTU $mtu: a router does" "$forwarded" $((sent / 10)) "$sent"
	while IFS= read -r rule; do
		printf '%s\n' "attach srv0 mode $mode" "$rule" | tr '+' '\n' | grep -v '^ban' >"$config"
		check "$mode, MTU $mtu: with $rule" ctl --yes reload
		case $rule in ban*) ctl -q ban 10.88.0.1 && ctl -q ban fd88::1 ;; esac
		seen=$(evade "$each")
		case $rule in
		*proto* | *dport*) is "$mode, MTU $mtu: no socket gets any: $rule" "$(cut -d' ' -f2 <<<"$seen")" 0 ;;
		*) is "$mode, MTU $mtu: none arrives: $rule" "$(cut -d' ' -f2- <<<"$seen")" "0 0 0" ;;
		esac
		seed=$((seed + 1))
	done <<-'END'
		set-limit 0/s
		set-limit nets 0/s match src 10.88.0.0/24,fd88::/64
		set-limit u 0/s match udp dport 9999+set-limit t 0/s match tcp dport 9999 syn
		set-limit p 0/s match proto 6,17
		deny add 10.88.0.0/16+deny add fd88::/32
		ban
	END
	rld_stop
done <<'END'
native 1500
native 9000
generic 1500
generic 9000
END
finish
