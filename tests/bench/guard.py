#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the lock-out guard costs the daemon with 64 sessions and a thousand limits, and for how long it is deaf meanwhile.

    tests/bench/guard.py [--build DIR] [--runs N]      as root

Beside the time of each change stands the longest that a client had to wait that asks `status` without a pause."""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from lists import Client, Net, Rld, Watch, sh, within

PEERS = 64
SERVE = """
import socket
s = socket.create_server(("", 22), backlog=100)
kept = [s.accept() for _ in range(%d)]
print("there", flush=True)
input()""" % PEERS
CONNECT = """
import socket, time
time.sleep(1)
kept = [socket.create_connection(("10.77.0.1", 22), source_address=("10.77.0.%%d" %% (100 + i), 0)) for i in range(%d)]
print("there", flush=True)
input()""" % PEERS


def limits(count, own):
    """`own`: of each peer others."""
    for i in range(count):
        if own and i < PEERS * 7:
            yield "set-limit l%d 1000/second match tcp dport 22 src 10.77.0.%d length %d-1500" % (i, 100 + i % PEERS, 1 + i // PEERS)
        else:
            yield "set-limit l%d 1000/second match udp dport %d" % (i, 1000 + i)


def timed(client, line):
    start = time.perf_counter()
    said = client.ask(line)
    took = time.perf_counter() - start
    assert "error" not in said, said
    return took * 1000


def measure(rld, count, own, runs):
    with open(rld.config, "w", encoding="utf-8") as out:
        out.write("attach srv0\n" + "\n".join(limits(count, own)) + "\n")
    shutil.rmtree(os.path.join(rld.directory, "state"), ignore_errors=True)
    rld.start().socket.close()
    client = Client(rld.socket, yes=False)
    client.ask("set-limit x 1000/second match udp dport 7")  # waits until there is a program to ask
    for name, line in (("a limit", "set-limit x 1000/second match udp dport %d"), ("an entry", "deny add 203.0.113.%d"), ("a reload", "reload")):
        took, deaf = [], []
        for run in range(runs):
            with Watch(rld.socket) as watch:
                took.append(timed(client, line % run if "%" in line else line))
            deaf.append(watch.longest * 1000)
        print("| %d limits%s | %s | %.0f ms | %.0f ms | %.0f ms |" % (count, ", of each peer others" if own else "", name, statistics.median(took),
              statistics.median(deaf), max(deaf)), flush=True)
    rld.detach()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build")
    options.add_argument("--runs", type=int, default=15)
    chosen = options.parse_args()
    directory = tempfile.mkdtemp(prefix="rld-bg-")
    os.environ.pop("SSH_CONNECTION", None)
    with Net() as net:
        for i in range(PEERS):
            sh("ip", "-n", net.client, "addr", "add", "10.77.0.%d/24" % (100 + i), "dev", "cli0")
        ends = [subprocess.Popen(within(name, "python3", "-c", text), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for name, text in ((net.server, SERVE), (net.client, CONNECT))]
        rld = Rld(net, chosen.build, directory)
        try:
            for end in ends:
                end.stdout.readline()
            print("| %d sessions | what | takes | longest answer, as a rule | at most |\n|---|---|---|---|---|" % PEERS)
            for count, own in ((10, False), (1000, False), (1000, True)):
                measure(rld, count, own, chosen.runs)
        finally:
            rld.detach()
            for end in ends:
                end.kill()
                end.wait()
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
