/* csv_source.h - CSV after RFC 4180, streamed: quotes, doubled quotes, line breaks in quotes, CRLF or LF, any
 * one-byte delimiter, UTF-8 (a BOM is skipped) or ISO 8859-1.
 *
 * Memory:   one buffer that grows with the longest row, at most PV_ROW_BYTES_MAX.
 */
#ifndef PV_CSV_SOURCE_H
#define PV_CSV_SOURCE_H

#include "shop/row_source.h"

#define PV_ROW_BYTES_MAX ((size_t)16 * 1024 * 1024)

typedef struct pv_csv_options {
    char delimiter;
    bool is_latin1;
} pv_csv_options;

/* Open `path` (.gz and .zst by the ending of `name`) and read the header line.
 *
 * Errors:  PV_E_INPUT: what pv_byte_stream_open() says, UTF-16, no header line, a column twice, a broken header.
 *          Later from next(): an unclosed quote at the end, a row over PV_ROW_BYTES_MAX, broken compression.
 */
pv_status pv_csv_source_open(pv_row_source **source, const char *path, const char *name, const pv_csv_options *options,
                             pv_error *error) PV_CHECKED;

#endif
