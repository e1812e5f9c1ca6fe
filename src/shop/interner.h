/* interner.h - texts to numbers 0, 1, 2, ... in order of first appearance. */
#ifndef PV_INTERNER_H
#define PV_INTERNER_H

#include "base/text.h"
#include <purvey/status.h>
#include <stdint.h>

typedef struct pv_interner pv_interner;

pv_interner *pv_interner_create(void); /* NULL on no memory */
void pv_interner_free(pv_interner *interner);
/* Number of `text`, added (copied) if new; -1 on no memory. Amortized O(size). */
int64_t pv_interner_add(pv_interner *interner, pv_text text);
int64_t pv_interner_find(const pv_interner *interner, pv_text text); /* -1 when absent */
int64_t pv_interner_count(const pv_interner *interner);
pv_text pv_interner_text(const pv_interner *interner, int64_t number); /* borrowed, valid until the next add */

#endif
