#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Another sources-max under traffic: no source gets more than its amount, and no packet goes uncounted.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

net_up multi
ip -n "$server" route add 10.128.0.0/12 dev srv0
rld_start <<END
attach srv0
set-option sources-max 1024
set-limit few 20/day match udp dport 12
set-limit log 20/hour match udp dport 13 strategy moving-window
set-limit one 1/day match udp dport 14
END
set_max() { sed -i "s/sources-max .*/sources-max $1/" "$config"; } # SOURCES-MAX
moved() { tail -n +"$((seen + 1))" "$rld_log" | grep -q 'are in the new table'; }
resize() { # SOURCES-MAX [SIGNAL]
	rld_stop "${2:-TERM}"
	seen=$(wc -l <"$rld_log")
	set_max "$1"
	rld_restart
}
# Of all sources of a limit: what passed, and what was refused.
of_sources() { json '[.sources[] | select(.limit == "'"$1"'")] | "\([.[].pass] | add) \([.[].drop] | add)"' sources --limit "$1" --top 1000; }

# --- two CPUs send as 200 sources of each limit, through a larger table and a smaller one that holds all of them
before=$(udp_arrived)
for port in 12 13; do
	background client taskset -c $((port - 12)) "$tools/frames" cli0 "$mac" 10.128.$port.1 "$server4" kind=udp dport=$port \
		sources=200 per-second=30000 seconds=9 count=10000000 >"$tmp/sent$port"
	senders+=($!)
done
sleep 1
for max in 4096 500 70000; do
	resize $max "$([ $max = 500 ] && echo KILL)"
	check "under traffic into a table of $max" wait_for moved
	is "... with all sources" "$(tail -n +"$((seen + 1))" "$rld_log" | sed -n 's/^rld: \([0-9]*\) sources are in.*ms$/\1/p')" 400
done
wait "${senders[@]}"
is "each got its amount, to the packet" $(($(udp_arrived) - before)) 8000
for limit in few:12 log:13; do
	sent=$(cut -d ' ' -f 1 "$tmp/sent${limit#*:}")
	limit=${limit%:*}
	between "$limit: many were sent" "$sent" 20000 400000
	is "... and each is counted" "$(limit_stat "$limit" pass) $(limit_stat "$limit" drop)" "4000 $((sent - 4000))"
	is "... for its source, too" "$(of_sources "$limit")" "4000 $((sent - 4000))"
done

# --- 300,000 sources, with the daemon killed in the middle, and with a third size then
resize 400000
check "into a table of 400000" wait_for moved
frames 10.129.0.1 "$server4" kind=udp dport=14 sources=300000 count=300000 >/dev/null
tracked=$(json .sources_tracked status)
between "300,000 sources" "$tracked" 300300 300400
# Attached again, it answers while it moves them; how long the slowest answer took, in ms.
slowest() {
	local at worst=0
	until moved; do
		at=$(date +%s%3N)
		ctl -q status || return
		at=$(($(date +%s%3N) - at))
		[ $at -le $worst ] || worst=$at
	done
	echo $worst
}
resize 600000
worst=$(slowest)
between "... are moved, and status answers meanwhile" "$worst" 0 3000
took=$(tail -n +"$((seen + 1))" "$rld_log" | sed -n 's/.* after \([0-9]*\) ms$/\1/p')
echo "# 300000 sources moved in $took ms, the slowest of the answers took $worst ms"
is "... all of them" "$(json .sources_tracked status)" "$tracked"
killed() { # SOURCES-MAX
	resize "$1"
	rld_stop KILL
	like "killed while it moves them into a table of $1" "$(ls "$bpffs")" '^states_old$'
}
killed 500000
seen=$(wc -l <"$rld_log")
rld_restart
check "... the next one goes on" wait_for moved
killed 450000
resize 400000
check "... or the next one, with a third size" wait_for moved
is "... all are there" "$(json .sources_tracked status)" "$tracked"
before=$(udp_arrived)
frames 10.129.0.1 "$server4" kind=udp dport=14 sources=300000 count=300000 >/dev/null
is "... and none gets anything again" $(($(udp_arrived) - before)) 0
is "nothing is left of former tables" "$(find "$bpffs" -name "*_old")" ""
finish
