/* event_batches.c - accepted batches of events: each an object named by its hash, all of them an event log again. */
#include "base/failure.h"
#include "base/memory.h"
#include "events/event_log.h"
#include "events/event_store.h"
#include "events/logged_event.h"
#include "registry/registry_handle.h"
#include "remote/digest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX ((size_t)64 << 20) /* bytes; a request of 8 MiB grows when it is printed with all names */
#define FOLDER "events/"
#define SUFFIX ".jsonl"

static pv_status name_batch(char name[sizeof FOLDER SUFFIX + PV_SHA256_HEX], pv_text lines, pv_error *error)
{
    unsigned char digest[PV_SHA256_SIZE];
    char hash[PV_SHA256_HEX];
    const pv_status status = pv_sha256_of(digest, lines, error);
    if (status != PV_OK) return status;
    pv_sha256_print(hash, digest);
    (void)snprintf(name, sizeof FOLDER SUFFIX + PV_SHA256_HEX, FOLDER "%s" SUFFIX, hash);
    return PV_OK;
}

pv_status pv_registry_keep_events(pv_registry *registry, const char *lines, size_t size, pv_error *error)
{
    pv_status status;
    char name[sizeof FOLDER SUFFIX + PV_SHA256_HEX], *key = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    const pv_s3_condition is_new = {NULL, "*"}; /* so that one that came twice keeps its time */
    (void)pv_registry_begin(registry);
    PV_TRY(name_batch(name, (pv_text){lines, size}, error));
    PV_TRY(pv_registry_key(&key, registry, name, error));
    PV_TRY(pv_s3_write(&outcome, &object, registry->client, key, (pv_text){lines, size}, "application/x-ndjson",
                       &is_new, error));
    if (outcome == PV_S3_PRECONDITION) { /* it is there; or somebody writes it just now and may fail */
        PV_TRY(pv_s3_look(&outcome, &object, registry->client, key, error));
        if (outcome != PV_S3_DONE || object.size != (int64_t)size)
            status = pv_fail(error, PV_E_REMOTE, "s3://%s/%s: written by another request just now: send it again",
                             registry->bucket, key);
    }
cleanup:
    free(key);
    return status;
}

/* --- a log of them ------------------------------------------------------------------------------------------------ */

typedef struct log_writer {
    pv_registry *registry;
    char origin[80]; /* "s3://BUCKET" */
    pv_event_log *log;
    pv_event_store *known; /* tells events that came twice */
    pv_arena *arena;       /* of the event at hand */
    pv_text *lines;        /* [n_lines] of the batch at hand that are new */
    size_t n_lines, capacity;
} log_writer;

static pv_status take_line(log_writer *writer, pv_text json, const char *key, const pv_log_position *at,
                           pv_error *error)
{
    pv_status status;
    pv_event event;
    pv_json_document *document = NULL;
    pv_arena_reset(writer->arena);
    PV_TRY(pv_logged_event_read(&event, &document, json, writer->origin, key, at, writer->arena, error));
    if (event.event_id.data && pv_event_store_has(writer->known, event.event_id)) goto cleanup;
    PV_TRY(pv_event_store_prepare(writer->known, &event, error));
    pv_event_store_apply(writer->known, &event, at->offset);
    if (!pv_reserve((void **)&writer->lines, &writer->capacity, writer->n_lines + 1, sizeof *writer->lines))
        PV_TRY(pv_fail_memory(error, "events", sizeof *writer->lines));
    writer->lines[writer->n_lines++] = json;
cleanup:
    pv_json_document_free(document);
    return status;
}

static pv_status take_lines(log_writer *writer, pv_text batch, const char *key, pv_error *error)
{
    pv_status status = PV_OK;
    pv_log_position at = {0}, end;
    writer->n_lines = 0;
    while ((size_t)at.offset < batch.size && status == PV_OK) {
        const char *begin = batch.data + at.offset, *newline = memchr(begin, '\n', batch.size - (size_t)at.offset);
        if (!newline)
            return pv_fail(error, PV_E_INPUT, "%s/%s: byte %lld: a line without its end", writer->origin, key,
                           (long long)at.offset);
        status = take_line(writer, (pv_text){begin, (size_t)(newline - begin)}, key, &at, error);
        at.offset += newline - begin + 1;
    }
    if (status == PV_OK && writer->n_lines > 0)
        status = pv_event_log_append(writer->log, writer->lines, (int64_t)writer->n_lines, &end, error);
    return status;
}

/* An object's name is the hash of its bytes: anything else was not written by a service. */
static pv_status take_batch(log_writer *writer, const char *key, pv_error *error)
{
    pv_status status;
    char name[sizeof FOLDER SUFFIX + PV_SHA256_HEX];
    pv_buffer body = {0};
    pv_s3_outcome outcome;
    pv_s3_object object;
    PV_TRY(pv_s3_read(&outcome, &object, &body, BATCH_MAX, writer->registry->client, key, NULL, error));
    if (outcome != PV_S3_DONE)
        PV_TRY(pv_fail(error, PV_E_INPUT, "%s/%s: no such object any more", writer->origin, key));
    PV_TRY(name_batch(name, (pv_text){body.data, body.size}, error));
    if (strcmp(key + strlen(writer->registry->prefix), name) != 0)
        PV_TRY(pv_fail(error, PV_E_INPUT,
                       "%s/%s: its name is not the SHA-256 of its bytes: altered, or not of this service",
                       writer->origin, key));
    PV_TRY(take_lines(writer, (pv_text){body.data, body.size}, key, error));
cleanup:
    pv_buffer_deinit(&body);
    return status;
}

/* By the time they were written, then by name. */
static int compare_batches(const void *a, const void *b)
{
    const pv_s3_listed *left = a, *right = b;
    if (left->modified != right->modified) return left->modified < right->modified ? -1 : 1;
    return strcmp(left->key, right->key);
}

static pv_status refuse_line(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                             pv_error *error)
{
    (void)json;
    (void)before;
    (void)after;
    return pv_fail(error, PV_E_OUTPUT, "%s: holds events already: expected an empty folder", (const char *)context);
}

static pv_status open_writer(log_writer *writer, const char *folder, pv_error *error)
{
    pv_status status;
    pv_log_report report;
    writer->arena = pv_arena_create();
    PV_TRY(pv_check_memory(writer->arena != NULL, "events", error));
    PV_TRY(pv_event_store_create(&writer->known, error));
    PV_TRY(pv_event_log_open(&writer->log, folder, refuse_line, (void *)(uintptr_t)folder, &report, error));
cleanup:
    return status;
}

pv_status pv_fetch_events(const pv_registry_options *options, const char *folder, pv_error *error)
{
    pv_status status;
    char *prefix = NULL;
    log_writer writer = {0};
    pv_s3_listing listing = {0};
    PV_TRY(pv_registry_open(&writer.registry, options, error));
    (void)snprintf(writer.origin, sizeof writer.origin, "s3://%s", writer.registry->bucket);
    PV_TRY(open_writer(&writer, folder, error));
    PV_TRY(pv_registry_key(&prefix, writer.registry, FOLDER, error));
    PV_TRY(pv_s3_list(&listing, writer.registry->client, prefix, error));
    if (listing.count > 0) qsort(listing.objects, listing.count, sizeof *listing.objects, compare_batches);
    for (size_t k = 0; k < listing.count; k++) {
        const char *key = listing.objects[k].key;
        if (key[strlen(key) - 1] != '/')
            PV_TRY(take_batch(&writer, key, error)); /* else what a console calls a folder */
    }
cleanup:
    pv_s3_listing_deinit(&listing);
    free(prefix);
    free(writer.lines);
    pv_event_log_free(writer.log);
    pv_event_store_free(writer.known);
    pv_arena_free(writer.arena);
    pv_registry_free(writer.registry);
    return status;
}
