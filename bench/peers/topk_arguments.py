"""The command line that all top-K workers share, and the file they write."""

from __future__ import annotations

import argparse
import pathlib

import numpy as np


def parse(description: str | None) -> argparse.Namespace:
    """PRODUCTS USERS FACTORS K THREADS MODE OUTPUT [MATRIX], as topk_bench takes them."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("products", type=pathlib.Path, help="raw float32 factors")
    parser.add_argument("users", type=pathlib.Path, help="raw float32 factors, a query each")
    parser.add_argument("factors", type=int)
    parser.add_argument("k", type=int)
    parser.add_argument("threads", type=int)
    parser.add_argument("mode", choices=("single", "batch"))
    parser.add_argument("output", help="int32 products, k a user; - writes none")
    parser.add_argument("matrix", type=pathlib.Path, nargs="?", help="products that each user has already")
    return parser.parse_args()


def factors(path: pathlib.Path, n_factors: int) -> np.ndarray:
    """Raw float32 factors, a row each."""
    return np.fromfile(path, np.float32).reshape(-1, n_factors)


def write_lists(output: str, lists: np.ndarray) -> None:
    if output != "-":
        np.ascontiguousarray(lists, np.int32).tofile(output)
