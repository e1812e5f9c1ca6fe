/* byte_stream.h - the bytes of a file from front to back, decompressed on the way (.gz with any number of members, .zst
 * with any number of frames, everything else as it is), in fixed memory.
 *
 * Threads:  a stream belongs to one thread at a time.
 */
#ifndef PV_BYTE_STREAM_H
#define PV_BYTE_STREAM_H

#include <purvey/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_byte_stream pv_byte_stream;

/* Open `path`. `name` stands in messages and decides the compression by its ending; it is copied.
 * Errors: PV_E_INPUT (missing, a folder, not readable), PV_E_MEMORY. */
pv_status pv_byte_stream_open(pv_byte_stream **stream, const char *path, const char *name, pv_error *error) PV_CHECKED;
void pv_byte_stream_free(pv_byte_stream *stream); /* accepts NULL */

/* Read up to `size` > 0 bytes; *count 0 only at the end. Errors: PV_E_INPUT (broken or cut compressed data, disk). */
pv_status pv_byte_stream_read(size_t *count, pv_byte_stream *stream, void *bytes, size_t size,
                              pv_error *error) PV_CHECKED;

/* Bytes of the file (compressed as it is) taken so far. */
int64_t pv_byte_stream_position(const pv_byte_stream *stream);

#endif
