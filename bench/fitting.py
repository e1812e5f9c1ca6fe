"""Time and memory until the training loss is within 0.1 % of what exact ALS reaches in 15 iterations.

For every program the smallest number of iterations that reaches it is found first, by the loss of the factors that it
writes (hkv_loss.py); then that many iterations are timed, the programs taking turns.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Sequence

import hkv_loss
import inputs
import matrix_file
import summary
import worker
from programs import Fitter, Places
from smallest import smallest_reaching

REGULARIZATION = 10.0
EXACT_ITERATIONS = 15
TOLERANCE = 1e-3
FIRST_GUESS = 12
MOST_ITERATIONS = 60
SECONDS_A_CELL = 20.0  # a program that has taken longer than this in one cell of the table is not run again

HEADS = (
    "program", "setting", "iterations", "seconds", "smallest to largest", "CPU s", "longest thread",
    "s an iteration", "MB grown", "runs", "time : purvey", "CPU : purvey",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Case:
    """What is fitted."""

    matrix: str
    n_factors: int


class Bench:
    """Fitting of one matrix; keeps it in memory to judge factors."""

    def __init__(self, places: Places, name: str) -> None:
        self.places = places
        self.path = inputs.prepare(name, places.work, places.programs)
        self.matrix = matrix_file.read(self.path)

    def fit(self, fitter: Fitter, n_factors: int, iterations: int, n_threads: int, output: str) -> worker.Measurement:
        words = [*fitter.command, self.path, output, fitter.solver, n_factors, iterations, n_threads, REGULARIZATION]
        return worker.run(words, fitter.environment, self.places.work / "errors.txt")["fit"]

    def loss(self, fitter: Fitter, n_factors: int, iterations: int, n_threads: int) -> float:
        prefix = self.places.work / "factors"
        self.fit(fitter, n_factors, iterations, n_threads, str(prefix))
        X = matrix_file.read_factors(pathlib.Path(f"{prefix}.users"), self.matrix.n_rows, n_factors)
        Y = matrix_file.read_factors(pathlib.Path(f"{prefix}.products"), self.matrix.n_columns, n_factors)
        return hkv_loss.hkv_loss(self.matrix, X, Y, REGULARIZATION)


def iterations_needed(bench: Bench, fitters: Sequence[Fitter], n_factors: int) -> dict[str, int]:
    """Iterations of every kind of fitter that reach the target; those that never do are left out."""
    exact = dataclasses.replace(fitters[0], solver="cholesky")
    target = (1 + TOLERANCE) * bench.loss(exact, n_factors, EXACT_ITERATIONS, 2)
    needed: dict[str, int] = {}
    for fitter in fitters:
        if fitter.same_as in needed:
            continue
        number = smallest_reaching(
            lambda n: bench.loss(fitter, n_factors, n, 2) <= target, FIRST_GUESS, MOST_ITERATIONS
        )
        if number is None:
            print(f"{fitter.name}: the loss is not reached in {MOST_ITERATIONS} iterations", file=sys.stderr)
        else:
            needed[fitter.same_as] = number
    return needed


def take_turns(
    bench: Bench, fitters: Sequence[Fitter], needed: dict[str, int], n_factors: int, n_threads: int, repeat: int
) -> dict[Fitter, list[worker.Measurement]]:
    """`repeat` rounds in which every fitter runs once, the slow ones in fewer of them."""
    runs: dict[Fitter, list[worker.Measurement]] = {fitter: [] for fitter in fitters if fitter.same_as in needed}
    for _ in range(repeat):
        for fitter, done in runs.items():
            if sum(run.wall for run in done) < SECONDS_A_CELL:
                done.append(bench.fit(fitter, n_factors, needed[fitter.same_as], n_threads, "-"))
    return runs


def rows_of(runs: dict[Fitter, list[worker.Measurement]], needed: dict[str, int]) -> list[list[str]]:
    """The lines of the table; the first fitter is what the others are compared with."""
    base = next(iter(runs.values()))
    rows = []
    for fitter, done in runs.items():
        iterations, wall, cpu = needed[fitter.same_as], summary.median(done, "wall"), summary.median(done, "cpu")
        rows.append(
            [
                fitter.name,
                fitter.setting,
                str(iterations),
                summary.significant(wall),
                summary.spread(done, "wall"),
                summary.significant(cpu),
                summary.significant(summary.median(done, "longest_thread")),
                summary.significant(wall / iterations),
                summary.significant(summary.median(done, "memory") / worker.MEGABYTE),
                str(len(done)),
                summary.ratio(wall, summary.median(base, "wall")),
                summary.ratio(cpu, summary.median(base, "cpu")),
            ]
        )
    return rows


def least_bytes(matrix: matrix_file.Matrix, n_factors: int) -> int:
    """What training cannot do without: the pairs by user and by product, and the factors."""
    n_rows = matrix.n_rows + matrix.n_columns
    return 2 * 8 * matrix.n_pairs + 8 * n_rows + 4 * n_factors * n_rows


def measure(places: Places, fitters: Sequence[Fitter], case: Case, threads: Sequence[int], repeat: int) -> str:
    """The section of the report about one matrix and number of factors."""
    bench = Bench(places, case.matrix)
    needed = iterations_needed(bench, fitters, case.n_factors)
    matrix = bench.matrix
    lines = [
        f"### {case.matrix}, {case.n_factors} factors",
        "",
        f"{matrix.n_rows:,} users, {matrix.n_columns:,} products, {matrix.n_pairs:,} pairs. Both sparse orders and the "
        f"factors are {summary.significant(least_bytes(matrix, case.n_factors) / worker.MEGABYTE)} MB; one order is "
        "there before the memory is measured.",
    ]
    for n_threads in threads:
        runs = take_turns(bench, fitters, needed, case.n_factors, n_threads, repeat)
        plural = "s" if n_threads > 1 else ""
        lines += ["", f"{n_threads} thread{plural}:", "", summary.table(HEADS, rows_of(runs, needed))]
    return "\n".join(lines)
