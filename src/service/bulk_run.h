/* bulk_run.h - the engine of bulk output: numbered units (users, pairs) are handed out in blocks to threads, each
 * thread with a session of its own, and the blocks are written in order, so the file does not depend on the threads.
 *
 * Memory:   one wave of blocks is in flight at a time; its size is bounded by the job, whatever the number of units.
 */
#ifndef PV_BULK_RUN_H
#define PV_BULK_RUN_H

#include "base/text.h"
#include <purvey/answer.h>

/* What the units of one block gave. */
typedef struct pv_bulk_output {
    pv_buffer text;
    int64_t rows, pairs_unknown;
} pv_bulk_output;

/* Append the lines of one unit. */
typedef pv_status pv_bulk_unit(pv_bulk_output *output, pv_session *session, const void *context, int64_t unit,
                               pv_error *error);

typedef struct pv_bulk_job {
    const pv_model *model;
    int64_t n_units;
    int64_t block_units;       /* units of a block, >= 1 */
    int64_t blocks_per_thread; /* of a wave, >= 1 */
    pv_bulk_unit *write_unit;
    const void *context; /* for write_unit, shared by threads */
    const char *output;  /* path */
    const char *header;  /* first line, NULL: none */
    unsigned threads;    /* 0: the cores this process may use */
    pv_progress *progress;
    void *progress_context;
} pv_bulk_job;

/* Write the whole file or nothing. report: rows_returned, pairs_unknown, score_time and write_time are added to.
 * Errors: the first unit's in order; PV_E_OUTPUT, PV_E_MEMORY, PV_E_INTERRUPTED. */
pv_status pv_bulk_run(const pv_bulk_job *job, pv_bulk_report *report, pv_error *error) PV_CHECKED;

/* Durations of parts: part_time_now() before, pv_part_time_add_since() after. */
pv_part_time pv_part_time_now(void);
void pv_part_time_add_since(pv_part_time *sum, pv_part_time start);

#endif
