#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Which sessions the guard protects without being told: ports of sshd and of its socket unit, ports and peers that
# clients came by, IPv4 by way of an IPv6 socket, link-local peers.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

refused() { # WHOM COMMAND...
	local whom=$1 out
	shift
	out=$("$@" 2>&1)
	is "${*: -3} is refused" $? 1
	like "... for the sake of $whom" "$out" "established session from $whom"
}
# What the client names takes no part in the others.
accepted() { # COMMAND...
	check "${*: -3} is accepted" "$@"
	ctl -q deny del "${*: -1}"
}

net_up
# The daemon sees an /etc in which sshd and systemd have what the test gives them, whether this machine has them or not.
mkdir -p "$tmp"/etc/{ssh/sshd_config.d,systemd/system/ssh.socket.d} "$tmp/own"
printf 'Include /etc/ssh/sshd_config.d/*.conf\nMatch User x\n  Port 2999\n' >"$tmp/etc/ssh/sshd_config"
echo 'port = "2222"' >"$tmp/etc/ssh/sshd_config.d/10-port.conf"
printf '[Socket]\nListenStream=\nListenStream=[::]:2223\n' >"$tmp/etc/systemd/system/ssh.socket"
printf 'nameserver 192.0.2.53\nnameserver 2001:db8::53\n' >"$tmp/etc/resolv.conf"
for file in /etc/*; do [ -e "$tmp/etc/${file##*/}" ] || ln -s "$tmp/own/${file##*/}" "$tmp/etc/"; done
cat >"$tmp/by" <<END
#!/bin/sh
mount --bind /etc "$tmp/own" && mount --bind "$tmp/etc" /etc && mount -t tmpfs none /run || exit
mkdir -p /run/systemd/resolve && echo 'nameserver 198.51.100.53' >/run/systemd/resolve/resolv.conf && exec "\$@"
END
chmod +x "$tmp/by"
rld_by=(unshare -m --propagation private "$tmp/by")
for port in 2222 2223 3022 2999; do listener "$port"; done
rld_start <<<'attach srv0'

is "the ports of auto are shown" \
	"$(json '.options[] | select(.name == "protect-port") | "\(.value) \(.protected)"' show options)" 'auto [22,2222,2223]'
like "... to people too" "$(ctl show options)" '^protected ports: 22, 2222, 2223$'
session "${client4[0]}" "$server4" 2222
session "${client6[0]}" "$server6" 2223
session "${client4[1]}" "$server4" 3022
session "${client4[2]}" "$server4" 2999
refused "${client4[0]} to port 2222" ctl deny add "${client4[0]}"
refused "${client4[0]} to port 2222" ctl set-limit x 1/minute match tcp dport 2222
refused "${client6[0]} to port 2223" ctl deny add "${client6[0]}"
accepted ctl deny add "${client4[1]}"
accepted ctl deny add "${client4[2]}"

refused "${client6[0]} to port 2223" ctl set-limit x 1/minute match tcp dport 2223 src fd77::/16
like "the resolver is protected" "$(ctl deny add 192.0.2.0/24 2>&1)" 'cut off the resolver 192\.0\.2\.53: the deny list has 192\.0\.2\.0/24'
like "... one of IPv6, too" "$(ctl deny add 2001:db8::53 2>&1)" 'cut off the resolver 2001:db8::53:'
like "... and whom systemd-resolved asks" "$(ctl ban 198.51.100.53 2>&1)" 'cut off the resolver 198\.51\.100\.53:'
is "... with nothing denied" "$(json '.deny | length' show lists)" 0

by() { SSH_CONNECTION=$1 "$build/rlctl" -s "$tmp/sock" "${@:2}"; }
accepted by "nonsense" deny add "${client4[1]}"
accepted by "${client4[1]} 1 $server4 3022x" deny add "${client4[1]}"
refused "192.0.2.99 to port 3022" by "192.0.2.99 50000 $server4 3022" deny add 192.0.2.99
refused "192.0.2.99 to port 3022" by "192.0.2.99 50000 $server4 3022" set-limit x 1/minute match tcp dport 3022
accepted ctl deny add 192.0.2.99
refused "${client4[1]} to port 3022" ctl deny add "${client4[1]}"
like "the port that a client named is one of auto's" "$(ctl show options)" '^protected ports: 22, 2222, 2223, 3022$'
refused "192.0.2.98 to port 3022" by "::ffff:192.0.2.98 50000 $server4 3022" deny add 192.0.2.98
refused "fe80::9 to port 3022" by "fe80::9%cli0 50000 fe80::1%srv0 3022" deny add fe80::9
# As under sudo: the variable is gone from the process, and stands with its ancestor. It is taken from the nearest.
# shellcheck disable=SC2016
refused "192.0.2.97 to port 3022" env SSH_CONNECTION="192.0.2.97 50000 $server4 3022" bash -c \
	'env -u SSH_CONNECTION bash -c "\"\$@\"; exit" - "$@"; exit' - "$build/rlctl" -s "$tmp/sock" deny add 192.0.2.97
out=$(python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"{\"command\":[\"status\"],\"session\":{\"peer\":\"x\",\"port\":22}}\n")
print(s.makefile().readline())' "$tmp/sock")
like "a session that is none is an error" "$out" '"code":"usage".*\\"session\\"'

local6=$(ip -n "$client" -6 -o addr show dev cli0 scope link | sed -n 's/.*inet6 \([^/]*\).*/\1/p')
server_local6=$(ip -n "$server" -6 -o addr show dev srv0 scope link | sed -n 's/.*inet6 \([^/]*\).*/\1/p')
session "$local6%cli0" "$server_local6%cli0" 2222
refused "$local6 to port 2222" ctl deny add "$local6"

check "a list of one's own" ctl set-option protect-port 22,2223
accepted ctl deny add "${client4[0]}"
accepted by "${client4[0]} 1 $server4 2222" deny add "${client4[0]}"
refused "${client6[0]} to port 2223" ctl deny add "${client6[0]}"
ports=$(seq -s , 3001 3016)
check "sixteen ports and auto" ctl set-option protect-port "auto,$ports"
unlike "... and no more" "$(ctl set-option protect-port "auto,$ports,3017" 2>&1)" ': done'
check "none at all" ctl set-option protect-port none
accepted ctl deny add "${client6[0]}"
check "auto and one more" ctl set-option protect-port auto,2999
refused "${client4[2]} to port 2999" ctl deny add "${client4[2]}"
refused "${client4[0]} to port 2222" ctl deny add "${client4[0]}"
echo 'Port 2224' >"$tmp/etc/ssh/sshd_config.d/10-port.conf"
like "what sshd is told is seen at once" "$(ctl show options)" '^protected ports: 2999, 22, 2224, 2223, 3022, 2222$'
ln -s 20-loop.conf "$tmp/etc/ssh/sshd_config.d/20-loop.conf"
like "... and a file that cannot be read is told of" "$(ctl show options)" '^note: cannot read all of sshd'
finish
