/* live_state.c - the log, the store and their locks. */
#include "service/live_state.h"

#include "base/failure.h"
#include "events/event_log_lines.h"
#include "events/logged_event.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct pv_live_state {
    char *folder; /* NULL: no log */
    pv_event_log *log;
    const pv_service_journal *journal; /* NULL: none */
    pv_event_store *store;
    pthread_mutex_t writers;    /* one batch at a time: the order of the log is the order of the store */
    pthread_rwlock_t in_memory; /* the store, and views of it */
};

/* --- the log's lines ---------------------------------------------------------------------------------------------- */

typedef pv_status event_visit(void *context, const pv_event *event, pv_text json, const pv_log_position *before,
                              const pv_log_position *after, pv_error *error);

/* Reads each line as an event before it is visited. */
typedef struct line_reader {
    const char *folder;
    pv_arena *arena;
    event_visit *visit;
    void *context;
} line_reader;

static pv_status read_line(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                           pv_error *error)
{
    pv_status status;
    line_reader *reader = context;
    pv_json_document *document = NULL;
    pv_event event;
    pv_arena_reset(reader->arena);
    PV_TRY(
        pv_logged_event_read(&event, &document, json, reader->folder, PV_EVENT_LOG_NAME, before, reader->arena, error));
    PV_TRY(reader->visit(reader->context, &event, json, before, after, error));
cleanup:
    pv_json_document_free(document);
    return status;
}

static pv_status replay_event(void *context, const pv_event *event, pv_text json, const pv_log_position *before,
                              const pv_log_position *after, pv_error *error)
{
    pv_live_state *state = context;
    (void)json;
    (void)after;
    const pv_status status = pv_event_store_prepare(state->store, event, error);
    if (status == PV_OK) pv_event_store_apply(state->store, event, before->offset);
    return status;
}

static pv_status open_log(pv_live_state *state, pv_error *error)
{
    pv_log_report report;
    pv_error own_error;
    line_reader reader = {state->folder, pv_arena_create(), replay_event, state};
    if (!reader.arena) return pv_fail_memory(error, "events", 0);
    const pv_status status =
        pv_event_log_open(&state->log, state->folder, read_line, &reader, &report, error ? error : &own_error);
    pv_arena_free(reader.arena);
    return status;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

/* Readers that come all the time must not keep a batch from being applied. */
static void init_locks(pv_live_state *state)
{
    pthread_rwlockattr_t attributes;
    (void)pthread_rwlockattr_init(&attributes);
    (void)pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(&state->in_memory, &attributes);
    (void)pthread_rwlockattr_destroy(&attributes);
    (void)pthread_mutex_init(&state->writers, NULL);
}

pv_status pv_live_state_create(pv_live_state **out, const char *folder, const pv_service_journal *journal,
                               pv_error *error)
{
    pv_status status;
    pv_live_state *state = calloc(1, sizeof *state);
    if (!state) return pv_fail_memory(error, "events", sizeof *state);
    state->journal = journal;
    init_locks(state);
    PV_TRY(pv_event_store_create(&state->store, error));
    if (folder) {
        state->folder = strdup(folder);
        PV_TRY(pv_check_memory(state->folder != NULL, "events", error));
        PV_TRY(open_log(state, error));
    }
    *out = state;
    state = NULL;
cleanup:
    pv_live_state_free(state);
    return status;
}

void pv_live_state_free(pv_live_state *state)
{
    if (!state) return;
    pv_event_log_free(state->log);
    pv_event_store_free(state->store);
    (void)pthread_mutex_destroy(&state->writers);
    (void)pthread_rwlock_destroy(&state->in_memory);
    free(state->folder);
    free(state);
}

bool pv_live_state_has_log(const pv_live_state *state)
{
    return state->log != NULL;
}

bool pv_live_state_has_journal(const pv_live_state *state)
{
    return state->journal != NULL;
}

pv_status pv_live_state_admit(pv_live_state *state, const pv_event *event, int64_t mark, pv_error *error)
{
    const pv_status status = pv_event_store_prepare(state->store, event, error);
    if (status == PV_OK) pv_event_store_apply(state->store, event, mark);
    return status;
}

void pv_live_state_begin_reading(pv_live_state *state)
{
    (void)pthread_rwlock_rdlock(&state->in_memory);
}

void pv_live_state_end_reading(pv_live_state *state)
{
    (void)pthread_rwlock_unlock(&state->in_memory);
}

const pv_event_store *pv_live_state_store(const pv_live_state *state)
{
    return state->store;
}

void pv_live_state_hold_writers(pv_live_state *state)
{
    (void)pthread_mutex_lock(&state->writers);
}

void pv_live_state_release_writers(pv_live_state *state)
{
    (void)pthread_mutex_unlock(&state->writers);
}

void pv_live_state_publish(pv_live_state *state, void (*publish)(void *context), void *context)
{
    (void)pthread_rwlock_wrlock(&state->in_memory);
    publish(context);
    (void)pthread_rwlock_unlock(&state->in_memory);
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

/* Accepted rows of a batch on their way. */
typedef struct taking {
    pv_live_state *state;
    pv_batch_row *rows;
    int64_t n, n_prepared; /* rows before n_prepared are looked at */
    pv_buffer text;        /* their JSON, one behind the other */
    pv_text *lines;        /* [n_lines] in `text` */
    int64_t n_lines, offset;
    const pv_live_observer *observer;
} taking;

/* Find memory for each row, and tell duplicates of the log and of the batch itself. */
static pv_status prepare_rows(taking *t, pv_error *error)
{
    pv_status status = PV_OK;
    pv_event_store *store = t->state->store;
    (void)pthread_rwlock_wrlock(&t->state->in_memory);
    for (; t->n_prepared < t->n; t->n_prepared++) {
        pv_batch_row *row = &t->rows[t->n_prepared];
        if (row->status == PV_ROW_REJECTED) continue;
        const bool is_known = row->event.event_id.data && pv_event_store_has(store, row->event.event_id);
        row->status = is_known ? PV_ROW_DUPLICATE : PV_ROW_ACCEPTED;
        if (is_known) continue;
        status = pv_event_store_prepare(store, &row->event, error);
        if (status != PV_OK) break;
    }
    (void)pthread_rwlock_unlock(&t->state->in_memory);
    return status;
}

static void withdraw_rows(taking *t)
{
    (void)pthread_rwlock_wrlock(&t->state->in_memory);
    for (int64_t r = t->n_prepared - 1; r >= 0; r--)
        if (t->rows[r].status == PV_ROW_ACCEPTED) pv_event_store_withdraw(t->state->store, &t->rows[r].event);
    (void)pthread_rwlock_unlock(&t->state->in_memory);
}

static pv_status print_rows(taking *t, pv_error *error)
{
    t->lines = pv_allocate((size_t)t->n, sizeof *t->lines);
    if (!t->lines) return pv_fail_memory(error, "events", (uint64_t)t->n * sizeof *t->lines);
    for (int64_t r = 0; r < t->n; r++) {
        if (t->rows[r].status != PV_ROW_ACCEPTED) continue;
        const size_t before = t->text.size;
        pv_event_print(&t->text, &t->rows[r].event);
        t->lines[t->n_lines++].size = t->text.size - before;
    }
    if (t->text.failed) return pv_fail_memory(error, "events", 0);
    const char *next = t->text.data;
    for (int64_t l = 0; l < t->n_lines; l++) { /* the buffer does not move any more */
        t->lines[l].data = next;
        next += t->lines[l].size;
    }
    return PV_OK;
}

static void apply_rows(void *context)
{
    taking *t = context;
    int64_t line = 0;
    for (int64_t r = 0; r < t->n; r++) {
        if (t->rows[r].status != PV_ROW_ACCEPTED) continue;
        pv_event_store_apply(t->state->store, &t->rows[r].event, t->offset);
        t->observer->applied(t->observer->context, &t->rows[r].event);
        t->offset += (int64_t)t->lines[line++].size + PV_LOG_LINE_EXTRA;
    }
}

pv_status pv_live_state_take(pv_live_state *state, pv_batch_row *rows, int64_t n, const pv_live_observer *observer,
                             pv_error *error)
{
    pv_status status;
    pv_log_position end;
    taking t = {.state = state, .rows = rows, .n = n, .observer = observer};
    pv_live_state_hold_writers(state);
    PV_TRY(observer->prepare(observer->context, error));
    PV_TRY(prepare_rows(&t, error));
    PV_TRY(print_rows(&t, error));
    t.offset = pv_event_log_end(state->log).offset;
    if (t.n_lines > 0) PV_TRY(pv_event_log_append(state->log, t.lines, t.n_lines, &end, error));
    pv_live_state_publish(state, apply_rows, &t);
cleanup:
    if (status != PV_OK) withdraw_rows(&t);
    pv_live_state_release_writers(state);
    pv_buffer_deinit(&t.text);
    pv_release(t.lines);
    return status;
}

/* The lines lie behind one another in `text`; each goes out with a newline. */
static pv_status keep_lines(const taking *t, pv_error *error)
{
    pv_buffer lines = {0};
    for (int64_t l = 0; l < t->n_lines; l++) {
        pv_buffer_append_text(&lines, t->lines[l]);
        pv_buffer_append(&lines, "\n", 1);
    }
    const pv_service_journal *journal = t->state->journal;
    const pv_status status = lines.failed ? pv_fail_memory(error, "events", t->text.size)
                                          : journal->keep(journal->context, lines.data, lines.size, error);
    pv_buffer_deinit(&lines);
    return status;
}

pv_status pv_live_state_keep(pv_live_state *state, pv_batch_row *rows, int64_t n, pv_error *error)
{
    pv_status status;
    taking t = {.state = state, .rows = rows, .n = n};
    pv_live_state_hold_writers(state);
    PV_TRY(prepare_rows(&t, error));
    PV_TRY(print_rows(&t, error));
    if (t.n_lines > 0) PV_TRY(keep_lines(&t, error));
cleanup:
    withdraw_rows(&t); /* they were only prepared to tell duplicates */
    pv_live_state_release_writers(state);
    pv_buffer_deinit(&t.text);
    pv_release(t.lines);
    return status;
}

/* --- looking back ------------------------------------------------------------------------------------------------- */

pv_log_position pv_live_state_end(pv_live_state *state)
{
    pv_live_state_hold_writers(state);
    const pv_log_position end = state->log ? pv_event_log_end(state->log) : (pv_log_position){0};
    pv_live_state_release_writers(state);
    return end;
}

/* Visit the events from one position to an offset. */
static pv_status read_between(pv_live_state *state, const pv_log_position *from, int64_t until, event_visit *visit,
                              void *context, pv_error *error)
{
    pv_log_report report;
    pv_error own_error;
    if (!state->log || until <= from->offset) return PV_OK;
    line_reader reader = {state->folder, pv_arena_create(), visit, context};
    if (!reader.arena) return pv_fail_memory(error, "events", 0);
    const pv_status status = pv_event_log_read(state->folder, from->offset ? from : NULL, until, read_line, &reader,
                                               &report, error ? error : &own_error);
    pv_arena_free(reader.arena);
    return status;
}

static pv_status visit_nothing(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                               pv_error *error)
{
    (void)context;
    (void)json;
    (void)before;
    (void)after;
    (void)error;
    return PV_OK;
}

bool pv_live_state_knows(pv_live_state *state, const pv_log_position *position)
{
    pv_log_report report;
    pv_error error;
    if (position->offset == 0) return true;
    if (!state->log || position->offset > pv_live_state_end(state).offset) return false;
    return pv_event_log_read(state->folder, position, position->offset, visit_nothing, NULL, &report, &error) == PV_OK;
}

static pv_status count_event(void *context, const pv_event *event, pv_text json, const pv_log_position *before,
                             const pv_log_position *after, pv_error *error)
{
    int64_t *n = context;
    (void)json;
    (void)before;
    (void)after;
    (void)error;
    *n += pv_event_is_happening(event->type);
    return PV_OK;
}

pv_status pv_live_state_count_before(int64_t *n, pv_live_state *state, const pv_log_position *position, pv_error *error)
{
    const pv_log_position beginning = {0};
    *n = 0;
    return read_between(state, &beginning, position->offset, count_event, n, error);
}

typedef struct page {
    pv_buffer *out;
    pv_log_position *position;
    bool has_more;
    int64_t left, n;
} page;

static pv_status list_event(void *context, const pv_event *event, pv_text json, const pv_log_position *before,
                            const pv_log_position *after, pv_error *error)
{
    page *listed = context;
    (void)before;
    (void)error;
    if (!pv_event_is_happening(event->type)) return PV_OK;
    if (listed->left == 0 || listed->out->size >= PV_SERVICE_BODY_MAX) { /* an event may be a megabyte */
        listed->has_more = true;
        return PV_E_INTERRUPTED; /* enough */
    }
    if (listed->n++ > 0) pv_buffer_append(listed->out, ",", 1);
    pv_buffer_append_text(listed->out, json);
    *listed->position = *after;
    listed->left--;
    return PV_OK;
}

pv_status pv_live_state_list_behind(pv_buffer *out, pv_log_position *position, bool *has_more, int64_t limit,
                                    pv_live_state *state, pv_error *error)
{
    const pv_log_position from = *position;
    page listed = {.out = out, .position = position, .left = limit};
    *has_more = false;
    if (!pv_live_state_knows(state, &from))
        return pv_fail_field(error, PV_E_USAGE, "/cursor", "cursor: no position of this log");
    const pv_status status = read_between(state, &from, pv_live_state_end(state).offset, list_event, &listed, error);
    *has_more = listed.has_more;
    return status == PV_E_INTERRUPTED && listed.has_more ? PV_OK : status;
}
