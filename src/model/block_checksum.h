/* block_checksum.h - the checksum of a whole file by any number of threads at once.
 *
 * Math:     XXH3 keeps eight sums. To them it adds, block by block of 1024 bytes, what depends on the bytes of the
 * block alone; only after a block are the sums themselves mixed. So the blocks, which are all of the work, may be
 *           summed anywhere and in any order, and one pass in order mixes what they gave: 64 bytes a block.
 * Source:   Collet, XXH3 (128 bits, seed 0, inputs above 240 bytes).
 * Cost:     the bytes are read once, at the speed of the memory; half a megabyte of room whatever the size.
 */
#ifndef PV_BLOCK_CHECKSUM_H
#define PV_BLOCK_CHECKSUM_H

#include "model/safetensors_checksum.h"

typedef struct pv_block_checksum pv_block_checksum;

/* Of bytes[size], borrowed, the PV_CHECKSUM_DIGITS from the byte `digits` on read as '0'. NULL on no memory. */
pv_block_checksum *pv_block_checksum_create(const void *bytes, size_t size, size_t digits);
void pv_block_checksum_free(pv_block_checksum *checksum); /* accepts NULL */

/* Take part in it until nothing is left to take. Any number of threads may do so at the same time; what one of them
 * took is done when it returns. */
void pv_block_checksum_work(pv_block_checksum *checksum);
/* After at least one call of pv_block_checksum_work(), when all have returned. */
void pv_block_checksum_print(char digits[PV_CHECKSUM_DIGITS + 1], const pv_block_checksum *checksum);

#endif
