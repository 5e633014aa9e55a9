#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Frames that are malformed or too deep, and what Linux makes of them: oddities.py list, or
oddities.py send NAME SENDER-NETNS RECEIVER-NETNS, which prints "SOCKET RAW FORWARDED", each yes or no.

Each frame goes to an address of the receiver and to one behind it. SOCKET: a UDP socket got it, or a SYN was answered.
RAW: a raw socket got it. FORWARDED: it went out by the receiver's device `out`, whose other end is `outp`. Frames come
from 10.88.0.1 and fd88::1, go in by `cli0` and `srv0`."""
import ctypes
import fcntl
import select
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
ALL = socket.htons(3)
SOURCE = {4: "10.88.0.1", 6: "fd88::1"}
LOCAL = {4: "10.77.0.1", 6: "fd77:0:0:1::1"}
BEHIND = {4: "198.51.100.9", 6: "fd78::9"}
PORT = 9999
FRAGMENT, ICMP, TCP, UDP, DSTOPTS, ICMP6, SCTP, UDPLITE = 44, 1, 6, 17, 60, 58, 132, 136


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total or 0xFFFF


def sealed(addresses, proto, at, body):
    """With its checksum, at that place."""
    pseudo = addresses + struct.pack("!II", len(body), proto)
    return body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]


def udp(addresses, length=None, body=b"0123456789"):
    data = struct.pack("!HHHH", 1000, PORT, 8 + len(body) if length is None else length, 0) + body
    return sealed(addresses, UDP, 6, data)


def syn(addresses, offset=5):
    data = struct.pack("!HHIIBBHHH", 1000, PORT, 7, 0, offset << 4, 2, 1024, 0, 0)
    return sealed(addresses, TCP, 16, data)


def ip4(to, proto, body, first=0x45, total=None, options=b""):
    total = 20 + len(options) + len(body) if total is None else total
    head = struct.pack("!BBHHHBBH", first, 0, total, 1, 0, 64, proto, 0) + addresses_of(4, to)
    head += options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(to, proto, body, first=6, length=None):
    length = len(body) if length is None else length
    return struct.pack("!IHBB", first << 28, length, proto, 64) + addresses_of(6, to) + body


def addresses_of(family, to):
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    return socket.inet_pton(kind, SOURCE[family]) + socket.inet_pton(kind, to[family])


def options(count, units, last, body):
    """That many destination options headers of 8 * units bytes, each of few options that Linux skips."""
    left, skipped = units * 8 - 2, b""
    while left:
        size = left if left <= 257 else min(257, left - 2)
        skipped += bytes([0x1E, size - 2]) + bytes(size - 2)
        left -= size
    data = b""
    for i in range(count):
        data += bytes([DSTOPTS if i + 1 < count else last, units - 1]) + skipped
    return data + body


def udp4(to, **how):
    return ip4(to, UDP, udp(addresses_of(4, to)), **how)


def udp6(to, **how):
    return ip6(to, UDP, udp(addresses_of(6, to)), **how)


def tagged(count, number, packet):
    """The bytes behind the Ethernet header's type, which is that of a tag."""
    head = b""
    for i in range(count):
        head += struct.pack("!HH", number, 0x8100 if i + 1 < count else 0x0800)
    return head + packet


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


def enter(netns):
    with open("/run/netns/" + netns) as ns:
        if ctypes.CDLL(None, use_errno=True).setns(ns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def packets_of(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, ALL)
    s.bind((device, 3))
    return s


def receivers():
    """In this namespace: {socket: what it is}."""
    got = {}
    for family in (socket.AF_INET, socket.AF_INET6):
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("", PORT))
        got[s] = "socket"
        for proto in (ICMP, TCP, UDP, DSTOPTS, ICMP6, SCTP, UDPLITE):
            got[socket.socket(family, socket.SOCK_RAW, proto)] = "raw"
    got[packets_of("outp")] = "forwarded"
    return got


def is_ours(what, data, sender):
    if what == "forwarded":
        return any(socket.inet_pton(f, a) in data for f, a in
                   ((socket.AF_INET, SOURCE[4]), (socket.AF_INET6, SOURCE[6])))
    return sender[0] in SOURCE.values()


def answered(frame):
    """A SYN-ACK to the source."""
    data = frame[14:]
    if frame[12:14] == b"\x08\0":
        return data[9] == TCP and data[16:20] == socket.inet_aton(SOURCE[4]) and data[33] == 0x12
    return (frame[12:14] == b"\x86\xdd" and data[6] == TCP and data[53] == 0x12 and
            data[24:40] == socket.inet_pton(socket.AF_INET6, SOURCE[6]))


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


def mac_of(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return fcntl.ioctl(s, 0x8927, struct.pack("16s24x", device.encode()))[18:24]


if sys.argv[1] == "list":
    print(*FRAMES, sep="\n")
else:
    send(*sys.argv[2:5])
