/* live_view.h - a model as it is now: with the purchases, prices, stocks, metadata and lists that came since it was
 * trained.
 *
 * A view joins the events, known by ids, to one model, known by numbers. Events that the model was trained with (its
 * position in the log) and orders that it has already are left out, so nothing counts twice.
 *
 * Threads:  any number of readers, or one that updates, at a time; service/live_state.h sees to it.
 */
#ifndef PV_LIVE_VIEW_H
#define PV_LIVE_VIEW_H

#include "events/event_store.h"
#include "model/model.h"
#include "ranker/gates.h"
#include "shop/history_rows.h"

typedef struct pv_live_view pv_live_view;

/* Borrowed: model and store must outlive the view. Events before the offset `taken` of the log are in the model.
 * O(products + items of the store). Errors: PV_E_MEMORY. */
pv_status pv_live_view_create(pv_live_view **view, const pv_model *model, const pv_event_store *store, int64_t taken,
                              pv_error *error) PV_CHECKED;
void pv_live_view_free(pv_live_view *view); /* accepts NULL */
/* After an event was applied to the store: what it says of products. O(fields of the event). */
void pv_live_view_update(pv_live_view *view, const pv_event *event);

/* The model's shop with the prices, discounts, stocks and dates of now. */
const pv_shop *pv_live_view_shop(const pv_live_view *view);
/* Just after the latest purchase of all events; PV_NO_TIME when there is none. */
int64_t pv_live_view_end_time(const pv_live_view *view);

/* What came of one user since the model was trained. */
typedef struct pv_live_user {
    const pv_user_events *events; /* NULL: nothing is known */
    int64_t n_rows;               /* purchases and returns that the model does not have */
} pv_live_user;
pv_live_user pv_live_view_user(const pv_live_view *view, pv_text id, int32_t user);
/* Append the n_rows to rows that were begun with that much room; products that the model does not know are left out. */
void pv_live_view_add_rows(pv_history_rows *rows, const pv_live_view *view, const pv_live_user *live, pv_text id,
                           int32_t user);
/* The metadata that is set for the user now, [*n] in the arena: it takes the place of what users.csv said. */
pv_status pv_live_view_metadata(pv_side_value **values, int64_t *n, const pv_live_view *view, const pv_live_user *live,
                                pv_arena *arena, pv_error *error) PV_CHECKED;
/* Parent company of a user that the model does not know, by what events told; -1 when that is unknown too. */
int32_t pv_live_view_parent(const pv_live_view *view, const pv_live_user *live);
/* Put lists that were given since into the gates' assortment of the user. Errors: PV_E_MEMORY. */
pv_status pv_live_view_assortment(pv_assortment *assortment, const pv_live_view *view, const pv_live_user *live,
                                  pv_text id, int32_t user, pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
