#!/usr/bin/env python3
"""Time, memory and size of the commands on the three bundled shops, from their own JSON summaries: medians of several runs.

    python3 bench/figures.py [PROGRAM] [RUNS]

PROGRAM is build/purvey by default, RUNS 3. docs/figures.md quotes the tables. Needs nothing but Python.
"""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHOPS = ("simple-shop", "adventureworks", "online-retail")


def summary(*arguments):
    """What one run says of itself. The shell between is there for the peak memory: the kernel hands a process the peak
    of the one it was started from, and a shell's is small."""
    command = ["sh", "-c", '"$@"; exit $?', "sh", *map(str, arguments), "--format", "json", "--quiet"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def median_of(runs, *path):
    values = []
    for value in runs:
        for key in path:
            value = value[key]
        values.append(value)
    return statistics.median(values)


def seconds(value):
    return f"{value:.3f} s"


def megabytes(value):
    return f"{value / 1e6:.1f} MB"


def per_second(amount, part):
    """Rate of reading; None where the time is too short for the clock of a shared machine."""
    return amount / part if part >= 0.02 else None


def measure(program, shop, n_runs, folder):
    source, store, model = ROOT / "examples" / shop, folder / "shop.sqlite", folder / "model"
    commands = {
        "import": (program, "import", source, "-o", store),
        "train": (program, "train", source, "-o", model, "--factors", 64, "--iterations", 15),
        "train from SQLite": (program, "train", store, "-o", model, "--factors", 64, "--iterations", 15),
        "recommend --all": (program, "recommend", model, "--all", "-n", 10, "--explain", "top3", "-o", folder / "a.jsonl"),
    }
    results = {name: [summary(*command) for _ in range(n_runs)] for name, command in commands.items()}
    sizes = {"store": store.stat().st_size, "model": model.stat().st_size, "answers": (folder / "a.jsonl").stat().st_size}
    return results, sizes


def rate(runs, amount_path, unit, scale):
    value = per_second(median_of(runs, *amount_path), median_of(runs, "seconds", "read"))
    return "-" if value is None else f"{value / scale:,.0f} {unit}"


def print_table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_times(results):
    rows = []
    for name in ("import", "train", "train from SQLite", "recommend --all"):
        row = [name]
        for shop in SHOPS:
            runs = results[shop][0][name]
            row.append(f"{seconds(median_of(runs, 'seconds', 'total'))}, {megabytes(median_of(runs, 'peak_memory_bytes'))}")
        rows.append(row)
    print_table(["time and peak memory", *SHOPS], rows)


def print_parts(results):
    rows = []
    for part in ("read", "fit", "signals", "write"):
        rows.append([f"train: {part}"] + [seconds(median_of(results[shop][0]["train"], "seconds", part)) for shop in SHOPS])
    for part in ("score", "write"):
        runs = {shop: results[shop][0]["recommend --all"] for shop in SHOPS}
        rows.append([f"recommend --all: {part}"] + [seconds(median_of(runs[shop], "seconds", part)) for shop in SHOPS])
    print_table(["part", *SHOPS], rows)


def print_sizes(results):
    rows = [["rows in the files"], ["rows read by train, per second"], ["text read by train, per second"]]
    rows += [["store"], ["model"], ["answers of recommend --all"], ["customers"], ["products with factors"]]
    for shop in SHOPS:
        runs, sizes = results[shop]
        train, bulk = runs["train"], runs["recommend --all"]
        values = [
            f"{median_of(train, 'rows', 'read'):,}",
            rate(train, ("rows", "read"), "rows", 1),
            rate(train, ("bytes_read",), "MB", 1e6),
            *(megabytes(sizes[name]) for name in ("store", "model", "answers")),
            f"{median_of(bulk, 'users'):,}",
            f"{median_of(train, 'products'):,}",
        ]
        for row, value in zip(rows, values):
            row.append(value)
    print_table(["size", *SHOPS], rows)


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = {line.split(":", 1)[1].strip() for line in file if line.startswith("model name")}
    return ", ".join(sorted(names)) or platform.machine()


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "purvey").resolve()
    n_runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    version = subprocess.run([program, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    results = {}
    for shop in SHOPS:
        with tempfile.TemporaryDirectory() as name:
            results[shop] = measure(program, shop, n_runs, pathlib.Path(name))
    print(f"{version}; {cpu_name()}, {len(os.sched_getaffinity(0))} cores; medians of {n_runs} runs.\n")
    print_times(results)
    print_parts(results)
    print_sizes(results)


if __name__ == "__main__":
    main()
