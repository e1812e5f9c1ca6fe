/* answer_parts.c - see answer_parts.h. */
#include "answer_parts.h"

#include <stdlib.h>
#include <string.h>

void print_subject(FILE *out, const pv_answer *answer)
{
    char words[WORDS_SIZE];
    if (answer->user.data != NULL) {
        fputs("Customer ", out);
        print_text(out, answer->user, SIZE_MAX);
    } else {
        fputs("A customer with the purchases given", out);
    }
    if (answer->as_of != INT64_MIN) fprintf(out, ", as of %s", time_words(words, answer->as_of));
}

void print_source(FILE *out, const pv_answer *answer)
{
    if (strcmp(answer->source, "personal") == 0) {
        fputs("chosen from this customer's own purchases.\n", out);
        return;
    }
    fputs("not personal", out);
    if (answer->fallback.data != NULL) {
        fputs(": ", out);
        print_text(out, answer->fallback, SIZE_MAX);
    }
    bool is_segment = strcmp(answer->source, "popular_in_segment") == 0;
    fprintf(out, "; these are what %s most.\n", is_segment ? "customers of that kind buy" : "all customers buy");
}

const char *contribution_words(char out[WORDS_SIZE], double contribution)
{
    snprintf(out, WORDS_SIZE, "%+.4f", contribution);
    bool is_zero = strcmp(out, "+0.0000") == 0 || strcmp(out, "-0.0000") == 0;
    return is_zero ? "0.0000" : out;
}

text_style contribution_style(double contribution)
{
    if (contribution > 0) return STYLE_GOOD;
    return contribution < 0 ? STYLE_BAD : STYLE_DIM;
}

size_t *order_of_reasons(const pv_reason *reasons, int64_t count)
{
    size_t *order = calloc((size_t)count + 1, sizeof *order);
    if (order == NULL) return NULL;
    for (size_t k = 0; k < (size_t)count; k++) {
        size_t place = k;
        for (; place > 0 && reasons[order[place - 1]].contribution < reasons[k].contribution; place--)
            order[place] = order[place - 1];
        order[place] = k;
    }
    return order;
}

void add_notes(cli_table *table, const pv_item *item)
{
    for (int64_t k = 0; k < item->n_notes; k++) table_add_detail(table, STYLE_DIM, "note", item->notes[k].text);
}

void add_part(cli_table *table, double contribution, const char *words)
{
    char number[WORDS_SIZE];
    if (contribution == 0) return;
    table_add_detail(table, contribution_style(contribution), contribution_words(number, contribution), text_of(words));
}
