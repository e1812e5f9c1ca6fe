"""Running the built program as its users do, and reporting what a test found."""

import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples"
PRINTED_FAULTS = 12


class Purvey:
    """The program: `train` makes models, the other methods ask them. A failing command ends the test."""

    def __init__(self, path):
        self.path = str(path)

    def run(self, *arguments, expect=0):
        """Standard output of `purvey ARGUMENTS` as text; the exit code must be the expected one."""
        done = subprocess.run(
            [self.path, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        if done.returncode != expect:
            shown = " ".join(map(str, arguments))
            sys.exit(f"purvey {shown}\n  exit {done.returncode}, expected {expect}\n{done.stderr.decode()[-2000:]}")
        return done.stdout.decode("utf-8")

    def train(self, shop, model, *options):
        self.run("train", shop, "-o", model, "--quiet", *options)
        return pathlib.Path(model)

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--format", "json"))

    def scores(self, model, *options):
        """{product: score} of every eligible product."""
        text = self.run("recommend", model, "-n", 1000000, "--explain", "none", "--format", "csv", *options)
        return {row["product_id"]: float(row["score"]) for row in csv.DictReader(io.StringIO(text))}


class Findings:
    """What a test checked and what was wrong. `finish` prints both and ends the program."""

    def __init__(self):
        self.checks = 0
        self.faults = []
        self.summary = []

    def check(self, holds, message):
        """`message` is a text or a function that makes it, so that good cases cost nothing."""
        self.checks += 1
        if not holds:
            self.faults.append(message() if callable(message) else message)
        return holds

    def near(self, actual, expected, tolerance, message):
        """Equal within tolerance, relative for numbers beyond 1."""
        good = (
            actual is not None
            and expected is not None
            and abs(actual - expected) <= tolerance * max(1.0, abs(actual), abs(expected))
        )
        return self.check(good, lambda: f"{message() if callable(message) else message}: {actual}, expected {expected}")

    def say(self, line):
        self.summary.append(line)

    def finish(self):
        for line in self.summary:
            print(line)
        print(f"{self.checks} checks, {len(self.faults)} faults")
        for fault in self.faults[:PRINTED_FAULTS]:
            print(f"FAULT {fault}")
        if len(self.faults) > PRINTED_FAULTS:
            print(f"... and {len(self.faults) - PRINTED_FAULTS} more")
        sys.exit(1 if self.faults else 0)


def main(test):
    """Call test(purvey, folder, findings) with the program named by the first argument or by PURVEY."""
    path = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PURVEY")
    if not path:
        sys.exit(f"usage: {sys.argv[0]} PURVEY (or set PURVEY to the path of the program)")
    findings = Findings()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="purvey-contract-"))
    try:
        test(Purvey(pathlib.Path(path).resolve()), folder, findings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    findings.finish()
