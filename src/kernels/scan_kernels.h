/* scan_kernels.h - the inner loops of scoring and exact top-K, one table of functions per instruction set.
 *
 * Holds:    pv_scan_kernels, pv_scan_kernels_get().
 * Threads:  tables are constant; kernels allocate nothing and keep no state.
 * Repeat:   every table gives the same numbers: integer dot products are exact, float64 sums run in one order without
 *           fused multiply-add, and where rounding may differ the result only says what is looked at more closely.
 */
#ifndef PV_SCAN_KERNELS_H
#define PV_SCAN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Products in a block of the dense layout, and in a block of int8 codes. */
#define PV_SCAN_DENSE_WIDTH 16
#define PV_SCAN_WIDTH 32
/* The most queries that a tile of any table takes. */
#define PV_SCAN_MOST_QUERIES 12

/* One block of quantised products: product i has the factors scales[i] codes[i]. A view. */
typedef struct pv_scan_block {
    const int8_t *codes; /* [n_quads x 32 x 4]: four factors of each product after the other; in [-127, 127] */
    const float *scales; /* [32], >= 0 */
    const int32_t *sums; /* [32], sum of each product's codes */
    size_t n_quads;      /* factors / 4, rounded up; at most 256: integer sums fit 32 bits */
} pv_scan_block;

/* How values of a signal add to scores: weight min(z, most), z = phi inverse_scale or its root. */
typedef struct pv_scan_term {
    double inverse_scale, most, weight; /* >= 0 */
} pv_scan_term;

typedef struct pv_scan_kernels {
    const char *isa;

    /* scores[16 n_blocks]: the canonical dot (canonical_dot.h) of x [n] with each product of blocks
     * [n_blocks x n x 16]. Any n. */
    void (*dense_scores)(double *scores, const float *blocks, size_t n_blocks, const double *x, size_t n);
    /* The same for two x at once, in one pass over the blocks. */
    void (*dense_scores_two)(double *first, double *second, const float *blocks, size_t n_blocks, const double *x_first,
                             const double *x_second, size_t n);
    /* scores[n] += weight min(phi[i] inverse_scale, most), for which NaN counts as more than any. */
    void (*add_linear)(double *restrict scores, const double *restrict phi, size_t n, const pv_scan_term *term);
    /* scores[n] += weight min(sqrt(phi[i] inverse_scale), most) where phi[i] > 0; the others stay, unless they are -0.
     */
    void (*add_root)(double *restrict scores, const double *restrict phi, size_t n, const pv_scan_term *term);
    /* scores[k] = the canonical dot of x [n] with row rows[k] of factors [.. x n], count of them. Any n. */
    void (*score_rows)(double *scores, const float *factors, const int32_t *rows, size_t count, const double *x,
                       size_t n);

    /* Codes of a query lie in [-query_levels, query_levels] and are stored with query_offset added, in query_bytes
     * bytes: 1 or 2 (int16_t). */
    int32_t query_levels, query_offset;
    size_t query_bytes;
    /* values[i] = scales[i] (codes_i . query), rounded twice at most; returns the mask of those not below the limit
     * (bit i of product i). query: 4 n_quads codes. */
    uint32_t (*scan_one)(float *values, const pv_scan_block *block, const void *query, float limit);
    /* The same for tile_queries queries at once: queries [n_quads x tile_queries x 4] codes, values [tile_queries x
     * 32], hits and limits [tile_queries]. */
    size_t tile_queries;
    void (*scan_tile)(uint32_t *hits, float *values, const pv_scan_block *block, const void *queries,
                      const float *limits);
} pv_scan_kernels;

extern const pv_scan_kernels pv_scan_scalar;
#if defined(__x86_64__)
extern const pv_scan_kernels pv_scan_avx2;
extern const pv_scan_kernels pv_scan_avx512;
extern const pv_scan_kernels pv_scan_avx512_vnni;
#elif defined(__aarch64__)
extern const pv_scan_kernels pv_scan_neon;
#endif

/* The table that this process uses. Never NULL. */
const pv_scan_kernels *pv_scan_kernels_get(void);

#endif
