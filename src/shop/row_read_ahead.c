/* Batches of rows go round in a ring: the thread fills, the caller empties. A row is copied into its batch, as the
 * other source needs its buffer for the next one; that costs a fraction of finding its fields. */
#include "shop/row_read_ahead.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/threads.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define READ_AHEAD_BATCHES 4
#define READ_AHEAD_BYTES ((size_t)64 * 1024)

typedef struct stored_row {
    size_t first_field;
    int64_t line;
    int32_t n_fields;
    int32_t fault; /* -1: none */
} stored_row;

typedef struct batch {
    char *text;
    size_t text_used, text_capacity;
    pv_text *fields;
    size_t n_fields, fields_capacity;
    stored_row *rows;
    size_t n_rows, rows_capacity;
    pv_row_fault *faults;
    size_t n_faults, faults_capacity;
    bool is_last;
    pv_status status; /* after the rows, of the last batch */
    pv_error error;
    double bytes_done; /* of the source, when the batch was full */
    int64_t text_bytes;
} batch;

typedef struct read_ahead {
    pv_row_source base;
    pv_row_source *source;
    pv_row pending; /* read, but without room in the batch before */
    bool has_pending;
    batch batches[READ_AHEAD_BATCHES];
    pthread_t thread;
    bool is_started;
    pthread_mutex_t mutex; /* guards what stands below */
    pthread_cond_t filled, emptied;
    uint64_t n_filled, n_emptied; /* batches since the beginning */
    bool is_stopping;
    /* of the caller */
    batch *current; /* NULL: none yet */
    size_t next_row;
} read_ahead;

/* --- the thread that reads -------------------------------------------------------------------------------------- */

static size_t text_size(const pv_row *row)
{
    size_t size = 0;
    if (row->text.data != NULL) return row->text.size;
    for (int32_t i = 0; i < row->n_fields; i++) size += row->fields[i].size;
    return size;
}

static bool reserve_fields(batch *b, size_t count)
{
    void *fields = b->fields;
    if (!pv_reserve(&fields, &b->fields_capacity, b->n_fields + count, sizeof *b->fields)) return false;
    b->fields = fields;
    return true;
}

static bool store_fault(batch *b, const pv_row_fault *fault)
{
    void *faults = b->faults;
    if (!pv_reserve(&faults, &b->faults_capacity, b->n_faults + 1, sizeof *b->faults)) return false;
    b->faults = faults;
    b->faults[b->n_faults++] = *fault;
    return true;
}

static void copy_fields(batch *b, const pv_row *row)
{
    char *copy = b->text + b->text_used;
    pv_text *fields = b->fields + b->n_fields;
    const bool is_together = row->text.data != NULL;
    if (is_together) memcpy(copy, row->text.data, row->text.size);
    for (int32_t i = 0; i < row->n_fields; i++) {
        const pv_text field = row->fields[i];
        if (is_together) {
            fields[i] = (pv_text){copy + (field.data - row->text.data), field.size};
        } else {
            if (field.size > 0) memcpy(copy, field.data, field.size);
            fields[i] = (pv_text){copy, field.size};
            copy += field.size;
        }
    }
    b->n_fields += (size_t)row->n_fields;
    b->text_used += text_size(row);
}

/* Room for the text is there. */
static bool store_row(batch *b, const pv_row *row)
{
    void *rows = b->rows;
    const bool is_sound = row->fault.cause[0] == '\0';
    if (!pv_reserve(&rows, &b->rows_capacity, b->n_rows + 1, sizeof *b->rows)) return false;
    b->rows = rows;
    if (!reserve_fields(b, (size_t)row->n_fields) || (!is_sound && !store_fault(b, &row->fault))) return false;
    b->rows[b->n_rows++] =
        (stored_row){b->n_fields, row->line, row->n_fields, is_sound ? -1 : (int32_t)b->n_faults - 1};
    copy_fields(b, row);
    return true;
}

/* Only in an empty batch, as fields are views into the text. */
static bool make_room(batch *b, size_t size)
{
    if (size <= b->text_capacity) return true;
    char *text = realloc(b->text, size);
    if (text == NULL) return false;
    b->text = text;
    b->text_capacity = size;
    return true;
}

/* Rows until the batch is full or the source at its end. */
static pv_status read_rows(batch *b, read_ahead *reader)
{
    for (;;) {
        if (!reader->has_pending) {
            pv_status status = reader->source->next(&reader->has_pending, &reader->pending, reader->source, &b->error);
            b->is_last = status != PV_OK || !reader->has_pending;
            if (b->is_last) return status;
        }
        const size_t size = text_size(&reader->pending);
        if (b->n_rows > 0 && size > b->text_capacity - b->text_used) return PV_OK;
        if (!make_room(b, size > READ_AHEAD_BYTES ? size : READ_AHEAD_BYTES) || !store_row(b, &reader->pending)) {
            b->is_last = true;
            return pv_fail_memory(&b->error, "rows", size);
        }
        reader->has_pending = false;
    }
}

static void fill(batch *b, read_ahead *reader)
{
    b->text_used = b->n_fields = b->n_rows = b->n_faults = 0;
    b->status = read_rows(b, reader);
    b->bytes_done = reader->source->bytes_done(reader->source);
    b->text_bytes = reader->source->text_bytes(reader->source);
}

/* The next batch to fill, NULL when no more is wanted. */
static batch *wait_for_empty(read_ahead *reader)
{
    pthread_mutex_lock(&reader->mutex);
    while (!reader->is_stopping && reader->n_filled - reader->n_emptied == READ_AHEAD_BATCHES)
        pthread_cond_wait(&reader->emptied, &reader->mutex);
    batch *next = reader->is_stopping ? NULL : &reader->batches[reader->n_filled % READ_AHEAD_BATCHES];
    pthread_mutex_unlock(&reader->mutex);
    return next;
}

static void *thread_main(void *argument)
{
    read_ahead *reader = argument;
    for (batch *b = wait_for_empty(reader); b != NULL; b = b->is_last ? NULL : wait_for_empty(reader)) {
        fill(b, reader);
        pthread_mutex_lock(&reader->mutex);
        reader->n_filled++;
        pthread_cond_signal(&reader->filled);
        pthread_mutex_unlock(&reader->mutex);
    }
    return NULL;
}

/* --- the caller ------------------------------------------------------------------------------------------------- */

/* Give back the batch at hand and wait for the one after it. */
static void next_batch(read_ahead *reader)
{
    pthread_mutex_lock(&reader->mutex);
    if (reader->current != NULL) {
        reader->n_emptied++;
        pthread_cond_signal(&reader->emptied);
    }
    while (reader->n_filled == reader->n_emptied) pthread_cond_wait(&reader->filled, &reader->mutex);
    reader->current = &reader->batches[reader->n_emptied % READ_AHEAD_BATCHES];
    pthread_mutex_unlock(&reader->mutex);
    reader->next_row = 0;
}

static pv_status end_of_rows(bool *has_row, const batch *last, pv_error *error)
{
    *has_row = false;
    if (last->status != PV_OK && error != NULL) *error = last->error;
    return last->status;
}

static pv_status read_ahead_next(bool *has_row, pv_row *row, pv_row_source *base, pv_error *error)
{
    read_ahead *reader = (read_ahead *)base;
    while (reader->current == NULL || reader->next_row == reader->current->n_rows) {
        if (reader->current != NULL && reader->current->is_last) return end_of_rows(has_row, reader->current, error);
        next_batch(reader);
    }
    const batch *b = reader->current;
    const stored_row *stored = &b->rows[reader->next_row++];
    row->fields = b->fields + stored->first_field;
    row->n_fields = stored->n_fields;
    row->text = (pv_text){NULL, 0};
    row->line = stored->line;
    if (stored->fault >= 0) {
        row->fault = b->faults[stored->fault];
    } else {
        row->fault.column = -1;
        row->fault.cause[0] = '\0';
    }
    *has_row = true;
    return PV_OK;
}

static double read_ahead_bytes_done(const pv_row_source *base)
{
    const read_ahead *reader = (const read_ahead *)(const void *)base;
    return reader->current != NULL ? reader->current->bytes_done : 0;
}

static int64_t read_ahead_text_bytes(const pv_row_source *base)
{
    const read_ahead *reader = (const read_ahead *)(const void *)base;
    return reader->current != NULL ? reader->current->text_bytes : 0;
}

static void stop(read_ahead *reader)
{
    if (!reader->is_started) return;
    pthread_mutex_lock(&reader->mutex);
    reader->is_stopping = true;
    pthread_cond_signal(&reader->emptied);
    pthread_mutex_unlock(&reader->mutex);
    pthread_join(reader->thread, NULL);
}

static void read_ahead_free(pv_row_source *base)
{
    read_ahead *reader = (read_ahead *)base;
    stop(reader);
    for (int i = 0; i < READ_AHEAD_BATCHES; i++) {
        free(reader->batches[i].text);
        free(reader->batches[i].fields);
        free(reader->batches[i].rows);
        free(reader->batches[i].faults);
    }
    pthread_cond_destroy(&reader->filled);
    pthread_cond_destroy(&reader->emptied);
    pthread_mutex_destroy(&reader->mutex);
    reader->source->free(reader->source);
    free(reader);
}

pv_status pv_row_read_ahead_open(pv_row_source **opened, pv_row_source *source, pv_error *error)
{
    read_ahead *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        source->free(source);
        return pv_fail_memory(error, "reading ahead", sizeof *reader);
    }
    reader->base = *source;
    reader->base.next = read_ahead_next;
    reader->base.free = read_ahead_free;
    reader->base.bytes_done = read_ahead_bytes_done;
    reader->base.text_bytes = read_ahead_text_bytes;
    reader->source = source;
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->filled, NULL);
    pthread_cond_init(&reader->emptied, NULL);
    const int cause = pv_thread_start(&reader->thread, thread_main, reader);
    if (cause != 0) {
        read_ahead_free(&reader->base);
        return pv_fail(error, PV_E_MEMORY, "cannot start a thread: %s", strerror(cause));
    }
    reader->is_started = true;
    *opened = &reader->base;
    return PV_OK;
}
