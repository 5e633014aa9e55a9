# SPDX-License-Identifier: GPL-2.0-only
"""Group wire: CPU time per packet of the thread that receives frames from a veth pair."""
import os
import signal
import subprocess
import time

import filters
from net import Failed, schedstat, wait_until
from row import Row

K, M = 1 << 10, 1 << 20
CAPACITY = 2 * M
# Of each source the first packet passes; or all of them.
OVER = ["set-limit 1/hour"]
UNDER = ["set-limit 1G/s"]
STAGES = [("enter", "counts the packet and leaves"), ("scene", "finds the rules, the time and the limit, too"),
          ("parse", "and parses"), ("key", "and makes the key and its fingerprint")]
FLOOR, PLAIN = "wire/drop-1k", "wire/none-1k"


class Wire(Row):
    """A filter in the way of frames of one kind from some sources."""

    group, unit = "wire", "ns"

    def __init__(self, name, about, filter, **how):
        self.kind = how.pop("kind", "ipv4")
        self.order = how.pop("order", "random")
        self.sources = how.pop("sources", K)
        # Random, so that all but a few in a thousand have come three times: passed, refused, known.
        self.warm = how.pop("warm", 10 * self.sources)
        self.reason = how.pop("reason", None)
        self.filter = filter
        super().__init__("wire/" + name, about, **how)

    def sample(self, bench, build):
        with self.filter(bench.net, build) as running:
            got = bench.steady(lambda: measure(bench, self))
            if self.reason:
                self.check(running.json("stats")["reasons"])
            return got

    def check(self, reasons):
        """What was measured is what was meant: other frames cost something else."""
        most = max(reasons, key=reasons.get)
        if most != self.reason:
            raise Failed("most packets left rld by reason of %s, not %s" % (most, self.reason))


class Traffic:
    """The generator, running."""

    def __init__(self, bench, row):
        net = bench.net
        self.process = subprocess.Popen(
            [*net.inside(net.tx), os.path.join(bench.build, "tests/bench/generate"), net.tx_dev,
             net.mac, row.kind, row.order, str(row.sources), "120", str(net.tx_cpu)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def check(self):
        if self.process.poll() is not None:
            raise Failed(self.process.stderr.read().strip() or "the generator ended")


def measure(bench, row):
    net, thread = bench.net, bench.net.receiver()
    first = net.counters.packets()
    with Traffic(bench, row) as traffic:
        def warm():
            traffic.check()
            return net.counters.packets() - first >= row.warm
        wait_until(warm, lambda: "%d packets arrived" % row.warm, 60)
        time.sleep(0.2)
        first, before, start = net.counters.packets(), schedstat(thread), time.monotonic()
        time.sleep(bench.secs)
        traffic.check()
        packets, after = net.counters.packets() - first, schedstat(thread)
        seconds = time.monotonic() - start
    if packets < 1000 * bench.secs:
        raise Failed("only %d packets arrived in %.1f s" % (packets, seconds))
    return {"value": (after[0] - before[0]) / packets,
            "extra": {"Mpps": packets / seconds / 1e6, "waited": (after[1] - before[1]) / 1e9 / seconds}}


class Other(Wire):
    """The same with a filter that this machine may not have."""

    def missing(self, bench):
        try:
            with self.filter(bench.net, bench.build):
                return None
        except Failed as e:
            return str(e)


class Kept(Row):
    """Of packets of sources that were there before a flood of new ones: how many found their state."""

    group, unit = "wire", "share"
    KNOWN = K

    def sample(self, bench, build):
        with filters.Rld(bench.net, build, CAPACITY, OVER) as rld:
            bench.run(rld, "random", self.KNOWN, "send", 4 * self.KNOWN)
            before = self.counted(rld)
            # One in 16 of a known source: the table fills, and then is full for as long again.
            sent = bench.run(rld, "mixed", self.KNOWN, "send", 2 * CAPACITY * 16 // 15)["known"]
            full = rld.json("status")["sources_tracked"] / CAPACITY
            return {"value": (self.counted(rld) - before) / sent, "extra": {"full": full}}

    @staticmethod
    def counted(rld):
        found = rld.json("sources", "--source", "10.0.0.0/8", "--top", "10000")["sources"]
        return sum(s["pass"] + s["drop"] for s in found)


def rld(statements, sources_max=CAPACITY):
    return lambda net, build: filters.Rld(net, build, sources_max, statements)


def program(name):
    return lambda net, build: filters.program(net, build, name)


def none(net, build):
    return filters.nothing(net)


def floors():
    yield Wire("drop-1k", "XDP_DROP without a look, 1k sources", program("drop"))
    yield Wire("drop-1M", "XDP_DROP without a look, 1M sources", program("drop"), sources=M)
    yield Wire("look-1k", "XDP_DROP after a look at the addresses", program("look"), ratios=[FLOOR])
    yield Wire("none-1k", "no filter, 1k sources: the stack drops it", none, ratios=[FLOOR])
    yield Wire("none-1M", "no filter, 1M sources", none, sources=M, ratios=[FLOOR], warm=K)


def over(name, about, **how):
    return Wire("over-" + name, "rld, over the limit, " + about, rld(OVER), reason="over-limit",
                ratios=[FLOOR], sided=True, **how)


def by_sources():
    for text, n in ("1k", K), ("128k", 128 * K), ("1M", M):
        yield over(text, text + " sources", sources=n)
    for text, n in ("1k", K), ("128k", 128 * K), ("1M", M):
        plain = "wire/none-1M" if n == M else PLAIN
        yield Wire("under-" + text, "rld, under the limit, %s sources" % text, rld(UNDER), sources=n,
                   reason="under-limit", ratios=[plain, FLOOR], sided=True)


def by_frames():
    for kind in "ipv6", "vlan":
        for text, n in ("1k", K), ("1M", M):
            yield over("%s-%s" % (kind, text), "%s, %s sources" % (kind, text), kind=kind, sources=n)
    yield over("zipf-1M", "1M sources, few of them frequent", order="zipf", sources=M, warm=M)
    yield Wire("spoofed", "rld, every packet a new source, table full", rld(OVER), order="new",
               warm=3 * M, ratios=[FLOOR], sided=True)
    yield Kept("wire/spoofed-kept", "packets of sources that were there before and find their state",
               sided=True)


def stages():
    """What the parts of the program cost that a refused packet runs through; the last is over-1k."""
    for name, about in STAGES:
        yield Wire("stage-" + name, "rld's program cut short: " + about, lambda net, build, name=name:
                   filters.stage(net, build, name, OVER), ratios=[FLOOR])


def others():
    for name, way in ("nftables", filters.nftables), ("hashlimit", filters.hashlimit):
        for text, n in ("1k", K), ("1M", M):
            yield Other("%s-%s" % (name, text), "%s, over the limit, %s sources" % (name, text),
                        way, sources=n, ratios=[FLOOR])


def rows():
    return [*floors(), *by_sources(), *by_frames(), *stages(), *others()]
