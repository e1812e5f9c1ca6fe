/* recommend_view.c - the table of `recommend`: a row a product, its reasons below it, largest first. */
#include "answer_view.h"

#include "answer_parts.h"
#include <inttypes.h>
#include <stdlib.h>

static const char *mode_words(pv_mode mode)
{
    if (mode == PV_MODE_NEW) return "not bought before";
    if (mode == PV_MODE_REORDER) return "bought before";
    return "new and bought before";
}

static void print_heading(FILE *out, const pv_answer *answer)
{
    char words[WORDS_SIZE];
    print_subject(out, answer);
    fputs(": ", out);
    print_source(out, answer);
    fprintf(out, "%s of ", count_words(words, answer->n_items));
    fprintf(out, "%s possible products (%s)", count_words(words, answer->candidates), mode_words(answer->mode));
    const char *separator = "; left out: ";
    for (int64_t k = 0; k < answer->n_filtered; k++) {
        if (answer->filtered[k].count == 0) continue;
        fprintf(out, "%s%s ", separator, count_words(words, answer->filtered[k].count));
        fputs(gate_words(words, answer->filtered[k].gate), out);
        separator = ", ";
    }
    fputs(".\n", out);
}

static bool add_reasons(cli_table *table, const pv_item *item)
{
    size_t *order = order_of_reasons(item->reasons, item->n_reasons);
    if (order == NULL) return false;
    for (size_t k = 0; k < (size_t)item->n_reasons; k++) {
        const pv_reason *reason = &item->reasons[order[k]];
        char number[WORDS_SIZE];
        table_add_detail(table, contribution_style(reason->contribution),
                         contribution_words(number, reason->contribution), reason->text);
    }
    free(order);
    add_part(table, item->other_positive, "other reasons together");
    add_part(table, item->negative, "reasons against it together");
    add_part(table, item->base, "starting value");
    add_part(table, item->policy, "the shop's own rule");
    add_notes(table, item);
    return true;
}

static bool add_item(cli_table *table, const pv_item *item)
{
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%" PRId64, item->rank);
    table_add_text(table, item->product);
    table_add_text(table, item->name);
    table_add_text(table, item->category);
    table_add(table, "%s", price_words(words, item->price));
    table_add(table, "%s", item->discount > 0 ? share_words(words, item->discount) : "");
    table_add(table, "%s", item->kind == PV_KIND_REORDER ? "reorder" : "new");
    table_add(table, "%.4f", item->score);
    /* Without explanation both lists are empty and there is nothing to set apart from the rest. */
    if (item->n_reasons + item->n_notes == 0) return true;
    return add_reasons(table, item);
}

bool print_recommendations(FILE *out, const cli_terminal *terminal, const pv_answer *answer)
{
    static const table_column columns[] = {
        {"#", true, false},     {"product", false, true},  {"name", false, true},  {"category", false, true},
        {"price", true, false}, {"discount", true, false}, {"kind", false, false}, {"score", true, false}};
    print_heading(out, answer);
    if (answer->n_items == 0) return true;
    fputc('\n', out);
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    bool is_whole = table != NULL;
    for (int64_t k = 0; is_whole && k < answer->n_items; k++) is_whole = add_item(table, &answer->items[k]);
    is_whole = is_whole && table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}
