"""A shop's whole job, a process each: read the transactions, learn, write ten products for every customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import inputs
import process
import summary
import worker
from programs import ONE_BLAS_THREAD, Places

N_PRODUCTS = 10
HEADS = ("job", "seconds", "smallest to largest", "CPU s", "peak MB", "time : first", "CPU : first", "memory : first")
CPU_HEADS = ("work", "CPU s", "smallest to largest", "CPU : implicit")

Job = Callable[[], worker.Measurement]


class Shop:
    """The jobs on Online Retail."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.model = places.work / "retail.model"
        self.errors = places.work / "errors.txt"
        self.matrix = inputs.prepare("retail", places.work, places.programs)

    def train(self, *options: object) -> worker.Measurement:
        command = [self.places.purvey, "train", inputs.RETAIL, "-o", self.model, "--quiet", *options]
        return process.run(self.places, command, {})

    def recommend(self, suffix: str, *options: object) -> worker.Measurement:
        output = self.places.work / f"lists.{suffix}"
        command = [self.places.purvey, "recommend", self.model, "--all", "-n", N_PRODUCTS, "-o", output, "--quiet"]
        return process.run(self.places, [*command, *options], {})

    def purvey(self, *options: object) -> worker.Measurement:
        return process.together([self.train(*options), self.recommend("csv")])

    def implicit(self, environment: dict[str, str]) -> worker.Measurement:
        transactions = inputs.RETAIL / "transactions.csv.gz"
        command = [*self.places.peer("wheels", "pipeline_implicit.py"), transactions, self.places.work / "peer.csv"]
        return process.run(self.places, command, environment)

    def implicit_fit(self) -> worker.Measurement:
        """The fit alone, 50 factors and 20 iterations; leaves the factors for implicit_recommend()."""
        prefix = self.places.work / "peer-factors"
        command = [*self.places.peer("wheels", "fit_implicit.py"), self.matrix, prefix, "cg", 50, 20, 2, 10.0]
        return worker.run(command, ONE_BLAS_THREAD, self.errors)["fit"]

    def implicit_recommend(self) -> worker.Measurement:
        """The batch call alone."""
        prefix = self.places.work / "peer-factors"
        command = [*self.places.peer("wheels", "topk_implicit.py"), f"{prefix}.products", f"{prefix}.users"]
        command += [50, N_PRODUCTS, 1, "batch", "-", self.matrix]
        return worker.run(command, ONE_BLAS_THREAD, self.errors)["topk"]


def take_turns(jobs: dict[str, Job], repeat: int) -> dict[str, list[worker.Measurement]]:
    """`repeat` rounds in which every job runs once."""
    runs: dict[str, list[worker.Measurement]] = {name: [] for name in jobs}
    for _ in range(repeat):
        for name, job in jobs.items():
            runs[name].append(job())
    return runs


def whole_jobs(shop: Shop, repeat: int) -> str:
    """End to end."""
    same = ("--signals", "als", "--factors", 50, "--iterations", 20, "--loss", "hkv", "--weight", "linear")
    runs = take_turns(
        {
            "purvey, factor model alone, 50 factors, 20 iterations": lambda: shop.purvey(*same, "--regularization", 10),
            "purvey, defaults: all signals": lambda: shop.purvey(),
            "pandas + implicit, one BLAS thread": lambda: shop.implicit(ONE_BLAS_THREAD),
            "pandas + implicit, as installed": lambda: shop.implicit({}),
        },
        repeat,
    )
    base = next(iter(runs.values()))
    rows = []
    for name, done in runs.items():
        wall, cpu, memory = (summary.median(done, field) for field in ("wall", "cpu", "memory"))
        rows.append(
            [
                name,
                summary.significant(wall),
                summary.spread(done, "wall"),
                summary.significant(cpu),
                summary.significant(memory / worker.MEGABYTE),
                *(
                    summary.ratio(summary.median(done, field), summary.median(base, field))
                    for field in ("wall", "cpu", "memory")
                ),
            ]
        )
    return summary.table(HEADS, rows)


def against_bare_calls(shop: Shop, repeat: int) -> str:
    """Everything purvey does, by the CPU time of implicit's bare fit and bare batch recommend."""
    runs = take_turns(
        {
            "implicit fit, 50 factors, 20 iterations": shop.implicit_fit,
            "implicit batch recommend, 10 best": shop.implicit_recommend,
            "purvey train: reading, all signals, writing": lambda: shop.train(),
            "purvey recommend --all -n 10, all signals, top-3 reasons": lambda: shop.recommend(
                "jsonl", "--explain", "top3"
            ),
        },
        repeat,
    )
    names: Sequence[str] = list(runs)
    rows = []
    for index, (name, done) in enumerate(runs.items()):
        cpu, base = summary.median(done, "cpu"), summary.median(runs[names[index % 2]], "cpu")
        rows.append([name, summary.significant(cpu), summary.spread(done, "cpu"), summary.ratio(cpu, base)])
    return summary.table(CPU_HEADS, rows)


def measure(places: Places, repeat: int) -> str:
    """The section of the report."""
    shop = Shop(places)
    return "\n\n".join(
        [
            "Online Retail: read, learn, ten products for every customer. Whole processes; where there are two, one "
            "after the other.",
            whole_jobs(shop, repeat),
            "By CPU time, against implicit's calls alone, without reading or writing:",
            against_bare_calls(shop, repeat),
        ]
    )
