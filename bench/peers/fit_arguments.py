"""The command line that all fitting workers share, and the files they write."""

from __future__ import annotations

import argparse
import pathlib

import numpy as np


def parse(description: str | None) -> argparse.Namespace:
    """MATRIX OUTPUT SOLVER FACTORS ITERATIONS THREADS REGULARIZATION, as als_bench takes them."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("matrix", type=pathlib.Path)
    parser.add_argument("output", help="prefix of the factor files; - writes none")
    parser.add_argument("solver")
    parser.add_argument("factors", type=int)
    parser.add_argument("iterations", type=int)
    parser.add_argument("threads", type=int)
    parser.add_argument("regularization", type=float)
    return parser.parse_args()


def write_factors(output: str, X: np.ndarray, Y: np.ndarray) -> None:
    """OUTPUT.users and OUTPUT.products: raw float32, row-major."""
    if output == "-":
        return
    np.ascontiguousarray(X, np.float32).tofile(f"{output}.users")
    np.ascontiguousarray(Y, np.float32).tofile(f"{output}.products")
