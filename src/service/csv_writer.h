/* csv_writer.h - CSV fields appended to a buffer: RFC 4180 quoting where a field needs it, lines end with LF. */
#ifndef PV_CSV_WRITER_H
#define PV_CSV_WRITER_H

#include "base/text.h"

typedef struct pv_csv {
    pv_buffer *out; /* borrowed */
    bool needs_comma;
} pv_csv; /* init with {.out = buffer} */

void pv_csv_text(pv_csv *csv, pv_text text); /* empty when text.data is NULL */
void pv_csv_string(pv_csv *csv, const char *string);
void pv_csv_integer(pv_csv *csv, int64_t value);
void pv_csv_number(pv_csv *csv, double value); /* shortest round trip; empty when not finite */
void pv_csv_end_line(pv_csv *csv);

#endif
