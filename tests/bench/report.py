# SPDX-License-Identifier: GPL-2.0-only
"""Samples to medians and ratios, and those to a table.

`samples` has a list for each (name, side), one element a repetition, None where one failed. Where two CPUs
take part a sample says how long a cache line takes between them (`line`, see line.c). A host that moves the
CPUs about makes a factor of two of it, in what the floor costs and in what rld does not alike. So figures are
of samples that have the line which is usual in this run, if there are any.

A ratio is made within each repetition, sample by sample, and then the median is taken, so that what
the machine does at one time does not end up in it.
"""
from statistics import median, median_low

NEW, BASE = "", "base"


def alike_lines(a, b):
    return max(a, b) < 2 * min(a, b)


def alike(a, b):
    a, b = a["extra"].get("line"), b["extra"].get("line")
    return not a or not b or alike_lines(a, b)


def usual_line(samples):
    """Of the whole run, or None if no sample has one."""
    lines = [s["extra"]["line"] for got in samples.values() for s in got if s and "line" in s["extra"]]
    return median_low(lines) if lines else None


def usual(samples):
    """The same without samples that are unlike most."""
    like = {"extra": {"line": usual_line(samples)}}
    return {key: [s if s and alike(s, like) else None for s in got] for key, got in samples.items()}


def too_few(samples, reps):
    """Names of rows with fewer usual samples than half the repetitions."""
    return {name for (name, side), got in usual(samples).items() if 2 * sum(map(bool, got)) < reps}


def ratio(here, there):
    """The median over pairs of one repetition, or of any if none of those are alike; or None."""
    for pairs in zip(here, there), [(a, b) for a in here for b in there]:
        ratios = [a["value"] / b["value"] for a, b in pairs if a and b and b["value"] and alike(a, b)]
        if ratios:
            return median(ratios)
    return None


def ratios(row, side, samples):
    """Those of a row to others of the same side, where they have two, and to the other side."""
    here = samples[row.name, side]
    others = {o: samples.get((o, side), samples.get((o, NEW), [])) for o in row.ratios}
    if side == NEW:
        others[BASE] = samples.get((row.name, BASE), [])
    found = {o: ratio(here, there) for o, there in others.items()}
    return {o: r for o, r in found.items() if r is not None}


def summary(row, side, samples):
    """One row of one side, or None if it was never measured."""
    kept = usual(samples)
    if not any(kept[row.name, side]):
        kept[row.name, side] = samples[row.name, side]
    got = [s for s in kept[row.name, side] if s]
    if not got:
        return None
    others = [s for s in samples[row.name, side] if s and s not in got]
    values = sorted(s["value"] for s in got)
    return {"name": row.name, "side": side, "group": row.group, "unit": row.unit, "about": row.about,
            "value": median(values), "low": values[0], "high": values[-1],
            "ratio": ratios(row, side, kept),
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
    parts += ["%s %s" % (k, number(v)) for k, v in sorted(r["extra"].items())
              if k != "line" and (k != "waited" or v > 0.1)]
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
