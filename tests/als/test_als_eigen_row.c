/* Rows of the `auto` solver against a dense float64 solver in the same basis. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als/als_eigen_row.h"
#include "als_cases.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A half step that is ready: users are solved, products fixed, both in the basis of the products. */
typedef struct prepared {
    als_case c;
    pv_als_settings settings;
    pv_als_factors users, products;
    pv_als_basis basis;
    pv_als_eigen_scratch scratch;
    pv_als_eigen_half half;
    pv_threads *threads;
} prepared;

static void read_random(pv_als_factors *factors, int64_t n_rows, int32_t d, uint64_t stream)
{
    float *values = als_random_factors(n_rows, d, stream);
    assert_int_equal(pv_als_factors_init(factors, n_rows, (size_t)d, NULL), PV_OK);
    pv_als_factors_read(factors, values);
    free(values);
}

static prepared prepare(int64_t n_users, int64_t n_products, double (*draw)(int64_t, int64_t), pv_als_settings settings,
                        double tolerance)
{
    prepared p = {.c = als_case_create(n_users, n_products, draw), .settings = settings, .threads = als_threads(2)};
    size_t d = (size_t)settings.n_factors;
    double weight = settings.loss == PV_LOSS_HKV ? 1.0 : settings.unobserved_weight;
    read_random(&p.users, n_users, settings.n_factors, 1);
    read_random(&p.products, n_products, settings.n_factors, 2);
    assert_int_equal(pv_als_basis_init(&p.basis, d, weight, NULL), PV_OK);
    assert_int_equal(pv_als_eigen_scratch_init(&p.scratch, d, n_products, NULL), PV_OK);
    pv_als_basis_measure(&p.basis, &p.products, p.threads);
    assert_true(pv_als_basis_prepare(&p.basis, &p.products, &p.users, 1.0, tolerance, p.threads));
    return p;
}

static pv_als_eigen_half half_of(const prepared *p, size_t cg_steps, double relaxation)
{
    return (pv_als_eigen_half){.settings = &p->settings,
                               .pairs = &p->c.pairs,
                               .fixed = &p->products,
                               .solved = &p->users,
                               .basis = &p->basis,
                               .cg_steps = cg_steps,
                               .is_loss_wanted = true,
                               .relaxation = relaxation};
}

static void discard(prepared *p)
{
    als_case_free(&p->c);
    pv_als_factors_deinit(&p->users);
    pv_als_factors_deinit(&p->products);
    pv_als_basis_deinit(&p->basis);
    pv_als_eigen_scratch_deinit(&p->scratch);
    pv_threads_free(p->threads);
}

/* Solution of user u's row in the basis at hand, [d], to be freed. */
static double *solve_naively(const prepared *p, int64_t u)
{
    int32_t d = p->settings.n_factors;
    size_t size = (size_t)d;
    float *Y = calloc((size_t)p->products.n_rows * size, sizeof *Y);
    double *H = calloc(size * size, sizeof *H), *b = calloc(size, sizeof *b), *x = calloc(size, sizeof *x);
    pv_als_factors_write(Y, &p->products);
    als_naive_system(H, b, &p->c, &p->settings, Y, u);
    als_naive_solve(x, H, b, d);
    free(Y), free(H), free(b);
    return x;
}

/* Users [first, last) stand at their solutions to `tolerance` of its length. */
static void assert_solved(const prepared *p, int64_t first, int64_t last, double tolerance)
{
    for (int64_t u = first; u < last; ++u) {
        double *expected = solve_naively(p, u), length = 0.0;
        const float *x = pv_als_factors_row(&p->users, u);
        for (int32_t f = 0; f < p->settings.n_factors; ++f) length += expected[f] * expected[f];
        for (int32_t f = 0; f < p->settings.n_factors; ++f)
            als_assert_close((double)x[f], expected[f], tolerance * sqrt(length));
        free(expected);
    }
}

static double (*const draws[])(int64_t, int64_t) = {als_purchases, als_with_dislikes, als_confidence_one,
                                                    als_confidence_below_one};

static void enough_steps_solve_the_row_and_the_last_pass_does(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; ++k) {
        for (int kind = 0; kind < 4; ++kind) {
            prepared p = prepare(30, 80, draws[k], kind & 1 ? als_hkv(19) : als_ialspp(19), 0.0);
            pv_als_row_sums sums = {0};
            pv_als_eigen_half half = half_of(&p, kind & 2 ? 0 : 40, 0.0);
            pv_als_eigen_solve_rows(&sums, &half, 0, 30, INT64_MAX, &p.scratch);
            assert_int_equal(p.scratch.failed_row, INT64_MAX);
            assert_solved(&p, 0, 30, kind & 2 ? 2e-6 : 2e-5);
            discard(&p);
        }
    }
}

/* The products have a Gram matrix that is far from diagonal; without a rotation the coupling enters through the first
 * residual, and repeating the half step must lead to the same solution. */
static void a_coupled_basis_leads_to_the_same_solution(void **state)
{
    (void)state;
    prepared p = prepare(20, 400, als_purchases, als_ialspp(16), 1.0);
    assert_true(p.basis.is_coupled);
    pv_als_row_sums sums = {0};
    pv_als_eigen_half half = half_of(&p, 20, 0.0);
    for (int turn = 0; turn < 12; ++turn) pv_als_eigen_solve_rows(&sums, &half, 0, 20, INT64_MAX, &p.scratch);
    assert_solved(&p, 0, 20, 1e-4);
    discard(&p);
}

static void relaxation_overshoots(void **state)
{
    (void)state;
    prepared p = prepare(12, 40, als_purchases, als_ialspp(8), 0.0);
    float before[8], *x = pv_als_factors_row(&p.users, 5);
    memcpy(before, x, sizeof before);
    pv_als_row_sums sums = {0};
    pv_als_eigen_half half = half_of(&p, 30, 0.5);
    pv_als_eigen_solve_rows(&sums, &half, 5, 6, INT64_MAX, &p.scratch);
    double *expected = solve_naively(&p, 5), squared = 0.0;
    for (int f = 0; f < 8; ++f) {
        als_assert_close((double)x[f], 1.5 * expected[f] - 0.5 * (double)before[f], 1e-4);
        squared += (double)x[f] * (double)x[f];
    }
    double ridge = 0.03 * ((double)(p.c.row_offsets[6] - p.c.row_offsets[5]) + 0.2 * 40);
    als_assert_close(sums.ridge, ridge * squared, 1e-5 * ridge * squared);
    free(expected);
    discard(&p);
}

/* sum c s^2 - 2 t s + t of the rows as they stood. */
static void the_observed_part_of_the_loss_is_that_before_the_step(void **state)
{
    (void)state;
    prepared p = prepare(25, 60, als_with_dislikes, als_hkv(10), 0.0);
    double expected = 0.0;
    for (int64_t u = 0; u < 25; ++u)
        for (int64_t k = p.c.row_offsets[u]; k < p.c.row_offsets[u + 1]; ++k) {
            const float *x = pv_als_factors_row(&p.users, u), *y = pv_als_factors_row(&p.products, p.c.columns[k]);
            double s = 0.0, w = (double)p.c.weights[k], target = w > 0.0 ? 1.0 : 0.0;
            for (int f = 0; f < 10; ++f) s += (double)x[f] * (double)y[f];
            expected += fabs(w) * (target - s) * (target - s) - s * s;
        }
    pv_als_row_sums sums = {0};
    pv_als_eigen_half half = half_of(&p, 2, 0.0);
    pv_als_eigen_solve_rows(&sums, &half, 0, 25, INT64_MAX, &p.scratch);
    als_assert_close(sums.observed, expected, 1e-5 * fabs(expected));
    discard(&p);
}

static double everything(int64_t u, int64_t i)
{
    double weight = als_with_dislikes(u, i);
    return isnan(weight) ? 1.0 + (double)(i % 3) : weight;
}

/* Rows of 1,300 pairs: longer than the buffer of packed rows at 256 factors, here solved at once and in pieces. */
static void long_rows_are_solved_whole_and_in_pieces(void **state)
{
    (void)state;
    enum { PAIRS = 1300, D = 250 };
    prepared p = prepare(2, PAIRS, everything, als_ialspp(D), 0.0);
    assert_true(p.scratch.capacity < PAIRS);
    size_t size = p.basis.stride * p.basis.stride + p.basis.stride;
    double *systems = calloc(3 * size, sizeof *systems);
    pv_als_row_sums whole = {0}, pieces = {0};
    pv_als_eigen_half half = half_of(&p, 2, 0.0);
    float *second = pv_als_factors_row(&p.users, 1);
    for (int64_t piece = 0; piece < 3; ++piece) {
        int64_t from = PAIRS + piece * 500, to = from + 500 < 2 * PAIRS ? from + 500 : 2 * PAIRS;
        pv_als_eigen_add_pairs(systems + (size_t)piece * size, &pieces, &half, second, from, to, &p.scratch);
    }
    pv_als_eigen_finish_long_row(&pieces, systems, 3, &half, 1, &p.scratch);
    assert_solved(&p, 1, 2, 1e-5);
    pv_als_eigen_solve_rows(&whole, &half, 0, 1, PAIRS, &p.scratch);
    assert_solved(&p, 0, 1, 1e-5);
    pv_als_eigen_half last = half_of(&p, 0, 0.0);
    pv_als_eigen_solve_rows(&whole, &last, 0, 1, PAIRS, &p.scratch);
    assert_solved(&p, 0, 1, 1e-6);
    free(systems);
    discard(&p);
}

/* The pairs of one row at the far end of arrays that are reserved but, the last pages apart, never touched. */
static void pairs_beyond_two_to_the_31_are_reached(void **state)
{
    (void)state;
    enum { USERS = 3 };
    const int64_t far = INT64_C(3000000000);
    prepared p = prepare(USERS, 50, als_with_dislikes, als_hkv(16), 0.0);
    int64_t count = p.c.row_offsets[USERS], offsets[USERS + 1];
    const size_t bytes = (size_t)(far + count) * 4;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    int32_t *columns = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    float *weights = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    assert_true(columns != MAP_FAILED && weights != MAP_FAILED);
    memcpy(columns + far, p.c.columns, (size_t)count * sizeof *columns);
    memcpy(weights + far, p.c.weights, (size_t)count * sizeof *weights);
    for (int u = 0; u <= USERS; ++u) offsets[u] = far + p.c.row_offsets[u];
    const pv_pairs pairs = {USERS, 50, offsets, columns, weights};
    pv_als_eigen_half half = half_of(&p, 0, 0.0);
    half.pairs = &pairs;
    pv_als_row_sums sums = {0};
    pv_als_eigen_solve_rows(&sums, &half, 0, USERS, INT64_MAX, &p.scratch);
    assert_solved(&p, 0, USERS, 1e-5);
    munmap(columns, bytes);
    munmap(weights, bytes);
    discard(&p);
}

static void rows_longer_than_asked_for_are_left_out(void **state)
{
    (void)state;
    enum { PAIRS = 1300, D = 250 };
    prepared p = prepare(1, PAIRS, everything, als_ialspp(D), 0.0);
    float before[D], *x = pv_als_factors_row(&p.users, 0);
    memcpy(before, x, sizeof before);
    pv_als_row_sums sums = {0};
    pv_als_eigen_half half = half_of(&p, 2, 0.0);
    pv_als_eigen_solve_rows(&sums, &half, 0, 1, PAIRS - 1, &p.scratch);
    assert_memory_equal(x, before, sizeof before);
    discard(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough_steps_solve_the_row_and_the_last_pass_does),
        cmocka_unit_test(a_coupled_basis_leads_to_the_same_solution),
        cmocka_unit_test(relaxation_overshoots),
        cmocka_unit_test(the_observed_part_of_the_loss_is_that_before_the_step),
        cmocka_unit_test(long_rows_are_solved_whole_and_in_pieces),
        cmocka_unit_test(pairs_beyond_two_to_the_31_are_reached),
        cmocka_unit_test(rows_longer_than_asked_for_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
