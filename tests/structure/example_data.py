#!/usr/bin/env python3
"""The bundled shops hold what their README.md counts, and their tables fit together."""

import csv
import gzip
import re

import source_tree


def rows(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def three_tables(folder):
    """(counts, problems) of a shop with users.csv, products.csv and user_purchases.csv."""
    users, products = rows(folder / "users.csv"), rows(folder / "products.csv")
    purchases = rows(next(folder.glob("user_purchases.csv*")))
    counts = {
        "users": len(users),
        "products": len(products),
        "categories": len({row["category"] for row in products}),
        "lines": len(purchases),
        "pairs": len({(row["user_id"], row["product_id"]) for row in purchases}),
    }
    problems = []
    for name, table in (("user_id", users), ("product_id", products)):
        ids = {row[name] for row in table}
        if len(ids) != len(table):
            problems.append(f"a {name} twice")
        if not {row[name] for row in purchases} <= ids:
            problems.append(f"a purchase with an unknown {name}")
    return counts, problems


def simple_shop(folder):
    counts, problems = three_tables(folder)
    counts["purchases"] = sum(int(row["purchase_count"]) for row in rows(folder / "user_purchases.csv"))
    counts["discounted"] = sum(float(row["discount"]) > 0 for row in rows(folder / "products.csv"))
    return counts, problems


def adventureworks(folder):
    counts, problems = three_tables(folder)
    lines = rows(folder / "user_purchases.csv.gz")
    counts["buyers"] = len({row["user_id"] for row in lines})
    counts["orders"] = len({row["order_id"] for row in lines})
    counts["discounted"] = sum(float(row["discount"]) > 0 for row in lines)
    counts["ended"] = sum(row["stock"] == "0" for row in rows(folder / "products.csv"))
    return counts, problems


def online_retail(folder):
    lines = rows(folder / "transactions.csv.gz")
    with_customer = [row for row in lines if row["CustomerID"]]
    products = [row for row in with_customer if re.search("^[0-9]{5}[A-Za-z]*$", row["StockCode"])]
    priced = [row for row in products if float(row["Price"]) > 0]
    kept = [row for row in priced if not row["Invoice"].startswith("C")]
    counts = {
        "lines": len(lines),
        "without customer": len(lines) - len(with_customer),
        "no product": len(with_customer) - len(products),
        "free": len(products) - len(priced),
        "cancelled": len(priced) - len(kept),
        "all cancelled": sum(row["Invoice"].startswith("C") for row in lines),
        "purchases": len(kept),
        "customers": len({row["CustomerID"] for row in kept}),
        "products": len({row["StockCode"] for row in kept}),
    }
    problems = ["a purchase without a positive quantity"] if any(float(row["Quantity"]) <= 0 for row in kept) else []
    return counts, problems


def check(root):
    for name, count in (("simple-shop", simple_shop), ("adventureworks", adventureworks), ("online-retail", online_retail)):
        counts, problems = count(root / "examples" / name)
        stated = set(re.findall(r"\d[\d,]*", source_tree.read(root, f"examples/{name}/README.md")))
        for what, number in counts.items():
            if f"{number:,}" not in {text.rstrip(",") for text in stated}:
                yield f"examples/{name}/README.md: does not state {number:,} ({what})"
        for problem in problems:
            yield f"examples/{name}: {problem}"


if __name__ == "__main__":
    source_tree.main(check)
