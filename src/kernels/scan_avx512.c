/* scan_avx512.c - the scan kernels on AVX-512 without VNNI. */
#include "kernels/scan_kernels.h"

#if defined(__x86_64__)
#ifndef KERNEL
#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) static
#endif

/* The first operand of vpmaddubsw is unsigned, and its pairs of products must fit 16 bits: 2 x 127 x 127 does. So query
 * codes have 7 bits and an offset of 64. */
enum { LEVELS = 63, OFFSET = 64, OFFSET_BITS = 6 };

#include "kernels/scan_avx512.h"

KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    const __m512i pairs = _mm512_maddubs_epi16(query, products);
    return sum + (ints)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

#define TABLE pv_scan_avx512
#define ISA "avx512"
#include "kernels/scan_int8.h"
#endif
