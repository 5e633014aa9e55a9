#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What big lists cost the daemon: times of a reload, a restart, a ban, an answer, and for how long it is deaf meanwhile.

    tests/bench/lists.py [--build DIR] [FILE+BANS]...      as root; such as 200000+20000

Each row is a configuration with so many prefixes in its deny list and so many bans by commands. Beside each time stands
the longest that a client had to wait that asks `status` without a pause."""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HEAD = "attach srv0\nset-limit udp 5/minute match udp\n"
PORT = 9


def sh(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Client:
    def __init__(self, path, yes=True):
        self.yes = yes
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(300)
        self.socket.connect(path)
        self.answers = self.socket.makefile("rb")

    def send(self, *lines):
        self.socket.sendall(b"".join(json.dumps({"command": line.split(), "yes": self.yes}).encode() + b"\n" for line in lines))

    def answer(self):
        said = self.answers.readline()
        return len(said) > 1000000 or json.loads(said)

    def ask(self, line):
        self.send(line)
        return self.answer()


class Watch(threading.Thread):
    """Asks `status` all the time; `longest` is the longest that it waited."""

    def __init__(self, path):
        super().__init__()
        self.client, self.over = Client(path), False
        self.longest = self.answers = 0

    def run(self):
        while not self.over:
            start = time.perf_counter()
            self.client.ask("status")
            self.longest = max(self.longest, time.perf_counter() - start)
            self.answers += 1
            time.sleep(0.001)

    def __enter__(self):
        self.start()
        time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()


def within(namespace, *words):
    return ["nsenter", "--net=/run/netns/" + namespace, *words]


class Net:
    def __init__(self):
        self.server, self.client = ("bl-%d-%s" % (os.getpid(), end) for end in "sc")

    def __enter__(self):
        for name in (self.server, self.client):
            sh("ip", "netns", "add", name)
        sh("ip", "-n", self.client, "link", "add", "cli0", "type", "veth", "peer", "name", "srv0", "netns", self.server)
        for name, dev, addr in ((self.server, "srv0", "10.77.0.1/24"), (self.client, "cli0", "10.77.0.2/24")):
            sh("ip", "-n", name, "link", "set", dev, "up")
            sh("ip", "-n", name, "addr", "add", addr, "dev", dev)
        return self

    def __exit__(self, *_):
        for name in (self.server, self.client):
            sh("ip", "netns", "del", name)


@contextlib.contextmanager
def flood(net):
    """1000 packets a second for which the limit has 5; yields when each came in."""
    came = []
    receive = subprocess.Popen(within(net.server, "python3", "-c", """
import socket, time, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.77.0.1", %d))
while True:
    s.recv(9); print(time.monotonic(), flush=True)""" % PORT), stdout=subprocess.PIPE)
    send = subprocess.Popen(within(net.client, "python3", "-c", """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    s.sendto(b"x", ("10.77.0.1", %d)); time.sleep(0.001)""" % PORT))
    reader = threading.Thread(target=lambda: came.extend(float(line) for line in receive.stdout))
    reader.start()
    time.sleep(0.5)
    try:
        yield came
    finally:
        time.sleep(1)
        for process in (send, receive):
            process.kill()
            process.wait()
        reader.join()


def enforced_since(came, start):
    """After the last hundredth of a second in which more than three came in."""
    late = [b for a, b in zip(came, came[3:]) if b - a < 0.01 and b > start]
    return max(late) - start if late else 0.0


class Rld:
    def __init__(self, net, build, directory):
        self.net, self.build, self.directory = net, build, directory
        self.bpffs = "/sys/fs/bpf/rld-bl-%d" % os.getpid()
        self.socket = os.path.join(directory, "sock")
        self.config = os.path.join(directory, "rld.conf")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            within(self.net.server, os.path.join(self.build, "rld"), "--config", self.config, "--socket", self.socket, "--bpffs", self.bpffs,
             "--state-dir", os.path.join(self.directory, "state"), "--listen", "none"),
            stderr=open(os.path.join(self.directory, "log"), "a"))
        while True:
            with contextlib.suppress(OSError):
                client = Client(self.socket)
                client.ask("status")
                return client
            time.sleep(0.005)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        self.process = None

    def detach(self):
        self.stop()
        subprocess.run([os.path.join(self.build, "rld"), "--detach", "--bpffs", self.bpffs, "--state-dir",
                        os.path.join(self.directory, "none")], check=True, capture_output=True)


def mixed(i, bits):
    """Of the numbers below 2^bits each once, in no order."""
    return i * 0x9E3779B1 & (1 << bits) - 1


def address(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def prefix(i):
    """Three addresses and a /24 in turn, no two alike, none the client's."""
    return address((20 << 24) + mixed(i, 26)) if i % 4 else address((100 << 24) + (mixed(i // 4, 18) << 8)) + "/24"


def ban(i):
    return "ban %s for 1d" % address((192 << 24) + mixed(i, 24))


def filled(client):
    """Waits until the lists are in force, where status says that they are not yet."""
    while client.ask("status")["data"].get("lists_loading"):
        time.sleep(0.005)


def put_bans(client, count):
    lines = [ban(i) for i in range(count)]
    for i in range(0, count, 500):
        client.send(*lines[i:i + 500])
        for _ in lines[i:i + 500]:
            client.answer()


def write_config(rld, count, changed=0):
    order = list(range(count))
    random.Random(1).shuffle(order)
    with open(rld.config, "w", encoding="utf-8") as out:
        out.write(HEAD)
        for i in order:
            out.write("deny add %s\n" % prefix(i + changed if i < changed else i))


def measured(rld, name, run):
    with Watch(rld.socket) as watch:
        start = time.perf_counter()
        said = run()
        took = time.perf_counter() - start
        time.sleep(3.5 if "ban" in name or "add" in name else 0.2)  # what it brings with it
    note = said["error"]["message"] if isinstance(said, dict) and "error" in said else ""
    tell(name, took, watch.longest, "%d answers" % watch.answers + ("; " + note if note else ""))


def tell(name, took, deaf, note=""):
    print("| %s | %.1f ms | %s | %s |" % (name, took * 1000, "%.1f ms" % (deaf * 1000) if deaf is not None else "", note),
          flush=True)


def bench_size(rld, text):
    count, bans = (int(x) for x in text.split("+"))
    shutil.rmtree(os.path.join(rld.directory, "state"), ignore_errors=True)
    write_config(rld, count)
    print("\n| %d in files, %d bans | takes | longest answer | |\n|---|---|---|---|" % (count, bans))
    client = rld.start()
    filled(client)
    put_bans(client, bans)
    time.sleep(4)
    filled(client)
    measured(rld, "reload, nothing changed", lambda: client.ask("reload"))
    write_config(rld, count, 1000)
    measured(rld, "reload, a thousand changed", lambda: client.ask("reload"))
    measured(rld, "one ban", lambda: client.ask("ban 198.51.100.1 for 1h"))
    measured(rld, "one deny add", lambda: client.ask("deny add 198.51.100.0/24"))
    measured(rld, "one allow add", lambda: client.ask("allow add 203.0.113.0/24"))
    measured(rld, "show lists", lambda: client.ask("show lists"))
    measured(rld, "export", lambda: client.ask("export"))
    client.socket.close()
    rld.detach()
    restart(rld)
    rld.detach()


def restart(rld):
    """After a boot: nothing is pinned."""
    with flood(rld.net) as came:
        start = time.monotonic()
        client = rld.start()
        answered = time.monotonic() - start
        with Watch(rld.socket) as watch:
            filled(client)
            full = time.monotonic() - start
    tell("restart until the limits are enforced", enforced_since(came, start), None)
    tell("restart until status is answered", answered, None)
    tell("restart until the lists are full", full, watch.longest)


def bench_cover(rld, count):
    shutil.rmtree(os.path.join(rld.directory, "state"), ignore_errors=True)
    with open(rld.config, "w", encoding="utf-8") as out:
        out.write(HEAD)
        for i in range(count):
            out.write("deny add %s\n" % prefix(i).replace("/24", "") + "" if i % 2 else "deny add %s until 2099-01-01T00:00:00Z\n" % prefix(i))
    print("\n| %d in files, half of them timed | takes | longest answer | |\n|---|---|---|---|" % count)
    client = rld.start()
    filled(client)
    measured(rld, "deny add 0.0.0.0/0 for 1h", lambda: client.ask("deny add 0.0.0.0/0 for 1h"))
    filled(client)
    measured(rld, "deny del 0.0.0.0/0", lambda: client.ask("deny del 0.0.0.0/0"))
    rld.detach()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build")
    options.add_argument("--cover", type=int, default=189000, help="entries under 0.0.0.0/0; 0: not at all")
    options.add_argument("sizes", nargs="*", default=["200000+20000", "500000+20000", "1000000+0"], metavar="FILE+BANS")
    chosen = options.parse_args()
    directory = tempfile.mkdtemp(prefix="rld-bl-")
    os.environ.pop("SSH_CONNECTION", None)
    with Net() as net:
        rld = Rld(net, chosen.build, directory)
        try:
            for size in chosen.sizes:
                bench_size(rld, size)
            if chosen.cover:
                bench_cover(rld, chosen.cover)
        finally:
            rld.detach()
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
