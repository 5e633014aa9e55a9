#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Captures for the tests of `rlctl replay`.

captures.py pcapng|cooked|backwards|cut-off FROM TO   rewrites a pcap file of Ethernet and nanoseconds
captures.py long TO            one frame longer than the kernel takes by hand, between two others
captures.py visits TO          three packets of one source and one of another, every 20 minutes, ten times
captures.py wireless TO        a link type that is not supported

Its one kind of frame is made here, by udp(): tests/tools/frames.c sends and knows no files, times or 90 kB.
"""
import struct
import sys

START = 1_700_000_000_000_000_000
NANO = 0xA1B23C4D
ETHERNET, COOKED, WIRELESS = 1, 113, 105


def read(path):
    """[(time in ns, length on the wire, captured bytes)]"""
    data = open(path, "rb").read()
    magic, link = struct.unpack("<I16xI", data[:24])
    assert magic == NANO and link == ETHERNET, "a pcap of Ethernet with nanoseconds is expected"
    at, records = 24, []
    while at < len(data):
        s, ns, caplen, length = struct.unpack("<IIII", data[at : at + 16])
        records.append((s * 10**9 + ns, length, data[at + 16 : at + 16 + caplen]))
        at += 16 + caplen
    return records


def pcap(records, link=ETHERNET):
    parts = [struct.pack("<IHHiIII", NANO, 2, 4, 0, 0, 262144, link)]
    for ns, length, frame in records:
        parts.append(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), length) + frame)
    return b"".join(parts)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(records):
    """A section, one interface with times in nanoseconds (if_tsresol 9), enhanced packets."""
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    parts.append(block(1, struct.pack("<HHIHHB3xHH", ETHERNET, 0, 262144, 9, 1, 9, 0, 0)))
    for ns, length, frame in records:
        parts.append(block(6, struct.pack("<IIIII", 0, ns >> 32, ns & 0xFFFFFFFF, len(frame), length) + frame))
    return b"".join(parts)


def cooked(records):
    """Received by Ethernet; every frame a second time as one that was sent."""
    out = []
    for ns, length, frame in records:
        for direction in (0, 4):
            header = struct.pack(">HHH", direction, 1, 6) + frame[6:12] + b"\0\0" + frame[12:14]
            out.append((ns, length + 2, header + frame[14:]))
    return pcap(out, COOKED)


def backwards(records):
    """The second half is stamped an hour earlier."""
    half = len(records) // 2
    return pcap(records[:half] + [(ns - 3600 * 10**9, length, frame) for ns, length, frame in records[half:]])


def udp(source, payload=b""):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, min(28 + len(payload), 65535), 0, 0, 64, 17, 0)
    ip += bytes((192, 0, 2, source, 198, 51, 100, 1))
    return b"\2" * 12 + b"\x08\0" + ip + struct.pack(">HHHH", 1, 9, min(8 + len(payload), 65535), 0) + payload


def record(seconds, frame):
    return (START + seconds * 10**9, len(frame), frame)


def visits():
    return [record(1200 * i, udp(source)) for i in range(10) for source in (1, 1, 1, 2)]


def main():
    what, *paths = sys.argv[1:]
    made = {
        "pcapng": lambda: pcapng(read(paths[0])),
        "cooked": lambda: cooked(read(paths[0])),
        "backwards": lambda: backwards(read(paths[0])),
        "cut-off": lambda: pcap(read(paths[0]))[:-5],
        "long": lambda: pcap([record(0, udp(1)), record(1, udp(1, b"\0" * 90000)), record(2, udp(1))]),
        "visits": lambda: pcap(visits()),
        "wireless": lambda: pcap([record(0, udp(1))], WIRELESS),
    }[what]()
    with open(paths[-1], "wb") as out:
        out.write(made)


main()
