#include "shop/content_hash.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define GATHERED_SIZE 8192 /* small fields are gathered: one large update is cheaper than many small ones */

struct pv_content_hash {
    XXH3_state_t *state;
    size_t gathered;
    char bytes[GATHERED_SIZE];
};

pv_content_hash *pv_content_hash_create(void)
{
    pv_content_hash *hash = malloc(sizeof *hash);
    if (hash == NULL) return NULL;
    hash->state = XXH3_createState();
    if (hash->state == NULL) {
        free(hash);
        return NULL;
    }
    pv_content_hash_reset(hash);
    return hash;
}

void pv_content_hash_free(pv_content_hash *hash)
{
    if (hash == NULL) return;
    XXH3_freeState(hash->state);
    free(hash);
}

void pv_content_hash_reset(pv_content_hash *hash)
{
    XXH3_128bits_reset(hash->state);
    hash->gathered = 0;
}

static void flush(pv_content_hash *hash)
{
    XXH3_128bits_update(hash->state, hash->bytes, hash->gathered);
    hash->gathered = 0;
}

static void gather(pv_content_hash *hash, const void *bytes, size_t size)
{
    if (size == 0) return;
    if (size > GATHERED_SIZE - hash->gathered) flush(hash);
    if (size > GATHERED_SIZE) {
        XXH3_128bits_update(hash->state, bytes, size);
        return;
    }
    memcpy(hash->bytes + hash->gathered, bytes, size);
    hash->gathered += size;
}

void pv_content_hash_add_number(pv_content_hash *hash, int64_t number)
{
    uint64_t little = htole64((uint64_t)number);
    gather(hash, &little, sizeof little);
}

void pv_content_hash_add(pv_content_hash *hash, const pv_text *fields, int32_t n_fields)
{
    for (int32_t i = 0; i < n_fields; i++) {
        uint32_t little = htole32((uint32_t)fields[i].size); /* rows are far shorter than 4 GiB */
        gather(hash, &little, sizeof little);
        gather(hash, fields[i].data, fields[i].size);
    }
}

void pv_content_hash_print(char out[PV_HASH_HEX_SIZE], pv_content_hash *hash)
{
    flush(hash);
    XXH128_hash_t value = XXH3_128bits_digest(hash->state);
    snprintf(out, PV_HASH_HEX_SIZE, "%016llx%016llx", (unsigned long long)value.high64,
             (unsigned long long)value.low64);
}

pv_row_digest pv_row_digest_of(pv_content_hash *scratch, const pv_text *fields, int32_t n_fields)
{
    pv_content_hash_reset(scratch);
    pv_content_hash_add(scratch, fields, n_fields);
    flush(scratch);
    XXH128_hash_t value = XXH3_128bits_digest(scratch->state);
    return (pv_row_digest){value.low64, value.high64};
}
