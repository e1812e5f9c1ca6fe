/* scan_avx512_vnni.c - the scan kernels on AVX-512 with the int8 dot product of VNNI. */
#include "kernels/scan_kernels.h"

#if defined(__x86_64__)
#ifndef KERNEL
#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) static
#endif
#include "kernels/scan_avx512.h"

/* The first operand of vpdpbusd is unsigned; its sums of four products have 32 bits. */
enum { LEVELS = 127, OFFSET = 128, OFFSET_BITS = 7 };

KERNEL inline ints start(const int32_t *sums)
{
    return less_offset(sums, OFFSET_BITS);
}

KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    return (ints)_mm512_dpbusd_epi32((__m512i)sum, query, products);
}

#include "kernels/scan_int8.h"

const pv_scan_kernels pv_scan_avx512_vnni = {.isa = "avx512vnni",
                                             .dense_scores = dense_scores,
                                             .score_rows = score_rows,
                                             .query_levels = LEVELS,
                                             .query_offset = OFFSET,
                                             .query_bytes = QUERY_BYTES,
                                             .scan_one = scan_one,
                                             .tile_queries = TILE_QUERIES,
                                             .scan_tile = scan_tile};
#endif
