"""Exact top-K for single queries and for all users at once, against implicit's recommend and faiss IndexFlatIP."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Sequence

import inputs
import matrix_file
import numpy as np
import summary
import worker
from programs import ONE_BLAS_THREAD, Places

N_FACTORS = 64
SECONDS_A_CELL = 12.0
HEADS = (
    "program", "setting", "CPU us a user", "smallest to largest", "wall us a user", "runs", "same lists",
    "CPU : purvey",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Size:
    """Generated factors; batches of at least 2,000 queries, below which faiss takes them one by one."""

    n_products: int
    n_single: int
    n_batch: int


@dataclasses.dataclass(frozen=True)
class Case:
    """Products to choose from, and the queries."""

    title: str
    products: pathlib.Path
    users: pathlib.Path
    n_users: int
    k: int
    mode: str  # single or batch
    owned: pathlib.Path | None = None  # matrix of what each user has already


@dataclasses.dataclass(frozen=True, eq=False)
class Searcher:
    """A program that finds the best products, in one of its set-ups."""

    name: str
    setting: str
    command: list[pathlib.Path]
    environment: dict[str, str]
    can_leave_out: bool = True


SIZES = (Size(20_000, 4_000, 20_000), Size(1_000_000, 100, 2_500))


def blas_kernel() -> str:
    """The kernels of OpenBLAS that fit this processor, by the name that OPENBLAS_CORETYPE takes."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return "SkylakeX" if " avx512dq" in flags else "Haswell"


def searchers(places: Places, n_threads: int) -> list[Searcher]:
    """purvey first: the others are compared with it."""
    implicit = places.peer("wheels", "topk_implicit.py")
    faiss = places.peer("wheels", "topk_faiss.py")
    kernel = blas_kernel()
    tuned = {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": str(n_threads)}
    installed = {"OPENBLAS_NUM_THREADS": str(n_threads)}
    return [
        Searcher("purvey", "", [places.programs / "topk_bench"], {}),
        Searcher("implicit recommend", "one BLAS thread", implicit, ONE_BLAS_THREAD),
        Searcher("faiss IndexFlatIP", f"BLAS for {kernel}", faiss, tuned, can_leave_out=False),
        Searcher("faiss IndexFlatIP", "as installed", faiss, installed, can_leave_out=False),
    ]


@functools.cache
def write_factors(path: pathlib.Path, n_rows: int, seed: int, is_length_varied: bool) -> pathlib.Path:
    """Seeded factors of random direction with a spectrum that decays, as trained ones have it."""
    random = np.random.default_rng(seed)
    spectrum = (np.arange(1, N_FACTORS + 1) ** -0.5).astype(np.float32)
    factors = random.standard_normal((n_rows, N_FACTORS), np.float32) * spectrum
    factors /= np.linalg.norm(factors, axis=1, keepdims=True)
    if is_length_varied:
        factors *= random.lognormal(0.0, 0.6, (n_rows, 1)).astype(np.float32)
    factors.tofile(path)
    return path


def retail_factors(places: Places) -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
    """Products, users and matrix of Online Retail, fitted by purvey."""
    matrix = inputs.prepare("retail", places.work, places.programs)
    prefix = places.work / "retail-factors"
    command = [places.programs / "als_bench", matrix, prefix, "auto", N_FACTORS, 15, 2, 10.0]
    worker.run(command, {}, places.work / "errors.txt")
    return pathlib.Path(f"{prefix}.products"), pathlib.Path(f"{prefix}.users"), matrix


def generated_cases(places: Places, size: Size, is_length_varied: bool) -> list[Case]:
    """One query at a time and all at once. Products of one length leave no room for a search that looks at long ones
    first and stops: the hardest case for purvey, all the same to the others."""
    kind = "varied" if is_length_varied else "equal"
    products = places.work / f"products-{size.n_products}-{kind}.factors"
    write_factors(products, size.n_products, 1, is_length_varied)
    made = []
    for mode, how, n_users in (("single", "one user at a time", size.n_single), ("batch", "all at once", size.n_batch)):
        users = write_factors(places.work / f"users-{n_users}.factors", n_users, 2, is_length_varied=True)
        title = f"{size.n_products:,} products of {kind} length, {how}, 20 best"
        made.append(Case(title, products, users, n_users, 20, mode))
    return made


def cases(places: Places) -> list[Case]:
    """All customers of a real shop, and generated factors of two sizes."""
    products, users, matrix = retail_factors(places)
    title = "Online Retail, all customers at once, 10 best, own products left out"
    made = [Case(title, products, users, matrix_file.read_shape(matrix)[0], 10, "batch", matrix)]
    for size in SIZES:
        for is_length_varied in (True, False):
            made += generated_cases(places, size, is_length_varied)
    return made


def search(places: Places, searcher: Searcher, case: Case, n_threads: int) -> tuple[worker.Measurement, np.ndarray]:
    """One run: what it took, and the lists."""
    output = places.work / "lists"
    words = [*searcher.command, case.products, case.users, N_FACTORS, case.k, n_threads, case.mode, output]
    if case.owned:
        words.append(case.owned)
    measured = worker.run(words, searcher.environment, places.work / "errors.txt")["topk"]
    return measured, np.fromfile(output, np.int32).reshape(case.n_users, case.k)


def agreement(lists: np.ndarray, others: np.ndarray) -> str:
    """Share of users whose lists hold the same products."""
    same = np.mean(np.all(np.sort(lists, axis=1) == np.sort(others, axis=1), axis=1))
    return f"{100 * same:.2f} %"


def measure_case(places: Places, case: Case, n_threads: int, repeat: int) -> str:
    """The table of one case."""
    used = [s for s in searchers(places, n_threads) if s.can_leave_out or not case.owned]
    runs: dict[Searcher, list[worker.Measurement]] = {searcher: [] for searcher in used}
    lists: dict[Searcher, np.ndarray] = {}
    for _ in range(repeat):
        for searcher, done in runs.items():
            if sum(run.wall for run in done) < SECONDS_A_CELL:
                measured, lists[searcher] = search(places, searcher, case, n_threads)
                done.append(measured)
    scale = 1e6 / case.n_users
    base = summary.median(runs[used[0]], "cpu")
    rows = []
    for searcher, done in runs.items():
        cpu = sorted(run.cpu * scale for run in done)
        rows.append(
            [
                searcher.name,
                searcher.setting,
                summary.significant(summary.median(done, "cpu") * scale),
                f"{summary.significant(cpu[0])} to {summary.significant(cpu[-1])}",
                summary.significant(summary.median(done, "wall") * scale),
                str(len(done)),
                agreement(lists[used[0]], lists[searcher]),
                summary.ratio(summary.median(done, "cpu"), base),
            ]
        )
    return f"### {case.title}\n\n{N_FACTORS} factors, {n_threads} thread{'s' if n_threads > 1 else ''}.\n\n" + (
        summary.table(HEADS, rows)
    )


def measure(places: Places, threads: Sequence[int], repeat: int) -> str:
    """The section of the report."""
    made = cases(places)
    return "\n\n".join(measure_case(places, case, n_threads, repeat) for n_threads in threads for case in made)
