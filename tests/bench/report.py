# SPDX-License-Identifier: GPL-2.0-only
"""Samples to medians and ratios, and those to a table.

A ratio is made within each repetition, sample by sample, and then the median is taken, so that what
the machine does at one time does not end up in it.
"""
from statistics import median


def pairs(samples, row, other):
    """Ratios of two rows, repetition by repetition."""
    return [a["value"] / b["value"] for a, b in zip(samples.get(row, []), samples.get(other, []))
            if a and b and b["value"]]


def summary(row, samples):
    """One row of the report; `samples` has a list for each row's name, None where one failed."""
    values = sorted(s["value"] for s in samples[row.name] if s)
    out = {"name": row.name, "group": row.group, "unit": row.unit, "about": row.about,
           "value": median(values), "low": values[0], "high": values[-1], "ratio": {}, "extra": {}}
    for other in row.ratios:
        ratios = pairs(samples, row.name, other)
        if ratios:
            out["ratio"][other] = median(ratios)
    for key in {k for s in samples[row.name] if s for k in s.get("extra", {})}:
        out["extra"][key] = median(s["extra"][key] for s in samples[row.name] if s)
    return out


def number(x):
    return "%.0f" % x if abs(x) >= 100 else "%.5g" % x if 0.99 <= x < 1 else "%.3g" % x


def remark(r):
    parts = ["%.2f x %s" % (x, other) for other, x in r["ratio"].items()]
    parts += ["%s %s" % (k, number(v)) for k, v in sorted(r["extra"].items())]
    return ", ".join(parts)


def table(rows):
    """Text of the rows of one group."""
    out = ["%-26s %9s %-8s %-17s %s" % ("ROW", "MEDIAN", "", "LOW..HIGH", "")]
    for r in rows:
        out.append("%-26s %9s %-8s %-17s %s" % (
            r["name"], number(r["value"]), r["unit"],
            number(r["low"]) + ".." + number(r["high"]), remark(r)))
    return "\n".join(line.rstrip() for line in out)
