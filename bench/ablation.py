#!/usr/bin/env python3
"""What each signal is worth: Recall@20 of models trained without it, for new products, reorders and all.

    python3 bench/ablation.py SHOP CUTOFF [CUTOFF ...] [--program PROGRAM]

PROGRAM is build/purvey by default. One `purvey evaluate` a signal, weights learned anew each time; a signal that is
silent in the shop is left out of the table. docs/signals.md quotes it. Needs nothing but Python.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TASKS = {"new": "NEW", "repeat": "REPEAT", "all": "ALL"}


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def recall(program, shop, cutoff, signals, folder):
    """Recall@20 of purvey by task."""
    report = folder / "report.json"
    run(program, "evaluate", shop, "--cutoff", cutoff, "--signals", ",".join(signals), "--draws", 100, "-o", report, "--quiet")
    tasks = json.loads(report.read_text(encoding="utf-8"))["windows"][0]["tasks"]
    return {task: tasks[task]["contenders"]["purvey"]["metrics"]["recall"]["20"] for task in TASKS}


def speaking(program, shop, cutoff, folder):
    """Signals that the shop's data carry."""
    model = folder / "model"
    run(program, "train", shop, "-o", model, "--as-of", cutoff, "--quiet")
    told = subprocess.run([program, "info", model, "--format", "json"], check=True, capture_output=True)
    return [signal["code"] for signal in json.loads(told.stdout)["signals"] if signal["silent"] is None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shop")
    parser.add_argument("cutoffs", nargs="+")
    parser.add_argument("--program", default=str(ROOT / "build" / "purvey"))
    options = parser.parse_args()
    print(f"| without | {' | '.join(TASKS.values())} |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        signals = speaking(options.program, options.shop, options.cutoffs[0], folder)
        for left_out in [None, *signals]:
            kept = [signal for signal in signals if signal != left_out]
            found = [recall(options.program, options.shop, cutoff, kept, folder) for cutoff in options.cutoffs]
            means = {task: sum(one[task] for one in found) / len(found) for task in TASKS}
            if left_out is None:
                whole = means
                print(f"| nothing | {' | '.join(f'{means[task]:.4f}' for task in TASKS)} |", flush=True)
            else:
                print(f"| {left_out} | {' | '.join(f'{means[task] - whole[task]:+.4f}' for task in TASKS)} |", flush=True)


if __name__ == "__main__":
    main()
