/* safetensors_file.h - a set of tensors and some texts in one safetensors file: written complete or not at all, mapped
 * read-only, checked whole before use.
 *
 * Layout:   8 bytes header length (little-endian), header (JSON padded with spaces), data. Every tensor begins at a
 *           multiple of 64 bytes of the file; the format allows no gaps, so they are tensors `padding.N` of their own.
 * Threads:  a file is read-only after opening.
 * Source:   contract section 5; the safetensors format of Hugging Face.
 */
#ifndef PV_SAFETENSORS_FILE_H
#define PV_SAFETENSORS_FILE_H

#include "base/tensors.h"
#include "model/safetensors_checksum.h"
#include <purvey/status.h>
#include <stddef.h>
#include <stdint.h>

#define PV_TENSOR_ALIGNMENT 64
#define PV_PADDING_PREFIX "padding."
#define PV_HEADER_LARGEST 100000000 /* bytes; the limit of other readers of the format */

typedef struct pv_metadata_pair {
    const char *key, *value; /* UTF-8, borrowed; keys distinct, none is "checksum" */
} pv_metadata_pair;

/* Write `tensors` in their order and `metadata` to `path`, replaced only when complete. Same input, same bytes.
 *
 * checksum  receives the digits that stand in the file
 * bytes     nullable; receives the size of the file
 * Cost:     the data is read twice; no copy of it is made.
 * Errors:   PV_E_OUTPUT, PV_E_MEMORY, PV_E_INTERNAL (names taken by the format).
 */
pv_status pv_safetensors_write(const char *path, const pv_tensors *tensors, const pv_metadata_pair *metadata,
                               int64_t n_metadata, char checksum[PV_CHECKSUM_DIGITS + 1], int64_t *bytes,
                               pv_error *error) PV_CHECKED;

typedef struct pv_safetensors pv_safetensors;

/* Map `path` and check all of it: size, header, dtypes, shapes, offsets, alignment, checksum, BOOL bytes.
 *
 * Cost:     O(file size), reads every page once.
 * Errors:   PV_E_INPUT "PATH: cause", PV_E_MEMORY.
 */
pv_status pv_safetensors_open(pv_safetensors **file, const char *path, pv_error *error) PV_CHECKED;
/* The same on bytes in memory, borrowed and 64-byte aligned; `path` is for messages. */
pv_status pv_safetensors_open_view(pv_safetensors **file, const void *bytes, size_t size, const char *path,
                                   pv_error *error) PV_CHECKED;
void pv_safetensors_free(pv_safetensors *file); /* accepts NULL */

/* The same in parts, for who opens with several threads:
 *
 *   map     size against header; the rest is not yet believed
 *   sum     one of any number of threads that compute the checksum together; each returns when nothing is left to take
 *   read    header and tensors, trusting nothing, so that it may run beside sum(), and whoever binds the tensors too
 *   verify  the checksum, when every sum() has returned, at least one of them
 *
 * Nothing of the file may be used before verify() says PV_OK. Where it does not, its error is the one to report,
 * whatever went wrong elsewhere: an altered file may look strange in any way. Costs and errors: as above.
 */
pv_status pv_safetensors_map(pv_safetensors **file, const char *path, pv_error *error) PV_CHECKED;
void pv_safetensors_sum(pv_safetensors *file);
pv_status pv_safetensors_read(pv_safetensors *file, pv_error *error) PV_CHECKED;
pv_status pv_safetensors_verify(const pv_safetensors *file, pv_error *error) PV_CHECKED;

/* Views into the file in the order of the file, padding left out. Borrowed. */
const pv_tensors *pv_safetensors_tensors(const pv_safetensors *file);
/* NULL when there is no such key. Borrowed. */
const char *pv_safetensors_metadata(const pv_safetensors *file, const char *key);
const char *pv_safetensors_checksum(const pv_safetensors *file);
int64_t pv_safetensors_size(const pv_safetensors *file); /* bytes of the file */

#endif
