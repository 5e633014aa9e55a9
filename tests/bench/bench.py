#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures rld in network namespaces of its own: `make bench`, or bench.py --help.

Rows are shuffled within each repetition. The table goes to standard output, everything to a JSON file.
"""
import argparse
import json
import os
import platform
import random
import re
import signal
import sys
import time

import filters
import report
import wire
from net import Failed, Net

GROUPS = {"wire": wire.rows}


class Bench:
    """What a row needs to know to measure itself."""

    def __init__(self, options, net):
        self.build, self.secs, self.net = options.build, options.secs, net


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default="build", help="where `make` built (default: build)")
    p.add_argument("--group", help="only these groups: " + ", ".join(GROUPS))
    p.add_argument("--rows", default="", help="only rows whose name has a match of this pattern")
    p.add_argument("--reps", type=int, default=3, help="repetitions (default: 3)")
    p.add_argument("--secs", type=float, default=1, help="seconds a sample (default: 1)")
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
    # What they are set in relation to is measured as well.
    wanted = {n for r in rows for n in r.ratios} | {r.name for r in rows}
    return [r for r in every if r.name in wanted]


def sample(bench, row, build):
    try:
        return row.sample(bench, build)
    except Failed as e:
        print("bench: %s: %s" % (row.name, e), file=sys.stderr)
        return None


def repeat(bench, rows, options):
    """A list of samples for each row's name."""
    samples = {r.name: [] for r in rows}
    dice = random.Random(options.seed)
    for n in range(options.reps):
        for row in dice.sample(rows, len(rows)):
            if sys.stderr.isatty():
                print("\r\033[K%d/%d %s" % (n + 1, options.reps, row.name), end="", file=sys.stderr)
            samples[row.name].append(sample(bench, row, options.build))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return samples


def machine():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    return {"kernel": platform.release(), "cpus": os.cpu_count(), "cpu": model[1] if model else ""}


def run(options):
    rows = chosen(options)
    with Net() as net:
        bench = Bench(options, net)
        left_out = {r.name: why for r in rows if (why := r.missing(bench))}
        rows = [r for r in rows if r.name not in left_out]
        samples = repeat(bench, rows, options)
    done = [report.summary(r, samples) for r in rows if any(samples[r.name])]
    left_out.update({r.name: "failed" for r in rows if not any(samples[r.name])})
    return {"schema": "rld-bench/1", "machine": machine(), "seed": options.seed,
            "reps": options.reps, "secs": options.secs, "rows": done, "left_out": left_out}


def show(result):
    print("%(cpu)s, %(cpus)d CPUs, kernel %(kernel)s" % result["machine"])
    for group in GROUPS:
        rows = [r for r in result["rows"] if r["group"] == group]
        if rows:
            print("\n" + report.table(rows))
    for name, why in result["left_out"].items():
        print("left out: %s: %s" % (name, why))


def stop(number, frame):
    raise SystemExit(128 + number)


def main():
    options = arguments()
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(number, stop)
    filters.remove_stale()
    result = run(options)
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
