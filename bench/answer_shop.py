"""A shop with every column that signals use, for answer_bench: 20,000 products, 3,000 customers, two years.

    python3 bench/answer_shop.py FOLDER

Customers have two categories that they like and order from in seven of ten lines; one line in six is a product that they
bought before. Histories have about 100 distinct products.
"""

from __future__ import annotations

import csv
import datetime
import pathlib
import random
import sys
from collections.abc import Iterable, Sequence

N_PRODUCTS, N_CUSTOMERS, N_CATEGORIES, N_BRANDS, N_TRADES = 20_000, 3_000, 50, 60, 9
COLOURS = ("red", "blue", "green", "white", "black")
THINGS = ("bolt", "nut", "screw", "plate", "lamp", "box", "hinge", "valve", "cable")
FIRST_DAY, DAYS = datetime.date(2022, 7, 1), 730


def write(path: pathlib.Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def products(draw: random.Random) -> list[tuple[object, ...]]:
    rows = []
    for number in range(N_PRODUCTS):
        name = f"{draw.choice(COLOURS)} {draw.choice(THINGS)} size {draw.randrange(12)}"
        discount = draw.choice((0, 0, 0.1, 0.2))
        brand = f"B{draw.randrange(N_BRANDS)}"
        price = round(draw.lognormvariate(2.5, 0.8), 2)
        rows.append((f"p{number:05}", name, f"C{number % N_CATEGORIES}", price, discount, brand))
    return rows


def lines_of(customer: int, draw: random.Random, prices: Sequence[float]) -> Iterable[tuple[object, ...]]:
    liked = draw.sample(range(N_CATEGORIES), 2)
    bought: list[int] = []
    days = sorted(draw.randrange(DAYS) for _ in range(11))
    for order, day in enumerate(days):
        for _ in range(draw.randint(8, 15)):
            if bought and draw.random() < 1 / 6:
                product = draw.choice(bought)
            else:
                rank = int(N_PRODUCTS / N_CATEGORIES * draw.random() ** 2)  # some are bought more than others
                category = draw.choice(liked) if draw.random() < 0.7 else draw.randrange(N_CATEGORIES)
                product = rank * N_CATEGORIES + category
            bought.append(product)
            time = FIRST_DAY + datetime.timedelta(days=day)
            discount = draw.choice((0, 0, 0.1, 0.2))
            yield (f"u{customer:04}", f"p{product:05}", time, f"o{customer}-{order}", draw.randint(1, 9),
                   prices[product], discount)  # fmt: skip


def main(folder: pathlib.Path) -> None:
    draw = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    assortment = products(draw)
    prices = [float(str(row[3])) for row in assortment]
    write(folder / "products.csv", ("product_id", "name", "category", "price", "discount", "brand"), assortment)
    trades = ((f"u{customer:04}", f"t{customer % N_TRADES}") for customer in range(N_CUSTOMERS))
    write(folder / "users.csv", ("user_id", "trade"), trades)
    header = ("user_id", "product_id", "time", "order_id", "quantity", "unit_price", "discount")
    rows = (line for customer in range(N_CUSTOMERS) for line in lines_of(customer, draw, prices))
    write(folder / "user_purchases.csv", header, rows)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
