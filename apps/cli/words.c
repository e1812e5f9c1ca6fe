/* words.c - see words.h. */
#include "words.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct translation {
    const char *code, *words;
} translation;

static const char *translate(char out[WORDS_SIZE], const translation *table, size_t count, const char *code)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(table[k].code, code) == 0) return table[k].words;
    snprintf(out, WORDS_SIZE, "%s", code);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '_') *c = ' ';
    return out;
}

const char *signal_words(char out[WORDS_SIZE], const char *code)
{
    static const translation table[] = {{"als", "similar purchases"},   {"als_recent", "similar purchases lately"},
                                        {"last_sold", "still sold"},    {"habit", "bought regularly"},
                                        {"rebuy", "buys again"},        {"price_fit", "usual price"},
                                        {"peers", "similar customers"}, {"age", "new in the shop"},
                                        {"text", "similar name"},       {"fatigue", "shown before"}};
    return translate(out, table, sizeof table / sizeof table[0], code);
}

const char *gate_words(char out[WORDS_SIZE], const char *gate)
{
    static const translation table[] = {{"excluded", "excluded by the request"},
                                        {"in_cart", "in the basket already"},
                                        {"not_known_yet", "not known in the shop at that date"},
                                        {"filter", "outside the filter"},
                                        {"not_in_assortment", "not in this customer's assortment"},
                                        {"discontinued", "no longer sold"},
                                        {"out_of_stock", "out of stock"},
                                        {"bought_before", "bought before by this customer"},
                                        {"never_bought", "never bought by this customer"}};
    return translate(out, table, sizeof table / sizeof table[0], gate);
}

const char *count_words(char out[WORDS_SIZE], int64_t count)
{
    char digits[WORDS_SIZE];
    snprintf(digits, sizeof digits, "%" PRId64, count);
    size_t n_digits = strlen(digits), used = 0;
    for (size_t k = 0; k < n_digits; k++) {
        out[used++] = digits[k];
        size_t left = n_digits - 1 - k;
        if (left > 0 && left % 3 == 0 && digits[k] != '-') out[used++] = ',';
    }
    out[used] = '\0';
    return out;
}

const char *price_words(char out[WORDS_SIZE], double price)
{
    out[0] = '\0';
    if (isnan(price)) return out;
    bool is_short = fabs(price * 100 - round(price * 100)) < 1e-6;
    snprintf(out, WORDS_SIZE, is_short ? "%.2f" : "%.6g", price);
    return out;
}

const char *share_words(char out[WORDS_SIZE], double share)
{
    out[0] = '\0';
    if (!isnan(share)) snprintf(out, WORDS_SIZE, "%.3g %%", share * 100);
    return out;
}

const char *time_words(char out[WORDS_SIZE], int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&moment, &parts) == NULL) return "";
    bool is_midnight = parts.tm_hour == 0 && parts.tm_min == 0 && parts.tm_sec == 0;
    if (strftime(out, WORDS_SIZE, is_midnight ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) return "";
    return out;
}

const char *duration_words(char out[WORDS_SIZE], double seconds)
{
    if (seconds < 60)
        snprintf(out, WORDS_SIZE, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    else
        snprintf(out, WORDS_SIZE, "%ld:%02ld min", lround(seconds) / 60, lround(seconds) % 60);
    return out;
}

const char *size_words(char out[WORDS_SIZE], int64_t bytes)
{
    if (bytes < 1000)
        snprintf(out, WORDS_SIZE, "%" PRId64 " bytes", bytes);
    else if (bytes < 1000000)
        snprintf(out, WORDS_SIZE, "%.1f kB", (double)bytes / 1e3);
    else
        snprintf(out, WORDS_SIZE, "%.1f MB", (double)bytes / 1e6);
    return out;
}
