/* naive_inverse.h - for tests: the inverse of a matrix in float64, by elimination with row exchanges. */
#ifndef NAIVE_INVERSE_H
#define NAIVE_INVERSE_H

#include <math.h>
#include <stddef.h>

/* inverse = matrix^-1, both [n x n]; the matrix is used up. */
static inline void naive_inverse(double *inverse, double *matrix, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) inverse[i * n + j] = i == j;
    for (size_t p = 0; p < n; p++) {
        size_t best = p;
        for (size_t i = p + 1; i < n; i++)
            if (fabs(matrix[i * n + p]) > fabs(matrix[best * n + p])) best = i;
        for (size_t j = 0; j < n; j++) {
            const double a = matrix[p * n + j], b = inverse[p * n + j];
            matrix[p * n + j] = matrix[best * n + j];
            inverse[p * n + j] = inverse[best * n + j];
            matrix[best * n + j] = a;
            inverse[best * n + j] = b;
        }
        const double pivot = matrix[p * n + p];
        for (size_t j = 0; j < n; j++) {
            matrix[p * n + j] /= pivot;
            inverse[p * n + j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            const double factor = matrix[i * n + p];
            if (i == p || factor == 0) continue;
            for (size_t j = 0; j < n; j++) {
                matrix[i * n + j] -= factor * matrix[p * n + j];
                inverse[i * n + j] -= factor * inverse[p * n + j];
            }
        }
    }
}

#endif
