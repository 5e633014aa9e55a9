#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Frames that are malformed or too deep, and what Linux makes of them: oddities.py list, or
oddities.py send NAME SENDER-NETNS RECEIVER-NETNS, which prints "SOCKET RAW FORWARDED", each yes or no.

Each frame goes to an address of the receiver and to one behind it. SOCKET: a UDP socket got it, or a SYN was answered.
RAW: a raw socket got it. FORWARDED: it went out by the receiver's device `out`, whose other end is `outp`. Frames come
from 10.88.0.1 and fd88::1, go in by `cli0` and `srv0`."""
import select
import socket
import struct
import sys
import time

from wire import *


def udp4(to, **how):
    return ip4(to, UDP, udp(addresses_of(4, to)), **how)


def udp6(to, **how):
    return ip6(to, UDP, udp(addresses_of(6, to)), **how)


# Name: Ethernet's type and what makes the rest, by the addresses that the packet goes to.
FRAMES = {
    "sound UDP over IPv4": (0x0800, udp4),
    "sound UDP over IPv6": (0x86DD, udp6),
    "VLAN tag cut off": (0x8100, lambda to: b"\0\7"),
    "IPv4, header cut off": (0x0800, lambda to: udp4(to)[:19]),
    "IPv4, version 5": (0x0800, lambda to: udp4(to, first=0x55)),
    "IPv4, header length below 20": (0x0800, lambda to: udp4(to, first=0x44)),
    "IPv4, options cut off": (0x0800, lambda to: ip4(to, UDP, b"", first=0x4F, total=60)),
    "IPv4, total length below the header's": (0x0800, lambda to: udp4(to, total=19)),
    "IPv4, total length 0": (0x0800, lambda to: udp4(to, total=0)),
    "IPv4, total length beyond the frame": (0x0800, lambda to: udp4(to, total=60)),
    "IPv6, header cut off": (0x86DD, lambda to: udp6(to)[:39]),
    "IPv6, version 4": (0x86DD, lambda to: udp6(to, first=4)),
    "IPv6, payload beyond the frame": (0x86DD, lambda to: udp6(to, length=60)),
    "IPv6, extension header beyond the payload": (
        0x86DD, lambda to: ip6(to, DSTOPTS, bytes([UDP, 9]) + bytes(14))),
    "IPv6, extension header cut off": (0x86DD, lambda to: ip6(to, DSTOPTS, bytes([UDP]))),
    "UDP, header cut off": (0x0800, lambda to: ip4(to, UDP, udp(addresses_of(4, to))[:7])),
    "UDP, header in the padding": (0x0800, lambda to: udp4(to, total=20)),
    "UDP, length below 8": (0x0800, lambda to: ip4(to, UDP, udp(addresses_of(4, to), length=7))),
    "UDP, length 0 over IPv4": (0x0800, lambda to: ip4(to, UDP, udp(addresses_of(4, to), length=0))),
    "UDP, length beyond the packet": (
        0x86DD, lambda to: ip6(to, UDP, udp(addresses_of(6, to), length=90))),
    "UDP-Lite, header cut off": (0x0800, lambda to: ip4(to, UDPLITE, bytes(7))),
    "TCP, header cut off": (0x0800, lambda to: ip4(to, TCP, syn(addresses_of(4, to))[:19])),
    "TCP, header length below 20": (0x86DD, lambda to: ip6(to, TCP, syn(addresses_of(6, to), 4))),
    "TCP, header length beyond the packet": (
        0x0800, lambda to: ip4(to, TCP, syn(addresses_of(4, to), 6))),
    "ICMP, header cut off": (0x0800, lambda to: ip4(to, ICMP, bytes(7))),
    "ICMPv6, header cut off": (0x86DD, lambda to: ip6(to, ICMP6, bytes(7))),
    "SCTP, header cut off": (0x0800, lambda to: ip4(to, SCTP, bytes(11))),
    "9 extension headers, SYN": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(9, 1, TCP, syn(addresses_of(6, to))))),
    "20 extension headers, UDP": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(20, 1, UDP, udp(addresses_of(6, to))))),
    "100 extension headers, SYN": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(100, 1, TCP, syn(addresses_of(6, to))))),
    "9 priority tags": (0x8100, lambda to: tagged(9, 0, udp4(to))),
    "3 tags with an id": (0x8100, lambda to: tagged(3, 7, udp4(to))),
    # To be read, and judged as all else.
    "8 extension headers, SYN": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(8, 1, TCP, syn(addresses_of(6, to))))),
    "3 priority tags": (0x8100, lambda to: tagged(3, 0, udp4(to))),
    "8 priority tags": (0x8100, lambda to: tagged(8, 0, udp4(to))),
    "extension headers of 4000 bytes, SYN": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(2, 250, TCP, syn(addresses_of(6, to))))),
    "extension headers of 6000 bytes, UDP": (
        0x86DD, lambda to: ip6(to, DSTOPTS, options(3, 250, UDP, udp(addresses_of(6, to))))),
}


def send(name, sender, receiver):
    enter(receiver)
    sockets = receivers()
    listening = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    mac = mac_of("srv0")
    enter(sender)
    out = packets_of("cli0")
    kind, make = FRAMES[name]
    for to in (LOCAL, BEHIND):
        out.send(mac + mac_of("cli0") + struct.pack("!H", kind) + make(to))
    seen, end = set(), time.monotonic() + 0.25
    while time.monotonic() < end:
        for s in select.select([*sockets, out], [], [], 0.02)[0]:
            data, origin = s.recvfrom(65535)
            if s is out:
                seen |= {"socket"} if answered(data) else set()
            elif is_ours(sockets[s], data, origin):
                seen.add(sockets[s])
    listening.close()
    print(*("yes" if what in seen else "no" for what in ("socket", "raw", "forwarded")))


if sys.argv[1] == "list":
    print(*FRAMES, sep="\n")
else:
    send(*sys.argv[2:5])
