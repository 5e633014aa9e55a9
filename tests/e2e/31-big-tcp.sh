#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Frames longer than an IP header can say (BIG TCP), as the kernel's offloads make them: counted by all their bytes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Takes what comes in on the port for some seconds, and says how many bytes that were.
sink() { # FAMILY-ADDRESS PORT SECONDS
	in_server python3 -c '
import socket, sys, time
s = socket.create_server((sys.argv[1], int(sys.argv[2])), family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
end, total = time.monotonic() + float(sys.argv[3]), 0
print("ready", flush=True)
s.settimeout(5)
c = s.accept()[0]
c.settimeout(0.1)
while time.monotonic() < end:
    try: total += len(c.recv(1 << 20))
    except TimeoutError: pass
print(total)' "$@"
}
# Bytes that arrive in two seconds of a stream as fast as it goes.
stream() { # ADDRESS PORT
	local sender
	mkfifo "$tmp/ready"
	sink "$1" "$2" 2 >"$tmp/ready" &
	exec 7<"$tmp/ready"
	read -r -u 7
	background client timeout 4 python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
try:
    while True: s.send(bytes(1 << 20))
except OSError: pass' "$1" "$2"
	sender=$!
	read -r bytes <&7
	exec 7<&-
	end "$sender"
	rm "$tmp/ready"
}

net_up
# Of IPv4 the `ip` of Debian 12 does not know: attributes 63 and 64 of a link (IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_...).
big() { # NETNS DEVICE
	ip -n "$1" link set "$2" gso_max_size 180000 gro_max_size 180000 && nsenter --net="/run/netns/$1" python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
sizes = b"".join(struct.pack("=HHI", 8, kind, 180000) for kind in (63, 64))
body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(sys.argv[1]), 0, 0) + sizes
s.send(struct.pack("=IHHII", 16 + len(body), 19, 5, 1, 0) + body)
sys.exit(struct.unpack_from("=i", s.recv(4096), 16)[0] != 0)' "$2"
}
{ big "$client" cli0 && big "$server" srv0; } || skip_all "this kernel has no BIG TCP"
for address in "$server4" "$server6"; do
	rld_start <<-END
		attach srv0 mode generic
		set-limit long 0/s match tcp length 65535 monitor
		set-limit bytes 1MB/s match tcp dport 7002
	END
	stream "$address" 7001
	between "$address: a stream" "$bytes" 5000000 1000000000000
	long=$(limit_stat long would_drop)
	[ "$long" -gt 0 ] || skip "$address: longer than 65535 bytes" "the kernel made no such frames"
	is "$address: none is malformed" "$(json '[.reasons["malformed-ipv4"], .reasons["malformed-ipv6"], .reasons["malformed-transport"]] | add' stats)" 0
	stream "$address" 7002
	between "$address: ... and within a limit of bytes" "$bytes" 1 3100000
	rld_stop
done
finish
