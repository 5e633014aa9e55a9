# SPDX-License-Identifier: GPL-2.0-only
"""A row of the report: something that can be measured again and again."""


class Row:
    """`sample(bench, build)` measures once: {"value": x, "extra": {name: y}}; or raises Failed.
    `build` is where the rld to measure was built; what measures it is always bench.build's.

    `sided` rows depend on rld's binaries, and are measured for each of two builds that are compared.
    `ratios` names rows of the same repetition that the value is set in relation to.
    """

    group = unit = None

    def __init__(self, name, about, ratios=(), sided=False):
        self.name, self.about, self.ratios, self.sided = name, about, list(ratios), sided

    def missing(self, bench):
        """Why the row cannot be measured here, or None."""
        return None
