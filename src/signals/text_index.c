/* text_index.c - see text_index.h. */
#include "signals/text_index.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "shop/interner.h"
#include "signals/text_terms.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NGRAM_SIZE 4
#define WORD_MARK                                                                                                      \
    '\n' /* before a word: "red" is another term than the n-gram of "hundred"; no term holds a newline                 \
          */

pv_text pv_text_of_product(const pv_shop *shop, int64_t product, pv_arena *arena)
{
    const pv_text_columns *columns = &shop->products.columns;
    const pv_text name = pv_texts_at(&shop->products.names, product);
    const int64_t column = pv_text_columns_find(columns, pv_text_of("description"));
    const int32_t code = column >= 0 ? columns->codes[column * columns->n_rows + product] : -1;
    const pv_text description = code >= 0 ? pv_texts_at(&columns->values, code) : pv_text_of("");
    char *folded = pv_arena_allocate(arena, name.size + 1 + description.size, 1);
    if (!folded) return (pv_text){0};
    pv_text_fold(folded, name);
    folded[name.size] = ' ';
    pv_text_fold(folded + name.size + 1, description);
    return (pv_text){folded, description.size ? name.size + 1 + description.size : name.size};
}

/* --- terms of each product ---------------------------------------------------------------------------------------- */

/* Terms as they are met. */
typedef struct term_writer {
    pv_interner *interner;
    int32_t *terms; /* [n] of all products so far, several times where they are there several times */
    size_t n, capacity;
    uint8_t *is_word; /* [terms known] */
    size_t n_known, known_capacity;
    char *padded; /* scratch for one word */
    size_t padded_capacity;
} term_writer;

static bool write_term(term_writer *writer, pv_text term, bool is_word)
{
    const int64_t number = pv_interner_add(writer->interner, term);
    if (number < 0 || !pv_reserve((void **)&writer->terms, &writer->capacity, writer->n + 1, sizeof *writer->terms) ||
        !pv_reserve((void **)&writer->is_word, &writer->known_capacity, (size_t)number + 1, 1))
        return false;
    if ((size_t)number == writer->n_known) writer->is_word[writer->n_known++] = is_word;
    writer->terms[writer->n++] = (int32_t)number;
    return true;
}

/* `before`, the token and `after` as one text in the scratch. data NULL on no memory. */
static pv_text pad(term_writer *writer, const char *before, pv_text token, const char *after)
{
    const size_t n_before = strlen(before), n_after = strlen(after), size = n_before + token.size + n_after;
    if (!pv_reserve((void **)&writer->padded, &writer->padded_capacity, size, 1)) return (pv_text){0};
    memcpy(writer->padded, before, n_before);
    memcpy(writer->padded + n_before, token.data, token.size);
    memcpy(writer->padded + n_before + token.size, after, n_after);
    return (pv_text){writer->padded, size};
}

/* Bytes of the first n characters of text[from ..), 0 when there are fewer. */
static size_t size_of_characters(pv_text text, size_t from, int n)
{
    size_t end = from;
    for (; n > 0 && end < text.size; n--) {
        const size_t step = pv_text_character((pv_text){text.data + end, text.size - end});
        end += step > 0 ? step : 1;
    }
    return n == 0 ? end - from : 0;
}

/* The n-grams of one run of characters with a blank on either side; a shorter one counts as a whole. */
static bool write_ngrams(term_writer *writer, pv_text run)
{
    const pv_text padded = pad(writer, " ", run, " ");
    if (!padded.data) return false;
    size_t size = size_of_characters(padded, 0, NGRAM_SIZE);
    if (size == 0) return write_term(writer, padded, false);
    for (size_t from = 0; size > 0; size = size_of_characters(padded, from, NGRAM_SIZE)) {
        if (!write_term(writer, (pv_text){padded.data + from, size}, false)) return false;
        from += size_of_characters(padded, from, 1);
    }
    return true;
}

static bool write_product(term_writer *writer, pv_text text, bool with_ngrams)
{
    static const char mark[] = {WORD_MARK, '\0'};
    pv_text token, rest = text;
    while (pv_text_next_word(&token, &rest)) {
        const pv_text word = pad(writer, mark, token, "");
        if (!word.data || !write_term(writer, word, true)) return false;
    }
    for (rest = text; with_ngrams && pv_text_next_run(&token, &rest);)
        if (!write_ngrams(writer, token)) return false;
    return true;
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Distinct terms with their counts at terms[0 ..) and counts[0 ..); their number. */
static int64_t count_terms(int32_t *terms, float *counts, int64_t n)
{
    int64_t n_distinct = 0;
    qsort(terms, (size_t)n, sizeof *terms, by_number);
    for (int64_t k = 0; k < n; k++) {
        if (n_distinct == 0 || terms[n_distinct - 1] != terms[k]) {
            terms[n_distinct] = terms[k];
            counts[n_distinct++] = 0;
        }
        counts[n_distinct - 1] += 1;
    }
    return n_distinct;
}

/* From counts to count x idf, words and n-grams each of length sqrt(1/2). */
static void weigh_product(float *weights, const int32_t *terms, int64_t n, const double *idf, const uint8_t *is_word)
{
    double squares[2] = {0, 0};
    for (int64_t k = 0; k < n; k++) {
        const double weight = (double)weights[k] * idf[terms[k]];
        squares[is_word[terms[k]]] += weight * weight;
    }
    for (int64_t k = 0; k < n; k++)
        weights[k] = (float)((double)weights[k] * idf[terms[k]] / sqrt(2 * squares[is_word[terms[k]]]));
}

/* idf = log((1 + products) / (1 + products with the term)) + 1 and the lists by term. */
static pv_status weigh_and_list(pv_text_index *index, const uint8_t *is_word, pv_error *error)
{
    const size_t n_entries = (size_t)index->offsets[index->n_products];
    double *idf = pv_allocate((size_t)index->n_terms, sizeof *idf);
    int64_t *next = index->list_first = pv_allocate((size_t)index->n_terms + 2, sizeof *next);
    index->list_products = pv_allocate(n_entries, sizeof *index->list_products);
    index->list_weights = pv_allocate(n_entries, sizeof *index->list_weights);
    const bool has_memory = idf && next && index->list_products && index->list_weights;
    if (has_memory) {
        for (size_t k = 0; k < n_entries; k++) next[index->terms[k] + 2]++;
        for (int64_t t = 0; t < index->n_terms; t++)
            idf[t] = pv_log((1 + (double)index->n_products) / (1 + (double)next[t + 2])) + 1;
        for (int64_t t = 1; t <= index->n_terms; t++) next[t + 1] += next[t];
        for (int64_t i = 0; i < index->n_products; i++) {
            const int64_t first = index->offsets[i], end = index->offsets[i + 1];
            weigh_product(index->weights + first, index->terms + first, end - first, idf, is_word);
            for (int64_t k = first; k < end; k++) {
                const int64_t place = next[index->terms[k] + 1]++;
                index->list_products[place] = (int32_t)i;
                index->list_weights[place] = index->weights[k];
            }
        }
    }
    pv_release(idf);
    return has_memory ? PV_OK : pv_fail_memory(error, "texts", 0);
}

/* terms and counts of every product, one after the other. */
static pv_status collect(pv_text_index *index, term_writer *writer, const pv_shop *shop, bool with_ngrams,
                         pv_error *error)
{
    pv_status status = PV_OK;
    pv_arena *arena = pv_arena_create();
    index->offsets = pv_allocate((size_t)index->n_products + 1, sizeof *index->offsets);
    if (!arena || !index->offsets || !writer->interner) PV_TRY(pv_fail_memory(error, "texts", 0));
    for (int64_t i = 0; i < index->n_products; i++) {
        pv_arena_reset(arena);
        const pv_text text = pv_text_of_product(shop, i, arena);
        if (!text.data || !write_product(writer, text, with_ngrams)) PV_TRY(pv_fail_memory(error, "texts", 0));
        index->offsets[i + 1] = (int64_t)writer->n;
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

pv_status pv_text_index_build(pv_text_index *index, const pv_shop *shop, bool with_ngrams, pv_error *error)
{
    pv_status status;
    term_writer writer = {.interner = pv_interner_create()};
    *index = (pv_text_index){.n_products = shop->products.ids.n};
    PV_TRY(collect(index, &writer, shop, with_ngrams, error));
    index->n_terms = (int64_t)writer.n_known;
    index->terms = pv_allocate(writer.n, sizeof *index->terms);
    index->weights = pv_allocate(writer.n, sizeof *index->weights);
    if (!index->terms || !index->weights) PV_TRY(pv_fail_memory(error, "texts", 0));
    int64_t first = 0, end = 0; /* of the product's terms as they were met */
    for (int64_t i = 0; i < index->n_products; i++, first = end) {
        end = index->offsets[i + 1];
        const int64_t kept = index->offsets[i];
        if (end > first)
            memcpy(index->terms + kept, writer.terms + first, (size_t)(end - first) * sizeof *index->terms);
        index->offsets[i + 1] = kept + count_terms(index->terms + kept, index->weights + kept, end - first);
    }
    PV_TRY(weigh_and_list(index, writer.is_word, error));
cleanup:
    pv_interner_free(writer.interner);
    free(writer.terms);
    free(writer.is_word);
    free(writer.padded);
    return status;
}

void pv_text_index_free(pv_text_index *index)
{
    pv_release(index->offsets);
    pv_release(index->terms);
    pv_release(index->weights);
    pv_release(index->list_first);
    pv_release(index->list_products);
    pv_release(index->list_weights);
}
