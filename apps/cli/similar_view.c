/* similar_view.c - the table of `similar`. */
#include "answer_view.h"

#include "table.h"
#include "words.h"
#include <inttypes.h>
#include <math.h>

static void add_item(cli_table *table, const pv_similar_item *item, int64_t rank)
{
    char buyers[WORDS_SIZE], also[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%" PRId64, rank);
    table_add_text(table, item->product);
    table_add_text(table, item->name);
    if (isnan(item->similarity))
        table_add(table, "%s", "");
    else
        table_add(table, "%.4f", item->similarity);
    if (item->buyers < 0 || item->also < 0)
        table_add(table, "%s", "");
    else
        table_add(table, "%s of %s customers", count_words(also, item->also), count_words(buyers, item->buyers));
    table_add(table, "%s", item->is_substitute ? "instead of it" : "");
}

bool print_similar(FILE *out, const cli_terminal *terminal, const pv_similar *similar)
{
    static const table_column columns[] = {{"#", true, false},           {"product", false, true},
                                           {"name", false, true},        {"similarity", true, false},
                                           {"bought both", true, false}, {"use", false, false}};
    fputs("Products bought like ", out);
    print_text(out, similar->product, SIZE_MAX);
    if (similar->name.data != NULL) {
        fputc(' ', out);
        print_text(out, similar->name, SIZE_MAX);
    }
    fputs("; 1 is the same buyers, 0 is no connection.\n\n", out);
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    for (int64_t k = 0; k < similar->n_items; k++) add_item(table, &similar->items[k], k + 1);
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}
