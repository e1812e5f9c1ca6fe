/* item_copy.h - an item of an answer with all that it points to, kept when its question is gone. */
#ifndef PV_ITEM_COPY_H
#define PV_ITEM_COPY_H

#include "base/memory.h"
#include <purvey/answer.h>
#include <stdbool.h>

/* Copy item, reasons, notes, facts, evidence and every text into the arena; ids and names of products, which the model
 * owns, and names of codes and facts stay borrowed. Removals are not copied. False on no memory. */
bool pv_item_copy(pv_item *copy, const pv_item *item, pv_arena *arena);

#endif
