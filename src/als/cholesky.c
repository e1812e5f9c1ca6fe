/* cholesky.c - which jitter makes a matrix positive definite; the factorization itself is a kernel. */
#include "als/cholesky.h"
#include "kernels/kernels.h"
#include <math.h>

bool pv_cholesky_factor(double *L, double *jitter, const double *A, size_t n)
{
    const pv_kernels *kernels = pv_kernels_get();
    double largest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        if (!isfinite(A[i * n + i])) return false;
        largest = fmax(largest, A[i * n + i]);
    }
    *jitter = 0.0;
    if (kernels->cholesky_factor(L, A, 0.0, n)) return true;
    if (largest == 0.0) {
        *jitter = 1.0;
        return kernels->cholesky_factor(L, A, *jitter, n);
    }
    for (*jitter = largest * 0x1p-40; *jitter <= largest * (double)n; *jitter *= 16.0)
        if (kernels->cholesky_factor(L, A, *jitter, n)) return true;
    return false;
}

void pv_cholesky_solve(double *x, const double *L, size_t n)
{
    pv_kernels_get()->cholesky_solve(x, L, n);
}
