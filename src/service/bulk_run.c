/* bulk_run.c - waves of blocks: all threads score a wave, then the caller writes it in order. The writing is a copy
 * into the file's buffer and so short beside the scoring that the two are not overlapped. */
#include "service/bulk_run.h"

#include "base/failure.h"
#include "base/memory.h"
#include "base/output_file.h"
#include "base/threads.h"
#include "base/timestamp.h"
#include <math.h>
#include <string.h>

#define SECONDS_BETWEEN_REPORTS 0.1

typedef struct bulk_block {
    int64_t first, count; /* units */
    pv_bulk_output output;
    pv_status status;
    pv_error error;
} bulk_block;

typedef struct bulk_run {
    const pv_bulk_job *job;
    pv_threads *threads;
    pv_session **sessions; /* [n_sessions], one a thread */
    size_t n_sessions;
    bulk_block *blocks; /* [n_blocks] */
    size_t n_blocks;
    pv_output_file *file;
    double started, reported; /* pv_clock_seconds() */
} bulk_run;

pv_part_time pv_part_time_now(void)
{
    return (pv_part_time){pv_clock_seconds(), pv_clock_cpu_seconds()};
}

void pv_part_time_add_since(pv_part_time *sum, pv_part_time start)
{
    pv_part_time now = pv_part_time_now();
    sum->seconds += now.seconds - start.seconds;
    sum->cpu_seconds += now.cpu_seconds - start.cpu_seconds;
}

static void run_deinit(bulk_run *run)
{
    pv_output_file_abandon(run->file);
    for (size_t k = 0; run->sessions != NULL && k < run->n_sessions; k++) pv_session_free(run->sessions[k]);
    pv_release(run->sessions);
    for (size_t k = 0; run->blocks != NULL && k < run->n_blocks; k++) pv_buffer_deinit(&run->blocks[k].output.text);
    pv_release(run->blocks);
    pv_threads_free(run->threads);
}

static pv_status run_init(bulk_run *run, const pv_bulk_job *job, pv_error *error)
{
    pv_status status;
    *run = (bulk_run){.job = job};
    PV_TRY(pv_output_file_create(&run->file, job->output, error));
    PV_TRY(pv_threads_create(&run->threads, job->threads, error));
    run->n_sessions = pv_threads_count(run->threads);
    run->n_blocks = run->n_sessions * (size_t)job->blocks_per_thread;
    run->sessions = pv_allocate(run->n_sessions, sizeof *run->sessions);
    run->blocks = pv_allocate(run->n_blocks, sizeof *run->blocks);
    if (run->sessions == NULL || run->blocks == NULL) {
        status = pv_fail_memory(error, "the blocks of a bulk run", run->n_blocks * sizeof *run->blocks);
        goto cleanup;
    }
    for (size_t k = 0; k < run->n_sessions; k++) PV_TRY(pv_session_create(&run->sessions[k], job->model, error));
    status = PV_OK;
cleanup:
    if (status != PV_OK) {
        run_deinit(run);
        *run = (bulk_run){0};
    }
    return status;
}

static void score_block(void *context, size_t task, unsigned thread)
{
    bulk_run *run = context;
    bulk_block *block = &run->blocks[task];
    for (int64_t unit = block->first; unit < block->first + block->count; unit++) {
        block->status =
            run->job->write_unit(&block->output, run->sessions[thread], run->job->context, unit, &block->error);
        if (block->status != PV_OK) return;
    }
    if (block->output.text.failed)
        block->status = pv_fail_memory(&block->error, "the lines of a block", block->output.text.size);
}

/* Hand out the units from `first` on; returns the number of blocks. */
static size_t prepare_wave(bulk_run *run, int64_t first)
{
    const pv_bulk_job *job = run->job;
    size_t n = 0;
    for (int64_t unit = first; n < run->n_blocks && unit < job->n_units; unit += job->block_units, n++) {
        int64_t left = job->n_units - unit;
        bulk_block *block = &run->blocks[n];
        block->first = unit;
        block->count = left < job->block_units ? left : job->block_units;
        block->output.text.size = 0;
        block->output.rows = block->output.pairs_unknown = 0;
        block->status = PV_OK;
        memset(&block->error, 0, sizeof block->error);
    }
    return n;
}

static pv_status write_wave(bulk_run *run, size_t n_blocks, pv_bulk_report *report, pv_error *error)
{
    for (size_t k = 0; k < n_blocks; k++) {
        const bulk_block *block = &run->blocks[k];
        if (block->status != PV_OK) {
            if (error != NULL) *error = block->error;
            return block->status;
        }
        const pv_buffer *text = &block->output.text;
        pv_status status = PV_OK;
        if (text->size > 0) status = pv_output_file_write(run->file, text->data, text->size, error);
        if (status != PV_OK) return status;
        report->rows_returned += block->output.rows;
        report->pairs_unknown += block->output.pairs_unknown;
    }
    return PV_OK;
}

static pv_status report_progress(bulk_run *run, int64_t done, pv_error *error)
{
    const pv_bulk_job *job = run->job;
    double now = pv_clock_seconds();
    if (job->progress == NULL || (now - run->reported < SECONDS_BETWEEN_REPORTS && done < job->n_units)) return PV_OK;
    run->reported = now;
    pv_progress_state state = {.stage = "score",
                               .done = (double)done,
                               .total = (double)job->n_units,
                               .loss = (double)NAN,
                               .seconds = now - run->started};
    if (job->progress(job->progress_context, &state) != 0) return pv_fail(error, PV_E_INTERRUPTED, "interrupted");
    return PV_OK;
}

static pv_status run_waves(bulk_run *run, pv_bulk_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t done = 0;
    run->started = pv_clock_seconds();
    while (status == PV_OK && done < run->job->n_units) {
        size_t n_blocks = prepare_wave(run, done);
        pv_part_time start = pv_part_time_now();
        pv_threads_run(run->threads, n_blocks, score_block, run);
        pv_part_time_add_since(&report->score_time, start);
        start = pv_part_time_now();
        status = write_wave(run, n_blocks, report, error);
        pv_part_time_add_since(&report->write_time, start);
        done = run->blocks[n_blocks - 1].first + run->blocks[n_blocks - 1].count;
        if (status == PV_OK) status = report_progress(run, done, error);
    }
    return status;
}

pv_status pv_bulk_run(const pv_bulk_job *job, pv_bulk_report *report, pv_error *error)
{
    bulk_run run;
    pv_status status = run_init(&run, job, error);
    if (status != PV_OK) return status;
    if (job->header != NULL) PV_TRY(pv_output_file_write(run.file, job->header, strlen(job->header), error));
    PV_TRY(run_waves(&run, report, error));
    pv_part_time start = pv_part_time_now();
    pv_output_file *file = run.file;
    run.file = NULL; /* commit frees it, whatever comes of it */
    PV_TRY(pv_output_file_commit(file, error));
    pv_part_time_add_since(&report->write_time, start);
cleanup:
    run_deinit(&run);
    return status;
}
