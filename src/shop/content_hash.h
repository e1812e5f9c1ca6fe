/* content_hash.h - XXH3-128 over texts and rows, each field with its length in front, so that no two contents run into
 * the same bytes. The same on every machine.
 */
#ifndef PV_CONTENT_HASH_H
#define PV_CONTENT_HASH_H

#include "base/text.h"
#include <stdint.h>

#define PV_HASH_HEX_SIZE 33

typedef struct pv_content_hash pv_content_hash;

pv_content_hash *pv_content_hash_create(void);    /* NULL on no memory */
void pv_content_hash_free(pv_content_hash *hash); /* accepts NULL */
void pv_content_hash_reset(pv_content_hash *hash);
void pv_content_hash_add(pv_content_hash *hash, const pv_text *fields, int32_t n_fields);
void pv_content_hash_add_number(pv_content_hash *hash, int64_t number);
void pv_content_hash_print(char out[PV_HASH_HEX_SIZE], pv_content_hash *hash);

/* The hash of one row alone. */
typedef struct pv_row_digest {
    uint64_t low, high;
} pv_row_digest;
pv_row_digest pv_row_digest_of(pv_content_hash *scratch, const pv_text *fields, int32_t n_fields);

#endif
