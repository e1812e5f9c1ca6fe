/* array_checks.h - whether every value of a long array is as it should be, at the speed of the memory.
 *
 * A model is checked whole when it is opened, and most of its values are good. So these look at all of them without a
 * branch: a compiler makes vectors of the loops, and the sign bit of a difference tells what a comparison would. Who
 * wants to know where a bad value stands looks again.
 */
#ifndef PV_ARRAY_CHECKS_H
#define PV_ARRAY_CHECKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* All in [low, high]; low >= -1. */
static inline bool pv_all_within(const int32_t *values, int64_t n, int32_t low, int32_t high)
{
    uint32_t outside = 0; /* the top bit: some value was; of two differences that overflow one has it nevertheless */
    for (int64_t i = 0; i < n; i++)
        outside |= ((uint32_t)values[i] - (uint32_t)low) | ((uint32_t)high - (uint32_t)values[i]);
    return outside >> 31 == 0;
}

/* The same; low <= 0 <= high. */
static inline bool pv_all_within_64(const int64_t *values, int64_t n, int64_t low, int64_t high)
{
    uint64_t outside = 0;
    for (int64_t i = 0; i < n; i++)
        outside |= ((uint64_t)values[i] - (uint64_t)low) | ((uint64_t)high - (uint64_t)values[i]);
    return outside >> 63 == 0;
}

/* n + 1 offsets that do not fall from 0 to `end`. */
static inline bool pv_offsets_rise(const int64_t *offsets, int64_t n, int64_t end)
{
    uint64_t falls = 0; /* a difference of two that are not negative cannot overflow */
    for (int64_t i = 0; i < n; i++) falls |= (uint64_t)offsets[i] | ((uint64_t)offsets[i + 1] - (uint64_t)offsets[i]);
    return offsets[0] == 0 && offsets[n] == end && falls >> 63 == 0;
}

/* values[0] < values[1] < ...; none negative. */
static inline bool pv_all_rise(const int32_t *values, int64_t n)
{
    uint32_t falls = 0;
    for (int64_t i = 1; i < n; i++) falls |= (uint32_t)values[i] - (uint32_t)values[i - 1] - 1;
    return falls >> 31 == 0;
}

static inline int32_t pv_float_bits(float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* All in [low, high], low at least 0: such numbers are ordered as their bits are. */
static inline bool pv_floats_within(const float *values, int64_t n, float low, float high)
{
    const uint32_t first = (uint32_t)pv_float_bits(low), last = (uint32_t)pv_float_bits(high);
    uint32_t outside = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t bits = (uint32_t)pv_float_bits(values[i]);
        outside |= (bits - first) | (last - bits);
    }
    return outside >> 31 == 0;
}

static inline int64_t pv_double_bits(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The same of doubles. */
static inline bool pv_doubles_within(const double *values, int64_t n, double low, double high)
{
    const uint64_t first = (uint64_t)pv_double_bits(low), last = (uint64_t)pv_double_bits(high);
    uint64_t outside = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t bits = (uint64_t)pv_double_bits(values[i]);
        outside |= (bits - first) | (last - bits);
    }
    return outside >> 63 == 0;
}

/* Neither infinite nor NaN. */
static inline bool pv_all_finite(const float *values, int64_t n)
{
    const uint32_t infinite = UINT32_C(0x7f800000), no_sign = UINT32_C(0x7fffffff);
    uint32_t finite = UINT32_MAX; /* the top bit: all differences were negative */
    for (int64_t i = 0; i < n; i++) finite &= ((uint32_t)pv_float_bits(values[i]) & no_sign) - infinite;
    return finite >> 31 != 0;
}

/* All ASCII. */
static inline bool pv_all_ascii(const char *bytes, int64_t n)
{
    unsigned char all = 0;
    for (int64_t i = 0; i < n; i++) all |= (unsigned char)bytes[i];
    return all < 0x80;
}

#endif
