/* scan_rounding.h - rounding whose direction or error is known, for bounds that must hold. */
#ifndef PV_SCAN_ROUNDING_H
#define PV_SCAN_ROUNDING_H

#include <math.h>

/* More than what rounding can take from a float64 sum of 1,024 squares, its square root and a product. */
#define PV_SUM_SLACK (1.0 + 1e-12)

/* The smallest float32 that is not below value. */
static inline float pv_round_up(double value)
{
    const float nearest = (float)value;
    return (double)nearest < value ? nextafterf(nearest, INFINITY) : nearest;
}

/* A float32 that is not above value, cheaply: two units of the last place may be lost. NaN stays NaN. */
static inline float pv_round_down(double value)
{
    return (float)(value - (fabs(value) * 0x1p-22 + 0x1p-148));
}

/* The nearest integer, |value| < 2^51: adding 1.5 x 2^52 leaves no digits behind the point. Without SSE4.1,
 * rint() is a call. */
static inline double pv_round_integer(double value)
{
    return value + 0x1.8p52 - 0x1.8p52;
}

#endif
