/* dictionary.c - an interner whose numbers are put into bytewise order at the end. */
#include "shop/dictionary.h"

#include "shop/interner.h"
#include <stdlib.h>

struct pv_dictionary {
    pv_interner *interner;
    pv_text *texts; /* [count], sorted */
    int32_t *code;  /* [count], number of the interner -> position */
};

pv_dictionary *pv_dictionary_create(void)
{
    pv_dictionary *dictionary = calloc(1, sizeof *dictionary);
    if (dictionary) dictionary->interner = pv_interner_create();
    if (dictionary && !dictionary->interner) {
        free(dictionary);
        dictionary = NULL;
    }
    return dictionary;
}

void pv_dictionary_free(pv_dictionary *dictionary)
{
    if (!dictionary) return;
    pv_interner_free(dictionary->interner);
    free(dictionary->texts);
    free(dictionary->code);
    free(dictionary);
}

bool pv_dictionary_add(pv_dictionary *dictionary, pv_text text)
{
    return pv_interner_add(dictionary->interner, text) >= 0;
}

static int compare_texts(const void *left, const void *right)
{
    return pv_text_compare(*(const pv_text *)left, *(const pv_text *)right);
}

bool pv_dictionary_sort(pv_dictionary *dictionary)
{
    const int64_t n = pv_dictionary_count(dictionary);
    dictionary->texts = calloc((size_t)n + 1, sizeof *dictionary->texts);
    dictionary->code = calloc((size_t)n + 1, sizeof *dictionary->code);
    if (!dictionary->texts || !dictionary->code || n > INT32_MAX) return false;
    for (int64_t i = 0; i < n; i++) dictionary->texts[i] = pv_interner_text(dictionary->interner, i);
    qsort(dictionary->texts, (size_t)n, sizeof *dictionary->texts, compare_texts);
    for (int64_t i = 0; i < n; i++)
        dictionary->code[pv_interner_find(dictionary->interner, dictionary->texts[i])] = (int32_t)i;
    return true;
}

int64_t pv_dictionary_count(const pv_dictionary *dictionary)
{
    return pv_interner_count(dictionary->interner);
}

const pv_text *pv_dictionary_texts(const pv_dictionary *dictionary)
{
    return dictionary->texts;
}

int32_t pv_dictionary_code(const pv_dictionary *dictionary, pv_text text)
{
    const int64_t number = pv_interner_find(dictionary->interner, text);
    return number >= 0 ? dictionary->code[number] : -1;
}
