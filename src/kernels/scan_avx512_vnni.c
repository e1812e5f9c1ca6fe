/* scan_avx512_vnni.c - the scan kernels on AVX-512 with the int8 dot product of VNNI. */
#include "kernels/scan_kernels.h"

#if defined(__x86_64__)
#ifndef KERNEL
#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) static
#endif

/* The first operand of vpdpbusd is unsigned; its sums of four products have 32 bits. */
enum { LEVELS = 127, OFFSET = 128, OFFSET_BITS = 7 };

#include "kernels/scan_avx512.h"

KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    return (ints)_mm512_dpbusd_epi32((__m512i)sum, query, products);
}

#define TABLE pv_scan_avx512_vnni
#define ISA "avx512vnni"
#include "kernels/scan_int8.h"
#endif
