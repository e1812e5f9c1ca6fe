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

/* Change current.json, by compare-and-swap until it succeeds. */
typedef struct pv_pointer_change {
    /* Change the pointer as it is now; is_there: there is one. May fail, and so end it. */
    pv_status (*change)(void *context, pv_model_pointer *pointer, bool is_there, pv_error *error);
    /* Whether what another try reads shows that ours was done and only its answer lost. */
    bool (*is_done)(const void *context, const pv_model_pointer *pointer);
    void *context;
} pv_pointer_change;
pv_status pv_registry_swap(pv_registry *registry, pv_deadline deadline, const pv_pointer_change *change,
                           pv_error *error) PV_CHECKED;

/* Whether the object, which must be there, has the model's size and, where the server knows it, SHA-256. */
pv_status pv_registry_look_at_object(bool *is_whole, pv_s3_object *object, pv_registry *registry,
                                     const pv_published_model *model, pv_error *error) PV_CHECKED;
/* It must be there so. Errors: PV_E_INPUT. */
pv_status pv_registry_check_object(pv_registry *registry, const pv_published_model *model, pv_s3_object *object,
                                   pv_error *error) PV_CHECKED;

#endif
