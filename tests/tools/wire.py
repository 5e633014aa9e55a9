# SPDX-License-Identifier: GPL-2.0-only
"""Frames of which Linux itself says whether they arrive: what they are made of, and who watches for them.

They come from 10.88.0.1 and fd88::1, go in by `cli0` of one network namespace and `srv0` of another, and to an address
there or behind it, by the device `out`, whose other end is `outp`."""
import ctypes
import fcntl
import socket
import struct

CLONE_NEWNET = 0x40000000
ALL = socket.htons(3)
SOURCE = {4: "10.88.0.1", 6: "fd88::1"}
LOCAL = {4: "10.77.0.1", 6: "fd77:0:0:1::1"}
BEHIND = {4: "198.51.100.9", 6: "fd78::9"}
PORT = 9999
HOPOPTS, ROUTING, FRAGMENT, ICMP, TCP, UDP, DSTOPTS, ICMP6, SCTP, UDPLITE = 0, 43, 44, 1, 6, 17, 60, 58, 132, 136


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total or 0xFFFF


def sealed(addresses, proto, at, body):
    """With its checksum, at that place."""
    pseudo = addresses + struct.pack("!II", len(body), proto)
    return body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]


def udp(addresses, length=None, body=b"0123456789", port=PORT):
    data = struct.pack("!HHHH", 1000, port, 8 + len(body) if length is None else length, 0) + body
    return sealed(addresses, UDP, 6, data)


def syn(addresses, offset=5):
    data = struct.pack("!HHIIBBHHH", 1000, PORT, 7, 0, offset << 4, 2, 1024, 0, 0)
    return sealed(addresses, TCP, 16, data)


def ip4(to, proto, body, first=0x45, total=None, options=b"", number=1, fragment=0):
    total = 20 + len(options) + len(body) if total is None else total
    head = struct.pack("!BBHHHBBH", first, 0, total, number, fragment, 64, proto, 0) + addresses_of(4, to)
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


def tagged(count, number, packet, kind=0x0800):
    """The bytes behind the Ethernet header's type, which is that of a tag if there is one."""
    head = b""
    for i in range(count):
        head += struct.pack("!HH", number, 0x8100 if i + 1 < count else kind)
    return head + packet


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


def mac_of(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return fcntl.ioctl(s, 0x8927, struct.pack("16s24x", device.encode()))[18:24]
