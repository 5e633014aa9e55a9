#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures rld in network namespaces of its own: `make bench`, or bench.py --help.

Groups: wire is what a packet costs the receiving end of a veth pair, filter and all; run is rld's program
alone; control is the daemon. Rows are shuffled within each repetition, and a ratio is one of two samples of
the same repetition, so it holds on a noisy machine where nanoseconds do not. `waited` is the share of time in
which something else had the receiver's CPU. `line` is how many nanoseconds a cache line takes from one CPU to
the other and back: where a host moves CPUs about it says whether they shared a core, which makes a factor of
two. Figures are of samples with the usual one, `other` is of the rest; rows with too few of them are sampled again.

The table goes to standard output, all of it to a JSON file:
{"schema": "rld-bench/1", "machine", "base", "seed", "reps", "secs", "line", "left_out": {name: why},
 "rows": [{"name", "side", "group", "unit", "about", "value", "low", "high", "ratio": {name: x},
           "extra": {name: x}, "other": {"value", "line"} or null, "samples": [{"value", "extra"} or null]}]}
where `side` is "base" for the commit that is compared with, and ratio.base in the row beside it is new / base.
"""
import argparse
import contextlib
import json
import os
import platform
import random
import re
import signal
import sys
import time

import base
import control
import filters
import net as network
import report
import run
import wire
from net import Failed, Net, sh
from report import BASE, NEW

STOPPING = signal.SIGTERM, signal.SIGINT, signal.SIGHUP
GROUPS = {"wire": wire.rows, "run": run.rows, "control": control.rows}


class Bench:
    """What a row needs to know to measure itself."""

    def __init__(self, options, net):
        self.build, self.secs, self.net = options.build, options.secs, net

    def run(self, rld, order, sources, what, amount, cpus=None):
        """Frames into an rld's program without a device: tests/bench/run.c."""
        cpus = cpus or [self.net.rx_cpu]
        return json.loads(sh(os.path.join(self.build, "tests/bench/run"), rld.link, "ipv4", order,
                             str(sources), what, str(amount), ",".join(map(str, cpus))))

    def line(self):
        """How far apart the two CPUs are: tests/bench/line.c."""
        return float(sh(os.path.join(self.build, "tests/bench/line"), str(self.net.rx_cpu), str(self.net.tx_cpu)))

    def steady(self, once):
        """A sample in which the CPUs were as far apart at its end as at its beginning."""
        for _ in range(4):
            before, got, after = self.line(), once(), self.line()
            if report.alike_lines(before, after):
                got["extra"]["line"] = (before + after) / 2
                return got
        raise Failed("the host moves the CPUs about")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--build", default="build", help="where `make` built (default: build)")
    p.add_argument("--group", help="only these groups: " + ", ".join(GROUPS))
    p.add_argument("--rows", default="", help="only rows whose name has a match of this pattern")
    p.add_argument("--reps", type=int, default=3, help="repetitions (default: 3)")
    p.add_argument("--secs", type=float, default=0.5, help="seconds a sample (default: 0.5)")
    p.add_argument("--base", help="compare with this commit's rld")
    p.add_argument("--seed", type=int, default=int(time.time()), help="of the order of rows")
    p.add_argument("--json", help="where to write (default: BUILD/bench.json)")
    options = p.parse_args()
    options.build = os.path.abspath(options.build)
    return options


def chosen(options):
    groups = options.group.split(",") if options.group else list(GROUPS)
    for g in groups:
        if g not in GROUPS:
            raise Failed("there is no group %s" % g)
    every = [r for g in groups for r in GROUPS[g]()]
    rows = [r for r in every if re.search(options.rows, r.name)]
    if not rows:
        raise Failed("there is no row like %s" % options.rows)
    # What they are set in relation to is measured as well.
    wanted = {n for r in rows for n in r.ratios} | {r.name for r in rows}
    return [r for r in every if r.name in wanted]


def sample(bench, row, build):
    try:
        return row.sample(bench, build)
    except Failed as e:
        print("bench: %s: %s" % (row.name, e), file=sys.stderr)
        return None


def repetition(bench, rows, builds, dice, samples):
    """Appends a sample of each row and side, or None; the sides of a row follow each other."""
    got = dict.fromkeys(samples)
    for row in dice.sample(rows, len(rows)):
        tell(row.name)
        for side in dice.sample(list(builds), len(builds)):
            if (row.name, side) in samples:
                got[row.name, side] = sample(bench, row, builds[side])
    for key, one in got.items():
        samples[key].append(one)


def repeat(bench, rows, builds, options):
    """A list of samples for each row's name and side."""
    samples = {(r.name, side): [] for r in rows for side in builds if r.sided or side == NEW}
    dice = random.Random(options.seed)
    for _ in range(options.reps):
        repetition(bench, rows, builds, dice, samples)
    for _ in range(2):
        names = report.too_few(samples, options.reps)
        repetition(bench, [r for r in rows if r.name in names], builds, dice, samples)
    tell("")
    return samples


def tell(text):
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def machine():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    return {"kernel": platform.release(), "cpus": os.cpu_count(), "cpu": model[1] if model else ""}


def measure(options, builds):
    """The rows that were measured, why others were not, and the usual line."""
    rows = chosen(options)
    with Net() as net:
        bench = Bench(options, net)
        left_out = {r.name: why for r in rows if (why := r.missing(bench))}
        rows = [r for r in rows if r.name not in left_out]
        samples = repeat(bench, rows, builds, options)
    done, line = [], report.usual_line(samples)
    for row in rows:
        for side in builds if row.sided else [NEW]:
            summary = report.summary(row, side, samples)
            if summary:
                done.append(summary)
            else:
                left_out[row.name] = "failed" + (side and " with " + side)
    return done, left_out, line


def report_of(options):
    with contextlib.ExitStack() as stack:
        builds, full = {NEW: options.build}, None
        if options.base:
            tell("building " + options.base)
            builds[BASE], full = stack.enter_context(base.built(options.base, options.build))
        rows, left_out, line = measure(options, builds)
    return {"schema": "rld-bench/1", "machine": machine(), "base": full, "seed": options.seed,
            "reps": options.reps, "secs": options.secs, "line": line, "rows": rows, "left_out": left_out}


def show(result):
    print("%(cpu)s, %(cpus)d CPUs, kernel %(kernel)s" % result["machine"])
    if result["line"]:
        print("a cache line takes %.0f ns from one CPU to the other and back" % result["line"])
    for group in GROUPS:
        rows = [r for r in result["rows"] if r["group"] == group]
        if rows:
            print("\n" + report.table(rows))
    for name, why in result["left_out"].items():
        print("left out: %s: %s" % (name, why))


def stop(number, frame):
    """Leaves by way of all that cleans up, which a second signal must not stop."""
    for other in STOPPING:
        signal.signal(other, lambda *unused: None)
    raise SystemExit(128 + number)


def main():
    options = arguments()
    for number in STOPPING:
        signal.signal(number, stop)
    network.remove_stale()
    filters.remove_stale()
    result = report_of(options)
    path = options.json or os.path.join(options.build, "bench.json")
    with open(path, "w") as f:
        json.dump(result, f, indent=1)
        f.write("\n")
    show(result)
    print("\nin %s" % path)
    return 0 if result["rows"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as e:
        sys.exit("bench: %s" % e)
