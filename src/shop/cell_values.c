#include "shop/cell_values.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_BYTES 60
#define EXACT_POWER 22 /* 10^22 is the largest power of ten that a double holds exactly */
#define EXACT_INTEGER (UINT64_C(1) << 53)
#define DIGITS_MAX 19 /* more may overflow 64 bits */

pv_text pv_cell_trim(pv_text cell)
{
    while (cell.size > 0 && (cell.data[0] == ' ' || cell.data[0] == '\t')) {
        cell.data++;
        cell.size--;
    }
    while (cell.size > 0 && (cell.data[cell.size - 1] == ' ' || cell.data[cell.size - 1] == '\t')) cell.size--;
    return cell;
}

/* --- numbers ---------------------------------------------------------------------------------------------------- */

static bool is_digit(char byte)
{
    return (unsigned char)(byte - '0') < 10;
}

typedef struct decimal_number {
    bool is_negative;
    uint64_t digits;  /* the first DIGITS_MAX significant ones */
    int64_t n_digits; /* significant ones, all */
    int64_t exponent; /* of ten, for `digits` as an integer; meaningful while n_digits <= DIGITS_MAX */
} decimal_number;

/* Digits with at most one mark; the count of characters used, 0 when there is no digit. */
static size_t scan_digits(decimal_number *number, pv_text text, char decimal)
{
    size_t at = 0, seen = 0;
    bool is_fraction = false;
    for (; at < text.size; at++) {
        char byte = text.data[at];
        if (is_digit(byte)) {
            seen++;
            if (number->n_digits < DIGITS_MAX) number->digits = number->digits * 10 + (uint64_t)(byte - '0');
            if (number->digits != 0) number->n_digits++;
            if (is_fraction) number->exponent--;
        } else if (byte == decimal && !is_fraction) {
            is_fraction = true;
        } else {
            break;
        }
    }
    return seen > 0 ? at : 0;
}

static bool scan_exponent(decimal_number *number, pv_text text)
{
    int64_t exponent = 0;
    size_t at = 1;
    if (text.data[0] != 'e' && text.data[0] != 'E') return false;
    bool is_negative = text.size > 1 && text.data[1] == '-';
    if (text.size > 1 && (text.data[1] == '-' || text.data[1] == '+')) at++;
    if (at == text.size) return false;
    for (; at < text.size; at++) {
        if (!is_digit(text.data[at])) return false;
        if (exponent < 100000) exponent = exponent * 10 + (text.data[at] - '0');
    }
    number->exponent += is_negative ? -exponent : exponent;
    return true;
}

/* The C library's correctly rounded conversion, for what does not fit the exact shortcut. `text` is known to be a
 * number. */
static bool convert_slowly(double *value, pv_text text, char decimal)
{
    char small[128];
    char *copy = text.size < sizeof small ? small : malloc(text.size + 1);
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    bool is_done = copy != NULL && c_locale != (locale_t)0;
    if (is_done) {
        memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        char *mark = memchr(copy, decimal, text.size);
        if (mark != NULL) *mark = '.';
        *value = strtod_l(copy, NULL, c_locale);
    }
    if (c_locale != (locale_t)0) freelocale(c_locale);
    if (copy != small) free(copy);
    return is_done;
}

bool pv_number_parse(double *value, pv_text text, char decimal)
{
    static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    decimal_number number = {0};
    pv_text rest = text;
    if (rest.size > 0 && (rest.data[0] == '-' || rest.data[0] == '+')) {
        number.is_negative = rest.data[0] == '-';
        rest.data++;
        rest.size--;
    }
    size_t used = scan_digits(&number, rest, decimal);
    if (used == 0) return false;
    rest.data += used;
    rest.size -= used;
    if (rest.size > 0 && !scan_exponent(&number, rest)) return false;
    bool is_exact = number.n_digits <= DIGITS_MAX && number.digits <= EXACT_INTEGER &&
                    number.exponent >= -EXACT_POWER && number.exponent <= EXACT_POWER;
    if (number.digits == 0) {
        *value = number.is_negative ? -0.0 : 0.0;
        return true;
    }
    if (!is_exact) return convert_slowly(value, text, decimal);
    /* Clinger 1990: both operands are exact doubles, so one operation rounds once. */
    double magnitude = number.exponent < 0 ? (double)number.digits / powers[-number.exponent]
                                           : (double)number.digits * powers[number.exponent];
    *value = number.is_negative ? -magnitude : magnitude;
    return true;
}

/* --- times ------------------------------------------------------------------------------------------------------ */

/* Two digits as a number, 100 when they are none. */
static unsigned two_digits(const char *text)
{
    return is_digit(text[0]) && is_digit(text[1]) ? (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0') : 100;
}

/* "YYYY-MM-DD?HH:MM:SS" on the day that was read last. */
static bool read_on_same_day(int64_t *seconds, const pv_time_reader *reader, pv_text text)
{
    if (text.size != 19 || memcmp(text.data, reader->day, sizeof reader->day) != 0) return false;
    const char *clock = text.data + 10;
    if ((clock[0] != ' ' && clock[0] != 'T') || clock[3] != ':' || clock[6] != ':') return false;
    unsigned hour = two_digits(clock + 1), minute = two_digits(clock + 4), second = two_digits(clock + 7);
    if (hour > 23 || minute > 59 || second > 59) return false;
    *seconds = reader->day_seconds + (int64_t)(hour * 3600 + minute * 60 + second);
    return true;
}

bool pv_time_read(int64_t *seconds, pv_time_reader *reader, pv_text text)
{
    if (reader->format != NULL) return pv_timestamp_parse_format(seconds, text, reader->format);
    if (read_on_same_day(seconds, reader, text)) return true;
    if (!pv_timestamp_parse(seconds, text)) return false;
    int64_t midnight;
    if (text.size == 19 && pv_timestamp_parse(&midnight, (pv_text){text.data, sizeof reader->day})) {
        memcpy(reader->day, text.data, sizeof reader->day);
        reader->day_seconds = midnight;
    }
    return true;
}

/* --- messages --------------------------------------------------------------------------------------------------- */

const char *pv_cell_quote(char out[PV_QUOTED_SIZE], pv_text value)
{
    size_t size = 0, at = 0;
    out[size++] = '"';
    while (at < value.size) {
        size_t length = pv_text_character((pv_text){value.data + at, value.size - at});
        bool is_shown = length > 1 || (length == 1 && (unsigned char)value.data[at] >= 0x20 && value.data[at] != 0x7f);
        if (length == 0) length = 1;
        if (size - 1 + length > SHOWN_BYTES) break;
        if (is_shown) {
            memcpy(out + size, value.data + at, length);
            size += length;
        } else {
            out[size++] = '?';
        }
        at += length;
    }
    memcpy(out + size, at < value.size ? "..." : "", at < value.size ? 3 : 0);
    size += at < value.size ? 3 : 0;
    out[size++] = '"';
    out[size] = '\0';
    return out;
}
