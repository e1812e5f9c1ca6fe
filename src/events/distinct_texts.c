/* distinct_texts.c - see distinct_texts.h. */
#include "events/distinct_texts.h"

#include "base/failure.h"
#include "base/memory.h"
#include <stdlib.h>

/* By text, equal ones as they stand in the list. */
static int compare(const void *a, const void *b)
{
    const pv_text *const first = *(const pv_text *const *)a, *const second = *(const pv_text *const *)b;
    const int order = pv_text_compare(*first, *second);
    return order ? order : (first > second) - (first < second);
}

pv_status pv_distinct_texts_keep(pv_text *texts, int64_t *n, pv_error *error)
{
    if (*n < 2) return PV_OK;
    pv_text **sorted = pv_allocate((size_t)*n, sizeof *sorted);
    if (!sorted) return pv_fail_memory(error, "a list of ids", 0);
    for (int64_t k = 0; k < *n; k++) sorted[k] = &texts[k];
    qsort(sorted, (size_t)*n, sizeof(pv_text *), compare);
    const pv_text *first = sorted[0]; /* of the texts equal to it */
    for (int64_t k = 1; k < *n; k++) {
        if (pv_text_equal(*sorted[k], *first))
            sorted[k]->data = NULL;
        else
            first = sorted[k];
    }
    pv_release(sorted);
    int64_t kept = 0;
    for (int64_t k = 0; k < *n; k++) {
        if (texts[k].data) texts[kept++] = texts[k];
    }
    *n = kept;
    return PV_OK;
}
