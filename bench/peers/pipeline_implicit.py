"""What a shop runs today: read the transactions with pandas, fit with implicit, write ten products for everyone.

pipeline_implicit.py TRANSACTIONS OUTPUT
"""

from __future__ import annotations

import sys

import numpy as np
import pandas
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

N_FACTORS, N_ITERATIONS, N_PRODUCTS = 50, 20, 10


def read_orders(path: str) -> pandas.DataFrame:
    """Orders of each product by each customer: the rules of the shop's shop.yaml, cancelled lines left out."""
    lines = pandas.read_csv(path, dtype={"CustomerID": str, "StockCode": str, "Invoice": str})
    lines = lines[
        lines["CustomerID"].notna()
        & lines["StockCode"].str.fullmatch("[0-9]{5}[A-Za-z]*")
        & (lines["Price"] > 0)
        & ~lines["Invoice"].str.startswith("C")
    ]
    orders = lines.groupby(["CustomerID", "StockCode"])["Invoice"].nunique()
    return orders.rename("orders").reset_index()


def main() -> None:
    orders = read_orders(sys.argv[1])
    users, products = orders["CustomerID"].astype("category"), orders["StockCode"].astype("category")
    weights = orders["orders"].to_numpy(np.float32)
    pairs = scipy.sparse.csr_matrix((weights, (users.cat.codes, products.cat.codes)))
    model = AlternatingLeastSquares(factors=N_FACTORS, regularization=10, iterations=N_ITERATIONS, random_state=42)
    model.fit(pairs, show_progress=False)
    ids, scores = model.recommend(np.arange(pairs.shape[0]), pairs, N=N_PRODUCTS)
    pandas.DataFrame(
        {
            "user_id": np.repeat(users.cat.categories, N_PRODUCTS),
            "product_id": products.cat.categories.to_numpy()[ids.ravel()],
            "score": scores.ravel(),
        }
    ).to_csv(sys.argv[2], index=False)


if __name__ == "__main__":
    main()
