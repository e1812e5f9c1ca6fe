/* matrix_file.h - the sparse matrices of the benchmark, as matrix_file.py describes them, read into memory. */
#ifndef MATRIX_FILE_H
#define MATRIX_FILE_H

#include "als/als.h"
#include <stdio.h>

typedef struct matrix {
    int64_t n_rows, n_columns, n_pairs;
    int64_t *offsets; /* [n_rows + 1] */
    int32_t *columns; /* [n_pairs] */
    float *weights;   /* [n_pairs] */
} matrix;

/* The matrix as the library takes it; borrows. */
pv_pairs matrix_pairs(const matrix *pairs);
/* Read the file. Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status matrix_read(matrix *out, const char *path, pv_error *error) PV_CHECKED;
void matrix_free(matrix *pairs);

/* The header and the offsets of a file that is being written. False when the disk is full. */
bool matrix_write_offsets(FILE *file, int64_t n_rows, int64_t n_columns, const int64_t *offsets);
/* Where columns and weights of the pair `first` stand in the file. */
int64_t matrix_columns_at(int64_t n_rows, int64_t first);
int64_t matrix_weights_at(int64_t n_rows, int64_t n_pairs, int64_t first);

#endif
