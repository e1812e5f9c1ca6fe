#!/usr/bin/env python3
"""The contract, section 2: outputs replace a file only when complete, whenever the program is killed.

test_contract_kill.py PURVEY FILE_CALLS.so

Killed at each of its first calls that change a file and at some later ones (the last ones among them, where the file
takes its place), and after random times. What stands under the output's name must be the old file, the new one, or
nothing where nothing was; the next run must succeed and clear away what the killed ones left.
"""

import os
import pathlib
import random
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import purvey_program
from small_shop import Shops, run_checks

EXAMPLES = purvey_program.EXAMPLES
FIRST_CALLS, LAST_CALLS, BETWEEN, RANDOM_KILLS = 12, 12, 12, 15
OLD = b"the old file"


class Output:
    """One command that writes one file, and the ways to kill it."""

    def __init__(self, shops, findings, name, *command):
        self.findings, self.name = findings, name
        self.folder = shops.folder / f"kill_{name}"
        self.folder.mkdir()
        self.path = self.folder / f"out.{name}"
        self.command = [shops.program, *map(str, command), "-o", str(self.path)]
        self.run()
        self.complete = self.path.read_bytes()
        self.calls = self.count_calls()

    def run(self, call=None, seconds=None, log=None):
        """How the command ended: its exit code, or minus the signal."""
        environment = dict(os.environ)
        if call is not None or log is not None:
            environment["LD_PRELOAD"] = str(pathlib.Path(sys.argv[2]).resolve())
        if call is not None:
            environment["KILL_AT_CALL"] = str(call)
        if log is not None:
            environment["LOG_CALLS"] = str(log)
        process = subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if seconds is not None:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.wait()

    def count_calls(self):
        """Calls that change a file in a whole run, found by halving."""
        low, high = 0, 1
        while self.run(call=high) == -signal.SIGKILL:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.run(call=middle) == -signal.SIGKILL else (low, middle)
        return low

    def check_order(self):
        """All bytes are on disk before the file takes its name, and the name before the program ends."""
        log = self.folder.parent / "calls"
        self.run(log=log)
        calls = log.read_text().split()
        log.unlink()
        rename = max((k for k, call in enumerate(calls) if call == "rename"), default=None)
        if self.findings.check(rename is not None, f"{self.name}: no rename among {calls}"):
            last_write = max(k for k, call in enumerate(calls) if call in ("write", "truncate"))
            good = "fsync" in calls[last_write:rename] and "fsync" in calls[rename:]
            self.findings.check(good, f"{self.name}: not synced before and after the rename: {calls[-6:]}")

    def is_whole(self, content):
        return content == self.complete

    def check(self, old, title, **kill):
        for file in self.folder.iterdir():
            file.unlink()
        if old is not None:
            self.path.write_bytes(old)
        ended = self.run(**kill)
        found = self.path.read_bytes() if self.path.exists() else None
        good = found == old or self.is_whole(found)
        size = "nothing" if found is None else f"{len(found)} bytes"
        self.findings.check(good, f"{self.name} killed {title}: {size} under its name, neither old nor whole")
        self.findings.check(ended != 0 or self.is_whole(found), f"{self.name} {title}: done, but not whole")
        return ended

    def check_after(self, title):
        self.findings.check(self.run() == 0 and self.is_whole(self.path.read_bytes()), f"{self.name}: no good run after one killed {title}")
        left = sorted(file.name for file in self.folder.iterdir() if file != self.path)
        self.findings.check(not left, f"{self.name}: a run after one killed {title} leaves {left}")

    def check_all(self):
        self.findings.check(self.calls >= 3, f"{self.name}: {self.calls} calls change a file; write, sync and rename were expected")
        self.check_order()
        picked = random.Random(3)
        calls = {*range(1, FIRST_CALLS + 1), *range(self.calls - LAST_CALLS + 1, self.calls + 1)}
        calls |= {picked.randint(1, self.calls) for _ in range(BETWEEN)}
        for call in sorted(call for call in calls if 1 <= call <= self.calls):
            for old in (OLD, None) if call > self.calls - LAST_CALLS else (OLD,):
                ended = self.check(old, f"at call {call} of {self.calls}", call=call)
                # A new file takes a call less than one that keeps the mode of the old.
                self.findings.check(old is None or ended == -signal.SIGKILL, f"{self.name} at call {call} of {self.calls}: ended with {ended}")
        self.check_after("at a call")
        for _ in range(RANDOM_KILLS):
            seconds = picked.uniform(0.001, 0.06)
            self.check(OLD, f"after {seconds:.3f} s", seconds=seconds)
        self.check_after("after some time")


def train_leaves_the_old_model_whole(shops, findings):
    Output(shops, findings, "model", "train", EXAMPLES / "simple-shop", "--factors", 16, "--iterations", 3).check_all()


def import_leaves_the_old_file_whole(shops, findings):
    Output(shops, findings, "sqlite", "import", EXAMPLES / "simple-shop").check_all()


def bulk_answers_leave_the_old_file_whole(shops, findings):
    model = shops.folder / "m.model"
    shops.run("train", EXAMPLES / "simple-shop", "-o", model, "--quiet")
    for name, level in (("csv", "none"), ("jsonl", "full")):
        Output(shops, findings, name, "recommend", model, "--all", "-n", 20, "--explain", level).check_all()


def ranked_pairs_leave_the_old_file_whole(shops, findings):
    model, pairs = shops.folder / "m.model", shops.folder / "pairs.csv"
    pairs.write_text("user_id,product_id\n" + "1,BB-7421\n" * 20000)
    Output(shops, findings, "ranked", "rank", model, "--pairs", pairs).check_all()


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} PURVEY FILE_CALLS.so")
    purvey_program.main(test)
