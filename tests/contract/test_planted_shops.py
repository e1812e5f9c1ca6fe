#!/usr/bin/env python3
"""In a shop whose purchases have one cause, the weights find it and the lists gain by it; without its column they
do not.

Learned weights, for each cause:
  weight  the largest of its kind is that of the cause, or of another signal that sees the same (Planted.cause says
          which); a cost, which something else must speak against, has at least LEAST_COST
  recall  of the lists against what is bought after the cut; higher than that of the factor model alone, but for costs
  both    of the same shop with the cause's column shuffled: the weight falls to WEIGHT_SHUFFLED, or the gain in recall
          is gone; where the factor model is the cause, recall falls to RECALL_SHUFFLED
Documented weights, for causes that need no time: the same shop without time and order, the same gain in recall.
"""

import concurrent.futures
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import planted_causes
import purvey_program

PLACES = 10
GAIN = 1.05  # recall over that of the factor model alone
NO_LOSS = 0.9  # the same, where the factor model is the cause
WEIGHT_SHUFFLED = 0.4  # of the weight before
GAIN_SHUFFLED = 1 / 4  # of the gain before
RECALL_SHUFFLED = 3 / 4  # of the recall before, where the factor model is the cause
LEAST_COST = 0.1
COSTS = {"substitute"}
# Not of one product against another: the same for all of a customer's reorders.
CONSTANTS = {"rebuy"}
# Never learned: their weights are the same in every shop.
RULES = {"fatigue"}
FACTOR_MODEL = ("--signals", "als")


class Measure:
    """Weights and recall of a model trained on a planted shop."""

    def __init__(self, purvey, folder, planted, *options, has_time=True):
        shop = planted.write(folder, has_time)
        model = purvey.train(shop, folder / "model", "--factors", 16, "--threads", 1, *options)
        key, signals = f"weight_{planted.kind}", purvey.json("info", model)["signals"]
        self.weights = {row["code"]: row[key] or 0 for row in signals if row["code"] not in CONSTANTS | RULES}
        self.of_cause = sum(self.weights[code] for code in planted.cause)
        self.recall = self._recall(purvey, model, planted, folder / "lists.csv")

    @staticmethod
    def _recall(purvey, model, planted, out):
        options = ("-n", PLACES, "--mode", planted.kind, "--threads", 1, "--quiet")
        purvey.run("recommend", model, "--all", "-o", out, *options)
        lists, truth = {}, planted.truth
        with open(out, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                lists.setdefault(row["user_id"], set()).add(row["product_id"])
        found = {user: len(lists.get(user, set()) & bought) / len(bought) for user, bought in truth.items()}
        return sum(found.values()) / len(found)

    def __str__(self):
        largest = sorted(self.weights.items(), key=lambda pair: -pair[1])[:4]
        told = [f"{code} {weight:.3f}" for code, weight in largest if weight > 0]
        return ", ".join([f"recall {self.recall:.3f}", *told])


def check_learned(purvey, folder, findings, planted, name, seed):
    full = Measure(purvey, folder / name, planted)
    alone = Measure(purvey, folder / f"{name} als", planted, *FACTOR_MODEL)
    shuffled = Measure(purvey, folder / f"{name} shuffled", planted.shuffled(seed))
    told = f"{name}: {full}; als alone {alone.recall:.3f}; shuffled {shuffled}"
    if COSTS.intersection(planted.cause):
        findings.check(full.of_cause >= LEAST_COST, f"{told}: no cost")
    else:
        findings.check(max(full.weights, key=full.weights.get) in planted.cause, f"{told}: {planted.cause} must lead")
        least = NO_LOSS if "als" in planted.cause else GAIN
        findings.check(full.recall >= least * alone.recall, f"{told}: no gain over als")
    is_forgotten = shuffled.of_cause <= WEIGHT_SHUFFLED * full.of_cause
    gain = max(full.recall - alone.recall, 0)
    is_lost = shuffled.recall - alone.recall <= GAIN_SHUFFLED * gain
    if "als" in planted.cause:
        is_lost = shuffled.recall <= RECALL_SHUFFLED * full.recall
    findings.check(is_forgotten or is_lost, f"{told}: shuffling changes too little")
    return told


def check_documented(purvey, folder, findings, planted, name):
    full = Measure(purvey, folder / f"{name} timeless", planted, has_time=False)
    alone = Measure(purvey, folder / f"{name} timeless als", planted, *FACTOR_MODEL, has_time=False)
    told = f"{name}, documented weights: recall {full.recall:.3f}; als alone {alone.recall:.3f}"
    findings.check(full.of_cause > 0, f"{told}: no weight")
    findings.check(full.recall >= GAIN * alone.recall, f"{told}: no gain over als")
    return told


def check_cause(purvey, folder, findings, make, seed):
    name, planted = f"{make.__name__}, seed {seed}", make(seed)
    told = [check_learned(purvey, folder, findings, planted, name, seed)]
    if make in planted_causes.WITHOUT_TIME:
        told.append(check_documented(purvey, folder, findings, planted, name))
    return told


def test(purvey, folder, findings):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(check_cause, purvey, folder, findings, make, 1) for make in planted_causes.MAKERS]
        for run in runs:
            for line in run.result():
                findings.say(line)


if __name__ == "__main__":
    purvey_program.main(test)
