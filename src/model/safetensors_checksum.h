/* safetensors_checksum.h - the checksum of a model file: XXH3-128 over the whole file, the checksum's own digits read
 * as zeros.
 *
 * Holds:    pv_checksum (running), pv_checksum_find(), pv_checksum_compute().
 * Source:   contract section 5; Collet, XXH3 (canonical, most significant byte first).
 */
#ifndef PV_SAFETENSORS_CHECKSUM_H
#define PV_SAFETENSORS_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>

#define PV_CHECKSUM_DIGITS 32 /* lower-case hex */
#define PV_CHECKSUM_ZERO "00000000000000000000000000000000"

typedef struct pv_checksum pv_checksum;
pv_checksum *pv_checksum_create(void);        /* NULL on no memory */
void pv_checksum_free(pv_checksum *checksum); /* accepts NULL */
void pv_checksum_update(pv_checksum *checksum, const void *bytes, size_t size);
void pv_checksum_print(char digits[PV_CHECKSUM_DIGITS + 1], const pv_checksum *checksum);

/* Position of the digits in `"checksum":"<32 digits>"`; false unless there is exactly one. Inside a JSON string quotes
 * are escaped, so no value can look like it. */
bool pv_checksum_find(size_t *position, const char *header, size_t size);
/* Of a whole file whose digits stand at `position`; false on no memory. */
bool pv_checksum_compute(char digits[PV_CHECKSUM_DIGITS + 1], const void *bytes, size_t size, size_t position);

#endif
