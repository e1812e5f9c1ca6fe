/* scan_int8.h - integer dot products of quantised products and queries, written once for all instruction sets, and the
 * table of one set.
 *
 * Included by each scan_<set>.c, which defines before:
 *   KERNEL                        storage and target attribute of a kernel function
 *   ints, LANES                   a vector of sums, and for how many products
 *   codes                         four codes of LANES products, or of one query for all of them
 *   QUERY_BYTES                   of a code of a query
 *   load_codes, every_query       from int8_t [LANES x 4]; from four codes of a query
 *   start(sums)                   what a sum starts from, so that the offset of the query's codes falls out
 *   add_dots(sum, query, codes)   sum += the dot of the four codes of each product
 *   finish(values, low, high, scales, limit) values of 2 LANES products; returns the mask of those not below the limit
 *   LEVELS, OFFSET                codes of a query reach from -LEVELS to LEVELS, and OFFSET is added to them
 *   dense_scores, dense_scores_two, score_rows, add_linear, add_root: as pv_scan_kernels has them
 *   TABLE, ISA                    name of the table, and what it says of itself
 *   TILE_QUERIES                  queries of a tile: two sums each, all in registers
 */
#include "kernels/scan_kernels.h"

#if defined(KERNEL) && !defined(PV_SCAN_INT8_H) /* a template: nothing on its own */
#define PV_SCAN_INT8_H

enum { VECTORS = PV_SCAN_WIDTH / LANES, QUAD_BYTES = 4 * PV_SCAN_WIDTH };

KERNEL uint32_t scan_one(float *values, const pv_scan_block *block, const void *query, float limit)
{
    ints sums[VECTORS];
#pragma GCC unroll 8
    for (size_t v = 0; v < VECTORS; ++v) sums[v] = start(block->sums + v * LANES);
    const int8_t *from = block->codes;
    const unsigned char *query_codes = query;
    for (size_t q = 0; q < block->n_quads; ++q, from += QUAD_BYTES, query_codes += 4 * QUERY_BYTES) {
        const codes four = every_query(query_codes);
#pragma GCC unroll 8
        for (size_t v = 0; v < VECTORS; ++v) sums[v] = add_dots(sums[v], four, load_codes(from + v * 4 * LANES));
    }
    const float *scales = block->scales;
    uint32_t hits = 0;
#pragma GCC unroll 4
    for (size_t v = 0; v < VECTORS; v += 2)
        hits |= finish(values + v * LANES, sums[v], sums[v + 1], scales + v * LANES, limit) << v * LANES;
    return hits;
}

/* Two vectors of products, those from `first` on, by all queries of the tile. */
KERNEL inline void scan_strip(uint32_t *hits, float *values, const pv_scan_block *block, size_t first,
                              const unsigned char *queries, const float *limits)
{
    ints sums[TILE_QUERIES][2];
    const ints low_start = start(block->sums + first), high_start = start(block->sums + first + LANES);
#pragma GCC unroll 12
    for (size_t u = 0; u < TILE_QUERIES; ++u) {
        sums[u][0] = low_start;
        sums[u][1] = high_start;
    }
    const int8_t *from = block->codes + 4 * first;
    for (size_t q = 0; q < block->n_quads; ++q, from += QUAD_BYTES, queries += 4 * QUERY_BYTES * TILE_QUERIES) {
        const codes low = load_codes(from), high = load_codes(from + 4 * LANES);
#pragma GCC unroll 12
        for (size_t u = 0; u < TILE_QUERIES; ++u) {
            const codes four = every_query(queries + 4 * QUERY_BYTES * u);
            sums[u][0] = add_dots(sums[u][0], four, low);
            sums[u][1] = add_dots(sums[u][1], four, high);
        }
    }
    const float *scales = block->scales + first;
#pragma GCC unroll 12
    for (size_t u = 0; u < TILE_QUERIES; ++u)
        hits[u] |= finish(values + u * PV_SCAN_WIDTH + first, sums[u][0], sums[u][1], scales, limits[u]) << first;
}

KERNEL void scan_tile(uint32_t *hits, float *values, const pv_scan_block *block, const void *queries,
                      const float *limits)
{
    for (size_t u = 0; u < TILE_QUERIES; ++u) hits[u] = 0;
    for (size_t first = 0; first < PV_SCAN_WIDTH; first += 2 * LANES)
        scan_strip(hits, values, block, first, queries, limits);
}

const pv_scan_kernels TABLE = {.isa = ISA,
                               .dense_scores = dense_scores,
                               .dense_scores_two = dense_scores_two,
                               .add_linear = add_linear,
                               .add_root = add_root,
                               .score_rows = score_rows,
                               .query_levels = LEVELS,
                               .query_offset = OFFSET,
                               .query_bytes = QUERY_BYTES,
                               .scan_one = scan_one,
                               .tile_queries = TILE_QUERIES,
                               .scan_tile = scan_tile};
#endif
