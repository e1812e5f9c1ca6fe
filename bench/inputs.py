"""The matrices that are measured: one real, the others generated (generate.c)."""

from __future__ import annotations

import csv
import dataclasses
import functools
import gzip
import pathlib
import re
import subprocess
from collections import Counter

import numpy as np

import matrix_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
RETAIL = ROOT / "examples" / "online-retail"


@dataclasses.dataclass(frozen=True)
class Generated:
    """Shape and seed of a generated matrix."""

    n_users: int
    n_products: int
    n_pairs: int
    seed: int = 1


GENERATED = {
    "shop": Generated(5_000, 4_000, 400_000),
    "large": Generated(138_000, 27_000, 10_000_000),
    "growth-1M": Generated(200_000, 50_000, 1_000_000),
    "growth-4M": Generated(200_000, 50_000, 4_000_000),
    "growth-16M": Generated(200_000, 50_000, 16_000_000),
    "growth-64M": Generated(200_000, 50_000, 64_000_000),
}


def is_purchase(row: dict[str, str]) -> bool:
    """The rules of the shop's shop.yaml; cancelled lines count for nothing and take nothing back."""
    return bool(
        row["CustomerID"]
        and re.match(r"^[0-9]{5}[A-Za-z]*$", row["StockCode"])
        and re.search("[1-9]", row["Price"])
        and not row["Invoice"].startswith("C")
    )


def retail_matrix() -> matrix_file.Matrix:
    """Orders of each product by each customer of Online Retail: the weights of `--loss hkv --weight linear`."""
    orders = set()
    with gzip.open(RETAIL / "transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if is_purchase(row):
                orders.add((row["CustomerID"], row["StockCode"], row["Invoice"]))
    counts = Counter((user, product) for user, product, _ in orders)
    return matrix_of(counts)


def matrix_of(counts: dict[tuple[str, str], int]) -> matrix_file.Matrix:
    """Users and products numbered in the order of their ids."""
    pairs = sorted(counts)
    users = {user: row for row, user in enumerate(sorted({user for user, _ in pairs}))}
    products = {product: column for column, product in enumerate(sorted({product for _, product in pairs}))}
    rows = np.array([users[user] for user, _ in pairs])
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(users)))])
    columns = np.array([products[product] for _, product in pairs], np.int32)
    weights = np.array([counts[pair] for pair in pairs], np.float32)
    return matrix_file.Matrix(len(users), len(products), offsets, columns, weights)


@functools.cache
def prepare(name: str, folder: pathlib.Path, programs: pathlib.Path) -> pathlib.Path:
    """The file of the matrix `name`, made once a run."""
    path = folder / f"{name}.matrix"
    if name == "retail":
        matrix_file.write(path, retail_matrix())
        return path
    shape = GENERATED[name]
    words = [programs / "generate", path, shape.n_users, shape.n_products, shape.n_pairs, shape.seed]
    subprocess.run([str(word) for word in words], check=True)
    return path
