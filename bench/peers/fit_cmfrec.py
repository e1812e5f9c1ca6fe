"""Fit with cmfrec: its confidence is 1 + alpha x, so x = c - 1."""

from __future__ import annotations

import fit_arguments
import marks
import matrix_file
import scipy.sparse
from cmfrec import CMF_implicit


def main() -> None:
    arguments = fit_arguments.parse(__doc__)
    matrix = matrix_file.read(arguments.matrix)
    pairs = scipy.sparse.csr_matrix(
        (matrix.weights - 1, matrix.columns, matrix.offsets.astype("int32")), shape=(matrix.n_rows, matrix.n_columns)
    ).tocoo()
    model = CMF_implicit(
        k=arguments.factors,
        lambda_=arguments.regularization,
        alpha=1.0,
        use_cg=arguments.solver == "cg",
        niter=arguments.iterations,
        precompute_for_predictions=False,
        use_float=True,
        nthreads=arguments.threads,
        verbose=False,
        random_state=42,
    )
    with marks.measured("fit"):
        model.fit(pairs)
    fit_arguments.write_factors(arguments.output, model.A_, model.B_)


if __name__ == "__main__":
    main()
