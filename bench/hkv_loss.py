"""The one judge of all programs: the loss of Hu, Koren and Volinsky (2008) of factors that a program has written.

    sum over pairs c (1 - x.y)^2  +  sum over all other cells (x.y)^2  +  R (|X|^2 + |Y|^2)

with the weight of a pair as its confidence c, in float64.
"""

from __future__ import annotations

import numpy as np

from matrix_file import Matrix

PAIRS_AT_ONCE = 1 << 18


def hkv_loss(matrix: Matrix, X: np.ndarray, Y: np.ndarray, regularization: float) -> float:
    """Loss of user factors X and product factors Y; memory for a few hundred thousand pairs at a time."""
    X, Y = X.astype(np.float64), Y.astype(np.float64)
    # All cells as if unobserved: sum (x.y)^2 = <X'X, Y'Y>. The pairs then trade their share for the weighted one.
    loss = float(np.sum((X.T @ X) * (Y.T @ Y)))
    loss += regularization * float(np.sum(X * X) + np.sum(Y * Y))
    rows = np.repeat(np.arange(matrix.n_rows, dtype=np.int64), np.diff(matrix.offsets))
    for first in range(0, matrix.n_pairs, PAIRS_AT_ONCE):
        part = slice(first, first + PAIRS_AT_ONCE)
        scores = np.einsum("pk,pk->p", X[rows[part]], Y[matrix.columns[part]])
        loss += float(np.sum(matrix.weights[part].astype(np.float64) * (1 - scores) ** 2 - scores**2))
    return loss
