# SPDX-License-Identifier: GPL-2.0-only
"""Samples to medians and ratios, and those to a table.

A ratio is made within each repetition, sample by sample, and then the median is taken, so that what
the machine does at one time does not end up in it. `samples` has a list for each (name, side), one
element a repetition, None where one failed.
"""
from statistics import median

NEW, BASE = "", "base"


def ratio(samples, key, other):
    """The median over the repetitions, or None."""
    pairs = [a["value"] / b["value"] for a, b in zip(samples.get(key, []), samples.get(other, []))
             if a and b and b["value"]]
    return median(pairs) if pairs else None


def summary(row, side, samples):
    """One row of one side, or None if it was never measured."""
    got = [s for s in samples.get((row.name, side), []) if s]
    if not got:
        return None
    values = sorted(s["value"] for s in got)
    ratios = {other: ratio(samples, (row.name, side),
                           (other, side if (other, side) in samples else NEW)) for other in row.ratios}
    if side == NEW:
        ratios[BASE] = ratio(samples, (row.name, NEW), (row.name, BASE))
    return {"name": row.name, "side": side, "group": row.group, "unit": row.unit, "about": row.about,
            "value": median(values), "low": values[0], "high": values[-1],
            "ratio": {other: r for other, r in ratios.items() if r is not None},
            "extra": {k: median(s["extra"][k] for s in got) for k in got[0].get("extra", {})}}


def number(x):
    if 0.99 <= x < 1:
        return "%.5g" % x
    return "%.0f" % x if abs(x) >= 100 else "%.3g" % x


def remark(r):
    parts = ["%.2f x %s" % (x, other) for other, x in r["ratio"].items()]
    parts += ["%s %s" % (k, number(v)) for k, v in sorted(r["extra"].items())]
    return ", ".join(parts)


def table(rows):
    """Text of the rows of one group."""
    out = ["%-24s %8s %-6s %-14s" % ("ROW", "MEDIAN", "", "LOW..HIGH")]
    for r in rows:
        out.append("%-24s %8s %-6s %-14s %s" % (
            "    of base" if r["side"] else r["name"], number(r["value"]), r["unit"],
            number(r["low"]) + ".." + number(r["high"]), remark(r)))
    return "\n".join(line.rstrip() for line in out)
