/* explain_view.c - the tables of `explain`: every signal with its evidence, then every past purchase with what the
 * score would be without it. */
#include "answer_view.h"

#include "answer_parts.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define SMALLEST_SHOWN 0.00005 /* what four digits can tell from 0 */

static void print_product(FILE *out, const pv_item *item)
{
    char words[WORDS_SIZE];
    print_text(out, item->product, SIZE_MAX);
    if (item->name.data != NULL) {
        fputc(' ', out);
        print_text(out, item->name, SIZE_MAX);
    }
    const char *separator = " (";
    if (item->category.data != NULL) {
        fputs(separator, out);
        print_text(out, item->category, SIZE_MAX);
        separator = ", ";
    }
    if (!isnan(item->price)) {
        fprintf(out, "%sprice %s", separator, price_words(words, item->price));
        separator = ", ";
    }
    if (item->discount > 0) {
        fprintf(out, "%s%s off", separator, share_words(words, item->discount));
        separator = ", ";
    }
    fputs(separator[0] == ',' ? ")" : "", out);
}

static void print_place(FILE *out, const pv_answer *answer, const pv_item *item, const char *kind)
{
    char words[WORDS_SIZE];
    fprintf(out, "Score %.4f, rank %" PRId64 " of %s (%s).\n", item->score, item->rank,
            count_words(words, answer->candidates), kind);
    if (item->gap > 0)
        fprintf(out, "Not among the first %" PRId64 ": the last of them scores %.4f more.\n", answer->requested,
                item->gap);
}

static void print_heading(FILE *out, const pv_answer *answer, const pv_item *item)
{
    char words[WORDS_SIZE];
    fputs("Product ", out);
    print_product(out, item);
    fputs("\n", out);
    print_subject(out, answer);
    fputs(": ", out);
    print_source(out, answer);
    const char *kind = item->kind == PV_KIND_REORDER ? "bought before" : "not bought before";
    if (item->gate != NULL)
        fprintf(out, "Not offered: %s. The score would be %.4f (%s).\n", gate_words(words, item->gate), item->score,
                kind);
    else
        print_place(out, answer, item, kind);
}

/* "from B-17 Bolt M8, 2010-03-01" */
static char *evidence_text(const pv_evidence *piece, const pv_model *model)
{
    pv_text name = pv_model_product_name(model, piece->product);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    fputs("from ", out);
    print_text(out, piece->label, SIZE_MAX);
    print_text(out, piece->product, SIZE_MAX);
    if (name.size > 0) fputc(' ', out);
    print_text(out, name, SIZE_MAX);
    if (piece->date.data != NULL) fputs(", ", out);
    print_text(out, piece->date, SIZE_MAX);
    return fclose(out) == 0 ? text : NULL;
}

static bool add_evidence(cli_table *table, const pv_reason *reason, const pv_model *model)
{
    char number[WORDS_SIZE];
    for (int64_t k = 0; k < reason->n_evidence; k++) {
        const pv_evidence *piece = &reason->evidence[k];
        char *text = evidence_text(piece, model);
        if (text == NULL) return false;
        table_add_detail(table, STYLE_DIM, contribution_words(number, piece->contribution), text_of(text));
        free(text);
    }
    if (fabs(reason->evidence_other) >= SMALLEST_SHOWN)
        table_add_detail(table, STYLE_DIM, contribution_words(number, reason->evidence_other),
                         text_of("from all others together"));
    return true;
}

static void add_signal(cli_table *table, const char *name, double contribution, double share)
{
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", contribution_words(words, contribution));
    table_add(table, "%s", share_words(words, share));
    table_add(table, "%s", name);
}

static bool add_signals(cli_table *table, const pv_item *item, const pv_model *model)
{
    char words[WORDS_SIZE];
    size_t *order = order_of_reasons(item->reasons, item->n_reasons);
    if (order == NULL) return false;
    bool is_whole = true;
    for (size_t k = 0; is_whole && k < (size_t)item->n_reasons; k++) {
        const pv_reason *reason = &item->reasons[order[k]];
        add_signal(table, signal_words(words, reason->code), reason->contribution, reason->share);
        if (reason->text.size > 0) table_add_detail(table, STYLE_PLAIN, "", reason->text);
        is_whole = add_evidence(table, reason, model);
    }
    free(order);
    if (item->other_positive != 0) add_signal(table, "other reasons together", item->other_positive, (double)NAN);
    if (item->negative != 0) add_signal(table, "reasons against it together", item->negative, (double)NAN);
    if (item->base != 0) add_signal(table, "starting value", item->base, (double)NAN);
    if (item->policy != 0) add_signal(table, "the shop's own rule", item->policy, (double)NAN);
    add_signal(table, "the score: the sum of all lines", item->score, (double)NAN);
    add_notes(table, item);
    return is_whole;
}

static bool print_signals(FILE *out, const cli_terminal *terminal, const pv_item *item, const pv_model *model)
{
    static const table_column columns[] = {{"adds", true, false}, {"share", true, false}, {"reason", false, false}};
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    bool is_whole = table != NULL && add_signals(table, item, model) && table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

static bool print_purchases(FILE *out, const cli_terminal *terminal, const pv_item *item, const pv_model *model)
{
    static const table_column columns[] = {{"past purchase", false, true},
                                           {"name", false, true},
                                           {"adds", true, false},
                                           {"score without it", true, false},
                                           {"change", true, false}};
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    for (int64_t k = 0; k < item->n_removals; k++) {
        const pv_removal *removal = &item->removals[k];
        char words[WORDS_SIZE];
        table_begin_row(table);
        table_add_text(table, removal->product);
        table_add_text(table, pv_model_product_name(model, removal->product));
        table_add(table, "%s", contribution_words(words, removal->contribution));
        table_add(table, "%.4f", removal->score);
        table_add(table, "%s", contribution_words(words, removal->score - item->score));
    }
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

bool print_explanation(FILE *out, const cli_terminal *terminal, const pv_answer *answer, const pv_model *model)
{
    const pv_item *item = &answer->items[0];
    print_heading(out, answer, item);
    fputc('\n', out);
    if (!print_signals(out, terminal, item, model)) return false;
    if (item->n_removals == 0) return true;
    fputs("\nHad a past purchase never been made (this may change more than what it adds):\n\n", out);
    return print_purchases(out, terminal, item, model);
}
