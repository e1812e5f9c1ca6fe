/* immintrin.h - stands before the compiler's own in the emulated tests: AVX2 and AVX-512 in portable C, by SIMDe, so
 * that the kernels of processors that are not here run too. Below: what its version 0.7.4
 * lacks or has wrong. */
#ifndef EMULATED_IMMINTRIN_H
#define EMULATED_IMMINTRIN_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
#include <stddef.h>
#include <string.h>

/* SIMDe gives it the arguments of the masked form. */
#undef _mm512_madd_epi16
#define _mm512_madd_epi16(a, b) simde_mm512_madd_epi16(a, b)

#ifndef _mm512_cvtps_pd
static inline __m512d emulated_cvtps_pd(__m256 v)
{
    float from[8];
    double to[8];
    __m512d wide;
    memcpy(from, &v, sizeof v);
    for (size_t i = 0; i < 8; ++i) to[i] = (double)from[i];
    memcpy(&wide, to, sizeof wide);
    return wide;
}
#define _mm512_cvtps_pd emulated_cvtps_pd
#endif

#ifndef _mm512_shuffle_f64x2
/* Lanes of 128 bits: two that `which` picks from a, then two from b, two bits each. */
static inline __m512d emulated_shuffle_f64x2(__m512d a, __m512d b, unsigned which)
{
    double from[2][8], to[8];
    __m512d shuffled;
    memcpy(from[0], &a, sizeof a);
    memcpy(from[1], &b, sizeof b);
    for (size_t lane = 0; lane < 4; ++lane)
        memcpy(to + 2 * lane, from[lane / 2] + 2 * (which >> 2 * lane & 3), 2 * sizeof *to);
    memcpy(&shuffled, to, sizeof shuffled);
    return shuffled;
}
#define _mm512_shuffle_f64x2 emulated_shuffle_f64x2
#endif

#endif
