/* row_read_ahead.h - the rows of another source, read and decompressed ahead on a thread of its own.
 *
 * The rows, their order, their faults and the error at the end are those of the other source; an error comes after the
 * last row before it. bytes_done() and text_bytes() run ahead by at most a batch of rows.
 *
 * Memory:   four batches of 64 KiB of text and their fields; a longer row makes its batch grow.
 * Threads:  as any source, for one thread at a time; `source` is used on the other thread only.
 */
#ifndef PV_ROW_READ_AHEAD_H
#define PV_ROW_READ_AHEAD_H

#include "shop/row_source.h"

/* Takes `source`, also on failure. Errors: PV_E_MEMORY (no memory, no thread). */
pv_status pv_row_read_ahead_open(pv_row_source **opened, pv_row_source *source, pv_error *error) PV_CHECKED;

#endif
