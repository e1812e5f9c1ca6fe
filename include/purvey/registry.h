/* registry.h - models on S3: stored by what they contain, one of them in use, moved by compare-and-swap.
 *
 * Under s3://BUCKET/PREFIX/:
 *   models/<SHA-256 of the file>.model   never changed once written
 *   current.json                         which one is in use, and all that were published, newest first
 *   events/<SHA-256>.jsonl               accepted batches of events (docs/aws.md)
 *   overlay.json                         prices, discounts, stock and assortments as they are now
 *
 * Threads:  a registry belongs to one thread at a time.
 * Source:   docs/contract.md section 8.
 */
#ifndef PURVEY_REGISTRY_H
#define PURVEY_REGISTRY_H

#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pv_registry pv_registry;

typedef struct pv_registry_options {
    const char *address;     /* "s3://BUCKET/PREFIX" */
    const char *authorities; /* PEM file of certificate authorities; NULL: AWS_CA_BUNDLE, SSL_CERT_FILE, the system's */
    double seconds;          /* each call below may take, retries included; 0: 300 */
} pv_registry_options;

/* Errors: PV_E_USAGE (address), PV_E_INPUT (no credentials, no region), PV_E_REMOTE, PV_E_MEMORY. */
PV_API pv_status pv_registry_open(pv_registry **registry, const pv_registry_options *options,
                                  pv_error *error) PV_CHECKED;
PV_API void pv_registry_free(pv_registry *registry);                        /* accepts NULL */
PV_API void pv_registry_set_seconds(pv_registry *registry, double seconds); /* of the calls that follow */

/* One published model, as current.json tells it. */
typedef struct pv_published_model {
    char model[9];        /* id that answers carry */
    char sha256[65];      /* of the file */
    char key[96];         /* "models/....model", below the prefix */
    char version_id[128]; /* of the object; "": the bucket keeps no versions */
    int64_t size;         /* bytes */
    int64_t as_of;        /* seconds since 1970; INT64_MIN: the data has no time */
    int64_t published_at; /* seconds since 1970 */
} pv_published_model;

/* Check the model at `path` whole, store it under its hash unless it is there, read back its size and checksum, and
 * move current.json to it; when another publisher moved it meanwhile, again from there. before: what was in use until
 * then (model "": nothing). expected: id of the model that must be in use, "" for none at all, NULL for any: else
 * PV_E_OUTPUT and nothing moved. current.json never names an object that is not whole.
 * Errors: those of pv_model_open(), PV_E_INPUT (denied), PV_E_REMOTE, PV_E_OUTPUT. */
PV_API pv_status pv_registry_publish(pv_published_model *published, pv_published_model *before, pv_registry *registry,
                                     const char *path, const char *expected, pv_error *error) PV_CHECKED;

/* All published models, newest first, and which is in use (-1: one that is no longer listed): *models is freed by
 * pv_free(). Errors: PV_E_NOT_FOUND (nothing is published), PV_E_INPUT, PV_E_REMOTE, PV_E_MEMORY. */
PV_API pv_status pv_registry_list(pv_published_model **models, int64_t *count, int64_t *current, pv_registry *registry,
                                  pv_error *error) PV_CHECKED;

/* Put another published model in use: the one with this id (or first digits of its SHA-256, 4 at least), NULL: the one
 * that was published before the one in use. Its object must be there, whole. Errors: PV_E_NOT_FOUND, PV_E_USAGE (the
 * digits name several), PV_E_INPUT, PV_E_REMOTE. */
PV_API pv_status pv_registry_rollback(pv_published_model *in_use, pv_published_model *before, pv_registry *registry,
                                      const char *model, pv_error *error) PV_CHECKED;

/* What `purvey models` prints:
 * {"models":[{"in_use","model","sha256","key","version_id","size","as_of","published_at"}]} or
 * model,in_use,as_of,published_at,size,sha256 a line; and what publish and rollback print:
 * {"in_use":{...},"before":{...} or null}. *text is freed by pv_free(). Errors: PV_E_MEMORY. */
PV_API pv_status pv_published_models_json(char **text, const pv_published_model *models, int64_t count, int64_t current,
                                          pv_error *error) PV_CHECKED;
PV_API pv_status pv_published_models_csv(char **text, const pv_published_model *models, int64_t count, int64_t current,
                                         pv_error *error) PV_CHECKED;
PV_API pv_status pv_model_in_use_json(char **text, const pv_published_model *in_use, const pv_published_model *before,
                                      pv_error *error) PV_CHECKED;

/* Whether current.json names another model than at the last call (one conditional GET); at the first call: true.
 * Errors: PV_E_NOT_FOUND (nothing is published), PV_E_INPUT, PV_E_REMOTE. */
PV_API pv_status pv_registry_look(pv_published_model *in_use, bool *is_new, pv_registry *registry,
                                  pv_error *error) PV_CHECKED;
/* Have the file of a published model in `folder` (created when missing), named <SHA-256>.model: downloaded whole and
 * compared with its SHA-256 unless it is there with the right size (its content is checked by pv_model_open()). *path
 * is freed by pv_free(). Errors: PV_E_INPUT, PV_E_REMOTE, PV_E_OUTPUT. */
PV_API pv_status pv_registry_fetch(char **path, pv_registry *registry, const pv_published_model *model,
                                   const char *folder, pv_error *error) PV_CHECKED;

/* overlay.json when it is another one than at the last call. *json (freed by pv_free()): NULL when it has not changed;
 * *exists tells a missing one. Errors: PV_E_INPUT, PV_E_REMOTE. */
PV_API pv_status pv_registry_read_overlay(char **json, size_t *size, bool *exists, bool *is_new, pv_registry *registry,
                                          pv_error *error) PV_CHECKED;
/* Keep a batch of events (JSON lines) under its hash; the same batch twice is one object. PV_OK: it is there. */
PV_API pv_status pv_registry_keep_events(pv_registry *registry, const char *lines, size_t size,
                                         pv_error *error) PV_CHECKED;

/* Fetch what an address names, for programs that read files:
 * a model: "s3://BUCKET/PREFIX" the one in use, "s3://BUCKET/KEY.model" that object; into `folder`. */
PV_API pv_status pv_fetch_model(char **path, const pv_registry_options *options, const char *folder,
                                pv_error *error) PV_CHECKED;
/* a shop: the files right below "s3://BUCKET/PREFIX" (csv, csv.gz, csv.zst, yaml), or one SQLite object, into `folder`;
 * *path: the folder or the file. At most 100 files. */
PV_API pv_status pv_fetch_shop(char **path, const pv_registry_options *options, const char *folder,
                               pv_error *error) PV_CHECKED;
/* events: all batches below "s3://BUCKET/PREFIX/events/", oldest first, as an event log in `folder` (must be empty or
 * missing). An event_id that came twice is taken once. */
PV_API pv_status pv_fetch_events(const pv_registry_options *options, const char *folder, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
