/* reject_file.h - OUTPUT.rejects.csv: the rows that were not understood, with file, line, column and cause. */
#ifndef PV_REJECT_FILE_H
#define PV_REJECT_FILE_H

#include "base/output_file.h"
#include "shop/row_source.h"

typedef struct pv_reject_file {
    const char *path;     /* NULL: nothing is written */
    pv_output_file *file; /* made with the first row */
    pv_buffer line;       /* scratch */
} pv_reject_file;         /* init with {.path = ...} */

/* Errors: PV_E_OUTPUT, PV_E_MEMORY. */
pv_status pv_reject_file_add(pv_reject_file *rejects, const pv_row_source *source, const pv_row *row,
                             const pv_row_fault *fault, pv_error *error) PV_CHECKED;
/* Put the file in its place; without bad rows, remove the one of an earlier run. */
pv_status pv_reject_file_commit(pv_reject_file *rejects, pv_error *error) PV_CHECKED;
void pv_reject_file_deinit(pv_reject_file *rejects);

#endif
