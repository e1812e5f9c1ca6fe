/* Every scan kernel of every table that this machine can run: integer dot products against 64-bit sums, at all sizes
 * and at the ends of the range where instructions saturate; dense scores against the canonical dot, bit for bit. */
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
        cmocka_unit_test(the_table_is_that_of_the_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
