/* peak_bench.c - what one core reaches when nothing but arithmetic limits it: multiply-adds that stay in registers.
 *
 *     peak_bench STEPS
 *
 * For each float32 instruction set that this machine has, a mark of its name around STEPS x 12 multiply-adds of
 * vectors. The harness knows the width of a vector and divides by the CPU seconds.
 */
#include "bench_arguments.h"
#include "kernels/isa.h"
#include "marks.h"
#include <stdio.h>

/* Twelve chains, each waiting for itself alone: more than the latency of a multiply-add times the units of any core at
 * hand, and within 16 registers with the two factors. Variables and not an array, which gcc would keep in memory. The
 * empty assembler keeps the compiler from simplifying. */
#define STEP(sum, multiply_add, constraint)                                                                            \
    sum = multiply_add(sum, factor, term);                                                                             \
    __asm__ volatile("" : constraint(sum));
#define LOOP(vector, fill, multiply_add, constraint, steps)                                                            \
    do {                                                                                                               \
        const vector factor = fill(0.5F), term = fill(1.0F);                                                           \
        vector a = term, b = term, c = term, d = term, e = term, f = term;                                             \
        vector g = term, h = term, i = term, j = term, k = term, l = term;                                             \
        for (int64_t step = 0; step < (steps); step++) {                                                               \
            STEP(a, multiply_add, constraint)                                                                          \
            STEP(b, multiply_add, constraint)                                                                          \
            STEP(c, multiply_add, constraint)                                                                          \
            STEP(d, multiply_add, constraint)                                                                          \
            STEP(e, multiply_add, constraint)                                                                          \
            STEP(f, multiply_add, constraint)                                                                          \
            STEP(g, multiply_add, constraint)                                                                          \
            STEP(h, multiply_add, constraint)                                                                          \
            STEP(i, multiply_add, constraint)                                                                          \
            STEP(j, multiply_add, constraint)                                                                          \
            STEP(k, multiply_add, constraint)                                                                          \
            STEP(l, multiply_add, constraint)                                                                          \
        }                                                                                                              \
    } while (0)

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,fma"))) static void run_avx2(int64_t steps)
{
    LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps, "+x", steps);
}

__attribute__((target("avx512f"))) static void run_avx512(int64_t steps)
{
    LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps, "+v", steps);
}

static void run_all(int64_t steps)
{
    const pv_isa isa = pv_isa_get();
    if (isa >= PV_ISA_AVX2) {
        mark_begin("avx2");
        run_avx2(steps);
        mark_end("avx2");
    }
    if (isa >= PV_ISA_AVX512) {
        mark_begin("avx512");
        run_avx512(steps);
        mark_end("avx512");
    }
}
#elif defined(__aarch64__)
#include <arm_neon.h>

static inline float32x4_t multiply_add(float32x4_t sum, float32x4_t factor, float32x4_t term)
{
    return vfmaq_f32(term, sum, factor);
}

static void run_all(int64_t steps)
{
    mark_begin("neon");
    LOOP(float32x4_t, vdupq_n_f32, multiply_add, "+w", steps);
    mark_end("neon");
}
#else
static void run_all(int64_t steps)
{
    (void)steps;
}
#endif

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: peak_bench STEPS\n", stderr);
        return 2;
    }
    run_all(integer_argument(argv[1], "steps", 1, INT64_MAX));
    return 0;
}
