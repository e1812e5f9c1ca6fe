/* kernel_bench.c - the float32 kernels of training on rows that lie in the first two cache levels.
 *
 *     kernel_bench FLOPS
 *
 * A mark "KERNEL FACTORS ROWS" around calls that make FLOPS floating-point operations together, for each kernel and
 * shape; the harness divides by the CPU seconds. A multiply-add is two operations; of a symmetric product the lower
 * triangle alone is counted.
 */
#include "bench_arguments.h"
#include "kernels/kernels.h"
#include "marks.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST_FACTORS = 128, MOST_ROWS = 256 };

static float rows[MOST_ROWS * MOST_FACTORS], results[MOST_ROWS * MOST_FACTORS], matrix[MOST_FACTORS * MOST_FACTORS];
static float coefficients[MOST_ROWS], targets[MOST_ROWS], dots[MOST_ROWS];
static float diagonal[MOST_FACTORS], vector[MOST_FACTORS], scratch[4 * MOST_FACTORS];
static double products[MOST_FACTORS * MOST_FACTORS];

static void fill(float *values, size_t n, float scale)
{
    for (size_t i = 0; i < n; i++) values[i] = scale * (float)(i % 97 + 1);
}

static pv_rows packed(size_t count, size_t n)
{
    return (pv_rows){.values = rows, .stride = n, .count = count};
}

static void run_project(size_t count, size_t n)
{
    const pv_rows neighbours = packed(count, n);
    pv_kernels_get()->project(results, dots, &neighbours, coefficients, targets, vector, n);
}

static void run_conjugate_gradients(size_t count, size_t n)
{
    const pv_row_system system = {
        .rows = packed(count, n), .coefficients = coefficients, .targets = targets, .diagonal = diagonal, .n = n};
    float x[MOST_FACTORS] = {0};
    pv_kernels_get()->conjugate_gradients(x, dots, scratch, &system, 2, 0.0F);
}

static void run_multiply(size_t count, size_t n)
{
    pv_kernels_get()->multiply(results, rows, count, matrix, n);
}

static void run_add_products(size_t count, size_t n)
{
    pv_kernels_get()->add_products(products, rows, rows, count, n);
}

typedef struct kernel {
    const char *name;
    void (*run)(size_t count, size_t n);
    double flops_per_element, flops_per_square; /* times count x n, count x n x n */
} kernel;

static const kernel kernels[] = {
    {"project", run_project, 4, 0},
    {"conjugate_gradients", run_conjugate_gradients, 12, 0},
    {"multiply", run_multiply, 0, 2},
    {"add_products", run_add_products, 1, 1},
};

static void measure(const kernel *k, size_t count, size_t n, double flops)
{
    char name[64];
    const double elements = (double)(count * n),
                 one = elements * (k->flops_per_element + (double)n * k->flops_per_square);
    const int64_t calls = (int64_t)(flops / one) + 1;
    (void)snprintf(name, sizeof name, "%s %zu %zu", k->name, n, count);
    k->run(count, n); /* the caches are warm */
    mark_begin(name);
    for (int64_t call = 0; call < calls; call++) k->run(count, n);
    mark_end(name);
}

int main(int argc, char **argv)
{
    static const size_t factors[] = {64, 128}, row_counts[] = {16, 64, 256};
    if (argc != 2) {
        (void)fputs("usage: kernel_bench FLOPS\n", stderr);
        return 2;
    }
    const double flops = (double)integer_argument(argv[1], "flops", 1, INT64_MAX);
    fill(rows, MOST_ROWS * MOST_FACTORS, 1e-4F);
    fill(matrix, MOST_FACTORS * MOST_FACTORS, 1e-4F);
    fill(vector, MOST_FACTORS, 1e-4F);
    fill(diagonal, MOST_FACTORS, 1.0F);
    fill(coefficients, MOST_ROWS, 1e-6F);
    fill(targets, MOST_ROWS, 1e-6F);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        for (size_t f = 0; f < 2; f++)
            for (size_t r = 0; r < 3; r++) measure(&kernels[k], row_counts[r], factors[f], flops);
    return 0;
}
