#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A UDP service and people who ask it for the first time.

    newcomers.py serve PORT
    newcomers.py ask SERVER PORT FIRST-ADDRESS HOW-MANY PER-SECOND SECONDS

Each of those who ask has an address of their own, which must be local here. Prints how many questions were asked, and
how many answered.
"""
import ipaddress
import select
import socket
import sys
import time

QUESTION, ANSWER = b"what", b"this"
IP_FREEBIND, SO_RCVBUFFORCE = 15, 33


def serve(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    s.bind(("", port))
    while True:
        data, whom = s.recvfrom(2048)
        if data == QUESTION:
            s.sendto(ANSWER, whom)


def person(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    s.bind((str(address), 0))
    s.setblocking(False)
    return s


def drain(poll, people):
    answered = 0
    for fd, _ in poll.poll(0):
        while True:
            try:
                answered += people[fd].recv(64) == ANSWER
            except OSError:
                break
    return answered


def ask(server, port, first, count, per_second, seconds):
    """Evenly: one question of somebody else every 1/(count * per_second) seconds."""
    sockets = [person(ipaddress.ip_address(first) + i) for i in range(count)]
    people, poll = {s.fileno(): s for s in sockets}, select.epoll()
    for fd in people:
        poll.register(fd, select.EPOLLIN)
    asked = answered = 0
    start = time.monotonic()
    while asked < count * per_second * seconds:
        due = start + asked / (count * per_second)
        time.sleep(max(0, due - time.monotonic()))
        sockets[asked % count].sendto(QUESTION, (server, port))
        asked += 1
        answered += drain(poll, people)
    time.sleep(0.5)
    return asked, answered + drain(poll, people)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    print(*ask(sys.argv[2], int(sys.argv[3]), sys.argv[4], *map(int, sys.argv[5:])))
