# SPDX-License-Identifier: GPL-2.0-only
"""Group wire: CPU time per packet of the thread that receives frames from a veth pair."""
import os
import signal
import subprocess
import time

import filters
from net import Failed, cpu_ns, wait_until
from row import Row

K, M = 1 << 10, 1 << 20
CAPACITY = 2 * M
OVER = ["set-limit 1/hour"]
UNDER = ["set-limit 1G/s"]
FLOOR, PLAIN = "wire/drop-1k", "wire/none-1k"


class Wire(Row):
    """A filter in the way of frames of one kind from some sources."""

    group, unit = "wire", "ns"

    def __init__(self, name, about, filter, **how):
        self.kind = how.pop("kind", "ipv4")
        self.order = how.pop("order", "random")
        self.sources = how.pop("sources", K)
        self.warm = how.pop("warm", 2 * self.sources)
        self.filter = filter
        super().__init__("wire/" + name, about, **how)

    def sample(self, bench, build):
        with self.filter(bench.net, build) as running:
            return measure(bench, self, running)


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


def measure(bench, row, running):
    net, thread = bench.net, bench.net.receiver()
    first = net.counters.packets()
    with Traffic(bench, row) as traffic:
        def warm():
            traffic.check()
            return net.counters.packets() - first >= row.warm
        wait_until(warm, lambda: "%d packets arrived" % row.warm, 60)
        time.sleep(0.2)
        packets, used, start = net.counters.packets(), cpu_ns(thread), time.monotonic()
        time.sleep(bench.secs)
        traffic.check()
        packets, used = net.counters.packets() - packets, cpu_ns(thread) - used
        seconds = time.monotonic() - start
    if not packets:
        raise Failed("no packet arrived")
    return {"value": used / packets, "extra": {"Mpps": packets / seconds / 1e6}}


def rld(statements, sources_max=CAPACITY):
    return lambda net, build: filters.Rld(net, build, sources_max, statements)


def none(net, build):
    return filters.nothing(net)


def rows():
    over, under = [FLOOR], [PLAIN, FLOOR]
    return [
        Wire("none-1k", "no filter, 1k sources: the stack drops it", none, ratios=[FLOOR]),
        Wire("drop-1k", "XDP_DROP without a look, 1k sources", filters.dropping),
        Wire("over-1k", "rld, over the limit, 1k sources", rld(OVER), ratios=over, sided=True),
        Wire("over-1M", "rld, over the limit, 1M sources", rld(OVER), sources=M, ratios=over, sided=True),
        Wire("under-1k", "rld, under the limit, 1k sources", rld(UNDER), ratios=under, sided=True),
        Wire("spoofed", "rld, every packet a new source, table full", rld(OVER), order="new",
             warm=3 * M, ratios=over, sided=True),
    ]
