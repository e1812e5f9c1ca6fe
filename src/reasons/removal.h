/* removal.h - what a score would be had a past product never been bought (all its lines).
 *
 * The answer to the same question with the shorter history: the user's orders, decay, kind, scale and ridge are
 * recomputed, tables and factors learned from everybody stay (contract section 3).
 */
#ifndef PV_REMOVAL_H
#define PV_REMOVAL_H

#include "ranker/asker.h"
#include <purvey/answer.h>

/* One entry per distinct product of the history, largest effect first, ties bytewise.
 *
 * contribution  what the product's pieces of evidence add up to over all signals, from the item's reasons' signals
 * score         float64 path: equals recommend with `--history` without the product
 * apart         asks without a product, its arena reset for each; not the asker of the ranking
 * Cost: per product of the history one pass over it. Errors: PV_E_MEMORY.
 */
pv_status pv_removals_make(pv_removal **removals, int64_t *n, const pv_ranking *ranking, int32_t product,
                           const pv_asker *apart, pv_error *error) PV_CHECKED;

#endif
