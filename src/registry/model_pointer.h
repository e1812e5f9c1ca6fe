/* model_pointer.h - current.json: which model is in use, and all that were published.
 *
 *   {"format":1,"current":{"model":"9f3c2a71","sha256":"...","key":"models/....model","version_id":null,"size":13800000,
 *    "as_of":"2010-12-09T20:01:01Z","published_at":"2026-01-02T03:04:05Z"},"published":[{the same, newest first}]}
 *
 * Source:   docs/contract.md section 8.
 */
#ifndef PV_MODEL_POINTER_H
#define PV_MODEL_POINTER_H

#include "base/json_writer.h"
#include <purvey/registry.h>

#define PV_PUBLISHED_MAX 1000 /* the oldest ones are forgotten; their objects stay */

typedef struct pv_model_pointer {
    pv_published_model current;    /* model "": nothing is in use */
    pv_published_model *published; /* [count] newest first */
    size_t count, capacity;
} pv_model_pointer; /* init with {0} */

/* Read strictly: an unknown member, a later format, a key that does not follow from the hash, a number out of range are
 * errors, so that nothing that was not understood is written over. Errors: PV_E_INPUT with the JSON pointer,
 * PV_E_MEMORY. */
pv_status pv_model_pointer_read(pv_model_pointer *pointer, pv_text json, pv_error *error) PV_CHECKED;
void pv_model_pointer_print(pv_buffer *out, const pv_model_pointer *pointer);
/* The members of one model, in the order shown above. */
void pv_published_model_print_fields(pv_json *json, const pv_published_model *model);
void pv_model_pointer_deinit(pv_model_pointer *pointer);

/* Put a model in use and on top of the published ones, where it stands once. Errors: PV_E_MEMORY. */
pv_status pv_model_pointer_push(pv_model_pointer *pointer, const pv_published_model *model, pv_error *error) PV_CHECKED;
/* The published model with this id, or these first digits (4 at least) of its SHA-256; NULL text: the one published
 * before the one in use. Errors: PV_E_NOT_FOUND, PV_E_USAGE (several). */
pv_status pv_model_pointer_find(const pv_published_model **found, const pv_model_pointer *pointer, const char *text,
                                pv_error *error) PV_CHECKED;
/* "models/<sha256>.model" */
void pv_model_key(pv_published_model *model);

#endif
