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

bool pv_statement_date(pv_statement *statement, const char *name, int64_t time, pv_arena *arena)
{
    if (time == PV_NO_TIME) {
        pv_statement_null(statement, name);
        return true;
    }
    char date[PV_TIMESTAMP_SIZE];
    pv_date_print(date, time);
    const char *kept = pv_arena_print(arena, "%s", date);
    if (kept) pv_statement_text(statement, name, pv_text_of(kept));
    return kept != NULL;
}

void pv_statement_product(pv_statement *statement, const pv_shop *shop, int64_t product)
{
    pv_statement_text(statement, "product", pv_ids_at(&shop->products.ids, product));
    pv_statement_text(statement, "name", pv_shop_product_name(shop, product));
}

bool pv_statement_say(pv_statement *statement, pv_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    const int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size >= 0 ? pv_arena_allocate(arena, (size_t)size + 1, 1) : NULL;
    if (text) {
        vsnprintf(text, (size_t)size + 1, format, again);
        statement->text = (pv_text){text, (size_t)size};
    }
    va_end(again);
    va_end(arguments);
    return text != NULL;
}

const char *pv_spoken_count(char out[PV_SPOKEN_SIZE], double count)
{
    snprintf(out, PV_SPOKEN_SIZE, "%.*f", is_whole(count) ? 0 : 2, count);
    return out;
}

const char *pv_spoken_percent(char out[PV_SPOKEN_SIZE], double fraction)
{
    const double percent = 100 * fraction;
    if (percent > 0 && percent < 0.05)
        snprintf(out, PV_SPOKEN_SIZE, "under 0.1 %%");
    else if (percent >= 99.5 && percent < 100)
        snprintf(out, PV_SPOKEN_SIZE, "over 99 %%");
    else
        snprintf(out, PV_SPOKEN_SIZE, "%.*f %%", percent > 0 && percent < 1 ? 1 : 0, percent);
    return out;
}
