"""Sparse matrices in the one format that every program of the benchmark reads: a header, offsets, columns, weights.

    8 bytes   "PVMATRIX"
    3 int64   rows, columns, pairs
    int64     offsets [rows + 1]
    int32     columns [pairs], rising within a row
    float32   weights [pairs]

Little-endian. Rows are users, columns are products, a weight is the confidence of a pair. `matrix_file.c` is the same
in C.
"""

from __future__ import annotations

import dataclasses
import pathlib
import struct

import numpy as np

MAGIC = b"PVMATRIX"
HEADER = struct.Struct("<8sqqq")


@dataclasses.dataclass(frozen=True)
class Matrix:
    """A matrix in memory: compressed sparse rows."""

    n_rows: int
    n_columns: int
    offsets: np.ndarray
    columns: np.ndarray
    weights: np.ndarray

    @property
    def n_pairs(self) -> int:
        return len(self.columns)


def read_shape(path: pathlib.Path) -> tuple[int, int, int]:
    """Rows, columns and pairs, from the header alone."""
    with open(path, "rb") as file:
        magic, n_rows, n_columns, n_pairs = HEADER.unpack(file.read(HEADER.size))
    if magic != MAGIC:
        raise ValueError(f"{path}: not a matrix file")
    return n_rows, n_columns, n_pairs


def read(path: pathlib.Path) -> Matrix:
    """The whole matrix, copied into memory of its own."""
    n_rows, n_columns, n_pairs = read_shape(path)
    with open(path, "rb") as file:
        file.seek(HEADER.size)
        offsets = np.fromfile(file, np.int64, n_rows + 1)
        columns = np.fromfile(file, np.int32, n_pairs)
        weights = np.fromfile(file, np.float32, n_pairs)
    if len(weights) != n_pairs or offsets[-1] != n_pairs:
        raise ValueError(f"{path}: cut short")
    return Matrix(n_rows, n_columns, offsets, columns, weights)


def write(path: pathlib.Path, matrix: Matrix) -> None:
    """Write the matrix."""
    with open(path, "wb") as file:
        file.write(HEADER.pack(MAGIC, matrix.n_rows, matrix.n_columns, matrix.n_pairs))
        matrix.offsets.astype(np.int64).tofile(file)
        matrix.columns.astype(np.int32).tofile(file)
        matrix.weights.astype(np.float32).tofile(file)


def read_factors(path: pathlib.Path, n_rows: int, n_factors: int) -> np.ndarray:
    """Raw float32 factors as the workers write them."""
    factors = np.fromfile(path, np.float32)
    return factors.reshape(n_rows, n_factors)
