#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random frames, and how many of them arrive: evade.py SEED COUNT MTU SENDER-NETNS RECEIVER-NETNS.

Sound and broken ones over what Linux takes: priority tags, IPv4 options, IPv6 extension headers, fragments whole and
in parts, UDP, TCP, ICMP and others, with right checksums. Prints "SENT SOCKET RAW FORWARDED" in frames or packets (see
oddities.py for what the words mean), then the first that a socket got, in hex."""
import random
import select
import struct
import sys
import time

from wire import *

BATCH = 64


def body_of(r, addresses):
    kind = r.randrange(8)
    if kind < 3:
        return UDP, udp(addresses, body=r.randbytes(r.randrange(40)), port=r.choice((PORT, PORT, 53, 9)))
    if kind < 6:
        return TCP, syn(addresses)
    if kind == 6 and len(addresses) == 8:
        echo = bytes([8, 0, 0, 0]) + r.randbytes(12)
        return ICMP, echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
    if kind == 6:
        return ICMP6, sealed(addresses, ICMP6, 2, bytes([128, 0, 0, 0]) + r.randbytes(12))
    return r.choice((SCTP, UDPLITE, 47, 50, 99)), r.randbytes(r.randrange(60))


def extended(r, proto, body, room):
    """Extension headers in front, the last first."""
    for _ in range(r.choice((0, 0, 1, 2, 3, 7, 8, 9, 12, 20))):
        kind = r.choice((DSTOPTS, DSTOPTS, DSTOPTS, ROUTING, FRAGMENT))
        units = 1 if kind != DSTOPTS else r.choice((1, 1, 2, 5, 100, 250))
        if len(body) + units * 8 > room:
            break
        if kind == DSTOPTS:
            body = options(1, units, proto, body)
        elif kind == ROUTING:  # no segments are left: skipped
            body = bytes([proto, 0, r.choice((0, 2, 4, 77)), 0]) + bytes(4) + body
        else:  # of one part
            body = bytes([proto, 0, 0, 0]) + r.randbytes(4) + body
        proto = kind
    return proto, body


def parted(r, size):
    """Where to cut that many bytes in two, or 0."""
    return r.randrange(1, (size + 7) // 8) * 8 if size > 16 and not r.randrange(6) else 0


def packets(r, family, to, room):
    proto, body = body_of(r, addresses_of(family, to))
    if family == 6:
        proto, body = extended(r, proto, body, room - 60)
        cut = parted(r, len(body))
        if not cut:
            return [ip6(to, proto, body)]
        number = r.randbytes(4)
        return [ip6(to, FRAGMENT, bytes([proto, 0]) + struct.pack("!H", at | more) + number + body[at:end])
                for at, end, more in ((0, cut, 1), (cut, None, 0))]
    more = bytes([1] * 4 * r.choice((0, 0, 0, 1, 5, 10)))
    cut = parted(r, len(body))
    how = {"first": 0x45 + len(more) // 4, "options": more, "number": r.randrange(65536)}
    if not cut:
        return [ip4(to, proto, body, **how)]
    return [ip4(to, proto, body[:cut], fragment=0x2000, **how), ip4(to, proto, body[cut:], fragment=cut // 8, **how)]


def broken(r, frame):
    frame = bytearray(frame)
    for _ in range(r.randrange(3)):
        frame[r.randrange(12, len(frame))] ^= 1 << r.randrange(8)
    if not r.randrange(3):
        frame = frame[:r.randrange(14, len(frame) + 1)]
    if not r.randrange(3):
        frame += r.randbytes(r.randrange(1, 40))
    return bytes(frame)


def frames(r, macs, room):
    family = r.choice((4, 6))
    tags = r.choice((0, 0, 0, 1, 2, 3, 7, 8, 9))
    kind = 0x0800 if family == 4 else 0x86DD
    for packet in packets(r, family, r.choice((LOCAL, BEHIND)), room - 4 * tags):
        data = macs + struct.pack("!H", 0x8100 if tags else kind) + tagged(tags, 0, packet, kind)
        yield broken(r, data) if not r.randrange(4) else data


def drain(sockets, out, seen, first, wait):
    end = time.monotonic() + wait
    while True:
        ready = select.select([*sockets, out], [], [], 0.02 if wait else 0)[0]
        for s in ready:
            data, origin = s.recvfrom(65535)
            what = "socket" if s is out and answered(data) else sockets.get(s)
            if what and (s is out or is_ours(what, data, origin)):
                seen[what] += 1
                if what != "forwarded":
                    first.append(data)
        if not ready and time.monotonic() >= end:
            return


def main():
    seed, count, mtu = (int(n) for n in sys.argv[1:4])
    r, sent, seen, first = random.Random(seed), 0, {"socket": 0, "raw": 0, "forwarded": 0}, []
    enter(sys.argv[5])
    sockets = receivers()
    listening = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    macs = mac_of("srv0")
    enter(sys.argv[4])
    out = packets_of("cli0")
    macs += mac_of("cli0")
    while sent < count:
        for frame in frames(r, macs, mtu):
            out.send(frame[:mtu + 14])
            sent += 1
        if not sent % BATCH:
            drain(sockets, out, seen, first, 0)
    drain(sockets, out, seen, first, 0.3)
    listening.close()
    print(sent, *seen.values(), *(data[:80].hex() for data in first[:1]))


main()
