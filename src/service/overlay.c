/* overlay.c - see overlay.h. */
#include "service/overlay.h"

#include "base/failure.h"
#include "base/json_reader.h"
#include "shop/content_hash.h"
#include <stdlib.h>

enum { OVERLAY_LISTS = 3 };
static const char *const list_names[OVERLAY_LISTS] = {"items", "users", "eligibility"};
static const pv_event_call list_calls[OVERLAY_LISTS] = {PV_CALL_ITEMS, PV_CALL_USERS, PV_CALL_ELIGIBILITY};

/* Other bytes, another mark, so that what is recommended under another overlay has another id. */
static pv_status mark_of(int64_t *mark, pv_text json, pv_error *error)
{
    char digits[PV_HASH_HEX_SIZE];
    pv_content_hash *hash = pv_content_hash_create();
    if (!hash) return pv_fail_memory(error, "the overlay", 0);
    pv_content_hash_add(hash, &json, 1);
    pv_content_hash_print(digits, hash);
    pv_content_hash_free(hash);
    digits[15] = '\0'; /* 60 bits: never negative */
    *mark = (int64_t)strtoull(digits, NULL, 16);
    return PV_OK;
}

typedef struct admission {
    pv_live_state *state;
    pv_arena *arena; /* of the row at hand */
    int64_t mark;
} admission;

static pv_status admit_list(const admission *a, const pv_json_node *list, pv_event_call call, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n = 0;
    if (pv_json_is_absent(list)) return PV_OK;
    PV_TRY(pv_json_array_size(&n, list, INT64_MAX, error));
    for (int64_t k = 0; k < n; k++) {
        const pv_json_node row = pv_json_array_element(list, k);
        pv_event event;
        pv_arena_reset(a->arena);
        PV_TRY(pv_event_read(&event, &row, call, INT64_MAX, a->arena, error));
        PV_TRY(pv_live_state_admit(a->state, &event, a->mark, error));
    }
cleanup:
    return status;
}

static pv_status admit_lists(const admission *a, const pv_json_document *document, pv_error *error)
{
    pv_json_node lists[OVERLAY_LISTS];
    const pv_json_node root = pv_json_document_root(document);
    pv_status status = pv_json_object_fields(lists, &root, list_names, OVERLAY_LISTS, error);
    for (int l = 0; l < OVERLAY_LISTS && status == PV_OK; l++) status = admit_list(a, &lists[l], list_calls[l], error);
    return status;
}

/* The overlay is a file of the shop and no request: what is wrong with it is bad input. */
static pv_status word_fault(const pv_error *fault, pv_error *error)
{
    return pv_fail(error, PV_E_INPUT, "overlay%s%s: %s", fault->field[0] ? " " : "", fault->field, fault->message);
}

pv_status pv_overlay_read(pv_live_state *state, pv_text json, pv_error *error)
{
    pv_status status;
    pv_json_document *document = NULL;
    pv_error fault = {.position = -1};
    admission a = {.state = state, .arena = pv_arena_create()};
    PV_TRY(pv_check_memory(a.arena != NULL, "the overlay", &fault));
    PV_TRY(mark_of(&a.mark, json, &fault));
    PV_TRY(pv_json_document_parse(&document, json, &fault));
    PV_TRY(admit_lists(&a, document, &fault));
cleanup:
    pv_json_document_free(document);
    pv_arena_free(a.arena);
    if (status == PV_E_USAGE) return word_fault(&fault, error);
    if (status != PV_OK && error) *error = fault;
    return status;
}
