#!/usr/bin/env python3
"""In a shop whose purchases have one cause, that cause is the first reason; without its column it is not.

Three measures, before and after the column that carries the cause is shuffled:
  found  how many places of the lists hold a product that the cause speaks for
  led    at how many of these the cause is the first reason
  share  the cause's part of the positive contributions, over all places, 0 at one with another product
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import planted_shops
import purvey_program

SEEDS = (1, 2)
FOUND, LED = 0.75, 0.9
LED_SHUFFLED = 0.1  # of all places
SHARE_SHUFFLED = 0.5  # of the share before


class Measure:
    """What a model trained on the planted shop answers."""

    def __init__(self, purvey, folder, planted):
        model = purvey.train(planted.write(folder), folder / "model")
        out = folder / "answers.jsonl"
        options = ("-n", planted.n, "--mode", planted.mode, "--explain", "full")
        purvey.run("recommend", model, "--users", folder / "questions.csv", "-o", out, *options)
        self.places, self.found, self.led, self.share = len(planted.relevant) * planted.n, 0, 0, 0.0
        self.sums = {}
        for answer in map(json.loads, out.read_text(encoding="utf-8").splitlines()):
            for item in answer["items"]:
                if item["item"] in planted.relevant[answer["user"]]:
                    self.take(item["reasons"], planted.cause)

    def take(self, reasons, cause):
        self.found += 1
        for place, reason in enumerate(reasons):
            self.sums[reason["code"]] = self.sums.get(reason["code"], 0) + reason["contribution"]
            if reason["code"] == cause:
                self.led += place == 0
                self.share += (reason["share"] or 0) / self.places

    def __str__(self):
        means = {code: round(value / max(self.found, 1), 3) for code, value in sorted(self.sums.items())}
        return f"leads {self.led} of {self.found} found at {self.places} places, share {self.share:.2f}, mean contributions {means}"


def check_cause(purvey, folder, findings, make, seed):
    planted = make(seed)
    name = f"{planted.cause}, seed {seed}"
    before = Measure(purvey, folder / name, planted)
    findings.check(before.found >= FOUND * before.places, f"{name}: {before}; expected to find {FOUND:.0%}")
    findings.check(before.led >= LED * before.found, f"{name}: {before}; expected to lead {LED:.0%}")
    after = Measure(purvey, folder / f"{name} shuffled", planted.shuffled(seed))
    findings.check(after.led <= LED_SHUFFLED * after.places, f"{name}, shuffled: {after}")
    findings.check(after.share <= SHARE_SHUFFLED * before.share, f"{name}, shuffled: {after}; before {before.share:.2f}")
    return f"{name}: {before}; shuffled: leads {after.led}, share {after.share:.2f}"


def test(purvey, folder, findings):
    for make in planted_shops.MAKERS:
        for seed in SEEDS:
            said = check_cause(purvey, folder, findings, make, seed)
        findings.say(said)


if __name__ == "__main__":
    purvey_program.main(test)
