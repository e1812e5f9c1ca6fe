/* Conjugate gradients of every table against a float64 elimination of the same normal equations. */
#include "kernel_tables.h"

enum { LARGEST = 80 };
/* What the systems here make of a rounding, at most. */
static const double CONDITION = 20.0;

typedef struct problem {
    pv_row_system system;
    float *values, *coefficients, *targets, *diagonal, *coupling;
} problem;

/* Weights and targets of a buying history: positive. */
static problem problem_create(size_t count, size_t n)
{
    problem p = {.values = odd_floats(MATRIX_ROWS * n, 1), .coefficients = odd_floats(count, 2)};
    p.targets = odd_floats(count, 3);
    p.diagonal = odd_floats(n, 4);
    p.coupling = odd_floats(n, 5);
    for (size_t i = 0; i < n; ++i) p.diagonal[i] = 1.0f + p.diagonal[i] * p.diagonal[i];
    for (size_t k = 0; k < count; ++k) p.coefficients[k] *= p.coefficients[k];
    p.system = (pv_row_system){.rows = rows_of(p.values, n, count, true),
                               .coefficients = p.coefficients,
                               .targets = p.targets,
                               .diagonal = p.diagonal,
                               .n = n};
    return p;
}

static void problem_free(problem *p)
{
    free_floats(p->values);
    free_floats(p->coefficients);
    free_floats(p->targets);
    free_floats(p->diagonal);
    free_floats(p->coupling);
}

/* H [n x n] and b [n] in float64, b less the coupling. */
static void build(double *H, double *b, const pv_row_system *system)
{
    size_t n = system->n;
    for (size_t i = 0; i < n; ++i) {
        b[i] = system->coupling ? -(double)system->coupling[i] : 0.0;
        for (size_t j = 0; j < n; ++j) H[i * n + j] = i == j ? (double)system->diagonal[i] : 0.0;
    }
    for (size_t k = 0; k < system->rows.count; ++k) {
        const float *row = pv_rows_at(&system->rows, k);
        double c = (double)system->coefficients[k], t = system->targets ? (double)system->targets[k] : 0.0;
        for (size_t i = 0; i < n; ++i) {
            b[i] += t * (double)row[i];
            for (size_t j = 0; j < n; ++j) H[i * n + j] += c * (double)row[i] * (double)row[j];
        }
    }
}

/* x = H^-1 b by Gauss, in place of b; H is positive definite. */
static void eliminate(double *H, double *b, size_t n)
{
    for (size_t k = 0; k < n; ++k)
        for (size_t i = k + 1; i < n; ++i) {
            double factor = H[i * n + k] / H[k * n + k];
            for (size_t j = k; j < n; ++j) H[i * n + j] -= factor * H[k * n + j];
            b[i] -= factor * b[k];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t j = i + 1; j < n; ++j) b[i] -= H[i * n + j] * b[j];
        b[i] /= H[i * n + i];
    }
}

static void check_solution(const pv_kernels *kernels, const pv_row_system *system)
{
    size_t n = system->n;
    float x[LARGEST], start[LARGEST], dots[MOST_ROWS], scratch[4 * LARGEST];
    double *H = odd_doubles(n * n, 1), *solution = odd_doubles(n, 1), size = 0.0;
    for (size_t i = 0; i < n; ++i) {
        x[i] = start[i] = (float)pv_random_normal(5, 6, i);
        size = fmax(size, fabs((double)start[i]));
    }
    size_t steps = kernels->conjugate_gradients(x, dots, scratch, system, 4 * n, 0.0f);
    assert_in_range(steps, 1, 4 * n);
    build(H, solution, system);
    eliminate(H, solution, n);
    for (size_t i = 0; i < n; ++i) size = fmax(size, fabs(solution[i]));
    for (size_t i = 0; i < n; ++i) assert_close((double)x[i], solution[i], size, CONDITION * (double)FLT_EPSILON);
    for (size_t k = 0; k < system->rows.count; ++k) {
        double terms, dot = dot_expected(pv_rows_at(&system->rows, k), start, n, &terms);
        assert_close((double)dots[k], dot, terms, (double)FLT_EPSILON);
    }
    free_doubles(H);
    free_doubles(solution);
}

static void steps_enough_reach_the_solution(void **state)
{
    for (size_t n = PV_KERNEL_WIDTH; n <= LARGEST; n += PV_KERNEL_WIDTH)
        for (size_t count = 0; count <= MOST_ROWS; count += n < 48 ? 1 : 13) {
            problem p = problem_create(count, n);
            check_solution(*state, &p.system);
            p.system.coupling = p.coupling;
            check_solution(*state, &p.system);
            p.system.targets = NULL;
            check_solution(*state, &p.system);
            problem_free(&p);
        }
}

/* One row y with H = I + y y' and b = y: from 0 the first step is exact, x = y / (1 + y.y). */
static void one_row_takes_one_step(void **state)
{
    const pv_kernels *kernels = *state;
    float y[16] = {1.0f, 2.0f}, diagonal[16], x[16] = {0}, dots[1], scratch[64], one = 1.0f;
    for (size_t i = 0; i < 16; ++i) diagonal[i] = 1.0f;
    pv_row_system system = {.rows = {.values = y, .stride = 16, .count = 1},
                            .coefficients = &one,
                            .targets = &one,
                            .diagonal = diagonal,
                            .n = 16};
    assert_int_equal(kernels->conjugate_gradients(x, dots, scratch, &system, 9, 1e-10f), 1);
    assert_float_equal(x[0], 1.0f / 6.0f, 1e-7f);
    assert_float_equal(x[1], 2.0f / 6.0f, 1e-7f);
    assert_true(x[2] == 0.0f && dots[0] == 0.0f);
}

static double residual_squared(const pv_row_system *system, const float *x)
{
    size_t n = system->n;
    double *H = odd_doubles(n * n, 1), *r = odd_doubles(n, 1), sum = 0.0;
    build(H, r, system);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) r[i] -= H[i * n + j] * (double)x[j];
        sum += r[i] * r[i];
    }
    free_doubles(H);
    free_doubles(r);
    return sum;
}

/* The first step that brings the residual to the limit is the last. */
static void a_limit_stops_the_steps(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 64 };
    problem p = problem_create(MOST_ROWS, N);
    float x[N] = {0}, dots[MOST_ROWS], scratch[4 * N];
    double start = residual_squared(&p.system, x);
    assert_int_equal(kernels->conjugate_gradients(x, dots, scratch, &p.system, N, (float)(1.01 * start)), 0);
    for (size_t i = 0; i < N; ++i) assert_true(x[i] == 0.0f);
    float limit = (float)(1e-4 * start), before[N] = {0};
    size_t steps = kernels->conjugate_gradients(x, dots, scratch, &p.system, N, limit);
    assert_in_range(steps, 2, N - 1);
    assert_true(residual_squared(&p.system, x) <= 1.01 * (double)limit);
    assert_int_equal(kernels->conjugate_gradients(before, dots, scratch, &p.system, steps - 1, limit), steps - 1);
    assert_true(residual_squared(&p.system, before) > 0.99 * (double)limit);
    problem_free(&p);
}

static void curvature_that_is_not_positive_stops_the_steps(void **state)
{
    const pv_kernels *kernels = *state;
    float y[16] = {1.0f}, diagonal[16], x[16] = {0}, dots[1], scratch[64], one = 1.0f;
    for (size_t i = 0; i < 16; ++i) diagonal[i] = 1.0f;
    pv_row_system system = {
        .rows = {.values = y, .stride = 16, .count = 1}, .targets = &one, .diagonal = diagonal, .n = 16};
    static const float coefficients[] = {-1.0f, -3.0f};
    for (size_t c = 0; c < sizeof coefficients / sizeof *coefficients; ++c) {
        system.coefficients = &coefficients[c];
        size_t steps = kernels->conjugate_gradients(x, dots, scratch, &system, 9, 0.0f);
        assert_int_equal(steps, 0);
        for (size_t i = 0; i < 16; ++i) assert_true(x[i] == 0.0f);
    }
}

/* The caller looks at x alone. */
static void not_a_number_goes_on_into_x(void **state)
{
    const pv_kernels *kernels = *state;
    float y[16] = {1.0f}, diagonal[16], x[16] = {0}, dots[1], scratch[64], one = 1.0f, weight = (float)NAN;
    for (size_t i = 0; i < 16; ++i) diagonal[i] = 1.0f;
    pv_row_system system = {.rows = {.values = y, .stride = 16, .count = 1},
                            .coefficients = &weight,
                            .targets = &one,
                            .diagonal = diagonal,
                            .n = 16};
    kernels->conjugate_gradients(x, dots, scratch, &system, 2, 0.0f);
    assert_true(isnan(x[0]));
}

static void nothing_to_do_takes_no_step(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 32 };
    problem p = problem_create(9, N);
    float x[N] = {0}, dots[9], scratch[4 * N];
    p.system.targets = NULL; /* b = 0 */
    assert_int_equal(kernels->conjugate_gradients(x, dots, scratch, &p.system, N, 0.0f), 0);
    assert_int_equal(kernels->conjugate_gradients(x, dots, scratch, &p.system, 0, 0.0f), 0);
    problem_free(&p);
}

static void the_same_call_gives_the_same_bits(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 48, PADDED = 64, COUNT = 21 };
    problem p = problem_create(COUNT, PADDED);
    for (size_t k = 0; k < MATRIX_ROWS; ++k) memset(p.values + k * PADDED + N, 0, (PADDED - N) * sizeof(float));
    float x[3][PADDED] = {0}, dots[COUNT], scratch[4 * PADDED];
    kernels->conjugate_gradients(x[0], dots, scratch, &p.system, 5, 0.0f);
    kernels->conjugate_gradients(x[1], dots, scratch, &p.system, 5, 0.0f);
    p.system.n = N; /* the zeros behind change nothing */
    kernels->conjugate_gradients(x[2], dots, scratch, &p.system, 5, 0.0f);
    assert_memory_equal(x[0], x[1], sizeof x[0]);
    assert_memory_equal(x[0], x[2], sizeof x[0]);
    problem_free(&p);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_enough_reach_the_solution),
        cmocka_unit_test(one_row_takes_one_step),
        cmocka_unit_test(a_limit_stops_the_steps),
        cmocka_unit_test(curvature_that_is_not_positive_stops_the_steps),
        cmocka_unit_test(not_a_number_goes_on_into_x),
        cmocka_unit_test(nothing_to_do_takes_no_step),
        cmocka_unit_test(the_same_call_gives_the_same_bits),
    };
    return run_on_all_tables(tests);
}
