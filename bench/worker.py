"""Run a worker process and measure the part of it that it marks, from outside.

The worker writes `begin NAME` and `end NAME` and waits after each line; wall time is when the lines arrive, CPU time is
the kernel's account of the process (all its threads), memory is what its resident size grew above that at the
beginning.
"""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Sequence

BENCH = pathlib.Path(__file__).resolve().parent
MEGABYTE = 1e6


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One marked part of one run."""

    wall: float  # seconds
    cpu: float  # seconds, all threads
    longest_thread: float  # CPU seconds of the thread that worked most; not a number when threads had ended by then
    memory: float  # bytes: peak resident size less that at the beginning


@dataclasses.dataclass(frozen=True)
class _Clocks:
    wall: float
    cpu: float
    threads: dict[str, float]


class WorkerError(RuntimeError):
    """A worker ended without its marks; the message holds the end of what it said."""


def _read_clocks(pid: int) -> _Clocks:
    wall = time.monotonic()
    cpu = time.clock_gettime(((~pid) << 3) | 2)  # the process clock of clock_getcpuclockid(3) on Linux
    threads = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            threads[task.name] = int((task / "schedstat").read_text().split()[0]) * 1e-9
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return _Clocks(wall, cpu, threads)


def _resident(pid: int, field: str) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return float(line.split()[1]) * 1024
    raise WorkerError(f"process {pid} has no {field}")


def _forget_peak(pid: int) -> None:
    """Let VmHWM start again at the present size; where that is not allowed, a peak before the beginning counts."""
    try:
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        pass


def clean_environment(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a worker: nothing that steers threads or kernels but what its set-up says; its imports."""
    steering = ("OPENBLAS_", "OMP_", "MKL_", "GOTO_", "BLIS_", "POLARS_", "PURVEY_", "IRSPACK_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return {**inherited, "PYTHONPATH": str(BENCH), **environment}


def _note(text: str) -> None:
    """Say on standard error what runs now: one line that is overwritten on a terminal, a line each elsewhere."""
    is_terminal = sys.stderr.isatty()
    print(f"\r\033[K{text}" if is_terminal else text, end="" if is_terminal else "\n", file=sys.stderr, flush=True)


def run(command: Sequence[object], environment: dict[str, str], errors: pathlib.Path) -> dict[str, Measurement]:
    """Run `command` and measure its marked parts. What it writes to standard error goes to the file `errors`."""
    _note(" ".join(pathlib.Path(str(word)).name for word in command[:8]))
    measured: dict[str, Measurement] = {}
    begun: dict[str, tuple[_Clocks, float]] = {}
    with open(errors, "wb") as sink:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            env=clean_environment(environment),
        )
    assert process.stdin and process.stdout
    with process:
        for line in process.stdout:
            event, _, name = line.decode("ascii").strip().partition(" ")
            if event == "begin":
                _forget_peak(process.pid)
                memory = _resident(process.pid, "VmRSS")
                begun[name] = (_read_clocks(process.pid), memory)
            elif event == "end":
                measured[name] = _between(*begun[name], _read_clocks(process.pid), _resident(process.pid, "VmHWM"))
            process.stdin.write(b"\n")
            process.stdin.flush()
    if process.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise WorkerError(f"exit {process.returncode}: {words}\n{errors.read_text(errors='replace')[-2000:]}")
    return measured


def _between(begin: _Clocks, memory: float, end: _Clocks, peak: float) -> Measurement:
    cpu = end.cpu - begin.cpu
    threads = [end.threads[name] - begin.threads.get(name, 0.0) for name in end.threads]
    longest = max(threads) if sum(threads) > 0.9 * cpu else math.nan
    return Measurement(end.wall - begin.wall, cpu, longest, max(peak - memory, 0.0))
