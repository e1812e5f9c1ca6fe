/* kernel_tables.h - for tests: every table that this machine can run, and numbers at odd addresses to feed it. */
#ifndef KERNEL_TABLES_H
#define KERNEL_TABLES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TABLES = 3, MOST_ROWS = 40, MATRIX_ROWS = 48 };

/* The tables up to the one that this process uses. */
static inline size_t list_tables(const pv_kernels *tables[MOST_TABLES])
{
    size_t n = 0;
    tables[n++] = &pv_kernels_scalar;
#if defined(__x86_64__)
    if (pv_isa_get() >= PV_ISA_AVX2) tables[n++] = &pv_kernels_avx2;
    if (pv_isa_get() >= PV_ISA_AVX512) tables[n++] = &pv_kernels_avx512;
#elif defined(__aarch64__)
    if (pv_isa_get() == PV_ISA_NEON) tables[n++] = &pv_kernels_neon;
#endif
    return n;
}

/* Memory that starts behind a 16-byte boundary, one number off: kernels may assume the alignment of a number and no
 * more. It ends where the numbers end, so that a sanitizer sees who goes beyond. */
static inline void *odd_memory(size_t count, size_t size)
{
    char *memory = malloc((count + 1) * size);
    if (!memory) fail_msg("no memory for %zu numbers", count);
    return memory + size;
}

static inline float *odd_floats(size_t count, uint64_t stream)
{
    float *values = odd_memory(count, sizeof *values);
    for (size_t i = 0; i < count; ++i) values[i] = (float)pv_random_normal(5, stream, i);
    return values;
}

static inline double *odd_doubles(size_t count, uint64_t stream)
{
    double *values = odd_memory(count, sizeof *values);
    for (size_t i = 0; i < count; ++i) values[i] = pv_random_normal(5, stream, i);
    return values;
}

static inline void free_floats(float *values)
{
    free(values - 1);
}

static inline void free_doubles(double *values)
{
    free(values - 1);
}

/* MATRIX_ROWS random rows, `stride` apart; rows_of() views some of them, in any order, some twice. */
static const int32_t some_rows[MOST_ROWS] = {3,  0,  39, 7,  7,  12, 1,  30, 31, 32, 2,  38, 5,  6,
                                             21, 22, 11, 9,  8,  25, 14, 40, 13, 4,  6,  41, 42, 47,
                                             46, 10, 15, 16, 17, 18, 20, 19, 23, 24, 45, 26};

static inline pv_rows rows_of(const float *matrix, size_t stride, size_t count, bool with_index)
{
    return (pv_rows){.values = matrix, .stride = stride, .index = with_index ? some_rows : NULL, .count = count};
}

/* |actual - expected| within 100 roundings of the terms that were summed. */
static inline void assert_close(double actual, double expected, double size_of_terms, double epsilon)
{
    double bound = 100.0 * epsilon * size_of_terms;
    if (!(fabs(actual - expected) <= bound)) fail_msg("%.17g is not %.17g within %g", actual, expected, bound);
}

/* a . b in float64; size_of_terms is the sum of the absolute products. */
static inline double dot_expected(const float *a, const float *b, size_t n, double *size_of_terms)
{
    double sum = 0.0;
    *size_of_terms = 0.0;
    for (size_t i = 0; i < n; ++i) {
        sum += (double)a[i] * (double)b[i];
        *size_of_terms += fabs((double)a[i] * (double)b[i]);
    }
    return sum;
}

/* All of `tests`, each with a table as its state, once per table; returns the number of failures. */
#define run_on_all_tables(tests) run_on_tables(tests, sizeof(tests) / sizeof *(tests))
static inline int run_on_tables(struct CMUnitTest *tests, size_t n_tests)
{
    const pv_kernels *tables[MOST_TABLES];
    const size_t n_tables = list_tables(tables);
    int failed = 0;
    for (size_t t = 0; t < n_tables; ++t) {
        for (size_t k = 0; k < n_tests; ++k) tests[k].initial_state = (void *)(uintptr_t)tables[t];
        failed += _cmocka_run_group_tests(tables[t]->isa, tests, n_tests, NULL, NULL);
    }
    return failed;
}

#endif
