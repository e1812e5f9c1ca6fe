/* new_share.h - a wish for new products in a mixed list: a rule after the score, which says what it moved. */
#ifndef PV_NEW_SHARE_H
#define PV_NEW_SHARE_H

#include "service/best_products.h"

/* The best `choice->n` products of which round(share x n) are new and the others reorders, each kind filled up from the
 * other where it has too few, in order of score. is_moved [choice->n] marks those that would not stand in the list
 * without the wish. The ranking must have been scored. Errors: PV_E_MEMORY. */
pv_status pv_new_share_choose(int32_t *best, bool *is_moved, const pv_asked *asked, const pv_choice *choice,
                              double share, pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
