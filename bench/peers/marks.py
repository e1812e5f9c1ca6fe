"""How a worker tells the harness where the measured part begins and ends; the harness keeps the time (worker.py).

A mark is a line on standard output; the worker then waits for a line on standard input, so that the harness can read
clocks and memory while nothing runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

# Libraries print too: the marks keep the real standard output for themselves, everybody else gets standard error.
_marks = os.fdopen(os.dup(1), "w", encoding="ascii")
os.dup2(2, 1)


def _mark(line: str) -> None:
    _marks.write(line + "\n")
    _marks.flush()
    sys.stdin.readline()


@contextlib.contextmanager
def measured(name: str) -> Iterator[None]:
    """The body is what the harness times under this name."""
    _mark(f"begin {name}")
    yield
    _mark(f"end {name}")
