/* text_index.h - products as TF-IDF vectors of words and of character n-grams, and as lists by term. Private to the
 * text signal; the equations stand in text_signal.h.
 */
#ifndef PV_TEXT_INDEX_H
#define PV_TEXT_INDEX_H

#include "base/memory.h"
#include "shop/shop.h"

typedef struct pv_text_index {
    int64_t n_products, n_terms;
    int64_t *offsets;       /* [n_products + 1] into terms and weights */
    int32_t *terms;         /* rising within a product */
    float *weights;         /* words and n-grams each of length sqrt(1/2): the dot product is the mean of two cosines */
    int64_t *list_first;    /* [n_terms + 1] into list_products and list_weights */
    int32_t *list_products; /* rising within a term */
    float *list_weights;
} pv_text_index;

/* Name and description of a product, in lower case; size 0: it has neither. In the arena, data NULL on no memory. */
pv_text pv_text_of_product(const pv_shop *shop, int64_t product, pv_arena *arena);

/* O(bytes of all texts). Errors: PV_E_MEMORY. Free with pv_text_index_free() in any case. */
pv_status pv_text_index_build(pv_text_index *index, const pv_shop *shop, bool with_ngrams, pv_error *error) PV_CHECKED;
void pv_text_index_free(pv_text_index *index);

#endif
