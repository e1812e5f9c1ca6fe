/* job_event.c - events that tell of something that happened: objects that S3 has stored. */
#include "event_kinds.h"

#include "base/failure.h"
#include "percent_encoding.h"

#define RECORDS_MAX 10000

static pv_status read_record(lambda_object *object, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    pv_status status;
    event_object record, s3, bucket, stored;
    PV_TRY(event_object_of(&record, node, arena, error));
    PV_TRY(event_object_of(&s3, event_member(&record, "s3"), arena, error));
    PV_TRY(event_object_of(&bucket, event_member(&s3, "bucket"), arena, error));
    PV_TRY(event_object_of(&stored, event_member(&s3, "object"), arena, error));
    object->bucket = event_text(&bucket, "name");
    object->key = event_text(&stored, "key");
    if (object->bucket.size == 0 || object->key.size == 0)
        PV_TRY(pv_json_fail(error, node, "a record of S3 without bucket or key"));
    object->key = percent_decode_form(object->key, arena);
    PV_TRY(pv_check_memory(object->key.data != NULL, "an event", error));
cleanup:
    return status;
}

pv_status job_event_read(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status;
    const pv_json_node *records = event_member(root, "Records");
    int64_t n = 0;
    PV_TRY(pv_json_array_size(&n, records, RECORDS_MAX, error));
    event->objects = pv_arena_allocate(event->arena, (size_t)n, sizeof *event->objects);
    PV_TRY(pv_check_memory(event->objects != NULL, "an event", error));
    for (int64_t k = 0; k < n; k++) {
        const pv_json_node record = pv_json_array_element(records, k);
        PV_TRY(read_record(&event->objects[k], &record, event->arena, error));
    }
    event->n_objects = n;
cleanup:
    return status;
}
