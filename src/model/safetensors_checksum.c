/* safetensors_checksum.c - see safetensors_checksum.h. */
#include "model/safetensors_checksum.h"
#include "model/block_checksum.h"
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define KEY "\"checksum\":\""

/* pv_checksum is xxHash's own state, which wants an alignment that only its own functions give. */
static XXH3_state_t *state_of(pv_checksum *checksum)
{
    return (XXH3_state_t *)checksum;
}

pv_checksum *pv_checksum_create(void)
{
    XXH3_state_t *state = XXH3_createState();
    if (state) XXH3_128bits_reset(state);
    return (pv_checksum *)state;
}

void pv_checksum_free(pv_checksum *checksum)
{
    XXH3_freeState(state_of(checksum));
}

void pv_checksum_update(pv_checksum *checksum, const void *bytes, size_t size)
{
    if (size > 0) XXH3_128bits_update(state_of(checksum), bytes, size);
}

void pv_checksum_print(char digits[PV_CHECKSUM_DIGITS + 1], const pv_checksum *checksum)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest((const XXH3_state_t *)checksum));
    for (size_t i = 0; i < sizeof canonical.digest; i++) snprintf(digits + 2 * i, 3, "%02x", canonical.digest[i]);
}

bool pv_checksum_find(size_t *position, const char *header, size_t size)
{
    size_t n_found = 0, length = strlen(KEY);
    for (const char *rest = header, *found; (found = memmem(rest, size - (size_t)(rest - header), KEY, length)) != NULL;
         rest = found + length) {
        size_t start = (size_t)(found - header) + length;
        if (size - start <= PV_CHECKSUM_DIGITS || header[start + PV_CHECKSUM_DIGITS] != '"') continue;
        size_t n_digits = 0;
        while (n_digits < PV_CHECKSUM_DIGITS && memchr("0123456789abcdef", header[start + n_digits], 16)) n_digits++;
        if (n_digits < PV_CHECKSUM_DIGITS) continue;
        *position = start;
        n_found++;
    }
    return n_found == 1;
}

bool pv_checksum_compute(char digits[PV_CHECKSUM_DIGITS + 1], const void *bytes, size_t size, size_t position)
{
    pv_block_checksum *checksum = pv_block_checksum_create(bytes, size, position);
    if (!checksum) return false;
    pv_block_checksum_work(checksum);
    pv_block_checksum_print(digits, checksum);
    pv_block_checksum_free(checksum);
    return true;
}
