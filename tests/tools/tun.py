#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A tun device, and what comes in on it: tun.py NAME FILE, which has a command a line and may be a pipe.

Commands: `udp SOURCE DESTINATION DPORT COUNT [BYTES]` sends packets as if the other end of the device had, of that many
bytes from the IP header on; `raw HEX COUNT` sends bytes as they are. Each is answered by a line. The end of the input
takes the device away."""
import fcntl
import os
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def udp(source, destination, dport, size):
    six = ":" in source
    family, header = (socket.AF_INET6, 40) if six else (socket.AF_INET, 20)
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    size = max(size, header + 8)
    body = struct.pack("!HHHH", 9, dport, size - header, 0) + bytes(size - header - 8)
    if six:  # which takes no datagram without a checksum
        pseudo = addresses + struct.pack("!IxxxB", len(body), 17)
        body = body[:6] + struct.pack("!H", checksum(pseudo + body)) + body[8:]
        return struct.pack("!IHBB", 6 << 28, len(body), 17, 64) + addresses + body
    ip = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, 17, 0) + addresses
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + body


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total or 0xFFFF


def packet(words):
    if words[0] == "raw":
        return bytes.fromhex(words[1]), int(words[2])
    size = int(words[5]) if len(words) > 5 else 0
    return udp(words[1], words[2], int(words[3]), size), int(words[4])


def main():
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
    print("ready", flush=True)
    for line in open(sys.argv[2]):
        data, count = packet(line.split())
        for _ in range(count):
            os.write(tun, data)
        print("sent", flush=True)


main()
