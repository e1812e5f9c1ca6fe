#!/usr/bin/env python3
"""Recall@20 of the default weights and of single signals on Online Retail: train on what was known before a date, then
look at what the same customers bought in the 90 days after it.

    python3 bench/default_weights.py [PROGRAM]

PROGRAM is build/purvey by default. docs/math.md quotes the table. Needs nothing but Python.
"""

import collections
import csv
import datetime
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHOP = ROOT / "examples" / "online-retail"
CUTOFF = datetime.date(2010, 9, 1)
DAYS = 90
LENGTH = 20
SIGNALS = ("als", "bought_together", "habit", "popularity", "all")
MODES = {"new": "NEW", "reorder": "REPEAT", "mixed": "ALL"}


def is_purchase(row):
    """The rules of the shop's shop.yaml, without returns: a return does not undo that a product was wanted."""
    return (
        row["CustomerID"]
        and re.match(r"^[0-9]{5}[A-Za-z]*$", row["StockCode"])
        and re.search("[1-9]", row["Price"])
        and not row["Invoice"].startswith("C")
        and float(row["Quantity"]) > 0
    )


def read_purchases():
    """Products of each customer before the date, and in the days after it."""
    before, after = collections.defaultdict(set), collections.defaultdict(set)
    first, end = CUTOFF.isoformat(), (CUTOFF + datetime.timedelta(DAYS)).isoformat()
    with gzip.open(SHOP / "transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if is_purchase(row) and row["InvoiceDate"] < end:
                part = before if row["InvoiceDate"] < first else after
                part[row["CustomerID"]].add(row["StockCode"])
    return before, after


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stderr=subprocess.DEVNULL)


def recommended(program, model, mode, folder):
    path = folder / f"{mode}.csv"
    run(program, "recommend", model, "--all", "-n", LENGTH, "--mode", mode, "-o", path, "--explain", "none", "--quiet")
    lists = collections.defaultdict(set)
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists[row["user_id"]].add(row["product_id"])
    return lists


def recall(lists, before, after, mode):
    """Mean over customers of found / bought, for products that the shop had sold before the date."""
    known = set().union(*before.values())
    shares = []
    for user, products in before.items():
        bought = after.get(user, set()) & known
        if mode == "new":
            bought = bought - products
        elif mode == "reorder":
            bought = bought & products
        if bought:
            shares.append(len(lists[user] & bought) / len(bought))
    return sum(shares) / len(shares), len(shares)


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "purvey").resolve()
    before, after = read_purchases()
    rows, customers = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for signals in SIGNALS:
            only = () if signals == "all" else ("--signals", signals)
            run(program, "train", SHOP, "-o", folder / "model", "--as-of", CUTOFF, "--quiet", *only)
            row = [signals]
            for mode in MODES:
                lists = recommended(program, folder / "model", mode, folder)
                share, customers[mode] = recall(lists, before, after, mode)
                row.append(f"{share:.3f}")
            rows.append(row)
    print("| signals | " + " | ".join(f"{MODES[mode]} ({customers[mode]:,} customers)" for mode in MODES) + " |")
    print("|---|" + "---|" * len(MODES))
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
