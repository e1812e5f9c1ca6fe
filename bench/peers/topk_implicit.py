"""Top K with implicit's recommend: one user at a time, or all in one call."""

from __future__ import annotations

import marks
import matrix_file
import numpy as np
import scipy.sparse
import topk_arguments
from implicit.cpu.als import AlternatingLeastSquares


def main() -> None:
    arguments = topk_arguments.parse(__doc__)
    model = AlternatingLeastSquares(factors=arguments.factors, num_threads=arguments.threads)
    model.item_factors = topk_arguments.factors(arguments.products, arguments.factors)
    model.user_factors = topk_arguments.factors(arguments.users, arguments.factors)
    n_users = len(model.user_factors)
    owned = None
    if arguments.matrix:
        matrix = matrix_file.read(arguments.matrix)
        owned = scipy.sparse.csr_matrix(
            (matrix.weights, matrix.columns, matrix.offsets.astype("int32")), shape=(matrix.n_rows, matrix.n_columns)
        )
    options = {"N": arguments.k, "filter_already_liked_items": owned is not None}
    everybody = np.arange(n_users)
    lists = np.empty((n_users, arguments.k), np.int32)
    model.recommend(everybody[:1], owned[:1] if owned is not None else None, **options)  # loads what is loaded once
    with marks.measured("topk"):
        if arguments.mode == "batch":
            lists, _ = model.recommend(everybody, owned, **options)
        else:
            for user in range(n_users):
                lists[user], _ = model.recommend(user, owned[user] if owned is not None else None, **options)
    topk_arguments.write_lists(arguments.output, lists)


if __name__ == "__main__":
    main()
