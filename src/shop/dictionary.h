/* dictionary.h - distinct texts in bytewise order and the number of each: how text columns are stored. */
#ifndef PV_DICTIONARY_H
#define PV_DICTIONARY_H

#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct pv_dictionary pv_dictionary;

pv_dictionary *pv_dictionary_create(void); /* NULL on no memory */
void pv_dictionary_free(pv_dictionary *dictionary);
bool pv_dictionary_add(pv_dictionary *dictionary, pv_text text); /* false on no memory */
/* Put the texts in order; no text may be added afterwards. False on no memory. */
bool pv_dictionary_sort(pv_dictionary *dictionary);
/* After sorting: [count], borrowed; and the position of a text, -1 when absent. */
int64_t pv_dictionary_count(const pv_dictionary *dictionary);
const pv_text *pv_dictionary_texts(const pv_dictionary *dictionary);
int32_t pv_dictionary_code(const pv_dictionary *dictionary, pv_text text);

#endif
