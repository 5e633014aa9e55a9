# SPDX-License-Identifier: GPL-2.0-only
"""Group control: how long the daemon takes to answer, and what it takes while it does nothing."""
import contextlib
import glob
import json
import os
import socket
import time
from statistics import median, quantiles

import filters
from net import Failed, cpu_ns, entered
from row import Row

M = 1 << 20
CHANGES = 300


class Control(Row):
    """`measure` is given the running daemon, and returns what sample() does."""

    group = "control"

    def __init__(self, name, about, unit, measure, sources_max=65536, statements=(), fill=0, ratios=()):
        super().__init__("control/" + name, about, sided=True, ratios=["control/" + r for r in ratios])
        self.unit, self.measure, self.fill = unit, measure, fill
        self.sources_max, self.statements = sources_max, statements

    def sample(self, bench, build):
        with filters.Rld(bench.net, build, self.sources_max, self.statements) as rld:
            if self.fill:
                bench.run(rld, "random", self.fill, "send", 2 * self.fill)
            return self.measure(bench, rld)


class Client:
    """A connection to the control socket that stays open, as a program would have it."""

    def __init__(self, rld):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(rld.socket)
        self.answers = self.socket.makefile("rb")

    def send(self, *commands):
        self.socket.sendall(b"".join(json.dumps({"command": c.split()}).encode() + b"\n" for c in commands))

    def answer(self):
        said = json.loads(self.answers.readline())
        if "error" in said:
            raise Failed(said["error"]["message"])


def limit(i, amount=10):
    return "set-limit l%d %d/minute match udp dport %d" % (i, amount, 1000 + i)


def limits(n):
    return [limit(i) for i in range(n)]


def milliseconds(latencies_ns):
    """The median, and beside it the 99th of a hundred."""
    ms = [x / 1e6 for x in latencies_ns]
    return {"value": median(ms), "extra": {"p99": quantiles(ms, n=100)[98]}}


def one_by_one(bench, rld):
    """Until the answer, which is given when the kernel has the new rules."""
    client, took = Client(rld), []
    for i in range(CHANGES):
        start = time.perf_counter_ns()
        client.send(limit(0, 100 + i))
        client.answer()
        took.append(time.perf_counter_ns() - start)
    return milliseconds(took)


def burst(bench, rld):
    """A thousand new limits in one write: until the last answer, divided by a thousand."""
    client = Client(rld)
    start = time.perf_counter_ns()
    client.send(*limits(1000))
    for _ in range(1000):
        client.answer()
    took = time.perf_counter_ns() - start
    return {"value": took / 1e6 / 1000, "extra": {"all": took / 1e6}}


def top10(bench, rld):
    """Until the command has ended, and what of it the daemon ran, which is less where others have its CPU."""
    start, before = time.perf_counter(), threads_ns(rld.pid)
    found = rld.json("sources", "--top", "10")
    took = time.perf_counter() - start
    return {"value": took, "extra": {"daemon ran": (threads_ns(rld.pid) - before) / 1e9, "sources": found["total"]}}


def scrape(bench, rld):
    """Until the last byte of /metrics, in the midst of a pass through the table: packets have just been refused."""
    took = []
    for _ in range(200):
        time.sleep(0.005)
        with entered(bench.net.rx):
            http = socket.socket(socket.AF_INET)
        with contextlib.closing(http):
            start = time.perf_counter_ns()
            http.connect(("127.0.0.1", 9779))
            http.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: http.recv(65536), b""))
            took.append(time.perf_counter_ns() - start)
        if b"rld_packets_total" not in text:
            raise Failed("no metrics: %s" % text[:200])
    return milliseconds(took)


def threads_ns(pid):
    return sum(cpu_ns(int(t.split("/")[4])) for t in glob.glob("/proc/%d/task/[0-9]*" % pid))


def status(pid, field):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith(field + ":"))


def maps_mib(pid):
    """Kernel memory of the maps that the process has open."""
    size = {}
    for path in glob.glob("/proc/%d/fdinfo/[0-9]*" % pid):
        with contextlib.suppress(OSError), open(path) as f:
            said = dict(line.split(":", maxsplit=1) for line in f if ":" in line)
            if "map_id" in said:
                size[said["map_id"]] = int(said["memlock"]) / M
    return sum(size.values())


def rest(bench, rld):
    """CPU time while nothing happens, in percent of one CPU, and memory in MiB."""
    time.sleep(3)  # what was refused while the table was filled keeps it busy for a moment
    seconds = max(10, bench.secs)
    before = threads_ns(rld.pid)
    time.sleep(seconds)
    used = threads_ns(rld.pid) - before
    return {"value": used / seconds / 1e9 * 100,
            "extra": {"MiB": status(rld.pid, "VmRSS"), "anonymous MiB": status(rld.pid, "RssAnon"),
                      "maps MiB": maps_mib(rld.pid)}}


def rows():
    full = {"sources_max": 2 * M, "statements": ["set-limit 1/hour"], "fill": M}
    few = [Control("set-limit-%d" % n, "one set-limit after the other, %d limits there" % n, "ms",
                   one_by_one, statements=limits(n), ratios=[] if n == 1 else ["set-limit-1"])
           for n in (1, 300, 1000)]
    return [*few,
            Control("set-limit-burst", "1000 new limits at once, for each of them", "ms", burst),
            Control("top10-1M", "rlctl sources --top 10, 1M sources", "s", top10, **full),
            Control("metrics-1M", "a scrape of /metrics, 1M sources", "ms", scrape, **full),
            Control("idle", "CPU and memory of rld at rest", "% CPU", rest),
            Control("idle-1M", "the same, 1M sources in the table", "% CPU", rest, **full),
            Control("idle-full", "the same, and no room for another", "% CPU", rest, **{**full, "sources_max": M})]
