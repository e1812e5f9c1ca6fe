/* statement.c - facts and sentences of the signals. */
#include "signals/statement.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool pv_statement_begin(pv_statement *statement, int64_t capacity, pv_arena *arena)
{
    *statement = (pv_statement){.facts = pv_arena_allocate(arena, (size_t)capacity, sizeof *statement->facts)};
    return statement->facts != NULL;
}

void pv_statement_null(pv_statement *statement, const char *name)
{
    statement->facts[statement->n_facts++] = (pv_fact){.name = name, .kind = PV_FACT_NULL};
}

void pv_statement_integer(pv_statement *statement, const char *name, int64_t value)
{
    statement->facts[statement->n_facts++] = (pv_fact){.name = name, .kind = PV_FACT_INTEGER, .integer = value};
}

void pv_statement_number(pv_statement *statement, const char *name, double value)
{
    if (isnan(value))
        pv_statement_null(statement, name);
    else
        statement->facts[statement->n_facts++] = (pv_fact){.name = name, .kind = PV_FACT_NUMBER, .number = value};
}

static bool is_whole(double value)
{
    return fabs(value) < 9e15 && value == rint(value);
}

void pv_statement_count(pv_statement *statement, const char *name, double value)
{
    if (is_whole(value))
        pv_statement_integer(statement, name, (int64_t)value);
    else
        pv_statement_number(statement, name, value);
}

void pv_statement_text(pv_statement *statement, const char *name, pv_text text)
{
    statement->facts[statement->n_facts++] = (pv_fact){.name = name, .kind = PV_FACT_TEXT, .text = text};
}

bool pv_statement_keep_date(pv_text *date, int64_t time, pv_arena *arena)
{
    char printed[PV_TIMESTAMP_SIZE];
    pv_date_print(printed, time);
    const size_t size = strlen(printed);
    char *kept = pv_arena_allocate(arena, size, 1);
    if (kept) *date = (pv_text){memcpy(kept, printed, size), size};
    return kept != NULL;
}

bool pv_statement_date(pv_statement *statement, const char *name, int64_t time, pv_arena *arena)
{
    if (time == PV_NO_TIME) {
        pv_statement_null(statement, name);
        return true;
    }
    pv_text date;
    if (!pv_statement_keep_date(&date, time, arena)) return false;
    pv_statement_text(statement, name, date);
    return true;
}

void pv_statement_product(pv_statement *statement, const pv_shop *shop, int64_t product)
{
    pv_statement_text(statement, "product", pv_ids_at(&shop->products.ids, product));
    pv_statement_text(statement, "name", pv_shop_product_name(shop, product));
}

/* Bytes of the sentence; written to `out` unless that is NULL. */
static size_t fill_pattern(char *out, const char *pattern, const pv_text *parts)
{
    size_t size = 0;
    for (const char *hole; (hole = strstr(pattern, "{}")) != NULL; pattern = hole + 2, parts++) {
        const size_t before = (size_t)(hole - pattern);
        if (out) memcpy(out + size, pattern, before);
        if (out && parts->size) memcpy(out + size + before, parts->data, parts->size);
        size += before + parts->size;
    }
    const size_t rest = strlen(pattern);
    if (out) memcpy(out + size, pattern, rest);
    return size + rest;
}

bool pv_statement_say(pv_statement *statement, pv_arena *arena, const char *pattern, const pv_text *parts)
{
    const size_t size = fill_pattern(NULL, pattern, parts);
    char *text = pv_arena_allocate(arena, size, 1);
    if (!text) return false;
    fill_pattern(text, pattern, parts);
    statement->text = (pv_text){text, size};
    return true;
}

/* The digits of `value`, then `suffix`, at the end of `out`. */
static pv_text speak(char out[PV_SPOKEN_SIZE], int64_t value, const char *suffix)
{
    const size_t suffix_size = strlen(suffix);
    char *end = out + PV_SPOKEN_SIZE - 1, *first = end - suffix_size;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    memcpy(first, suffix, suffix_size + 1);
    do {
        *--first = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    if (value < 0) *--first = '-';
    return (pv_text){first, (size_t)(end - first)};
}

pv_text pv_spoken_integer(char out[PV_SPOKEN_SIZE], int64_t value)
{
    return speak(out, value, "");
}

pv_text pv_spoken_count(char out[PV_SPOKEN_SIZE], double count)
{
    if (is_whole(count)) return pv_spoken_integer(out, (int64_t)count);
    snprintf(out, PV_SPOKEN_SIZE, "%.2f", count);
    return pv_text_of(out);
}

pv_text pv_spoken_percent(char out[PV_SPOKEN_SIZE], double fraction)
{
    const double percent = 100 * fraction;
    if (percent > 0 && percent < 0.05) {
        snprintf(out, PV_SPOKEN_SIZE, "under 0.1 %%");
    } else if (percent >= 99.5 && percent < 100) {
        snprintf(out, PV_SPOKEN_SIZE, "over 99 %%");
    } else if (percent == 0 || (percent >= 1 && percent < 1e9)) {
        return speak(out, (int64_t)rint(percent), " %"); /* ties to even, as printf has it */
    } else {
        snprintf(out, PV_SPOKEN_SIZE, "%.*f %%", percent > 0 && percent < 1 ? 1 : 0, percent);
    }
    return pv_text_of(out);
}
