# SPDX-License-Identifier: GPL-2.0-only
"""Group run: the attached program on frames without a device, in BPF_PROG_TEST_RUN.

A small program in front gives each frame another source and then calls rld's by a tail call: so rld is
the shipped one, configured by its statements, with its clock, and memory is met as with real sources.
Values are what the kernel says a packet took, less what one takes that meets an empty program instead.
"""
import random

import filters
from net import Failed
from row import Row

K, M = 1 << 10, 1 << 20
DROP, PASS = 1, 2
MATCH = "match udp dport"
ELSEWHERE = [i for i in range(1, 223) if i not in (127, 192)]


class Run(Row):
    """Statements, and frames of some sources that all have the same verdict in the end."""

    group, unit = "run", "ns"

    def __init__(self, name, about, statements, **how):
        self.statements = statements
        self.sources = how.pop("sources", K)
        self.cpus = how.pop("cpus", 1)
        self.verdict = how.pop("verdict", DROP)
        self.exactly = how.pop("exactly", None)
        super().__init__("run/" + name, about, sided=True, ratios=["run/" + r for r in how.pop("ratios", [])])

    def sample(self, bench, build):
        statements = self.statements() if callable(self.statements) else self.statements
        cpus = [bench.net.rx_cpu, bench.net.tx_cpu][:self.cpus]
        with filters.Rld(bench.net, build, max(65536, 2 * self.sources), statements) as rld:
            def once():
                return self.time(bench, rld, cpus)
            return bench.steady(once) if self.cpus > 1 else once()

    def time(self, bench, rld, cpus):
        out = bench.run(rld, "random", self.sources, "time", bench.secs, cpus)
        if out["verdict"] != self.verdict:
            raise Failed("the last packet had verdict %d" % out["verdict"])
        extra = {"empty": out["empty_ns"]}
        if self.exactly:
            extra["admitted"] = self.admitted(rld) / self.exactly
        return {"value": out["ns"] - out["empty_ns"], "extra": extra}

    def admitted(self, rld):
        """The most that a source had admitted; more than allowed is a mistake of rld, and no figure."""
        most = rld.json("sources", "--sort", "pass", "--top", "1")["sources"][0]["pass"]
        if most > self.exactly:
            raise Failed("%d packets of a source were admitted, %d are allowed" % (most, self.exactly))
        return most


def windows(n):
    return ["set-limit " + ",".join(["1G/s", "100G/minute", "10000G/hour", "100000G/day"][:n])]


def limits(n):
    """One matches, the last one."""
    return ["set-limit l%d 1/hour %s %d" % (i, MATCH, 9 if i == n - 1 else 1000 + i) for i in range(n)]


def lists(n):
    """Prefixes all over the address space, also near the sources, which are in 10.0.0.0/22, but not there."""
    dice = random.Random(n)
    out = ["set-limit 1/hour"]
    for which in "allow", "deny":
        for _ in range(n):
            a = dice.choice(ELSEWHERE)
            b, c, d = dice.randrange(1, 256), dice.randrange(256), dice.randrange(256)
            out.append("%s add %d.%d.%d.%s" % (which, a, b, c, dice.choice(["0/24", str(d)])))
    return out


def window_rows():
    for n in 1, 2, 3, 4:
        yield Run("windows-%d" % n, "%d windows, under all of them" % n, windows(n), verdict=PASS,
                  ratios=[] if n == 1 else ["windows-1"])
    for n in 1, 3:
        yield Run("windows-%d-1M" % n, "the same, 1M sources", windows(n), verdict=PASS, sources=M,
                  ratios=[] if n == 1 else ["windows-1-1M"])


def size_rows():
    for n in 1, 64, 1000:
        yield Run("limits-%d" % n, "%d limits, of which one matches" % n, limits(n),
                  ratios=[] if n == 1 else ["limits-1"])
    for text, n in ("0", 0), ("1k", 1000), ("100k", 100000):
        yield Run("lists-" + text, "%s prefixes allowed, %s denied, none of them the source's" % (text, text),
                  lambda n=n: lists(n), ratios=[] if not n else ["lists-0"])


def strategy_rows():
    """256 sources, since the largest logs of a moving window are for 512."""
    for name in "fixed-window", "sliding-window", "moving-window", "elastic", "token-bucket":
        # An elastic window of sources that never pause does not end.
        under = "1000G/ms" if name == "elastic" else "1000/ms"
        for text, rate, verdict in ("under", under, PASS), ("over", "10/hour", DROP):
            fixed = "fixed-window-" + text
            yield Run("%s-%s" % (name, text), "%s the limit, %s" % (text, name),
                      ["set-limit %s strategy %s" % (rate, name)], sources=256, verdict=verdict,
                      ratios=[] if name == "fixed-window" else [fixed])


def key_rows():
    for name, key in ("source", "source"), ("network", "source/24"), ("destination", "destination"), \
            ("port", "source,dport"), ("flow", "source,destination,dport,sport,proto"), ("all", "all"):
        yield Run("key-" + name, "over the limit, per " + key, ["set-limit 1/hour per " + key],
                  ratios=[] if name == "source" else ["key-source"])


def cpu_rows():
    """One key's amount is used up while all CPUs take from it: beyond it, one admitted is one too many."""
    cases = [("one", "over the limit, one key", 1, 200000, DROP), ("many", "over, 64k keys", 64 * K, 1, DROP),
             ("one-under", "under the limit, one key", 1, 10**12, PASS)]
    for text, about, sources, amount, verdict in cases:
        for cpus in 1, 2:
            yield Run("cpus-%d-%s" % (cpus, text), "%s, %d CPUs" % (about, cpus),
                      ["set-limit %d/hour" % amount], sources=sources, cpus=cpus, verdict=verdict,
                      ratios=[] if cpus == 1 else ["cpus-1-" + text],
                      exactly=amount if verdict == DROP else None)


def rows():
    return [*window_rows(), *size_rows(), *strategy_rows(), *key_rows(), *cpu_rows()]
