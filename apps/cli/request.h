/* request.h - the options of `recommend` and the library's request made from them. */
#ifndef PURVEY_CLI_REQUEST_H
#define PURVEY_CLI_REQUEST_H

#include "command.h"

#define CHOICE_NOT_GIVEN (-1)

typedef struct recommend_settings {
    common_settings common;
    const char *model, *user, *history, *users, *output, *as_of;
    double new_share; /* NaN: not given */
    bool all;
    int64_t n;
    int mode, explain; /* CHOICE_NOT_GIVEN, or the position among the choices */
    text_list filters, exclude, cart, metadata;
} recommend_settings;

/* A request and the arrays that it borrows. */
typedef struct recommend_request {
    pv_request request; /* without history */
    pv_filter *filters;
    pv_text *exclude, *cart;
    pv_metadata *metadata;
} recommend_request;

/* Check what belongs together and translate. Errors: PV_E_USAGE, PV_E_MEMORY. `made` may be freed in any case. */
pv_status recommend_request_init(recommend_request *made, const recommend_settings *settings,
                                 pv_error *error) PV_CHECKED;
void recommend_request_deinit(recommend_request *made);

/* The format that the end of --output asks for. Errors: PV_E_USAGE. */
pv_status bulk_format_of(pv_bulk_format *format, const char *output, pv_error *error) PV_CHECKED;

#endif
