"""Medians, spreads and tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from worker import Measurement


def median(runs: Sequence[Measurement], field: str) -> float:
    """Median over the runs of one field of a Measurement."""
    return statistics.median(getattr(run, field) for run in runs)


def spread(runs: Sequence[Measurement], field: str) -> str:
    """Smallest and largest of the runs."""
    values = [getattr(run, field) for run in runs]
    return f"{significant(min(values))} to {significant(max(values))}"


def significant(value: float) -> str:
    """Three significant digits, never an exponent; - for what is not a number."""
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if magnitude:
        return f"{value:,.{max(3 - magnitude, 0)}f}"
    return f"{value:.{2 - _exponent(value)}f}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def ratio(value: float, base: float) -> str:
    """How many times `base` goes into `value`."""
    return f"{significant(value / base)} x" if base > 0 else "-"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that reads well on a terminal and is Markdown too; the first column is text, the others are numbers."""
    cells = [list(heads), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    align: list[Callable[[str, int], str]] = [str.ljust, *[str.rjust] * (len(heads) - 1)]
    lines = ["| " + " | ".join(a(c, w) for a, c, w in zip(align, row, widths)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
