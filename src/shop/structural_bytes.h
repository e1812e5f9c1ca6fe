/* structural_bytes.h - which of 64 bytes a CSV parser has to look at. */
#ifndef PV_STRUCTURAL_BYTES_H
#define PV_STRUCTURAL_BYTES_H

#include <stdint.h>

#define PV_BLOCK_SIZE 64

typedef struct pv_byte_masks {
    uint64_t structural; /* bit i: byte i is the delimiter, a quote or a line feed */
    uint64_t special;    /* bit i: byte i is NUL or not ASCII */
} pv_byte_masks;

#if defined(__SSE2__) /* part of every x86-64 */
#include <emmintrin.h>

static inline pv_byte_masks pv_byte_masks_of(const char *bytes, char delimiter)
{
    const __m128i delimiters = _mm_set1_epi8(delimiter), quotes = _mm_set1_epi8('"');
    const __m128i line_feeds = _mm_set1_epi8('\n'), zeros = _mm_setzero_si128();
    pv_byte_masks masks = {0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * part));
        __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, delimiters), _mm_cmpeq_epi8(text, quotes)),
                                     _mm_cmpeq_epi8(text, line_feeds));
        __m128i special = _mm_or_si128(text, _mm_cmpeq_epi8(text, zeros)); /* the top bit is what movemask takes */
        masks.structural |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * part);
        masks.special |= (uint64_t)(uint32_t)_mm_movemask_epi8(special) << (16 * part);
    }
    return masks;
}

#else

static inline pv_byte_masks pv_byte_masks_of(const char *bytes, char delimiter)
{
    pv_byte_masks masks = {0, 0};
    for (int i = 0; i < PV_BLOCK_SIZE; i++) {
        char byte = bytes[i];
        unsigned is_structural = (unsigned)(byte == delimiter) | (unsigned)(byte == '"') | (unsigned)(byte == '\n');
        unsigned is_special = (unsigned)(byte == '\0') | ((unsigned char)byte >> 7);
        masks.structural |= (uint64_t)is_structural << i;
        masks.special |= (uint64_t)is_special << i;
    }
    return masks;
}

#endif
#endif
