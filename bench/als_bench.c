/* als_bench.c - fit purvey's factor model for the harness.
 *
 *     als_bench MATRIX OUTPUT SOLVER FACTORS ITERATIONS THREADS REGULARIZATION
 *
 * The loss is hkv. OUTPUT.users and OUTPUT.products get the factors; OUTPUT - writes none.
 */
#include "als/als.h"
#include "base/failure.h"
#include "base/memory.h"
#include "bench_arguments.h"
#include "marks.h"
#include "matrix_file.h"
#include <stdio.h>
#include <string.h>

static pv_status solver_named(pv_solver *solver, const char *name, pv_error *error)
{
    static const char *const names[] = {
        [PV_SOLVER_AUTO] = "auto", [PV_SOLVER_CG] = "cg", [PV_SOLVER_CHOLESKY] = "cholesky"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *solver = (pv_solver)i;
        return PV_OK;
    }
    return pv_fail(error, PV_E_USAGE, "no solver is called %s", name);
}

static pv_status write_factors(const char *output, const char *side, const float *factors, size_t count,
                               pv_error *error)
{
    char path[4096];
    if (strcmp(output, "-") == 0) return PV_OK;
    const int length = snprintf(path, sizeof path, "%s.%s", output, side);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "wb") : NULL;
    const bool is_written = file && fwrite(factors, sizeof *factors, count, file) == count;
    if (file && fclose(file) == 0 && is_written) return PV_OK;
    return pv_fail(error, PV_E_OUTPUT, "cannot write %s", path);
}

static pv_status fit(const char *path, const char *output, const pv_als_settings *settings, unsigned n_threads,
                     pv_error *error)
{
    pv_status status = PV_OK;
    matrix input = {0};
    float *X = NULL, *Y = NULL;
    pv_threads *threads = NULL;
    PV_TRY(matrix_read(&input, path, error));
    const pv_pairs pairs = matrix_pairs(&input);
    const size_t n_x = (size_t)(input.n_rows * settings->n_factors);
    const size_t n_y = (size_t)(input.n_columns * settings->n_factors);
    mark_begin("fit");
    X = pv_allocate(n_x, sizeof *X);
    Y = pv_allocate(n_y, sizeof *Y);
    if (!X || !Y) PV_TRY(pv_fail_memory(error, "factors", (n_x + n_y) * sizeof *X));
    PV_TRY(pv_threads_create(&threads, n_threads, error));
    PV_TRY(pv_als_fit(X, Y, &pairs, settings, threads, NULL, NULL, error));
    mark_end("fit");
    PV_TRY(write_factors(output, "users", X, n_x, error));
    PV_TRY(write_factors(output, "products", Y, n_y, error));
cleanup:
    pv_threads_free(threads);
    pv_release(X);
    pv_release(Y);
    matrix_free(&input);
    return status;
}

int main(int argc, char **argv)
{
    pv_error error = {0};
    if (argc != 8) {
        (void)fputs("usage: als_bench MATRIX OUTPUT SOLVER FACTORS ITERATIONS THREADS REGULARIZATION\n", stderr);
        return 2;
    }
    pv_als_settings settings = {.loss = PV_LOSS_HKV, .unobserved_weight = 1, .seed = 42};
    settings.n_factors = (int32_t)integer_argument(argv[4], "factors", 1, 1024);
    settings.iterations = (int32_t)integer_argument(argv[5], "iterations", 0, 10000);
    const unsigned n_threads = (unsigned)integer_argument(argv[6], "threads", 1, 1024);
    settings.regularization = real_argument(argv[7], "regularization");
    pv_status status = solver_named(&settings.solver, argv[3], &error);
    if (status == PV_OK) status = fit(argv[1], argv[2], &settings, n_threads, &error);
    if (status != PV_OK) (void)fprintf(stderr, "als_bench: %s\n", error.message);
    return pv_status_exit_code(status);
}
