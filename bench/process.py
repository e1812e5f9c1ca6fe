"""Run whole programs, from start to end, and measure them from outside (measure_process.c)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import worker
from programs import Places


def run(places: Places, command: Sequence[object], environment: dict[str, str]) -> worker.Measurement:
    """Wall and CPU seconds and peak resident size of one program; `memory` is the whole of it, not what it grew."""
    words = [places.programs / "measure_process", *command]
    done = subprocess.run(
        [str(word) for word in words],
        env=worker.clean_environment(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        raise worker.WorkerError(f"exit {done.returncode}: {command[0]}\n{done.stderr[-2000:]}")
    wall, cpu, memory = (float(word) for word in done.stderr.splitlines()[-1].split())
    return worker.Measurement(wall, cpu, cpu, memory)


def together(parts: Sequence[worker.Measurement]) -> worker.Measurement:
    """Programs that ran one after the other: times add up, the largest memory counts."""
    cpu = sum(part.cpu for part in parts)
    return worker.Measurement(sum(part.wall for part in parts), cpu, cpu, max(part.memory for part in parts))
