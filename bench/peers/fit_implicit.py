"""Fit with implicit: its weights are confidences already."""

from __future__ import annotations

import fit_arguments
import marks
import matrix_file
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares


def main() -> None:
    arguments = fit_arguments.parse(__doc__)
    matrix = matrix_file.read(arguments.matrix)
    pairs = scipy.sparse.csr_matrix(
        (matrix.weights, matrix.columns, matrix.offsets.astype("int32")), shape=(matrix.n_rows, matrix.n_columns)
    )
    model = AlternatingLeastSquares(
        factors=arguments.factors,
        regularization=arguments.regularization,
        alpha=1.0,
        use_cg=arguments.solver == "cg",
        iterations=arguments.iterations,
        num_threads=arguments.threads,
        random_state=42,
    )
    with marks.measured("fit"):
        model.fit(pairs, show_progress=False)
    fit_arguments.write_factors(arguments.output, model.user_factors, model.item_factors)


if __name__ == "__main__":
    main()
