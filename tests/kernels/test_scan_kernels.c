/* Every scan kernel of every table that this machine can run: integer dot products against 64-bit sums, at all sizes
 * and at the ends of the range where instructions saturate; dense scores against the canonical dot, sums
 * against one product at a time, bit for bit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "kernels/canonical_dot.h"
#include "kernels/isa.h"
#include "kernels/scan_kernels.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_QUADS = 256, SMALL_SIZES = 131, SLACK = 1 };

static uint64_t n_drawn;

static int32_t draw(int32_t low, int32_t high)
{
    return low + (int32_t)(pv_random_bits(3, 1, n_drawn++) % (uint64_t)(high - low + 1));
}

/* The tables up to the one that this process uses. */
static size_t list_tables(const pv_scan_kernels *tables[4])
{
    size_t n = 0;
    tables[n++] = &pv_scan_scalar;
#if defined(__x86_64__)
    if (pv_isa_get() >= PV_ISA_AVX2) tables[n++] = &pv_scan_avx2;
    if (pv_isa_get() >= PV_ISA_AVX512) tables[n++] = &pv_scan_avx512;
    if (pv_isa_get() >= PV_ISA_AVX512_VNNI) tables[n++] = &pv_scan_avx512_vnni;
#elif defined(__aarch64__)
    if (pv_isa_get() == PV_ISA_NEON) tables[n++] = &pv_scan_neon;
#endif
    return n;
}

/* How codes are chosen: all over the range, or only its ends, where products and their sums are largest. */
typedef enum code_kind { RANDOM, ENDS, ALL_HIGH, OPPOSITE, N_KINDS } code_kind;

static int32_t draw_code(code_kind kind, int32_t most, int32_t sign)
{
    switch (kind) {
    case ENDS:
        return draw(0, 1) ? most : -most;
    case ALL_HIGH:
        return most;
    case OPPOSITE:
        return sign * most;
    default:
        return draw(-most, most);
    }
}

/* One block and a tile of queries, as plain numbers and as the kernels take them; bases are not aligned. */
typedef struct scan_case {
    int32_t products[PV_SCAN_WIDTH][4 * MOST_QUADS], queries[PV_SCAN_MOST_QUERIES][4 * MOST_QUADS];
    int8_t codes[MOST_QUADS * PV_SCAN_WIDTH * 4 + SLACK];
    float scales[PV_SCAN_WIDTH + SLACK];
    int32_t sums[PV_SCAN_WIDTH + SLACK];
    unsigned char tile[MOST_QUADS * PV_SCAN_MOST_QUERIES * 4 * sizeof(int16_t) + SLACK];
    unsigned char one[MOST_QUADS * 4 * sizeof(int16_t) + SLACK];
    pv_scan_block block;
} scan_case;

static void put_query_code(unsigned char *codes, size_t at, int32_t code, const pv_scan_kernels *kernels)
{
    const int16_t wide = (int16_t)(code + kernels->query_offset);
    if (kernels->query_bytes == 1)
        codes[at] = (unsigned char)(code + kernels->query_offset);
    else
        memcpy(codes + at * sizeof wide, &wide, sizeof wide);
}

static void fill_products(scan_case *c, size_t n_quads, code_kind kind)
{
    for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) {
        c->sums[i + SLACK] = 0;
        for (size_t f = 0; f < 4 * n_quads; ++f) {
            const int32_t code = draw_code(kind, 127, -1);
            c->products[i][f] = code;
            c->codes[SLACK + (f / 4 * PV_SCAN_WIDTH + i) * 4 + f % 4] = (int8_t)code;
            c->sums[i + SLACK] += code;
        }
        c->scales[i + SLACK] = (float)draw(0, 1000) / 256.0f;
    }
    c->block = (pv_scan_block){c->codes + SLACK, c->scales + SLACK, c->sums + SLACK, n_quads};
}

static void fill_queries(scan_case *c, size_t n_quads, code_kind kind, const pv_scan_kernels *kernels)
{
    for (size_t u = 0; u < kernels->tile_queries; ++u)
        for (size_t f = 0; f < 4 * n_quads; ++f) {
            const int32_t code = draw_code(kind, kernels->query_levels, u % 2 ? -1 : 1);
            c->queries[u][f] = code;
            put_query_code(c->tile + SLACK, (f / 4 * kernels->tile_queries + u) * 4 + f % 4, code, kernels);
            if (u == 0) put_query_code(c->one + SLACK, f, code, kernels);
        }
}

static float expected_value(const scan_case *c, size_t u, size_t i)
{
    int64_t dot = 0;
    for (size_t f = 0; f < 4 * c->block.n_quads; ++f) dot += (int64_t)c->queries[u][f] * c->products[i][f];
    assert_in_range((uint64_t)llabs(dot), 0, INT32_MAX);
    return (float)(int32_t)dot * c->block.scales[i];
}

static void check_values(const scan_case *c, size_t u, const float *values, uint32_t hits, float limit)
{
    for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) {
        const float expected = expected_value(c, u, i);
        assert_memory_equal(values + i, &expected, sizeof expected);
        assert_int_equal(hits >> i & 1, !(expected < limit));
    }
}

static void check_case(const scan_case *c, const pv_scan_kernels *kernels)
{
    const float middle = expected_value(c, 0, 5);
    const float limits[] = {middle, -middle, INFINITY, -INFINITY, NAN};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; ++l) {
        float values[PV_SCAN_MOST_QUERIES * PV_SCAN_WIDTH], tile_limits[PV_SCAN_MOST_QUERIES];
        uint32_t hits[PV_SCAN_MOST_QUERIES];
        uint32_t found = kernels->scan_one(values, &c->block, c->one + SLACK, limits[l]);
        check_values(c, 0, values, found, limits[l]);
        for (size_t u = 0; u < kernels->tile_queries; ++u) tile_limits[u] = limits[(l + u) % 5];
        kernels->scan_tile(hits, values, &c->block, c->tile + SLACK, tile_limits);
        for (size_t u = 0; u < kernels->tile_queries; ++u)
            check_values(c, u, values + u * PV_SCAN_WIDTH, hits[u], tile_limits[u]);
    }
}

static void values_are_exact_integer_dots_at_all_sizes(void **state)
{
    (void)state;
    const pv_scan_kernels *tables[4];
    const size_t n_tables = list_tables(tables);
    scan_case *c = calloc(1, sizeof *c);
    assert_non_null(c);
    for (size_t t = 0; t < n_tables; ++t)
        for (size_t n_quads = 0; n_quads <= MOST_QUADS; n_quads = n_quads < 34 ? n_quads + 1 : n_quads + 111)
            for (code_kind kind = RANDOM; kind < N_KINDS; ++kind) {
                fill_products(c, n_quads, kind);
                fill_queries(c, n_quads, kind, tables[t]);
                check_case(c, tables[t]);
            }
    free(c);
}

static void dense_scores_are_canonical_bits_at_all_sizes(void **state)
{
    (void)state;
    const pv_scan_kernels *tables[4];
    const size_t n_tables = list_tables(tables);
    enum { BLOCKS = 3, PRODUCTS = BLOCKS * PV_SCAN_DENSE_WIDTH };
    static float blocks[SMALL_SIZES * PRODUCTS + SLACK];
    static double x[SMALL_SIZES + SLACK], scores[PRODUCTS + SLACK];
    for (size_t i = 0; i < SMALL_SIZES * PRODUCTS; ++i) blocks[i + SLACK] = (float)pv_random_normal(5, 1, i);
    for (size_t i = 0; i < SMALL_SIZES; ++i) x[i + SLACK] = pv_random_normal(5, 2, i);
    blocks[SLACK] = 0x1p-149f;
    blocks[SLACK + 40] = -0x1p127f;
    for (size_t t = 0; t < n_tables; ++t)
        for (size_t n = 0; n < SMALL_SIZES; ++n)
            for (size_t n_blocks = 0; n_blocks <= BLOCKS; ++n_blocks) {
                for (size_t k = 0; k < PRODUCTS; ++k) scores[k + SLACK] = -7.0;
                tables[t]->dense_scores(scores + SLACK, blocks + SLACK, n_blocks, x + SLACK, n);
                for (size_t k = 0; k < PRODUCTS; ++k) {
                    float row[SMALL_SIZES];
                    for (size_t f = 0; f < n; ++f)
                        row[f] = blocks[SLACK + (k / PV_SCAN_DENSE_WIDTH * n + f) * PV_SCAN_DENSE_WIDTH +
                                        k % PV_SCAN_DENSE_WIDTH];
                    const double expected =
                        k / PV_SCAN_DENSE_WIDTH < n_blocks ? pv_canonical_dot(x + SLACK, row, n) : -7.0;
                    assert_memory_equal(scores + SLACK + k, &expected, sizeof expected);
                }
            }
}

static void two_queries_at_once_give_the_bits_of_each(void **state)
{
    (void)state;
    const pv_scan_kernels *tables[4];
    const size_t n_tables = list_tables(tables);
    enum { BLOCKS = 3, PRODUCTS = BLOCKS * PV_SCAN_DENSE_WIDTH };
    static float blocks[SMALL_SIZES * PRODUCTS + SLACK];
    static double x[2][SMALL_SIZES + SLACK], scores[2][PRODUCTS + SLACK], alone[PRODUCTS];
    for (size_t i = 0; i < SMALL_SIZES * PRODUCTS; ++i) blocks[i + SLACK] = (float)pv_random_normal(5, 3, i);
    for (size_t q = 0; q < 2; ++q)
        for (size_t i = 0; i < SMALL_SIZES; ++i) x[q][i + SLACK] = pv_random_normal(5, 4 + q, i);
    for (size_t t = 0; t < n_tables; ++t)
        for (size_t n = 0; n < SMALL_SIZES; ++n)
            for (size_t n_blocks = 0; n_blocks <= BLOCKS; ++n_blocks) {
                memset(scores, 0, sizeof scores);
                tables[t]->dense_scores_two(scores[0] + SLACK, scores[1] + SLACK, blocks + SLACK, n_blocks,
                                            x[0] + SLACK, x[1] + SLACK, n);
                for (size_t q = 0; q < 2; ++q) {
                    memset(alone, 0, sizeof alone); /* what is beyond the blocks stays as it was */
                    pv_scan_scalar.dense_scores(alone, blocks + SLACK, n_blocks, x[q] + SLACK, n);
                    assert_memory_equal(scores[q] + SLACK, alone, sizeof alone);
                }
            }
}

/* --- sums -------------------------------------------------------------------------------------------------------- */

enum { MOST_TERMS = 37 };

/* Values of all kinds: none, small, beyond the most, below 0, not a number. */
static double phi_at(size_t i)
{
    static const double special[] = {0.0,         -0.0,     -3.0, 1e300, (double)INFINITY, (double)-INFINITY,
                                     (double)NAN, 0x1p-1074};
    return i % 3 == 0 ? special[i / 3 % 8] : i % 7 == 0 ? 0.0 : fabs(pv_random_normal(5, 6, i));
}

static double expected_term(double phi, bool is_root, const pv_scan_term *term)
{
    double z = phi * term->inverse_scale;
    if (is_root) z = phi > 0 ? sqrt(z) : 0.0;
    return term->weight * (z < term->most ? z : term->most);
}

static void check_sums(const pv_scan_kernels *kernels, size_t n, bool is_root, const pv_scan_term *term)
{
    double phi[MOST_TERMS + SLACK], scores[MOST_TERMS + SLACK];
    for (size_t i = 0; i < MOST_TERMS; ++i) {
        phi[i + SLACK] = phi_at(i);
        scores[i + SLACK] = pv_random_normal(5, 7, i);
    }
    (is_root ? kernels->add_root : kernels->add_linear)(scores + SLACK, phi + SLACK, n, term);
    for (size_t i = 0; i < MOST_TERMS; ++i) {
        double expected = pv_random_normal(5, 7, i);
        if (i < n) expected += expected_term(phi_at(i), is_root, term);
        assert_memory_equal(scores + SLACK + i, &expected, sizeof expected);
    }
}

static void sums_have_the_bits_of_one_at_a_time(void **state)
{
    (void)state;
    static const pv_scan_term terms[] = {{0.37, 1.25, 0.71}, {1e-9, 1e-6, 1e3}, {2.0, 0.0, 1.0}};
    const pv_scan_kernels *tables[4];
    const size_t n_tables = list_tables(tables);
    for (size_t t = 0; t < n_tables; ++t)
        for (size_t n = 0; n <= MOST_TERMS; ++n)
            for (size_t k = 0; k < sizeof terms / sizeof *terms; ++k)
                for (int is_root = 0; is_root < 2; ++is_root) check_sums(tables[t], n, is_root != 0, &terms[k]);
}

static void sums_without_a_limit_grow_with_phi(void **state)
{
    (void)state;
    const pv_scan_kernels *tables[4];
    const size_t n_tables = list_tables(tables);
    const pv_scan_term term = {0.25, (double)INFINITY, 2.0};
    static const double phi[] = {4.0, 0.0, 16.0, 1.0, 36.0, 64.0, 100.0, 144.0, 196.0};
    static const double linear[] = {3.0, 1.0, 9.0, 1.5, 19.0, 33.0, 51.0, 73.0, 99.0};
    static const double root[] = {3.0, 1.0, 5.0, 2.0, 7.0, 9.0, 11.0, 13.0, 15.0};
    for (size_t t = 0; t < n_tables; ++t) {
        double by_linear[9], by_root[9];
        for (size_t i = 0; i < 9; ++i) by_linear[i] = by_root[i] = 1.0;
        tables[t]->add_linear(by_linear, phi, 9, &term);
        tables[t]->add_root(by_root, phi, 9, &term);
        assert_memory_equal(by_linear, linear, sizeof linear);
        assert_memory_equal(by_root, root, sizeof root);
    }
}

static void the_table_is_that_of_the_instruction_set(void **state)
{
    (void)state;
    assert_string_equal(pv_scan_kernels_get()->isa, pv_isa_name(pv_isa_get()));
    assert_true(pv_scan_kernels_get()->tile_queries <= PV_SCAN_MOST_QUERIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_exact_integer_dots_at_all_sizes),
        cmocka_unit_test(dense_scores_are_canonical_bits_at_all_sizes),
        cmocka_unit_test(two_queries_at_once_give_the_bits_of_each),
        cmocka_unit_test(sums_have_the_bits_of_one_at_a_time),
        cmocka_unit_test(sums_without_a_limit_grow_with_phi),
        cmocka_unit_test(the_table_is_that_of_the_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
