/* elementary.c - see elementary.h. Every function brings its argument near 1 or 0, where a series is short. */
#include "base/elementary.h"
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1023, EXPONENT_MASK = 0x7ff };

/* ln 2 and 1 / ln 2 as sums of two numbers, the first so short (32 and 21 bits) that its product with an exponent or
 * with what first_bits() leaves is exact. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
static const double LOG2E_HIGH = 0x1.71547p0, LOG2E_LOW = 0x1.94ae0bf85ddf4p-22;

/* 2^exponent for exponents of normal numbers. */
static double power_of_two(int exponent)
{
    const uint64_t bits = (uint64_t)(exponent + EXPONENT_BIAS) << FRACTION_BITS;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* coefficients[0] + x (coefficients[1] + x (...)). */
static double polynomial(double x, const double *coefficients, size_t n)
{
    double sum = coefficients[n - 1];
    for (size_t k = n - 1; k-- > 0;) sum = coefficients[k] + x * sum;
    return sum;
}

/* e^t = 1 + t + t^2 (1/2! + t/3! + ...) for |t| <= ln 2 / 2: the first term left out is below 2^-60. */
static double exponential_near_zero(double t)
{
    static const double inverse_factorials[] = {
        1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,        1.0 / 5040,       1.0 / 40320,
        1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};
    const size_t n = sizeof inverse_factorials / sizeof *inverse_factorials;
    return 1 + (t + t * t * polynomial(t, inverse_factorials, n));
}

double pv_exp2(double x)
{
    if (isnan(x)) return x;
    if (x >= 1024) return (double)INFINITY;
    if (x < -1075) return 0;
    const double whole = rint(x), rest = x - whole; /* exact */
    const double power = exponential_near_zero(rest * LN2_HIGH + rest * LN2_LOW);
    const int exponent = (int)whole, half = exponent / 2; /* in two steps: neither overflows nor is subnormal */
    return power * power_of_two(half) * power_of_two(exponent - half);
}

/* x = 2^exponent m with sqrt(1/2) <= m < sqrt(2), and ln m = high + low with 21 bits in high. */
typedef struct logarithm_parts {
    int exponent;
    double high, low;
} logarithm_parts;

static double first_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= ~(uint64_t)UINT32_MAX;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* With f = m - 1 and s = f / (2 + f), |s| < 0.172: ln m = 2 atanh(s) = f - f s + s (2 s^2/3 + 2 s^4/5 + ...), where the
 * first two terms carry nearly all of it; f s is f^2/2 - s f^2/2, so that only a small number is rounded. */
static logarithm_parts take_logarithm(double x)
{
    static const double odd[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
    const int scale = x < 0x1p-1022 ? 54 : 0; /* subnormal */
    const double scaled = scale ? x * 0x1p54 : x;
    uint64_t bits;
    memcpy(&bits, &scaled, sizeof bits);
    int exponent = (int)(bits >> FRACTION_BITS & EXPONENT_MASK) - EXPONENT_BIAS;
    double m = scaled * power_of_two(-exponent / 2) * power_of_two(-exponent - -exponent / 2);
    if (m >= 0x1.6a09e667f3bcdp0) {
        m *= 0.5;
        exponent++;
    }
    const double f = m - 1, s = f / (2 + f), square = s * s, half = 0.5 * f * f;
    const double series = square * polynomial(square, odd, sizeof odd / sizeof *odd);
    const double high = first_bits(f - half);
    const double low = ((f - high) - half) + s * (half + series);
    return (logarithm_parts){exponent - scale, high, low};
}

/* What a logarithm of any base is outside the positive finite numbers. */
static double logarithm_of_others(double x)
{
    if (isnan(x) || x < 0) return (double)NAN;
    return x > 0 ? x : -(double)INFINITY;
}

double pv_log(double x)
{
    if (!(x > 0 && x < (double)INFINITY)) return logarithm_of_others(x);
    const logarithm_parts parts = take_logarithm(x);
    return parts.exponent * LN2_HIGH + (parts.high + (parts.low + parts.exponent * LN2_LOW));
}

double pv_log2(double x)
{
    if (!(x > 0 && x < (double)INFINITY)) return logarithm_of_others(x);
    const logarithm_parts parts = take_logarithm(x);
    const double low = parts.high * LOG2E_LOW + parts.low * (LOG2E_HIGH + LOG2E_LOW);
    const double high = parts.high * LOG2E_HIGH; /* exact */
    const double sum = parts.exponent + high;    /* rounded by what is added again */
    return sum + ((parts.exponent - sum) + high + low);
}
