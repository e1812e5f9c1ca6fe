"""Fit with irspack: loss ORIGINAL with alpha0 = 1 and nu = 0 is the loss of hkv_loss.py for weights c - 1."""

from __future__ import annotations

import fit_arguments
import marks
import matrix_file
import scipy.sparse
from irspack import IALSRecommender


def main() -> None:
    arguments = fit_arguments.parse(__doc__)
    matrix = matrix_file.read(arguments.matrix)
    pairs = scipy.sparse.csr_matrix(
        (matrix.weights - 1, matrix.columns, matrix.offsets.astype("int32")), shape=(matrix.n_rows, matrix.n_columns)
    )
    recommender = IALSRecommender(
        pairs,
        n_components=arguments.factors,
        alpha0=1.0,
        reg=arguments.regularization,
        nu=0.0,
        loss_type="ORIGINAL",
        solver_type=arguments.solver.upper(),
        train_epochs=arguments.iterations,
        n_threads=arguments.threads,
        random_seed=42,
    )
    with marks.measured("fit"):
        recommender.start_learning()
        for _ in range(arguments.iterations):
            recommender.run_epoch()
    fit_arguments.write_factors(arguments.output, recommender.get_user_embedding(), recommender.get_item_embedding())


if __name__ == "__main__":
    main()
