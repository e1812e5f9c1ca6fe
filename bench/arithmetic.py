"""What one core reaches in multiply-adds that stay in registers: the ceiling above every kernel."""

from __future__ import annotations

import summary
import worker
from programs import Places

STEPS = 200_000_000
CHAINS = 12
LANES = {"avx2": 8, "avx512": 16, "neon": 4}
HEADS = ("instruction set", "float32 GFLOP/s of one core", "smallest to largest")


def measure(places: Places, repeat: int) -> str:
    """The section of the report."""
    runs = [
        worker.run([places.programs / "peak_bench", STEPS], {}, places.work / "errors.txt") for _ in range(repeat)
    ]
    rows = []
    for name, lanes in LANES.items():
        rates = sorted(2e-9 * STEPS * CHAINS * lanes / run[name].cpu for run in runs if name in run)
        if rates:
            middle = summary.significant(rates[len(rates) // 2])
            rows.append([name, middle, f"{summary.significant(rates[0])} to {summary.significant(rates[-1])}"])
    return summary.table(HEADS, rows)
