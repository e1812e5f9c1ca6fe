/* bootstrap.c - see bootstrap.h. */
#include "evaluate/bootstrap.h"

#include "base/failure.h"
#include "base/memory.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_QUANTILE 0.025
#define HIGH_QUANTILE 0.975

struct pv_bootstrap {
    int64_t n_columns, n_companies;
    int32_t draws;
    uint64_t seed;
    double *sums;    /* [n_companies x 2 n_columns]: sums of each column, then how many rows have a say in it */
    double *totals;  /* [draws x 2 n_columns], the same of what a draw took */
    double *means;   /* [(draws + 1) x n_columns]; the last is the mean of all rows */
    double *scratch; /* [draws] */
};

/* --- drawing ----------------------------------------------------------------------------------------------------- */

static void add_all(double *to, const double *from, int64_t n)
{
    for (int64_t k = 0; k < n; k++) to[k] += from[k];
}

static void divide(double *means, const double *totals, int64_t n_columns)
{
    for (int64_t c = 0; c < n_columns; c++)
        means[c] = totals[n_columns + c] > 0 ? totals[c] / totals[n_columns + c] : (double)NAN;
}

static void draw(void *context, size_t number, unsigned thread)
{
    (void)thread;
    pv_bootstrap *b = context;
    const int64_t width = 2 * b->n_columns;
    const uint64_t n = (uint64_t)b->n_companies; /* at most 2^31: the product below fits */
    double *totals = b->totals + (int64_t)number * width;
    for (uint64_t k = 0; k < n; k++) {
        const uint64_t taken = (pv_random_bits(b->seed, number, k) >> 32) * n >> 32;
        add_all(totals, b->sums + (int64_t)taken * width, width);
    }
    divide(b->means + (int64_t)number * b->n_columns, totals, b->n_columns);
}

/* Number the companies that occur, in order of their numbers: rank[company], -1 for the others. */
static int64_t number_companies(int32_t *rank, int64_t n_numbers, const pv_bootstrap_rows *rows)
{
    int32_t n = 0;
    for (int64_t c = 0; c < n_numbers; c++) rank[c] = -1;
    for (int64_t r = 0; r < rows->n_rows; r++) rank[rows->company[r]] = 0;
    for (int64_t c = 0; c < n_numbers; c++)
        if (rank[c] == 0) rank[c] = n++;
    return n;
}

static void sum_rows(pv_bootstrap *b, const int32_t *rank, const pv_bootstrap_rows *rows)
{
    for (int64_t r = 0; r < rows->n_rows; r++) {
        double *sums = b->sums + 2 * b->n_columns * rank[rows->company[r]];
        for (int64_t c = 0; c < b->n_columns; c++) {
            const double value = rows->values[r * b->n_columns + c];
            if (isnan(value)) continue;
            sums[c] += value;
            sums[b->n_columns + c] += 1;
        }
    }
}

static pv_status mean_of_all(pv_bootstrap *b, pv_error *error)
{
    double *totals = pv_allocate((size_t)(2 * b->n_columns), sizeof *totals);
    if (!totals) return pv_fail_memory(error, "bootstrap draws", 0);
    for (int64_t k = 0; k < b->n_companies; k++) add_all(totals, b->sums + k * 2 * b->n_columns, 2 * b->n_columns);
    divide(b->means + b->draws * b->n_columns, totals, b->n_columns);
    pv_release(totals);
    return PV_OK;
}

static pv_status allocate(pv_bootstrap *b, pv_error *error)
{
    const size_t width = 2 * (size_t)b->n_columns, draws = (size_t)b->draws;
    b->sums = pv_allocate((size_t)b->n_companies, width * sizeof *b->sums);
    b->totals = pv_allocate(draws, width * sizeof *b->totals);
    b->means = pv_allocate(draws + 1, (size_t)b->n_columns * sizeof *b->means);
    b->scratch = pv_allocate(draws, sizeof *b->scratch);
    const bool is_whole = b->sums && b->totals && b->means && b->scratch;
    return pv_check_memory(is_whole, "bootstrap draws", error);
}

pv_status pv_bootstrap_create(pv_bootstrap **out, const pv_bootstrap_rows *rows, int32_t draws, uint64_t seed,
                              pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n_numbers = 0;
    for (int64_t r = 0; r < rows->n_rows; r++)
        if (rows->company[r] >= n_numbers) n_numbers = (int64_t)rows->company[r] + 1;
    int32_t *rank = pv_allocate((size_t)n_numbers, sizeof *rank);
    pv_bootstrap *b = pv_allocate(1, sizeof *b);
    PV_TRY(pv_check_memory(rank && b, "bootstrap draws", error));
    b->n_columns = rows->n_columns;
    b->n_companies = number_companies(rank, n_numbers, rows);
    b->draws = draws;
    b->seed = seed;
    PV_TRY(allocate(b, error));
    sum_rows(b, rank, rows);
    PV_TRY(mean_of_all(b, error));
    pv_threads_run(threads, (size_t)draws, draw, b);
    *out = b;
    b = NULL;
cleanup:
    pv_bootstrap_free(b);
    pv_release(rank);
    return status;
}

void pv_bootstrap_free(pv_bootstrap *b)
{
    if (!b) return;
    pv_release(b->sums);
    pv_release(b->totals);
    pv_release(b->means);
    pv_release(b->scratch);
    pv_release(b);
}

int64_t pv_bootstrap_companies(const pv_bootstrap *b)
{
    return b->n_companies;
}

/* --- reading off ------------------------------------------------------------------------------------------------- */

static int compare_values(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(const double *sorted, int64_t n, double share)
{
    const double place = share * (double)(n - 1);
    const int64_t below = (int64_t)place;
    const double next = below + 1 < n ? sorted[below + 1] : sorted[below];
    return sorted[below] + (place - (double)below) * (next - sorted[below]);
}

/* The interval of values[n], which are put in order. */
static pv_interval interval_of(double value, double *values, int64_t n)
{
    if (n == 0 || isnan(value)) return (pv_interval){(double)NAN, (double)NAN, (double)NAN};
    qsort(values, (size_t)n, sizeof *values, compare_values);
    return (pv_interval){value, quantile(values, n, LOW_QUANTILE), quantile(values, n, HIGH_QUANTILE)};
}

static double difference_of(double ours, double other)
{
    return ours - other;
}

static double ratio_of(double ours, double other)
{
    return other > 0 ? ours / other : (double)NAN;
}

/* combine(ours, other) of every draw where it is defined into b->scratch; their number is returned. */
static int64_t combine_draws(const pv_bootstrap *b, int64_t ours, int64_t other, double (*combine)(double, double))
{
    int64_t n = 0;
    for (int64_t d = 0; d < b->draws; d++) {
        const double *means = b->means + d * b->n_columns;
        const double value = combine(means[ours], means[other]);
        if (!isnan(value)) b->scratch[n++] = value;
    }
    return n;
}

pv_interval pv_bootstrap_interval(const pv_bootstrap *b, int64_t column)
{
    int64_t n = 0;
    for (int64_t d = 0; d < b->draws; d++) {
        const double mean = b->means[d * b->n_columns + column];
        if (!isnan(mean)) b->scratch[n++] = mean;
    }
    return interval_of(b->means[b->draws * b->n_columns + column], b->scratch, n);
}

static double p_value(const double *differences, int64_t n)
{
    int64_t below = 0, above = 0;
    for (int64_t k = 0; k < n; k++) {
        below += differences[k] <= 0;
        above += differences[k] >= 0;
    }
    return fmin(1.0, 2.0 * (double)((below < above ? below : above) + 1) / (double)(n + 1));
}

pv_comparison pv_bootstrap_compare(const pv_bootstrap *b, int64_t ours, int64_t other)
{
    const double *means = b->means + b->draws * b->n_columns;
    pv_comparison compared = {.p_value = (double)NAN, .p_adjusted = (double)NAN};
    int64_t n = combine_draws(b, ours, other, difference_of);
    if (n > 0) compared.p_value = p_value(b->scratch, n);
    compared.difference = interval_of(difference_of(means[ours], means[other]), b->scratch, n);
    n = combine_draws(b, ours, other, ratio_of);
    compared.ratio = interval_of(ratio_of(means[ours], means[other]), b->scratch, n);
    return compared;
}

void pv_holm_adjust(pv_comparison *const *comparisons, int64_t n)
{
    int64_t n_valid = 0;
    for (int64_t k = 0; k < n; k++) n_valid += !isnan(comparisons[k]->p_value);
    for (int64_t k = 0; k < n; k++) comparisons[k]->p_adjusted = (double)NAN;
    double largest = 0;
    for (int64_t step = 0; step < n_valid; step++) { /* the smallest that is left, a few times over a few */
        pv_comparison *smallest = NULL;
        for (int64_t k = 0; k < n; k++) {
            pv_comparison *candidate = comparisons[k];
            if (isnan(candidate->p_value) || !isnan(candidate->p_adjusted)) continue;
            if (!smallest || candidate->p_value < smallest->p_value) smallest = candidate;
        }
        largest = fmax(largest, fmin(1.0, smallest->p_value * (double)(n_valid - step)));
        smallest->p_adjusted = largest;
    }
}
