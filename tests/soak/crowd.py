#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One of a crowd: crowd.py KIND SECONDS SOCKET PORT GID

Becomes nobody, in that group (0: in none), and does one thing again and again until the time is over. Prints how often."""
import contextlib
import encodings.idna  # pylint: disable=unused-import  # nobody may not be able to read it later
import json
import os
import random
import select
import socket
import sys
import time


def line(text, **more):
    return json.dumps({"command": text.split(), **more}).encode() + b"\n"


def control(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(path)
    return s


def http(port):
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def read_all(s):
    """What comes, for at most a second."""
    if select.select([s], [], [], 1)[0]:
        s.recv(65536)


HEAD = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"


def connect(path, port):
    control(path).close()


def connect_http(path, port):
    http(port).close()


def hold(path, port):
    held = []
    for _ in range(80):
        with contextlib.suppress(OSError):
            held.append(control(path))
    time.sleep(2)


def hold_http(path, port):
    held = []
    for i in range(80):
        with contextlib.suppress(OSError):
            held.append(http(port))
            held[-1].sendall(HEAD[:random.randrange(len(HEAD))] if i % 2 else b"")
    for _ in range(4):
        time.sleep(1)
        for s in held:
            with contextlib.suppress(OSError):
                s.send(b"z")


def half_request(path, port):
    s = control(path)
    s.sendall(b'{"command":["sta' + b"t" * random.randrange(20000))
    time.sleep(0.2)


def garbage(path, port):
    s = control(path)
    s.sendall(os.urandom(random.randrange(1, 4000)) + b"\n")
    read_all(s)


def garbage_http(path, port):
    s = http(port)
    s.sendall(random.choice([os.urandom(3000), b"GET " + b"/" * 9000, b"POST /metrics HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
                             b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"]))
    read_all(s)


def scrape_and_not_read(path, port):
    s = http(port)
    for _ in range(200):
        s.sendall(HEAD + b"\r\n")
    time.sleep(1)


def ask(path, port):
    s = control(path)
    for _ in range(50):
        s.sendall(line(random.choice(["status", "stats", "show limits", "version", "sources --top 10", "show lists"])))
        read_all(s)


def ask_and_not_read(path, port):
    s = control(path)
    with contextlib.suppress(OSError):
        for _ in range(2000):
            s.sendall(line("stats"))
    time.sleep(1)


def follow_and_not_read(path, port):
    held = []
    for _ in range(20):
        with contextlib.suppress(OSError):
            held.append(control(path))
            held[-1].sendall(line("events -f"))
    time.sleep(5)


def may_not(path, port):
    s = control(path)
    for _ in range(100):
        s.sendall(line(random.choice(["set-limit x 1/s match any", "detach srv0", "mode off", "deny add 0.0.0.0/0", "clear all"]), yes=True))
    read_all(s)


def change(path, port):
    s = control(path)
    for _ in range(20):
        s.sendall(line(random.choice(["set-limit beside 9/s match udp dport 5000", "del-limit beside", "ban 198.51.100.%d for 1s" % random.randrange(250),
                                      "deny add 203.0.113.0/24", "deny del 203.0.113.0/24", "set-limit wrong 1/fortnight", "reload"])))
        read_all(s)


def change_and_not_read(path, port):
    s = control(path)
    with contextlib.suppress(OSError):
        for _ in range(500):
            s.sendall(line("ban 198.51.100.%d for 1s" % random.randrange(250)))
    time.sleep(1)


def main():
    kind, seconds, path, port, gid = sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    os.setgroups([gid] if gid else [])
    os.setgid(65534)
    os.setuid(65534)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            globals()[kind](path, port)
        count += 1
        if kind not in ("connect", "connect_http"):
            time.sleep(0.01)
    print(kind, count)


if __name__ == "__main__":
    main()
