#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws what bench.py wrote as SVG: plot.py BENCH.json DIRECTORY

sources.svg  cost over the number of sources      wire.svg, run.svg  cost of each row
control.svg  times of the daemon, in milliseconds

A grey mark in wire.svg and run.svg is the commit that was compared with. Lines are low..high.
"""
import json
import math
import os
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW, FOOT = 840, 210, 90, 40, 20, 46
COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#7f7f7f"]
SERIES = [("rld, over", "over"), ("rld, under", "under"), ("nftables", "nftables"),
          ("hashlimit", "hashlimit"), ("no filter", "none"), ("XDP_DROP", "drop")]
SOURCES = {"1k": 1 << 10, "128k": 1 << 17, "1M": 1 << 20}


class Picture:
    """SVG, piece by piece."""

    def __init__(self, height, title):
        self.height = height
        self.parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
                      'font-family="sans-serif" font-size="12">' % (WIDTH, height),
                      '<rect width="100%" height="100%" fill="white"/>']
        self.text(WIDTH / 2, 20, title, "middle", 'font-size="15"')

    def text(self, x, y, words, anchor="start", more=""):
        self.parts.append('<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>' %
                          (x, y, anchor, more, escape(words)))

    def line(self, x1, y1, x2, y2, colour="#ddd", width=1.0):
        self.parts.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>' %
                          (x1, y1, x2, y2, colour, width))

    def rect(self, x, y, width, height, colour):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' %
                          (x, y, width, height, colour))

    def dot(self, x, y, colour):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>' % (x, y, colour))

    def save(self, path):
        with open(path, "w") as f:
            f.write("\n".join([*self.parts, "</svg>", ""]))


def steps(top):
    """Round numbers from 0 to at least `top`, some five of them."""
    step = 10 ** math.floor(math.log10(top / 5))
    step *= next(m for m in (1, 2, 5, 10) if top / (step * m) <= 6)
    return [step * i for i in range(math.ceil(top / step) + 1)]


def bars(rows, base, title, label):
    """A bar for each row, from zero, on a linear scale."""
    p = Picture(TOP + ROW * len(rows) + FOOT, title)
    bottom, ticks = TOP + ROW * len(rows), steps(max(r["high"] for r in rows))

    def x(value):
        return LEFT + value / ticks[-1] * (WIDTH - LEFT - RIGHT)
    for t in ticks:
        p.line(x(t), TOP, x(t), bottom)
        p.text(x(t), bottom + 16, "%g" % t, "middle")
    p.text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, label, "middle")
    for i, r in enumerate(rows):
        y = TOP + ROW * i
        p.text(LEFT - 8, y + 14, r["name"].split("/")[1], "end")
        p.rect(LEFT, y + 4, x(r["value"]) - LEFT, ROW - 8, COLOURS[0])
        p.line(x(r["low"]), y + ROW / 2, x(r["high"]), y + ROW / 2, "#000")
        p.text(x(r["high"]) + 6, y + 14, "%.0f" % r["value"])
        if r["name"] in base:
            p.line(x(base[r["name"]]), y + 1, x(base[r["name"]]), y + ROW - 1, "#888", 4)
    return p


def dots(rows, title, label):
    """A dot for each row, on a logarithmic scale."""
    p = Picture(TOP + ROW * len(rows) + FOOT, title)
    bottom = TOP + ROW * len(rows)
    low = math.floor(math.log10(min(r["low"] for r in rows)))
    high = math.ceil(math.log10(max(r["high"] for r in rows)))

    def x(value):
        return LEFT + (math.log10(value) - low) / max(1, high - low) * (WIDTH - LEFT - RIGHT)
    for e in range(low, high + 1):
        p.line(x(10.0 ** e), TOP, x(10.0 ** e), bottom)
        p.text(x(10.0 ** e), bottom + 16, "%g" % 10.0 ** e, "middle")
    p.text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, label, "middle")
    for i, r in enumerate(rows):
        y = TOP + ROW * i + ROW / 2
        p.text(LEFT - 8, y + 4, r["name"].split("/")[1], "end")
        p.line(x(r["low"]), y, x(r["high"]), y, "#000")
        p.dot(x(r["value"]), y, COLOURS[0])
        p.text(x(r["value"]) + 8, y + 4, "%.3g" % r["value"])
    return p


def lines(series, title, label):
    """Cost over the number of sources, which is on a logarithmic scale."""
    height, left, right = 420, 70, 130
    p = Picture(height, title)
    ticks = steps(max(v for _, points in series for _, v in points))
    xs = sorted(SOURCES.values())

    def at(sources, value):
        return (left + math.log(sources / xs[0]) / math.log(xs[-1] / xs[0]) * (WIDTH - left - right),
                height - FOOT - value / ticks[-1] * (height - TOP - FOOT))
    for t in ticks:
        p.line(left, at(xs[0], t)[1], WIDTH - right, at(xs[0], t)[1])
        p.text(left - 8, at(xs[0], t)[1] + 4, "%g" % t, "end")
    for text, n in SOURCES.items():
        p.text(at(n, 0)[0], height - FOOT + 16, text, "middle")
    p.text((left + WIDTH - right) / 2, height - 10, "sources (logarithmic)", "middle")
    middle = (TOP + height - FOOT) / 2
    p.text(16, middle, label, "middle", 'transform="rotate(-90 16 %d)"' % middle)
    names = []
    for (name, points), colour in zip(series, COLOURS):
        spots = [at(*point) for point in points]
        for a, b in zip(spots, spots[1:]):
            p.line(*a, *b, colour, 2)
        for spot in spots:
            p.dot(*spot, colour)
        names.append((spots[-1][1], name, colour))
    last = height
    for y, name, colour in sorted(names, reverse=True):
        last = min(y, last - 15) # one below the other, where lines end close together
        p.text(WIDTH - right + 10, last + 4, name, more='fill="%s"' % colour)
    return p


def over_sources(value):
    out = []
    for name, row in SERIES:
        points = [(n, value["wire/%s-%s" % (row, text)]) for text, n in SOURCES.items()
                  if "wire/%s-%s" % (row, text) in value]
        if len(points) > 1:
            out.append((name, points))
    return out


def pictures(result):
    rows = [r for r in result["rows"] if not r["side"]]
    base = {r["name"]: r["value"] for r in result["rows"] if r["side"]}
    series = over_sources({r["name"]: r["value"] for r in rows})
    if series:
        yield "sources", lines(series, "A packet's cost by the number of sources", "CPU time, ns a packet")
    for group, title in ("wire", "What a packet costs the receiver"), ("run", "What a packet costs in rld alone"):
        some = [r for r in rows if r["group"] == group and r["unit"] == "ns"]
        if some:
            yield group, bars(some, base, title, "CPU time, ns a packet")
    some = [r for r in rows if r["group"] == "control" and r["unit"] == "ms"]
    if some:
        yield "control", dots(some, "How long the daemon takes", "milliseconds (logarithmic)")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py BENCH.json DIRECTORY")
    with open(sys.argv[1]) as f:
        result = json.load(f)
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, picture in pictures(result):
        picture.save(os.path.join(sys.argv[2], name + ".svg"))


if __name__ == "__main__":
    main()
