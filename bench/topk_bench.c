/* topk_bench.c - purvey's exact top-K for the harness.
 *
 *     topk_bench PRODUCTS USERS FACTORS K THREADS single|batch OUTPUT [MATRIX]
 *
 * PRODUCTS and USERS are raw float32 factors, each user a query; MATRIX (with batch alone) lists the products that each
 * user has already. OUTPUT gets int32 products, K a user, -1 behind the last; - writes none. The index is made before
 * the measured part.
 */
#include "base/failure.h"
#include "base/memory.h"
#include "bench_arguments.h"
#include "marks.h"
#include "matrix_file.h"
#include "topk/scan_batch.h"
#include "topk/scan_best.h"
#include <stdio.h>
#include <string.h>

typedef struct task {
    float *products, *users;
    int64_t n_products, n_users, n_factors, k;
    pv_threads *threads;
    matrix owned; /* no rows: nothing is left out */
    bool is_batch;
    pv_scan_index index;
    int32_t *best;    /* [n_users x k] */
    double *scores;   /* [n_users x k] */
    int64_t *n_found; /* [n_users] */
} task;

static bool lower_number_first(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

static pv_status read_factors(float **factors, int64_t *n_rows, int64_t n_factors, const char *path, pv_error *error)
{
    pv_status status = PV_OK;
    FILE *file = fopen(path, "rb");
    if (!file || fseeko(file, 0, SEEK_END) != 0) PV_TRY(pv_fail(error, PV_E_INPUT, "%s: cannot be read", path));
    const size_t count = (size_t)ftello(file) / sizeof **factors;
    *n_rows = (int64_t)count / n_factors;
    *factors = pv_allocate(count, sizeof **factors);
    if (!*factors) PV_TRY(pv_fail_memory(error, path, count * sizeof **factors));
    rewind(file);
    if (fread(*factors, sizeof **factors, count, file) != count || *n_rows * n_factors != (int64_t)count)
        PV_TRY(pv_fail(error, PV_E_INPUT, "%s: not a whole number of rows", path));
cleanup:
    if (file) (void)fclose(file);
    return status;
}

static pv_status search_single(task *t, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_scan_order order = {.n = t->k, .before = lower_number_first};
    const size_t n_factors = (size_t)t->n_factors;
    double *x = pv_allocate(n_factors, sizeof *x);
    if (!x) PV_TRY(pv_fail_memory(error, "a query", n_factors * sizeof *x));
    for (int64_t user = 0; user < t->n_users; user++) {
        for (size_t i = 0; i < n_factors; i++) x[i] = (double)t->users[(size_t)user * n_factors + i];
        const int64_t first = user * t->k;
        PV_TRY(pv_scan_best(t->best + first, t->scores + first, t->n_found + user, &t->index, x, &order, error));
    }
cleanup:
    pv_release(x);
    return status;
}

static pv_status search_batch(task *t, pv_error *error)
{
    const pv_scan_batch batch = {.queries = t->users,
                                 .n_queries = t->n_users,
                                 .n = t->k,
                                 .excluded_offsets = t->owned.offsets,
                                 .excluded = t->owned.columns,
                                 .before = lower_number_first};
    return pv_scan_best_batch(t->best, t->scores, t->n_found, &t->index, &batch, t->threads, error);
}

static pv_status make_ready(task *t, pv_error *error)
{
    const size_t n_users = (size_t)t->n_users, n_lists = n_users * (size_t)t->k;
    t->best = pv_allocate(n_lists, sizeof *t->best);
    t->scores = pv_allocate(n_lists, sizeof *t->scores);
    t->n_found = pv_allocate(n_users, sizeof *t->n_found);
    if (!t->best || !t->scores || !t->n_found) return pv_fail_memory(error, "lists", n_lists * 12);
    if (t->owned.n_rows != 0 && t->owned.n_rows != t->n_users)
        return pv_fail(error, PV_E_INPUT, "the matrix has another number of users");
    return pv_scan_index_init(&t->index, t->products, t->n_products, (size_t)t->n_factors, error);
}

static pv_status write_lists(task *t, const char *output, pv_error *error)
{
    if (strcmp(output, "-") == 0) return PV_OK;
    for (int64_t user = 0; user < t->n_users; user++)
        for (int64_t i = t->n_found[user]; i < t->k; i++) t->best[user * t->k + i] = -1;
    const size_t count = (size_t)(t->n_users * t->k);
    FILE *file = fopen(output, "wb");
    const bool is_written = file && fwrite(t->best, sizeof *t->best, count, file) == count;
    if (file && fclose(file) == 0 && is_written) return PV_OK;
    return pv_fail(error, PV_E_OUTPUT, "cannot write %s", output);
}

static pv_status run(task *t, char **argv, pv_error *error)
{
    pv_status status = PV_OK;
    PV_TRY(read_factors(&t->products, &t->n_products, t->n_factors, argv[1], error));
    PV_TRY(read_factors(&t->users, &t->n_users, t->n_factors, argv[2], error));
    if (argv[8]) PV_TRY(matrix_read(&t->owned, argv[8], error));
    PV_TRY(make_ready(t, error));
    mark_begin("topk");
    PV_TRY(t->is_batch ? search_batch(t, error) : search_single(t, error));
    mark_end("topk");
    PV_TRY(write_lists(t, argv[7], error));
cleanup:
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 8 || argc > 9 || (argc == 9 && strcmp(argv[6], "batch") != 0)) {
        (void)fputs("usage: topk_bench PRODUCTS USERS FACTORS K THREADS single|batch OUTPUT [MATRIX]\n", stderr);
        return 2;
    }
    task t = {.is_batch = strcmp(argv[6], "batch") == 0};
    t.n_factors = integer_argument(argv[3], "factors", 1, PV_SCAN_MOST_FACTORS);
    t.k = integer_argument(argv[4], "k", 1, INT32_MAX);
    pv_error error = {0};
    pv_status status = pv_threads_create(&t.threads, (unsigned)integer_argument(argv[5], "threads", 1, 1024), &error);
    if (status == PV_OK) status = run(&t, argv, &error);
    if (status != PV_OK) (void)fprintf(stderr, "topk_bench: %s\n", error.message);
    pv_scan_index_deinit(&t.index);
    pv_threads_free(t.threads);
    pv_release(t.products);
    pv_release(t.users);
    pv_release(t.best);
    pv_release(t.scores);
    pv_release(t.n_found);
    matrix_free(&t.owned);
    return pv_status_exit_code(status);
}
