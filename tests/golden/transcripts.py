#!/usr/bin/env python3
"""Golden transcripts: what the program prints, line by line, for the commands in a case.

transcripts.py PURVEY TRAINED CASE.txt...     compare; with GOLDEN_REFRESH=1 in the environment, write what was printed instead

A case is a text file. Lines indented by two spaces are the transcript, everything else explains it:

    What nobody has ever bought from.

      $ purvey recommend m --user nobody -n 1     a command for sh; each runs in the case's scratch folder,
      > | head -n 3                               where the example shops lie, and their models in ../trained/ (the
                                                  folder TRAINED, by train_examples.py); `> ` continues a command
      Customer nobody: ...                        a line of standard output
      ! purvey recommend: ...                     a line of standard error; `*` stands for any text
      (no newline)                                standard output ended without one; (empty line): with an empty line
      [3]                                         exit code, if not 0

Numbers with a fraction may differ by 1e-9 of their size, because the mathematical functions of C libraries do; all
other text must be the same. What is never the same twice, or not on all processors, is shown by its name (MASKS): <seconds>, <memory>, <model>.
"""

import difflib
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
INDENT = "  "
NO_NEWLINE = "(no newline)"
EMPTY_LINE = "(empty line)"
TOLERANCE = 1e-9
TIMEOUT_SECONDS = 120
FRACTION = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+)?(?![\w.]*\w)")

PARTS = "read|fit|signals|weights|score|write|total"
# What varies from run to run or with the bits of a processor: (pattern, replacement).
MASKS = [
    (re.compile(r'"(?:cpu_)?seconds":\{[^}]*\}'), lambda part: re.sub(r":[\d.e-]+", ":<seconds>", part[0])),
    (re.compile(r'"seconds":[\d.e-]+'), '"seconds":<seconds>'),
    (re.compile(r" (in|after) [\d.]+ s\.$"), r" \1 <seconds> s."),
    (re.compile(rf"^(  (?:{PARTS})) +[\d.]+ +[\d.]+$"), r"\1 <seconds>"),
    (re.compile(r"^(  part) +seconds +cpu seconds$"), r"\1 <seconds>"),
    (re.compile(r"^( +\d+ +[\d.]+) +[\d.]+$"), r"\1 <seconds>"),
    (re.compile(r"^( +iteration +loss) +seconds$"), r"\1 <seconds>"),
    (re.compile(r'"peak_memory_bytes":\d+'), '"peak_memory_bytes":<memory>'),
    (re.compile(r"^Peak memory [\d.]+ [kMG]?B\.$"), "Peak memory <memory>."),
    (re.compile(rf"^((?:cpu_)?seconds\.(?:{PARTS})|iterations\.\d+\.seconds),[\d.e-]+$"), r"\1,<seconds>"),
    (re.compile(r"^peak_memory_bytes,\d+$"), "peak_memory_bytes,<memory>"),
    (re.compile(r'"(model|checksum)":"[0-9a-f]{8}(?:[0-9a-f]{24})?"'), r'"\1":"<\1>"'),
    (re.compile(r"^(  (model|checksum)) +[0-9a-f]{8}(?:[0-9a-f]{24})?$"), r"\1 <\2>"),
    (re.compile(r"^Model [0-9a-f]{8}: (.*), [\d.]+ [kM]B\.$"), r"Model <model>: \1, <bytes>."),
    (re.compile(r'"(model_bytes|bytes)":\d+'), r'"\1":<bytes>'),
    (re.compile(r"^(model_bytes|bytes),\d+$"), r"\1,<bytes>"),
    (re.compile(r"^(  bytes) +\d+$"), r"\1 <bytes>"),
    (re.compile(r"^(model|checksum),[0-9a-f]{8}(?:[0-9a-f]{24})?$"), r"\1,<\1>"),
]


class Step:
    """One command, what it is expected to print, and the comment before it."""

    def __init__(self, comment, command):
        self.comment, self.command, self.expected = comment, [command], []


def parse(text):
    """([step...], comment at the end). Empty lines between lines of output belong to the output."""
    steps, comment, blank = [], [], 0
    for line in text.splitlines():
        if not line.strip():
            blank += 1
            continue
        is_more_output = steps and not comment and line.startswith(INDENT) and not line.startswith(f"{INDENT}$ ")
        (steps[-1].expected if is_more_output else comment).extend([""] * blank)
        blank = 0
        if line.startswith(f"{INDENT}$ "):
            steps.append(Step(comment, line[4:]))
            comment = []
        elif not line.startswith(INDENT):
            comment.append(line)
        elif not is_more_output:
            raise ValueError(f"a transcript begins with a command, not with: {line}")
        elif line.startswith(f"{INDENT}> ") and not steps[-1].expected:
            steps[-1].command.append(line[4:])
        else:
            steps[-1].expected.append(line[len(INDENT) :])
    return steps, comment


def render(steps, outputs, comment):
    lines = []
    for step, output in zip(steps, outputs):
        lines += step.comment
        lines += [f"{INDENT}$ {step.command[0]}"] + [f"{INDENT}> {line}" for line in step.command[1:]]
        lines += [f"{INDENT}{line}" if line else "" for line in output]
    return "\n".join(lines + comment) + "\n"


def masked(line):
    for pattern, replacement in MASKS:
        line = pattern.sub(replacement, line)
    return line


def run(step, folder, environment):
    """What the command printed, as lines of a transcript."""
    done = subprocess.run(
        ["sh", "-c", "\n".join(step.command)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
    )
    stdout, stderr = (part.decode("utf-8", "backslashreplace") for part in (done.stdout, done.stderr))
    lines = stdout.split("\n")
    lines[-1:] = [lines[-1], NO_NEWLINE] if lines[-1] else []
    lines += [f"! {line}" for line in stderr.splitlines()]
    lines += [f"[{done.returncode}]"] if done.returncode else []
    if lines and not lines[-1]:
        lines[-1] = EMPTY_LINE
    return [masked(line) for line in lines]


def is_same_number(a, b):
    return a == b or math.isclose(float(a), float(b), rel_tol=TOLERANCE)


def is_same_line(expected, actual):
    if expected == actual:
        return True
    if expected.startswith("! ") and "*" in expected:
        return re.fullmatch(".*".join(map(re.escape, expected.split("*"))), actual) is not None
    if FRACTION.sub("#", expected) != FRACTION.sub("#", actual):
        return False
    return all(map(is_same_number, FRACTION.findall(expected), FRACTION.findall(actual)))


def is_same(expected, actual):
    return len(expected) == len(actual) and all(map(is_same_line, expected, actual))


def play(program, trained, steps):
    """The outputs of all steps, in a scratch folder with the example shops."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="purvey-golden-"))
    try:
        binaries, scratch = folder / "bin", folder / "scratch"
        binaries.mkdir()
        scratch.mkdir()
        (binaries / "purvey").symlink_to(program)
        for shop in EXAMPLES.iterdir():
            if any(shop.glob("*.csv*")):  # the clients of the service stand there too
                (scratch / shop.name).symlink_to(shop)
        (folder / "trained").symlink_to(trained)
        environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        return [run(step, scratch, environment) for step in steps]
    finally:
        shutil.rmtree(folder)


def check(program, trained, path):
    text = path.read_text(encoding="utf-8")
    steps, comment = parse(text)
    outputs = play(program, trained, steps)
    if os.environ.get("GOLDEN_REFRESH"):
        # A step that is right already keeps its line patterns and last digits.
        kept = [step.expected if is_same(step.expected, output) else output for step, output in zip(steps, outputs)]
        path.write_text(render(steps, kept, comment), encoding="utf-8")
        return True
    good = True
    for step, output in zip(steps, outputs):
        if not is_same(step.expected, output):
            good = False
            print(f"{path.name}: $ {' '.join(step.command)}")
            print("\n".join(difflib.unified_diff(step.expected, output, "expected", "printed", lineterm="")))
    return good


def main(program, trained, *cases):
    program, trained = pathlib.Path(program).resolve(), pathlib.Path(trained).resolve()
    faults = [path for path in map(pathlib.Path, cases) if not check(program, trained, path)]
    if faults:
        sys.exit("to take what was printed as what is expected: GOLDEN_REFRESH=1 ./run test -R golden")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(f"usage: {sys.argv[0]} PURVEY TRAINED CASE.txt...")
    main(*sys.argv[1:])
