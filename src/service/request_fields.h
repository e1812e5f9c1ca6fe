/* request_fields.h - the names and limits of what a question may hold, for both of its forms. */
#ifndef PV_REQUEST_FIELDS_H
#define PV_REQUEST_FIELDS_H

#include "events/event.h"
#include "service/request_read.h"

#define PV_VIEW_N_DEFAULT 10  /* items of a view; recommendations: 5 */
#define PV_LIMIT_DEFAULT 1000 /* events of a page */
#define PV_LIMIT_MAX 10000

/* "user", ...; k in 0 .. PV_FIELD_COUNT - 1, the field is 1 << k. */
extern const char *const pv_field_names[PV_FIELD_COUNT];
extern const char *const pv_mode_choices[3];    /* "mixed", "new", "reorder" */
extern const char *const pv_explain_choices[3]; /* "none", "top3", "full" */

/* What a request has before it is read: the defaults, and the service's as-of date. */
void pv_read_request_init(pv_read_request *read, const pv_call *call);
pv_mode pv_mode_of_choice(int choice);
/* A copy of the text that ends with NUL; NULL on no memory. */
const char *pv_text_copy(pv_text text, pv_arena *arena);

#endif
