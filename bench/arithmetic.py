"""What one core reaches in multiply-adds that stay in registers, and how near to that ceiling the kernels come."""

from __future__ import annotations

import summary
import worker
from programs import Places

STEPS = 200_000_000
CHAINS = 12
LANES = {"avx2": 8, "avx512": 16, "neon": 4}
KERNEL_FLOPS = 4_000_000_000
KERNEL_HEADS = ("kernel", "factors", "rows", "GFLOP/s", "share of the ceiling")
HEADS = ("instruction set", "float32 GFLOP/s of one core", "smallest to largest")


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def ceilings(runs: list[dict[str, worker.Measurement]]) -> dict[str, list[float]]:
    """Instruction set -> GFLOP/s of each run, sorted."""
    rates = {}
    for name, lanes in LANES.items():
        of_set = sorted(2e-9 * STEPS * CHAINS * lanes / run[name].cpu for run in runs if name in run)
        if of_set:
            rates[name] = of_set
    return rates


def kernel_rows(runs: list[dict[str, worker.Measurement]], ceiling: float) -> list[list[str]]:
    """Median rate of every kernel and shape, against the ceiling of the widest instruction set."""
    rows = []
    for name in runs[0]:
        rate = median([1e-9 * KERNEL_FLOPS / run[name].cpu for run in runs])
        rows.append([*name.split(), summary.significant(rate), f"{100 * rate / ceiling:.0f} %"])
    return rows


def measure(places: Places, repeat: int) -> str:
    """The section of the report: both programs take turns, so that a busy machine slows both."""
    errors = places.work / "errors.txt"
    peaks, kernels = [], []
    for _ in range(repeat):
        peaks.append(worker.run([places.programs / "peak_bench", STEPS], {}, errors))
        kernels.append(worker.run([places.programs / "kernel_bench", KERNEL_FLOPS], {}, errors))
    rates = ceilings(peaks)
    rows = []
    for name, of_set in rates.items():
        spread = f"{summary.significant(of_set[0])} to {summary.significant(of_set[-1])}"
        rows.append([name, summary.significant(median(of_set)), spread])
    ceiling = max((median(of_set) for of_set in rates.values()), default=0.0)
    tables = [summary.table(HEADS, rows)]
    if ceiling:
        tables.append(summary.table(KERNEL_HEADS, kernel_rows(kernels, ceiling)))
    return "\n\n".join(tables)
