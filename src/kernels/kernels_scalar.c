/* kernels_scalar.c - portable vectors, and the table built on them: what runs everywhere.
 *
 * Four floats and two doubles are what every 64-bit processor has (SSE2, NEON); the compiler makes them of anything
 * else. Nothing is fused: the same bits on every processor.
 */
#include <stddef.h>
#include <string.h>

#define KERNEL static
#define TILE __attribute__((always_inline)) static inline
#define TABLE pv_kernels_scalar
#define ISA "scalar"

typedef float floats __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));
enum { FLOATS = 4, DOUBLES = 2 };

KERNEL inline floats load(const float *from)
{
    floats value;
    memcpy(&value, from, sizeof value);
    return value;
}

KERNEL inline void store(float *to, floats v)
{
    memcpy(to, &v, sizeof v);
}

KERNEL inline floats every(float value)
{
    return (floats){value, value, value, value};
}

KERNEL inline floats fused(floats a, floats b, floats c)
{
    return a * b + c;
}

KERNEL inline float sum_lanes(floats v)
{
    return (v[0] + v[2]) + (v[1] + v[3]);
}

KERNEL inline void sum_lanes_of_eight(float *out, const floats v[8])
{
#pragma GCC unroll 8
    for (size_t r = 0; r < 8; ++r) out[r] = sum_lanes(v[r]);
}

KERNEL inline doubles load_wide(const double *from)
{
    doubles value;
    memcpy(&value, from, sizeof value);
    return value;
}

KERNEL inline void store_wide(double *to, doubles v)
{
    memcpy(to, &v, sizeof v);
}

KERNEL inline doubles every_wide(double value)
{
    return (doubles){value, value};
}

KERNEL inline doubles fused_wide(doubles a, doubles b, doubles c)
{
    return a * b + c;
}

KERNEL inline double sum_lanes_wide(doubles v)
{
    return v[0] + v[1];
}

KERNEL inline doubles widen(const float *from)
{
    return (doubles){(double)from[0], (double)from[1]};
}

KERNEL inline void transpose_wide(doubles v[2])
{
    doubles first = v[0], second = v[1];
    v[0] = (doubles){first[0], second[0]};
    v[1] = (doubles){first[1], second[1]};
}

#include "kernels/kernel_table.h"
