# SPDX-License-Identifier: GPL-2.0-only
"""Samples to medians and ratios, and those to a table.

`samples` has a list for each (name, side), one element a repetition, None where one failed. Where two CPUs
take part a sample says how long a cache line takes between them (`line`, see line.c), and only samples that
are alike in it are compared: a host that moves the CPUs about makes a factor of two of it.

A ratio is made within each repetition, sample by sample, and then the median is taken, so that what
the machine does at one time does not end up in it.
"""
from statistics import median, median_low

NEW, BASE = "", "base"


def alike_lines(a, b):
    return max(a, b) < 1.5 * min(a, b)


def alike(a, b):
    a, b = a["extra"].get("line"), b["extra"].get("line")
    return not a or not b or alike_lines(a, b)


def usual_line(samples):
    """Of the whole run, or None if no sample has one."""
    lines = [s["extra"]["line"] for got in samples.values() for s in got if s and "line" in s["extra"]]
    return median_low(lines) if lines else None


def ratio(samples, key, other):
    """The median over pairs of one repetition, or of any if none of those are alike; or None."""
    here, there = samples.get(key, []), samples.get(other, [])
    for pairs in zip(here, there), [(a, b) for a in here for b in there]:
        ratios = [a["value"] / b["value"] for a, b in pairs if a and b and b["value"] and alike(a, b)]
        if ratios:
            return median(ratios)
    return None


def summary(row, side, samples):
    """One row of one side, or None if it was never measured."""
    every = [s for s in samples.get((row.name, side), []) if s]
    if not every:
        return None
    usual = {"extra": {"line": usual_line(samples)}}
    got = [s for s in every if alike(s, usual)] or every
    others = [s for s in every if s not in got]
    values = sorted(s["value"] for s in got)
    ratios = {other: ratio(samples, (row.name, side),
                           (other, side if (other, side) in samples else NEW)) for other in row.ratios}
    if side == NEW:
        ratios[BASE] = ratio(samples, (row.name, NEW), (row.name, BASE))
    return {"name": row.name, "side": side, "group": row.group, "unit": row.unit, "about": row.about,
            "value": median(values), "low": values[0], "high": values[-1],
            "ratio": {other: r for other, r in ratios.items() if r is not None},
            "extra": {k: median(s["extra"][k] for s in got) for k in got[0]["extra"]},
            "other": {"value": median(s["value"] for s in others),
                      "line": median(s["extra"]["line"] for s in others)} if others else None,
            "samples": samples[row.name, side]}


def number(x):
    if 0.99 <= x < 1:
        return "%.5g" % x
    return "%.0f" % x if abs(x) >= 100 else "%.3g" % x


def remark(r):
    parts = ["%.2f x %s" % (x, other) for other, x in r["ratio"].items()]
    parts += ["%s %s" % (k, number(v)) for k, v in sorted(r["extra"].items())]
    if r["other"]:
        parts.append("but %s at line %s" % (number(r["other"]["value"]), number(r["other"]["line"])))
    return ", ".join(parts)


def table(rows):
    """Text of the rows of one group."""
    out = ["%-24s %8s %-6s %-14s" % ("ROW", "MEDIAN", "", "LOW..HIGH")]
    for r in rows:
        out.append("%-24s %8s %-6s %-14s %s" % (
            "    of base" if r["side"] else r["name"], number(r["value"]), r["unit"],
            number(r["low"]) + ".." + number(r["high"]), remark(r)))
    return "\n".join(line.rstrip() for line in out)
