/* The exact scans, one query at a time and many at once, against scoring everything and sorting: same products, same
 * bits. PURVEY_ISA chooses the table (CMakeLists.txt runs this once for each). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "kernels/canonical_dot.h"
#include "topk/dense_scores.h"
#include "topk/scan_batch.h"
#include "topk/scan_best.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PRODUCTS = 1100, MOST_FACTORS = 1024, N_QUERIES = 53 };

static uint64_t n_drawn;

static double draw_normal(void)
{
    return pv_random_normal(17, 0, n_drawn++);
}

static int64_t draw(int64_t below)
{
    return (int64_t)(pv_random_bits(17, 1, n_drawn++) % (uint64_t)below);
}

/* Inputs on which a bound or a tie could go wrong. */
typedef enum row_kind {
    LOGNORMAL,
    ALL_EQUAL,
    DUPLICATES,
    MANY_ZERO,
    MIXED_SIZES,
    SUBNORMAL,
    NEAR_TIES,
    AXES,
    N_KINDS
} row_kind;

/* A catalogue, who may be shown, and the order of ties. */
typedef struct shop {
    float factors[MOST_PRODUCTS * MOST_FACTORS];
    int32_t places[MOST_PRODUCTS];
    uint32_t allowed[MOST_PRODUCTS / 32 + 1];
    int64_t n;
    size_t d;
    pv_scan_index index;
} shop;

static float draw_factor(row_kind kind, int64_t product, size_t f, double norm)
{
    switch (kind) {
    case ALL_EQUAL:
        return (float)(f % 7) - 2.5f;
    case MANY_ZERO:
        return product % 3 ? 0.0f : (float)draw_normal();
    case MIXED_SIZES:
        return (float)draw_normal() * (product % 5 == 0 ? 1e30f : product % 5 == 1 ? 1e-30f : 1.0f);
    case SUBNORMAL:
        return (float)draw(200) * 0x1p-149f - 0x64p-149f;
    case NEAR_TIES:
        return (float)(f % 5) * 0.25f + (float)((product + (int64_t)f) % 3) * 0x1p-24f;
    case AXES:
        return (int64_t)f == product % 4 ? (product % 2 ? -1.0f : 1.0f) : 0.0f;
    default:
        return (float)(norm * draw_normal());
    }
}

static void fill_rows(shop *s, row_kind kind)
{
    for (int64_t i = 0; i < s->n; ++i) {
        const double norm = exp(draw_normal());
        float *row = s->factors + (size_t)i * s->d;
        for (size_t f = 0; f < s->d; ++f) row[f] = draw_factor(kind, i, f, norm);
        if (kind == DUPLICATES && i >= 6) memcpy(row, s->factors + (size_t)draw(6) * s->d, s->d * sizeof *row);
    }
}

/* Product numbers in an order of their own break ties; one in `one_in` may be shown. */
static void open_shop(shop *s, row_kind kind, int64_t n, size_t d, int64_t one_in)
{
    s->n = n;
    s->d = d;
    fill_rows(s, kind);
    memset(s->allowed, 0, sizeof s->allowed);
    for (int64_t i = 0; i < n; ++i) {
        const int64_t other = draw(i + 1);
        s->places[i] = s->places[other];
        s->places[other] = (int32_t)i;
        if (draw(one_in) == 0) s->allowed[i / 32] |= 1u << i % 32;
    }
    assert_int_equal(pv_scan_index_init(&s->index, s->factors, n, d, NULL), PV_OK);
}

static bool is_allowed(const void *context, int32_t product)
{
    const shop *s = context;
    return s->allowed[product / 32] >> product % 32 & 1;
}

static bool by_place(const void *context, int32_t a, int32_t b)
{
    const int32_t *places = context;
    return places[a] < places[b];
}

typedef struct scored {
    double score;
    int32_t place, product;
} scored;

static int compare_scored(const void *left, const void *right)
{
    const scored *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Score everything that is allowed and not in `excluded`, sort, and compare with what was found. */
static void check_best(const int32_t *best, const double *scores, int64_t n_found, const shop *s, const double *x,
                       int64_t n, const int32_t *excluded, int64_t n_excluded)
{
    static scored all[MOST_PRODUCTS];
    int64_t count = 0;
    for (int32_t i = 0; i < s->n; ++i) {
        bool is_excluded = !is_allowed(s, i);
        for (int64_t e = 0; e < n_excluded; ++e) is_excluded |= excluded[e] == i;
        if (is_excluded) continue;
        all[count++] = (scored){pv_canonical_dot(x, s->factors + (size_t)i * s->d, s->d), s->places[i], i};
    }
    qsort(all, (size_t)count, sizeof *all, compare_scored);
    assert_int_equal(n_found, n < count ? n : count);
    for (int64_t k = 0; k < n_found; ++k) {
        assert_int_equal(best[k], all[k].product);
        assert_memory_equal(scores + k, &all[k].score, sizeof *scores);
    }
}

static void check_single(const shop *s, const double *x, int64_t n)
{
    static int32_t best[MOST_PRODUCTS];
    static double scores[MOST_PRODUCTS];
    int64_t n_found = -1;
    const pv_scan_order order = {
        .n = n, .gate = is_allowed, .gate_context = s, .before = by_place, .tie_context = s->places};
    assert_int_equal(pv_scan_best(best, scores, &n_found, &s->index, x, &order, NULL), PV_OK);
    check_best(best, scores, n_found, s, x, n, NULL, 0);
}

/* Queries of all sizes, zero among them; those of float64 reach beyond what float32 holds. */
static void check_queries(const shop *s, int64_t n)
{
    static const double sizes[] = {1.0, 0.0, 1e-30, 1e30, 1e-250, 1e250, 0x1p-1070};
    static double x[MOST_FACTORS];
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; ++k) {
        for (size_t f = 0; f < s->d; ++f) x[f] = sizes[k] * draw_normal();
        check_single(s, x, n);
    }
    for (size_t f = 0; f < s->d; ++f) x[f] = (double)s->factors[f];
    check_single(s, x, n);
}

static void check_batch(const shop *s, int64_t n, unsigned n_threads)
{
    static float queries[N_QUERIES * MOST_FACTORS];
    static int32_t best[N_QUERIES * MOST_PRODUCTS], excluded[N_QUERIES * 3];
    static double scores[N_QUERIES * MOST_PRODUCTS], x[MOST_FACTORS];
    int64_t n_found[N_QUERIES], offsets[N_QUERIES + 1] = {0};
    pv_threads *threads = NULL;
    for (int64_t q = 0; q < N_QUERIES; ++q) {
        const float size = q % 9 == 8 ? 0.0f : q % 9 == 7 ? 1e30f : q % 9 == 6 ? 1e-42f : 1.0f;
        for (size_t f = 0; f < s->d; ++f) queries[(size_t)q * s->d + f] = size * (float)draw_normal();
        offsets[q + 1] = offsets[q];
        for (int64_t e = q % 4; e > 0 && s->n >= 12; --e)
            excluded[offsets[q + 1]++] = (int32_t)(s->n / 4 * (3 - e) + draw(s->n / 4));
    }
    const pv_scan_batch batch = {.queries = queries,
                                 .n_queries = N_QUERIES,
                                 .n = n,
                                 .excluded_offsets = offsets,
                                 .excluded = excluded,
                                 .allowed = s->allowed,
                                 .before = by_place,
                                 .tie_context = s->places};
    assert_int_equal(pv_threads_create(&threads, n_threads, NULL), PV_OK);
    assert_int_equal(pv_scan_best_batch(best, scores, n_found, &s->index, &batch, threads, NULL), PV_OK);
    pv_threads_free(threads);
    for (int64_t q = 0; q < N_QUERIES; ++q) {
        for (size_t f = 0; f < s->d; ++f) x[f] = (double)queries[(size_t)q * s->d + f];
        check_best(best + q * n, scores + q * n, n_found[q], s, x, n, excluded + offsets[q],
                   offsets[q + 1] - offsets[q]);
    }
}

static void check_shop(shop *s, row_kind kind, int64_t n_products, size_t d, int64_t one_in)
{
    static const int64_t counts[] = {0, 1, 10, 1000};
    open_shop(s, kind, n_products, d, one_in);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; ++k) {
        check_queries(s, counts[k]);
        check_batch(s, counts[k], 1 + (unsigned)(k % 2));
    }
    pv_scan_index_deinit(&s->index);
}

static void every_kind_of_input_gives_the_naive_answer(void **state)
{
    static const int64_t n_products[] = {1, 33, 300};
    static const size_t factors[] = {1, 2, 3, 15, 16, 17, 64, 100, 128};
    for (row_kind kind = LOGNORMAL; kind < N_KINDS; ++kind)
        for (size_t d = 0; d < sizeof factors / sizeof *factors; ++d)
            for (size_t n = 0; n < sizeof n_products / sizeof *n_products; ++n)
                check_shop(*state, kind, n_products[n], factors[d], 1 + (int64_t)(d % 3));
}

static void gates_that_exclude_nearly_all_give_the_naive_answer(void **state)
{
    for (row_kind kind = LOGNORMAL; kind < N_KINDS; ++kind) check_shop(*state, kind, 1100, 17, 100);
    check_shop(*state, LOGNORMAL, 40, 8, 1000000);
}

static void the_most_factors_give_the_naive_answer(void **state)
{
    check_shop(*state, LOGNORMAL, 70, MOST_FACTORS, 1);
    check_shop(*state, NEAR_TIES, 70, MOST_FACTORS, 1);
}

static void no_products_give_no_answer(void **state)
{
    check_shop(*state, LOGNORMAL, 0, 5, 1);
}

static void dense_scores_are_those_of_one_product_at_a_time(void **state)
{
    shop *s = *state;
    static double scores[MOST_PRODUCTS + 1], x[MOST_FACTORS];
    s->d = 19;
    for (s->n = 0; s->n <= 50; ++s->n) {
        pv_dense_index index;
        fill_rows(s, LOGNORMAL);
        for (size_t f = 0; f < s->d; ++f) x[f] = draw_normal();
        assert_int_equal(pv_dense_index_init(&index, s->factors, s->n, s->d, NULL), PV_OK);
        scores[s->n] = -7.0;
        pv_dense_scores(scores, &index, x);
        for (int64_t i = 0; i < s->n; ++i) {
            const double expected = pv_canonical_dot(x, s->factors + (size_t)i * s->d, s->d);
            assert_memory_equal(scores + i, &expected, sizeof expected);
        }
        assert_true(scores[s->n] == -7.0);
        pv_dense_index_deinit(&index);
    }
}

static int create(void **state)
{
    *state = calloc(1, sizeof(shop));
    return *state ? 0 : -1;
}

static int release(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_input_gives_the_naive_answer),
        cmocka_unit_test(gates_that_exclude_nearly_all_give_the_naive_answer),
        cmocka_unit_test(the_most_factors_give_the_naive_answer),
        cmocka_unit_test(no_products_give_no_answer),
        cmocka_unit_test(dense_scores_are_those_of_one_product_at_a_time),
    };
    return cmocka_run_group_tests(tests, create, release);
}
