/* log_case.h - an event log in a scratch folder, and the lines that were read of it. */
#ifndef LOG_CASE_H
#define LOG_CASE_H

#include "events/event_log.h"
#include "support/scratch_folder.h"

#define LOG_LINES_KEPT 131072 /* a disk that syncs for nothing takes thousands in a moment */

/* What a reading visited. */
typedef struct log_lines {
    int64_t n;                             /* lines */
    pv_buffer text;                        /* JSON of each and a newline */
    pv_log_position after[LOG_LINES_KEPT]; /* [n] */
    int64_t fail_at;                       /* line at which the visitor fails, -1: none */
} log_lines;

typedef struct log_case {
    scratch_folder parent;
    char folder[SCRATCH_PATH_SIZE], file[SCRATCH_PATH_SIZE];
    pv_event_log *log; /* NULL: not open */
    pv_log_report report;
    log_lines lines; /* of the latest reading */
    pv_error error;
} log_case;

/* A folder that does not exist yet. Set-up and tear-down of a test: the case is *state. */
int log_case_set_up(void **state);
int log_case_tear_down(void **state);

pv_status log_case_open(log_case *c);
void log_case_close(log_case *c);
pv_status log_case_read(log_case *c, const pv_log_position *from, int64_t until);
/* Append lines {"n":first}, {"n":first+1}, ... in one batch; the log is open. */
pv_status log_case_append(log_case *c, int first, int n);

/* Open, append that many lines, one batch each, and close. */
void log_case_fill(log_case *c, int n);
/* Fail the test unless the lines read are {"n":1} to {"n":n}. */
void log_case_assert_lines(const log_case *c, int n);
/* The file under that name in the folder: its bytes, to be freed; fails the test when it cannot be read. */
char *log_case_file(const log_case *c, const char *name, size_t *size);
void log_case_assert_size(const log_case *c, int64_t size);

#endif
