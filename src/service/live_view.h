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
#include "service/current_products.h"
#include "shop/history_rows.h"
#include "signals/signal.h"

typedef struct pv_live_view pv_live_view;

/* Borrowed: model and store must outlive the view. Events before the offset `taken` of the log are in the model.
 * O(products + items of the store). Errors: PV_E_MEMORY. */
pv_status pv_live_view_create(pv_live_view **view, const pv_model *model, const pv_event_store *store, int64_t taken,
                              pv_error *error) PV_CHECKED;
void pv_live_view_free(pv_live_view *view); /* accepts NULL */
/* Find the memory for a batch that changes products, while answers go on: O(products). Errors: PV_E_MEMORY. */
pv_status pv_live_view_prepare(pv_live_view *view, pv_error *error) PV_CHECKED;
/* After an event was applied to the store: what it says of products, which the batch was prepared for. */
void pv_live_view_update(pv_live_view *view, const pv_event *event);

/* The products as they are now, to be released by the caller: they stay as they are for as long as it has them. */
pv_current_products *pv_live_view_take_products(const pv_live_view *view);
/* Just after the latest purchase of all events; PV_NO_TIME when there is none. */
int64_t pv_live_view_end_time(const pv_live_view *view);

/* What came of one user since the model was trained. */
typedef struct pv_live_user {
    pv_text id;                   /* borrowed */
    int32_t user;                 /* the model's number of the id, -1: none */
    const pv_user_events *events; /* NULL: nothing is known */
    pv_purchase_row *rows;        /* [n_rows] purchases and returns that count, in the order they came */
    int64_t n_rows;
} pv_live_user;
/* O(1); the rows are not looked for yet. */
pv_live_user pv_live_view_user(const pv_live_view *view, pv_text id, int32_t user);
/* The rows that the model does not have and whose product it knows, in the arena. O(rows x log products + orders of the
 * user). Errors: PV_E_MEMORY. */
pv_status pv_live_view_find_rows(pv_live_user *live, const pv_live_view *view, pv_arena *arena,
                                 pv_error *error) PV_CHECKED;
/* Append them to rows that were begun with the same user and that much room. */
void pv_live_user_add_rows(pv_history_rows *rows, const pv_live_user *live);
/* Id of the user's parent company: a user that the model does not know is its own unless events told of another. */
pv_text pv_live_user_parent(const pv_users *users, const pv_live_user *live);
/* The metadata that is set for the user now, [*n] in the arena: it takes the place of what users.csv said. */
pv_status pv_live_view_metadata(pv_side_value **values, int64_t *n, const pv_live_view *view, const pv_live_user *live,
                                pv_arena *arena, pv_error *error) PV_CHECKED;
/* What was shown to the user and not taken up since, rising by product, [*n] in the arena: products of the model, first
 * shown before `as_of`; PV_NO_TIME: all that the log holds. O(n log n). Errors: PV_E_MEMORY. */
pv_status pv_live_view_shown(const pv_shown **shown, int64_t *n, const pv_live_view *view, const pv_live_user *live,
                             int64_t as_of, pv_arena *arena, pv_error *error) PV_CHECKED;
/* Put into the user's assortment the lists that were given since, and the trained lists of the parent or price list
 * that events told of. Errors: PV_E_MEMORY. */
pv_status pv_live_view_assortment(pv_assortment *assortment, const pv_live_view *view, const pv_live_user *live,
                                  pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
