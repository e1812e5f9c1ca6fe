/* isa.c - see isa.h. CPUID and XGETBV are asked directly: __builtin_cpu_supports needs a start-up routine that some
 * tool chains leave out, and then answers no to everything. */
#include "kernels/isa.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [PV_ISA_SCALAR] = "scalar",          [PV_ISA_AVX2] = "avx2", [PV_ISA_AVX512] = "avx512",
    [PV_ISA_AVX512_VNNI] = "avx512vnni", [PV_ISA_NEON] = "neon",
};

const char *pv_isa_name(pv_isa isa)
{
    return names[isa];
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* Register state that the operating system saves: XCR0 bits 1, 2 for AVX, and 5 to 7 for AVX-512. */
enum { SAVES_AVX = 0x06, SAVES_AVX512 = 0xe6 };

__attribute__((target("xsave"))) static bool system_saves(unsigned long long state)
{
    return ((unsigned long long)_xgetbv(0) & state) == state;
}

static pv_isa best(void)
{
    unsigned a, b, c, d;
    const unsigned needs_c = bit_FMA | bit_OSXSAVE | bit_AVX, avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & needs_c) != needs_c) return PV_ISA_SCALAR;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2) || !system_saves(SAVES_AVX)) return PV_ISA_SCALAR;
    if ((b & (avx512 | bit_AVX512VL)) != (avx512 | bit_AVX512VL) || !system_saves(SAVES_AVX512)) return PV_ISA_AVX2;
    return c & bit_AVX512VNNI ? PV_ISA_AVX512_VNNI : PV_ISA_AVX512;
}
#elif defined(__aarch64__)
static pv_isa best(void)
{
    return PV_ISA_NEON; /* part of every arm64 processor */
}
#else
static pv_isa best(void)
{
    return PV_ISA_SCALAR;
}
#endif

pv_isa pv_isa_choose(const char *wanted)
{
    const pv_isa most = best();
    for (size_t isa = 0; wanted && isa < sizeof names / sizeof *names; ++isa) {
        const bool is_lower = isa < (size_t)most && (most != PV_ISA_NEON || isa == PV_ISA_SCALAR);
        if (strcmp(wanted, names[isa]) == 0 && is_lower) return (pv_isa)isa;
    }
    return most;
}

pv_isa pv_isa_get(void)
{
    /* Threads that race here store the same value. */
    enum { UNKNOWN = -1 };
    static atomic_int chosen = UNKNOWN;
    int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (isa == UNKNOWN) {
        isa = (int)pv_isa_choose(getenv("PURVEY_ISA"));
        atomic_store_explicit(&chosen, isa, memory_order_relaxed);
    }
    return (pv_isa)isa;
}
