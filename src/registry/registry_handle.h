/* registry_handle.h - what a pv_registry is, for the calls that stand in several files. */
#ifndef PV_REGISTRY_HANDLE_H
#define PV_REGISTRY_HANDLE_H

#include "registry/model_pointer.h"
#include "remote/s3_client.h"
#include <purvey/registry.h>

struct pv_registry {
    pv_s3_client *client;
    char *bucket, *prefix; /* "" or ending with '/' */
    double seconds;        /* of a call */
    char pointer_etag[PV_ETAG_MAX];
    pv_published_model in_use; /* as current.json said when it had that ETag */
    char overlay_etag[PV_ETAG_MAX];
    bool has_looked, had_overlay;
};

/* When a call with these options has to be done. */
pv_deadline pv_registry_deadline(const pv_registry_options *options);
/* PREFIX/name; owned by the caller (free()). */
pv_status pv_registry_key(char **key, const pv_registry *registry, const char *name, pv_error *error) PV_CHECKED;
/* Begin a call: its deadline. */
pv_deadline pv_registry_begin(pv_registry *registry);

/* current.json and its ETag; PV_S3_NO_OBJECT: nothing is published, the pointer is empty. */
pv_status pv_registry_read_pointer(pv_model_pointer *pointer, pv_s3_object *object, pv_s3_outcome *outcome,
                                   pv_registry *registry, pv_error *error) PV_CHECKED;

/* A change of current.json as it is now; is_there: there is one. May fail, and so end it. */
typedef pv_status pv_pointer_change(void *context, pv_model_pointer *pointer, bool is_there, pv_error *error);
/* Make the change by compare-and-swap, again from what another publisher wrote until it succeeds. Where an answer was
 * lost, current.json that reads as it was to be written says that it was done. Errors: those of `change`, PV_E_OUTPUT
 * (the time is up), PV_E_INPUT, PV_E_REMOTE. */
pv_status pv_registry_swap(pv_registry *registry, pv_deadline deadline, pv_pointer_change *change, void *context,
                           pv_error *error) PV_CHECKED;

/* The object must be there with the model's size. Errors: PV_E_INPUT. */
pv_status pv_registry_check_object(pv_registry *registry, const pv_published_model *model, pv_s3_object *object,
                                   pv_error *error) PV_CHECKED;

#endif
