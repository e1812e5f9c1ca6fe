/* kernels_neon.c - vectors of NEON, part of every arm64 processor, and the table built on them. */
#include "kernels/kernels.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#include <stddef.h>

#define KERNEL static
#define TILE __attribute__((always_inline)) static inline
#define TABLE pv_kernels_neon
#define ISA "neon"

typedef float32x4_t floats;
typedef float64x2_t doubles;
enum { FLOATS = 4, DOUBLES = 2 };

KERNEL inline floats load(const float *from)
{
    return vld1q_f32(from);
}

KERNEL inline void store(float *to, floats v)
{
    vst1q_f32(to, v);
}

KERNEL inline floats every(float value)
{
    return vdupq_n_f32(value);
}

KERNEL inline floats fused(floats a, floats b, floats c)
{
    return vfmaq_f32(c, a, b);
}

KERNEL inline float sum_lanes(floats v)
{
    return vaddvq_f32(v);
}

KERNEL inline void sum_lanes_of_eight(float *out, const floats v[8])
{
    vst1q_f32(out, vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3])));
    vst1q_f32(out + 4, vpaddq_f32(vpaddq_f32(v[4], v[5]), vpaddq_f32(v[6], v[7])));
}

KERNEL inline doubles load_wide(const double *from)
{
    return vld1q_f64(from);
}

KERNEL inline void store_wide(double *to, doubles v)
{
    vst1q_f64(to, v);
}

KERNEL inline doubles every_wide(double value)
{
    return vdupq_n_f64(value);
}

KERNEL inline doubles fused_wide(doubles a, doubles b, doubles c)
{
    return vfmaq_f64(c, a, b);
}

KERNEL inline double sum_lanes_wide(doubles v)
{
    return vaddvq_f64(v);
}

KERNEL inline doubles widen(const float *from)
{
    return vcvt_f64_f32(vld1_f32(from));
}

KERNEL inline void transpose_wide(doubles v[2])
{
    doubles first = v[0], second = v[1];
    v[0] = vtrn1q_f64(first, second);
    v[1] = vtrn2q_f64(first, second);
}

#include "kernels/kernel_table.h"
#endif
