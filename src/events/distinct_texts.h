/* distinct_texts.h - a list of texts with each of them once. */
#ifndef PV_DISTINCT_TEXTS_H
#define PV_DISTINCT_TEXTS_H

#include "base/text.h"

/* Keep the first of equal texts, in the order they stand; *n becomes their number. data of none is NULL. By sorting, as
 * a hash table of ids from outside could be made slow: O(n log n).
 * Errors: PV_E_MEMORY. */
pv_status pv_distinct_texts_keep(pv_text *texts, int64_t *n, pv_error *error) PV_CHECKED;

#endif
