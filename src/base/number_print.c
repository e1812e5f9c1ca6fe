/* number_print.c - pv_number_print() of json_writer.h.
 *
 * The rule is the one of "%.15g", "%.16g", "%.17g", whichever first reads back as the same number. Bulk answers print
 * millions of numbers, so the usual range is done exactly in 128-bit integers, several times faster than libc. */
#include "base/json_writer.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXED_LEAST 1e-4 /* %g writes smaller numbers with an exponent */
#define FIXED_LEAST_EXPONENT (-4)
#define FIXED_BELOW 1e15 /* and larger ones, at 15 digits */
#define SIGNIFICAND_BITS 52

__extension__ typedef unsigned __int128 wide;

/* 10^places, places 0 to 20. */
static wide power_of_ten(int places)
{
    static const uint64_t powers[] = {1,       10,       100,       1000,       10000,      100000,
                                      1000000, 10000000, 100000000, 1000000000, 10000000000};
    return (wide)powers[places / 2] * powers[places - places / 2];
}

/* A double in the fixed range: significand / 2^shift. */
typedef struct binary {
    uint64_t significand; /* 53 bits */
    int shift;            /* 1 to 66 */
} binary;

static binary take_apart(double value)
{
    uint64_t bits, hidden = UINT64_C(1) << SIGNIFICAND_BITS;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> SIGNIFICAND_BITS & 0x7ff);
    return (binary){(bits & (hidden - 1)) | hidden, 1023 + SIGNIFICAND_BITS - exponent};
}

/* digits = value x 10^places, rounded to nearest, ties to even; true when digits / 10^places reads back as the value,
 * that is, lies within half a step to the next double. (The step below a power of two is shorter, but the powers of
 * this range have fewer than 15 digits and are met exactly.) */
static bool round_to_places(uint64_t *digits, binary value, int places)
{
    wide step = power_of_ten(places), unit = (wide)1 << value.shift;
    wide exact = value.significand * step;
    wide quotient = exact >> value.shift, rest = exact & (unit - 1), half = unit >> 1;
    bool is_up = rest > half || (rest == half && (quotient & 1));
    wide distance = is_up ? unit - rest : rest;
    *digits = (uint64_t)quotient + is_up;
    return 2 * distance < step || (2 * distance == step && value.significand % 2 == 0);
}

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                  "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                  "8081828384858687888990919293949596979899";

static void write_eight_digits(char *out, uint32_t value)
{
    const uint32_t high = value / 10000, low = value % 10000;
    memcpy(out, digit_pairs + 2 * (high / 100), 2);
    memcpy(out + 2, digit_pairs + 2 * (high % 100), 2);
    memcpy(out + 4, digit_pairs + 2 * (low / 100), 2);
    memcpy(out + 6, digit_pairs + 2 * (low % 100), 2);
}

/* The last `count` decimal digits of `value`, zeros in front, to out[count]. */
static void write_digits(char *out, uint64_t value, int count)
{
    for (; count >= 8; value /= 100000000) { /* eights do not wait for each other */
        count -= 8;
        write_eight_digits(out + count, (uint32_t)(value % 100000000));
    }
    for (; count >= 2; value /= 100) {
        count -= 2;
        memcpy(out + count, digit_pairs + 2 * (value % 100), 2);
    }
    if (count == 1) out[0] = (char)('0' + value % 10);
}

static int count_digits(uint64_t value)
{
    int count = 1;
    for (; value >= 100; value /= 100) count += 2;
    return count + (value >= 10);
}

static int write_integer(char *out, bool is_negative, uint64_t size)
{
    const int count = count_digits(size);
    if (is_negative) *out++ = '-';
    write_digits(out, size, count);
    return count + is_negative;
}

int pv_integer_print(char out[PV_NUMBER_SIZE], int64_t value)
{
    int length = write_integer(out, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    out[length] = '\0';
    return length;
}

/* digits / 10^places, which is no integer; digits have at most 17 places. */
static int print_fixed(char out[PV_NUMBER_SIZE], bool is_negative, uint64_t digits, int places)
{
    const uint64_t one = places < 18 ? (uint64_t)power_of_ten(places) : UINT64_MAX;
    int length = write_integer(out, is_negative, digits / one);
    out[length++] = '.';
    write_digits(out + length, digits % one, places);
    for (length += places; out[length - 1] == '0';) length--;
    out[length] = '\0';
    return length;
}

/* |value| in the fixed range and no integer. */
static int print_in_range(char out[PV_NUMBER_SIZE], double value)
{
    static const double bounds[] = {1e-3, 1e-2, 1e-1, 1e0, 1e1,  1e2,  1e3,  1e4,  1e5,
                                    1e6,  1e7,  1e8,  1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    double size = fabs(value);
    int exponent = FIXED_LEAST_EXPONENT;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds && size >= bounds[i]; i++) exponent++;
    binary parts = take_apart(size);
    uint64_t digits;
    int places = DBL_DIG - 1 - exponent;
    while (!round_to_places(&digits, parts, places)) places++; /* 17 digits always read back */
    return print_fixed(out, value < 0, digits, places);
}

/* printf writes the decimal point of the locale, which may be several bytes: make it ".". Length returned. */
static int use_decimal_point(char *text)
{
    char *point = text + strspn(text, "-0123456789");
    if (*point != '\0' && *point != 'e') {
        const char *fraction = point;
        while ((*fraction < '0' || *fraction > '9') && *fraction != '\0') fraction++;
        *point = '.';
        memmove(point + 1, fraction, strlen(fraction) + 1);
    }
    return (int)strlen(text);
}

int pv_number_print(char out[PV_NUMBER_SIZE], double value)
{
    double size = fabs(value);
    if (size < FIXED_BELOW && value == trunc(value)) { /* exact in int64, where -0 loses its sign */
        int length = pv_integer_print(out, (int64_t)value);
        memcpy(out + length, ".0", 3);
        return length + 2;
    }
    if (size >= FIXED_LEAST && size < FIXED_BELOW) return print_in_range(out, value);
    /* Subnormal numbers have fewer digits than 15. */
    int precision = size < DBL_MIN ? 1 : DBL_DIG;
    do {
        snprintf(out, PV_NUMBER_SIZE, "%.*g", precision, value);
    } while (precision++ < DBL_DECIMAL_DIG && strtod(out, NULL) != value);
    int length = use_decimal_point(out);
    if (!strpbrk(out, ".e")) length += snprintf(out + length, (size_t)(PV_NUMBER_SIZE - length), ".0");
    return length;
}
