#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Shows rld on real traffic between two network namespaces of its own, and leaves nothing behind: demo.sh BUILD
set -u
build=$(realpath "${1:-build}")
server=rld-demo-$$-s
client=rld-demo-$$-c
bpffs=/sys/fs/bpf/rld-demo-$$
tmp=$(mktemp -d /tmp/rld-demo-XXXXXX)
web=
daemon=
flooder=
unexpected=0
PATH=$build:$PATH
export RLD_SOCKET=$tmp/rld.sock
bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi

cleanup() {
	trap - EXIT INT TERM
	for pid in $web $daemon $flooder; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
	for pid in $(ip netns pids "$server" 2>/dev/null) $(ip netns pids "$client" 2>/dev/null); do
		kill -9 "$pid" 2>/dev/null
	done
	[ ! -e "$bpffs" ] || "$build/rld" --detach --bpffs "$bpffs" --state-dir "$tmp/state" >/dev/null 2>&1
	ip netns del "$server" 2>/dev/null
	ip netns del "$client" 2>/dev/null
	rm -rf "$tmp"
}
trap 'cleanup' EXIT
trap 'exit 130' INT TERM

step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
prompt() { printf '%s%s $ %s%s\n' "$dim" "$1" "$plain" "$2"; }

# Shows a command as one would type it on that machine, then runs it there; its output is kept in $out, too.
on() { # server|client COMMAND...
	local ns=${!1}
	prompt "$1" "${*:2}"
	nsenter --net="/run/netns/$ns" "${@:2}" 2>&1 | tee "$tmp/out"
	out=$(<"$tmp/out")
}

expect() { # WHAT SEEN EXTENDED-REGEX
	grep -Eq -- "$3" <<<"$2" && return
	unexpected=1
	printf '%snot as expected: %s%s\n' "$bold" "$1" "$plain"
}

wait_for() {
	local end=$((SECONDS + 5))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "demo: gave up waiting for: $*" >&2 && exit 1; }
		sleep 0.05
	done
}

network() {
	local ns
	for ns in "$server" "$client"; do
		ip netns add "$ns" || exit 1
		ip -n "$ns" link set lo up
	done
	ip -n "$client" link add eth0 type veth peer name eth0 netns "$server" || exit 1
	ip -n "$server" addr add 192.0.2.1/24 dev eth0
	ip -n "$client" addr add 192.0.2.10/24 dev eth0
	ip -n "$client" addr add 192.0.2.66/24 dev eth0
	ip -n "$server" link set eth0 up
	ip -n "$client" link set eth0 up
	wait_for nsenter --net="/run/netns/$client" ping -q -c 1 -W 1 192.0.2.1
}

web_start() {
	mkdir "$tmp/www"
	echo 'hello from the server' >"$tmp/www/index.html"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid $tmp/nginx.pid; events { worker_connections 64; }
		http { access_log off; client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f;
		uwsgi_temp_path $tmp/u; scgi_temp_path $tmp/s; server { listen 192.0.2.1:80; root $tmp/www; } }
	END
	nsenter --net="/run/netns/$server" nginx -c "$tmp/nginx.conf" -e "$tmp/nginx.log" &
	web=$!
	wait_for nsenter --net="/run/netns/$client" curl -s http://192.0.2.1/
}

rld_start() {
	: >"$tmp/rld.conf"
	echo "set-option log file:$tmp/events.log" >"$tmp/rld.conf"
	nsenter --net="/run/netns/$server" "$build/rld" --config "$tmp/rld.conf" --bpffs "$bpffs" --state-dir "$tmp/state" \
		--listen none 2>"$tmp/rld.log" &
	daemon=$!
	wait_for rlctl -q status
}

requests() { # how many of 20 succeed during the flood
	local i done=0
	# shellcheck disable=SC2016
	prompt client 'for i in $(seq 20); do curl --interface 192.0.2.10 http://192.0.2.1/; done'
	for ((i = 0; i < 20; i++)); do
		nsenter --net="/run/netns/$client" curl -s -m 2 --interface 192.0.2.10 http://192.0.2.1/ >>"$tmp/www.out" && done=$((done + 1))
	done
	out="$done of 20 requests answered"
	echo "$out"
}

flood() {
	prompt client 'hping3 --udp --flood -p 53 -a 192.0.2.66 192.0.2.1 &'
	nsenter --net="/run/netns/$client" timeout 6 hping3 -q --udp --flood -p 53 -a 192.0.2.66 192.0.2.1 >/dev/null 2>&1 &
	flooder=$!
	sleep 1
}

[ "$(id -u)" = 0 ] || { echo "demo: needs root, to make network namespaces" >&2 && exit 1; }
echo 'Two machines (network namespaces), one cable between them: client 192.0.2.10, server 192.0.2.1.'
network
web_start
rld_start

step '1. A limit on everything: 10 packets a second from each source.'
on server rlctl attach eth0
on server rlctl set-limit 10/second

step '2. Five pings stay under it, 100 within a second do not: exactly 10 get through.'
on client ping -q -c 5 -i 0.05 -I 192.0.2.10 192.0.2.1
expect 'five answers' "$out" ' 5 received'
sleep 1
on client ping -q -c 100 -l 100 -W 1 -I 192.0.2.10 192.0.2.1
expect 'ten answers' "$out" ' 10 received'

step '3. A flood from 192.0.2.66 while 192.0.2.10 reads a web page. DNS gets a limit of its own, nothing else any.'
on server rlctl set-limit dns 1000/minute match udp dport 53 comment 'queries'
on server rlctl del-limit default
flood
requests
expect 'all requests are answered' "$out" '^20 of 20'
kill "$flooder" 2>/dev/null
wait "$flooder" 2>/dev/null
flooder=

step '4. Who was refused, and how much. 1000 got through, not one more.'
on server rlctl sources
expect 'the flooder passed 1000' "$(rlctl -j sources | jq -r '.data.sources[] | select(.source == "192.0.2.66") | .pass')" '^1000$'
on server rlctl stats

step '5. One event for the whole flood, not one a packet.'
on server rlctl events --since 1m
breaches=$(rlctl -j events | jq '[.data.events[] | select(.event.action == "rate-limit-breach" and .rule.name == "dns")] | length')
expect 'one breach' "$breaches" '^1$'

step '6. The log has it as a JSON line with ECS names, for a SIEM or jq.'
prompt server "jq -c 'select(.rule.name == \"dns\")' $tmp/events.log"
jq -c 'select(.rule.name == "dns")' "$tmp/events.log"

step '7. The way out of any trouble: everything off, without a configuration or a daemon.'
kill "$daemon"
wait "$daemon" 2>/dev/null
daemon=
on server rld --detach --bpffs "$bpffs" --state-dir "$tmp/state"
expect 'detached' "$out" 'detached from eth0'
expect 'the statements are set aside in the demo'\''s own directory' "$out" "^running statements.* set aside in $tmp/state/detached"

[ "$unexpected" = 0 ] || { echo && echo 'demo: something was not as expected, see above' >&2 && exit 1; }
