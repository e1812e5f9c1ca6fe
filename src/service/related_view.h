/* related_view.h - what the views from one product to others have in common: the question, its gates, the frame of the
 * answer. */
#ifndef PV_RELATED_VIEW_H
#define PV_RELATED_VIEW_H

#include "service/session.h"
#include <purvey/views.h>

typedef struct pv_related_view {
    pv_asked *asked;
    pv_gates gates;
    int32_t product;
    pv_related *related; /* in the session's arena, without items */
} pv_related_view;

/* Ask as the request says and begin the view of a signal's table. related->source is NULL, and fallback the cause, when
 * the model was trained without the signal or nobody bought the product. Errors: those of views.h. */
pv_status pv_related_begin(pv_related_view *view, pv_session *session, const pv_request *request, pv_text product,
                           int signal, pv_error *error) PV_CHECKED;
/* Nothing can be told, for this reason. */
void pv_related_refuse(pv_related_view *view, const char *cause);
/* Room for at most min(n, requested) items, in *n_items; NULL on no memory. */
pv_related_item *pv_related_reserve(pv_related_view *view, int64_t n, int64_t *n_items);
/* Id, name and gate of a product; every number of the item is unknown. */
pv_related_item pv_related_describe(const pv_related_view *view, int32_t product);

#endif
