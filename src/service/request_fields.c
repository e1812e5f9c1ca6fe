/* request_fields.c - names, choices and defaults of a question. */
#include "service/request_fields.h"

#include <string.h>

const char *const pv_field_names[PV_FIELD_COUNT] = {"user",   "history",   "cart",   "metadata", "n",       "offset",
                                                    "mode",   "new_share", "filter", "exclude",  "explain", "as_of",
                                                    "strict", "item",      "items",  "limit",    "cursor"};
const char *const pv_mode_choices[3] = {"mixed", "new", "reorder"};
const char *const pv_explain_choices[3] = {"none", "top3", "full"};

void pv_read_request_init(pv_read_request *read, const pv_call *call)
{
    *read = (pv_read_request){0};
    pv_request_init(&read->request);
    read->request.as_of = call->service->options.as_of;
}

pv_mode pv_mode_of_choice(int choice)
{
    return choice == 0 ? PV_MODE_MIXED : choice == 1 ? PV_MODE_NEW : PV_MODE_REORDER;
}

const char *pv_text_copy(pv_text text, pv_arena *arena)
{
    char *copy = pv_arena_allocate(arena, text.size + 1, 1);
    if (copy && text.size > 0) memcpy(copy, text.data, text.size);
    return copy;
}
