#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What Linux makes of malformed and deep packets, which docs/malformed.md says, and that none of them gets through.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

odd() { python3 "$top/tests/tools/oddities.py" "$@"; }
reasons() { json '.reasons | to_entries[] | select(.value > 0) | "\(.key) \(.value)"' stats | sort; }
# Sets `seen`, and `reason` to the one under which both frames were counted. Others come by themselves: discovery, ARP.
try() { # NAME
	local before
	before=$(reasons)
	seen=$(odd send "$1" "$client" "$server")
	reason=$(comm -13 <(echo "$before") <(reasons) | grep -Ev '^(arp|neighbour-discovery|mld|no-limit) ' | cut -d' ' -f1 | xargs)
}

net_up
ip -n "$client" link set cli0 mtu 9000
ip -n "$server" link set srv0 mtu 9000
behind_up

# All that can be judged matches this one, so that a frame under `over-limit` was read.
limit='set-limit odd 0/s match src 10.88.0.0/24,fd88::/64'
for mode in native generic; do
	rld_start <<-END
		attach srv0 mode $mode
		mode monitor
		$limit
	END
	while IFS= read -r name; do
		# What comes late on a busy machine comes the next time.
		for _ in 1 2 3; do
			try "$name"
			row="| $name | $reason | ${seen// / | } |"
			! grep -qxF "$row" "$top/docs/malformed.md" || break
		done
		case $name in sound*) is "$mode: $name arrives everywhere" "$seen" "yes yes yes" ;; esac
		check "$mode, as the manual says: $row" grep -qxF "$row" "$top/docs/malformed.md"
	done < <(odd list)

	printf '%s\n' "attach srv0 mode $mode" "$limit" >"$config"
	check "$mode: enforcing" ctl reload
	while IFS= read -r name; do
		is "$mode: gets through nowhere: $name" "$(odd send "$name" "$client" "$server")" "no no no"
	done < <(odd list)
	rld_stop
done
finish
