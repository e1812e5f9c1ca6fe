"""purvey beside what a user would pick instead, measured in one run. `./run bench` starts it.

Parts: fit (time to equal loss, memory), topk, pipeline (a shop's whole job), reading, arithmetic (the ceiling of a
core), and with --all large (138,000 x 27,000, 10 million pairs) and growth (1 to 64 million pairs).
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Callable

import arithmetic
import fitting
import growth
import machine
import pipeline
import reading
import topk
from programs import Fitter, Places, fitters
from report import Report, publish

THREADS = (1, 2)
CASES = [fitting.Case(matrix, n_factors) for matrix in ("retail", "shop") for n_factors in (64, 128)]
LARGE_CASES = [fitting.Case("large", n_factors) for n_factors in (64, 128)]
EVERY_TIME = ("arithmetic", "fit", "topk", "pipeline", "reading")
TITLES = {
    "arithmetic": "Arithmetic of one core",
    "fit": "Time until the loss is within 0.1 % of exact ALS after 15 iterations",
    "topk": "Exact top-K",
    "pipeline": "A shop's whole job",
    "reading": "Reading user_purchases.csv",
    "large": "The same time on a large matrix",
    "growth": "Growth",
}


def parts(places: Places, repeat: int) -> dict[str, Callable[[], str]]:
    """Name of a part -> what measures it and gives its section of the report."""
    programs = fitters(places)
    advised = [fitter for fitter in programs if fitter.setting != "as installed"]
    quick = [fitter for fitter in advised if fitter.same_as != "cmfrec"]

    def fit(cases: list[fitting.Case], used: list[Fitter]) -> str:
        return "\n\n".join(fitting.measure(places, used, case, THREADS, repeat) for case in cases)

    return {
        "arithmetic": lambda: arithmetic.measure(places, repeat),
        "fit": lambda: fit(CASES, programs),
        "topk": lambda: topk.measure(places, THREADS[:1], repeat),
        "pipeline": lambda: pipeline.measure(places, repeat),
        "reading": lambda: reading.measure(places, repeat),
        "large": lambda: fit(LARGE_CASES, advised),
        "growth": lambda: growth.measure(places, quick, THREADS[-1], repeat),
    }


def part_name(word: str) -> str:
    if word not in TITLES:
        raise argparse.ArgumentTypeError(f"no part is called {word}; there are {', '.join(TITLES)}")
    return word


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", type=part_name, help=", ".join(TITLES))
    parser.add_argument("--all", action="store_true", help="every part")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each (default: 3)")
    parser.add_argument("--publish", type=pathlib.Path, metavar="PAGE", help="put the report into PAGE as ## Measured")
    parser.add_argument("--environments", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    build = arguments.build.resolve()
    work = build / "bench" / "work"
    work.mkdir(parents=True, exist_ok=True)
    places = Places(arguments.environments.resolve(), build / "bench", build / "purvey", work)
    output = build / "bench" / "report.md"
    wanted = arguments.parts or (list(TITLES) if arguments.all else list(EVERY_TIME))
    report = Report(machine.describe(places, arguments.repeat), [])
    print(report.machine, flush=True)
    for name, measure in parts(places, arguments.repeat).items():
        if name not in wanted:
            continue
        print(f"\n## {TITLES[name]}\n", flush=True)
        section = measure()
        print(section, flush=True)
        report.sections.append((TITLES[name], section))
        output.write_text(report.text(), encoding="utf-8")
    if arguments.publish:
        page = arguments.publish.read_text(encoding="utf-8")
        arguments.publish.write_text(publish(page, report), encoding="utf-8")
    print(f"\nAlso in {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
