#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# All crowds at once: crowds.sh BUILD. As root, for LONG seconds (3600). As users of no group, of rld and of rld-admin they
# connect, stall, say nonsense, flood, and read nothing, at the control socket and at HTTP, while two CPUs send. Limits stay exact,
# each scrape of /metrics is answered, somebody who asks for the status gets it, and memory and descriptors stay what they are.
# shellcheck disable=SC2016,SC2317 source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

long=${LONG:-3600} sources=200 amount=20
crowd=$(cd "$(dirname "$0")" && pwd)/crowd.py
echo "# LONG=$long"

# rld looks into a file of groups of its own.
grep -v '^rld\(-admin\)\?:' /etc/group >"$tmp/group"
printf 'rld:x:64241:\nrld-admin:x:64242:\n' >>"$tmp/group"
rld_by=(unshare --mount bash -c 'mount --bind "$0" /etc/group && exec "$@"' "$tmp/group")

net_up multi
chmod 755 "$tmp"
ip -n "$server" route add 10.128.0.0/12 dev srv0
rld_start <<END
attach srv0
set-option sources-max 4096
set-limit l0 $amount/day match udp dport 10
set-limit l1 $amount/day match udp dport 11 strategy moving-window
END

senders=()
arrived=$(udp_arrived)
for i in 0 1; do
	background client taskset -c "$i" "$tools/frames" cli0 "$mac" "10.128.$i.1" "$server4" kind=udp dport="1$i" \
		sources=$sources per-second=2000 seconds="$long" count=10000000 >"$tmp/sent$i"
	senders+=($!)
done
join() { # GID KIND...
	local gid=$1 kind
	shift
	for kind; do
		background server python3 "$crowd" "$kind" "$((long - 3))" "$tmp/sock" 9779 "$gid" >>"$tmp/crowds" 2>&1
	done
}
join 0 connect connect_http hold hold_http half_request garbage garbage_http scrape_and_not_read may_not
join 64241 ask ask_and_not_read follow_and_not_read may_not
join 64242 change change_and_not_read ask

us() { echo "${EPOCHREALTIME/./}"; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$rld_pid/status"; }
descriptors() { find "/proc/$rld_pid/fd" -mindepth 1 | wc -l; }
scrapes=0 unanswered=0 worst=0 asked=0 longest=0 memory_early=0 memory_late=0 most=0
begin=$SECONDS
while [ $((SECONDS - begin)) -lt $((long - 6)) ]; do
	at=$(us)
	in_server curl -sS -m 5 http://127.0.0.1:9779/metrics 2>/dev/null | grep -q '^rld_build_info' || unanswered=$((unanswered + 1))
	ms=$((($(us) - at) / 1000)) scrapes=$((scrapes + 1))
	[ "$ms" -le "$worst" ] || worst=$ms
	at=$(us)
	ctl -q -t 5 status && asked=$((asked + 1))
	ms=$((($(us) - at) / 1000))
	[ "$ms" -le "$longest" ] || longest=$ms
	now=$(memory)
	if [ $((SECONDS - begin)) -lt $((long * 2 / 3)) ]; then
		[ "$now" -le "$memory_early" ] || memory_early=$now
	else
		[ "$now" -le "$memory_late" ] || memory_late=$now
	fi
	now=$(descriptors)
	[ "$now" -le "$most" ] || most=$now
	sleep 0.5
done
wait "${senders[@]}"
ended() { ! pgrep -f "$crowd .* $tmp/sock" >/dev/null; }
patience=60 wait_for ended
sort "$tmp/crowds" | sed 's/^/# crowd: /'
echo "# $scrapes scrapes, the slowest took $worst ms; the slowest status $longest ms; $most descriptors at most"
echo "# memory: $memory_early kB at most until two thirds were over, $memory_late kB then"
is "each scrape is answered" "$unanswered" 0
is "each question for the status, too" "$asked" "$scrapes"
check "memory stays what it is" [ "$memory_late" -le $((memory_early * 11 / 10)) ]
is "what passed in all" $(($(udp_arrived) - arrived)) $((sources * amount * 2))
for i in 0 1; do
	sent=$(cut -d ' ' -f 1 "$tmp/sent$i")
	is "each source of l$i got its amount, and each of $sent packets is counted" \
		"$(json '[.sources[]] | "\([.[].pass] | min) \([.[].pass] | max) \([.[] | .pass + .drop] | add)"' \
			sources --limit "l$i" --top 1000)" "$amount $amount $sent"
done
few() { [ "$(descriptors)" -lt 60 ]; }
patience=90 check "descriptors are given back (of $most)" wait_for few
finish
