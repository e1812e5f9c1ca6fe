"""How time grows with the number of pairs, users and products staying the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import fitting
import summary
import worker
from programs import Fitter, Places

SIZES = ("growth-1M", "growth-4M", "growth-16M", "growth-64M")
N_FACTORS = 64
ITERATIONS = 4
HEADS = ("program", "pairs", "seconds", "CPU s", "CPU ns a pair and iteration", "of the first", "MB grown", "runs")


@dataclasses.dataclass(frozen=True)
class Point:
    """One size of one program."""

    n_pairs: int
    runs: list[worker.Measurement]

    @property
    def cost(self) -> float:
        """CPU nanoseconds a pair and iteration."""
        return 1e9 * summary.median(self.runs, "cpu") / (self.n_pairs * ITERATIONS)


def measure(places: Places, fitters: Sequence[Fitter], n_threads: int, repeat: int) -> str:
    """The section of the report, of those programs that are set up as their authors advise."""
    points: dict[Fitter, list[Point]] = {fitter: [] for fitter in fitters}
    for size in SIZES:
        bench = fitting.Bench(places, size)
        for fitter in fitters:
            points[fitter].append(Point(bench.matrix.n_pairs, []))
        for _ in range(repeat):
            for fitter in fitters:
                done = points[fitter][-1].runs
                if sum(run.wall for run in done) < fitting.SECONDS_A_CELL:
                    done.append(bench.fit(fitter, N_FACTORS, ITERATIONS, n_threads, "-"))
    rows = [row_of(fitter, line, point) for fitter, line in points.items() for point in line]
    return (
        f"{bench.matrix.n_rows:,} users, {bench.matrix.n_columns:,} products, {N_FACTORS} factors, "
        f"{ITERATIONS} iterations, {n_threads} threads.\n\n" + summary.table(HEADS, rows)
    )


def row_of(fitter: Fitter, line: list[Point], point: Point) -> list[str]:
    return [
        fitter.name,
        f"{point.n_pairs:,}",
        summary.significant(summary.median(point.runs, "wall")),
        summary.significant(summary.median(point.runs, "cpu")),
        summary.significant(point.cost),
        summary.ratio(point.cost, line[0].cost),
        summary.significant(summary.median(point.runs, "memory") / worker.MEGABYTE),
        str(len(point.runs)),
    ]
