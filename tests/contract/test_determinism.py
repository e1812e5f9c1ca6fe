#!/usr/bin/env python3
"""The same question gives the same bytes: for any number of threads, one by one or in bulk, from a folder or SQLite."""

import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import purvey_program

THREADS = (1, 2, 3)
SMALL = ("--factors", 32, "--iterations", 4)


def bulk(purvey, folder, model, name, *options):
    purvey.run("recommend", model, "--all", "-o", folder / name, "-n", 7, *options)
    return (folder / name).read_bytes()


def all_same(findings, outputs, what):
    findings.check(len(set(outputs)) == 1, f"{what}: {len(set(outputs))} different outputs")
    findings.check(len(outputs[0]) > 1000, f"{what}: nearly empty")


def check_threads(purvey, folder, findings, shop):
    models = [purvey.train(shop, folder / f"{n}.model", *SMALL, "--threads", n) for n in THREADS]
    models.append(purvey.train(shop, folder / "again.model", *SMALL))
    all_same(findings, [model.read_bytes() for model in models], f"{shop.name}: train --threads {THREADS} and again")
    for name, options in (("all.csv", ()), ("all.jsonl", ()), ("full.jsonl", ("--explain", "full"))):
        outputs = [bulk(purvey, folder, models[0], name, *options, "--threads", n) for n in THREADS]
        outputs.append(bulk(purvey, folder, models[0], name, *options))
        all_same(findings, outputs, f"{shop.name}: recommend --all -o {name} --threads {THREADS} and again")
    return models[0]


def check_paths(purvey, folder, findings, shop, model):
    """One customer at a time, a list of customers and everybody: the same objects."""
    lines = bulk(purvey, folder, model, "all.jsonl", "--explain", "full").decode().splitlines()
    answers = {json.loads(line)["user"]: line for line in lines}
    users = random.Random(3).sample(sorted(answers), 25)
    csv_files.write(folder / "some.csv", ["user_id"], [{"user_id": user} for user in users])
    purvey.run("recommend", model, "--users", folder / "some.csv", "-o", folder / "some.jsonl", "-n", 7, "--explain", "full")
    some = (folder / "some.jsonl").read_text(encoding="utf-8").splitlines()
    findings.check(some == [answers[user] for user in users], f"{shop.name}: --users gives other lines than --all")
    for user in users:
        alone = purvey.run("recommend", model, "--user", user, "-n", 7, "--explain", "full", "--format", "json")
        findings.check(alone.rstrip("\n") == answers[user], f"{shop.name}: {user} alone differs from --all")
    check_scores(purvey, folder, findings, shop, model, [json.loads(answers[user]) for user in users])


def check_scores(purvey, folder, findings, shop, model, answers):
    """`rank` and `explain` give the scores that `recommend` serves."""
    pairs = [(answer["user"], item["item"], item) for answer in answers for item in answer["items"]]
    csv_files.write(folder / "pairs.csv", ["user_id", "product_id"], [{"user_id": u, "product_id": p} for u, p, _ in pairs])
    purvey.run("rank", model, "--pairs", folder / "pairs.csv", "-o", folder / "ranked.csv")
    ranked = csv_files.read(folder / "ranked.csv")
    findings.check(len(ranked) == len(pairs), f"{shop.name}: rank gives {len(ranked)} lines for {len(pairs)}")
    for row, (user, product, item) in zip(ranked, pairs):
        findings.check((row["user_id"], row["product_id"]) == (user, product), f"{shop.name}: rank changes the order")
        findings.check(float(row["score"]) == item["score"], f"{shop.name}: {user} {product}: rank gives {row['score']}")
    for user, product, item in pairs[::11]:
        explained = purvey.json("explain", model, "--user", user, "--product", product)
        findings.check(explained["score"] == item["score"], f"{shop.name}: explain {user} {product} gives {explained['score']}")


def check_import(purvey, folder, findings, shop):
    store = folder / "shop.sqlite"
    purvey.run("import", shop, "-o", store, "--quiet")
    from_store = purvey.train(store, folder / "store.model", *SMALL)
    from_folder = purvey.train(shop, folder / "folder.model", *SMALL)
    findings.check(from_store.read_bytes() == from_folder.read_bytes(), f"{shop.name}: SQLite trains to other bytes")


def test(purvey, folder, findings):
    for name in ("simple-shop", "adventureworks"):
        shop = purvey_program.EXAMPLES / name
        model = check_threads(purvey, folder, findings, shop)
        check_paths(purvey, folder, findings, shop, model)
    for name in ("simple-shop", "adventureworks", "online-retail"):
        check_import(purvey, folder, findings, purvey_program.EXAMPLES / name)
    findings.say("threads 1 to 3, single and bulk, rank and explain, folder and SQLite: the same bytes")


if __name__ == "__main__":
    purvey_program.main(test)
