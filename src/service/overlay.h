/* overlay.h - what is true of products, companies and assortments now, given as one JSON document. */
#ifndef PV_OVERLAY_H
#define PV_OVERLAY_H

#include "service/live_state.h"

/* {"items":[...],"users":[...],"eligibility":[...]}, each list optional, rows as of PUT /v1/items:batch, users:batch
 * and eligibility:batch. All of it or nothing: the first wrong row is an error with its pointer ("/items/3/price").
 * Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_overlay_read(pv_live_state *state, pv_text json, pv_error *error) PV_CHECKED;

#endif
