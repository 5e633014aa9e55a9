# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the end-to-end tests share: two namespaces, a daemon of their own, TAP, and leaving nothing behind.
#
#   A test is `bash tests/e2e/NN-name.sh BUILD`; it sources this file and calls finish at its end.
#   Names hold the process id, so tests may run side by side. Traffic stays between the two namespaces:
#   cli0 (client) <-> srv0 (server, where rld works).

set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath "${1:-$top/build}")
tools=$build/tests/tools
server=e2e-$$-s
client=e2e-$$-c
bpffs=/sys/fs/bpf/rld-e2e-$$
tmp=$(mktemp -d /tmp/rld-e2e-XXXXXX)
config=$tmp/rld.conf
rld_log=$tmp/rld.log
rld_pid=
kids=()
rld_by=() # words before rld's, which make it see the machine in another way
# Words before a command for which $tmp/etc is /etc/rld. The machine, which may have none, is left as it is: the overlay
# has a directory to mount on.
# shellcheck disable=SC2016,SC2034
own_etc=(unshare -m --propagation private bash -c 'mkdir -p "$0/over/rld" && mount -t overlay -o "lowerdir=$0/over:/etc" overlay /etc &&
	mount --bind "$0/etc" /etc/rld && exec "$@"' "$tmp")
# Whoever runs the tests may have come by SSH; that session is not the tests' to protect.
export SSH_CONNECTION=
tests=0
failures=0
finished=

server4=10.77.0.1
client4=(10.77.0.2 10.77.0.3 10.77.0.4)
server6=fd77:0:0:1::1
# Two of one /64 and one of another.
client6=(fd77:0:0:1::2 fd77:0:0:1::3 fd77:0:0:2::2)

# --- TAP ---

pass() { # NAME
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

fail() { # NAME [WHAT WAS SEEN]
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	[ $# -lt 2 ] || echo "#   ${2//$'\n'/$'\n'#   }"
}

is() { # NAME SEEN EXPECTED
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "seen: $2
expected: $3"; fi
}

like() { # NAME SEEN EXTENDED-REGEX
	if grep -Eq -- "$3" <<<"$2"; then pass "$1"; else fail "$1" "seen: $2
expected to match: $3"; fi
}

unlike() { # NAME SEEN EXTENDED-REGEX
	if grep -Eq -- "$3" <<<"$2"; then fail "$1" "seen: $2
expected not to match: $3"; else pass "$1"; fi
}

between() { # NAME SEEN LOW HIGH
	if [ "$2" -ge "$3" ] 2>/dev/null && [ "$2" -le "$4" ]; then pass "$1"; else fail "$1" "seen: $2
expected: $3 to $4"; fi
}

# The command must succeed; what it printed is shown if it does not.
check() { # NAME COMMAND...
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then pass "$name"; else fail "$name" "failed: $*
$out"; fi
}

skip() { # NAME WHY
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

skip_all() { # WHY
	skip "$(basename "$0" .sh)" "$1"
	finish
}

finish() {
	finished=1
	echo "1..$tests"
	if [ "$failures" -gt 0 ] && [ -s "$rld_log" ]; then
		echo "# the daemon's log, its last lines:"
		tail -n 15 "$rld_log" | cut -c -400 | sed 's/^/#   /'
	fi
	[ "$failures" -eq 0 ]
	exit
}

cleanup() {
	local status=$? pid
	trap - EXIT INT TERM
	for pid in "${kids[@]}" $rld_pid; do
		kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	# What those started, and what escaped this list: all that lives in the namespaces of this test.
	for pid in $(ip netns pids "$server" 2>/dev/null) $(ip netns pids "$client" 2>/dev/null); do
		kill -9 "$pid" 2>/dev/null
	done
	[ ! -e "$bpffs" ] || "$build/rld" --detach --bpffs "$bpffs" >/dev/null 2>&1
	ip netns del "$server" 2>/dev/null
	ip netns del "$client" 2>/dev/null
	rm -rf "$tmp"
	if [ -z "$finished" ]; then
		echo "not ok $((tests + 1)) - the test came to its end"
		status=1
	fi
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

need_root() {
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	ip netns add "$server" 2>/dev/null || skip_all "network namespaces cannot be made here"
	ip netns del "$server"
}

# Until the command succeeds, $patience (10) seconds at most.
wait_for() { # COMMAND...
	local end=$((SECONDS + ${patience:-10}))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# --- network ---

# `ip netns exec` would hide the bpffs.
in_server() { nsenter --net="/run/netns/$server" "$@"; }
in_client() { nsenter --net="/run/netns/$client" "$@"; }

# Runs until the end of the test, or until its id, $!, is given to `end`. Not by way of in_server, whose subshell
# would be killed in its place.
background() { # server|client COMMAND...
	local ns=${!1}
	shift
	nsenter --net="/run/netns/$ns" "$@" &
	kids+=($!)
}

end() { # PID
	local pid kept=()
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	for pid in "${kids[@]}"; do [ "$pid" = "$1" ] || kept+=("$pid"); done
	kids=("${kept[@]}")
}

# With "multi" the pair has two queues, so that two CPUs can run the program at once in native mode.
net_up() { # [multi]
	local queues=() ns addr
	need_root
	[ "${1:-}" != multi ] || queues=(numtxqueues 2 numrxqueues 2)
	for ns in "$server" "$client"; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		nsenter --net="/run/netns/$ns" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
	ip -n "$client" link add cli0 "${queues[@]}" type veth peer name srv0 netns "$server" "${queues[@]}"
	ip -n "$server" link set srv0 up
	ip -n "$client" link set cli0 up
	ip -n "$server" addr add "$server4/24" dev srv0
	ip -n "$server" addr add "$server6/64" dev srv0 nodad
	ip -n "$server" -6 route add fd77::/32 dev srv0
	for addr in "${client4[@]}"; do ip -n "$client" addr add "$addr/24" dev cli0; done
	for addr in "${client6[@]}"; do ip -n "$client" addr add "$addr/64" dev cli0 nodad; done
	mac=$(ip -n "$server" -j link show dev srv0 | jq -r '.[0].address')
	wait_for in_client ping -c 1 -W 1 "$server4"
	wait_for in_client ping -c 1 -W 1 "$server6"
}

# Behind the server, by `out`: 198.51.100.9 and fd78::9. It takes what comes from 10.88.0.0/24 and fd88::/64 by the client.
behind_up() {
	local end
	ip -n "$server" link add out mtu 9000 type veth peer name outp mtu 9000
	for end in out outp; do ip -n "$server" link set $end up; done
	ip -n "$server" route add 198.51.100.0/24 dev out
	ip -n "$server" route add fd78::/64 dev out
	ip -n "$server" neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev out
	ip -n "$server" neigh add fd78::9 lladdr 02:00:00:00:00:09 dev out
	ip -n "$server" route add 10.88.0.0/24 via "${client4[0]}"
	ip -n "$server" route add fd88::/64 via "${client6[0]}"
	in_server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# Takes TCP connections on the server's port, of both families, and keeps them.
listener() { # PORT
	background server python3 -c '
import socket, sys
s = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
held = []
while True: held.append(s.accept())
' "$1"
	wait_for in_server sh -c "ss -Hltn 'sport = :$1' | grep -q ."
}

sessions_to() { in_server ss -Htn state established "sport = :$1" | wc -l; } # PORT
# One of the client's to a listener, which stays.
session() { # PEER SERVER PORT
	local before
	before=$(sessions_to "$3")
	background client python3 -c '
import socket, sys, time
peer, server = (socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0] for name, port in ((sys.argv[1], 0), sys.argv[2:4]))
s = socket.socket(peer[0])
s.bind(peer[4])
s.connect(server[4])
time.sleep(100)
' "$1" "$2" "$3"
	more() { [ "$(sessions_to "$1")" -gt "$before" ]; }
	check "a session from $1 to port $3 is established" wait_for more "$3"
}

# Packets that srv0 has seen, by its own counter.
seen_by_iface() { ip -n "$server" -s -j link show dev srv0 | jq '.[0].stats64.rx.packets'; }

# A counter of the server's network stack, behind the program: UdpNoPorts, IcmpInEchos, Icmp6InEchos, ...
stack() { # NAME
	in_server nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

# UDP packets that reached the server's stack.
udp_arrived() { echo $(($(stack UdpNoPorts) + $(stack UdpInDatagrams))); }

# Raw frames from the client to the server; prints how many and in how many seconds.
frames() { # SOURCE DESTINATION [NAME=VALUE]...
	in_client "$tools/frames" cli0 "$mac" "$@"
}

# How many of 100 echo requests within one second are answered. A slow machine gets three tries.
pings() { # SOURCE DESTINATION
	local out try
	for try in 1 2 3; do
		[ "$try" = 1 ] || ctl -q clear all
		out=$(in_client ping -q -c 100 -l 100 -W 1 -I "$1" "$2" 2>&1)
		[ "$(sed -n 's/.*time \([0-9]*\)ms.*/\1/p' <<<"$out")" -ge 950 ] || break
	done
	sed -n 's/.* transmitted, \([0-9]*\) received.*/\1/p' <<<"$out"
}

# --- rld ---

# In the server's namespace, with the configuration that is there.
rld_launch() { # [OPTION]...
	nsenter --net="/run/netns/$server" "${rld_by[@]}" "$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" \
		--state-dir "$tmp/state" --listen 127.0.0.1:9779 "$@" 2>>"$rld_log" &
	rld_pid=$!
}

# Runs rld with the configuration on standard input, if there is one, and waits until it answers.
rld_start() { # [OPTION]...
	[ -t 0 ] || [ -n "${keep_config:-}" ] || cat >"$config"
	rld_launch "$@"
	wait_for ctl -q status || {
		fail "rld starts" "$(tail -n 5 "$rld_log")"
		finish
	}
}

# Again with the configuration as it is.
rld_restart() { keep_config=1 rld_start "$@"; }

rld_stop() { # [SIGNAL]
	[ -n "$rld_pid" ] || return 0
	kill -"${1:-TERM}" "$rld_pid" 2>/dev/null
	wait "$rld_pid" 2>/dev/null
	rld_pid=
}

# The daemon stopped, the interface free, nothing remembered.
rld_reset() {
	rld_stop
	check "rld --detach" "$build/rld" --detach --bpffs "$bpffs"
	rm -rf "$tmp/state"
}

ctl() { "$build/rlctl" -s "$tmp/sock" "$@"; }

# jq FILTER on the answer's data: json FILTER COMMAND...
json() {
	local filter=$1
	shift
	ctl -j "$@" | jq -r ".data | $filter"
}

# What a limit did with the packets that it judged.
limit_stat() { # LIMIT FIELD
	json ".limits[] | select(.name == \"$1\") | .$2" stats
}

# What HTTP answers to who may read the token: fetch PATH [OPTION]...
fetch() { sed 's/^/Authorization: Bearer /' "$tmp/http-token" | in_server curl -sS -m 5 -H @- "http://127.0.0.1:9779$1" "${@:2}"; }
