#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Kills the daemon again and again under traffic of two CPUs: kills.sh BUILD. As root, for LONG seconds (1200), by the
# dice of SEED. Between two kills: a reload, another sources-max, or a start that is killed itself. At the end each source
# of each strategy got its amount, and each packet is counted for it.
# shellcheck disable=SC2119,SC2317 source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

long=${LONG:-1200} seed=${SEED:-$RANDOM} sources=200 amount=20
strategies=(fixed-window elastic sliding-window moving-window token-bucket)
RANDOM=$seed
echo "# LONG=$long SEED=$seed"

net_up multi
ip -n "$server" route add 10.128.0.0/12 dev srv0
rld_start <<END
attach srv0
set-option sources-max 4096
$(for i in "${!strategies[@]}"; do
	echo "set-limit l$i $amount/day match udp dport 1$i strategy ${strategies[i]}"
done)
END

senders=()
arrived=$(udp_arrived)
for i in "${!strategies[@]}"; do
	background client taskset -c $((i % 2)) "$tools/frames" cli0 "$mac" "10.128.$i.1" "$server4" kind=udp dport="1$i" \
		sources=$sources per-second=2000 seconds="$long" count=10000000 >"$tmp/sent$i"
	senders+=($!)
done

killed=0 early=0 resized=0 reloaded=0
end=$((SECONDS + long - 2))
while [ $SECONDS -lt $end ]; do
	case $((RANDOM % 4)) in
	0) sed -i "s/sources-max .*/sources-max $((1100 + RANDOM))/" "$config" && resized=$((resized + 1)) ;;
	1) ctl -q reload && reloaded=$((reloaded + 1)) ;;
	2)
		rld_stop KILL
		rld_launch
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
		early=$((early + 1)) killed=$((killed + 1))
		;;
	esac
	rld_stop KILL
	killed=$((killed + 1))
	rld_restart
done
echo "# $killed kills, $early of them of one that just starts; $resized other sizes, $reloaded reloads"

wait "${senders[@]}"
all_moved() { [ "$(json .sources_tracked status)" = $((sources * ${#strategies[@]})) ]; }
check "all sources are in one table" wait_for all_moved
is "what passed in all" $(($(udp_arrived) - arrived)) $((sources * amount * ${#strategies[@]}))
for i in "${!strategies[@]}"; do
	sent=$(cut -d ' ' -f 1 "$tmp/sent$i")
	is "${strategies[i]}: each source got its amount, and each of $sent packets is counted" \
		"$(json '[.sources[]] | "\([.[].pass] | min) \([.[].pass] | max) \([.[] | .pass + .drop] | add)"' \
			sources --limit "l$i" --top 1000)" "$amount $amount $sent"
done
finish
