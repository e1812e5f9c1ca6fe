/* block_checksum.c - see block_checksum.h. Threads take chunks of blocks in order and leave the sums of each in a slot
 * of a ring; whoever finds the next slot filled mixes it in. */
#include "model/block_checksum.h"
#include "base/memory.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__ /* part of every x86-64 */
#include <emmintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are read as they stand in the file: little-endian");

enum {
    STRIPE = 64, /* bytes that are added to the sums at once */
    LANES = 8,
    SECRET_SIZE = 192,
    STRIPES_PER_BLOCK = (SECRET_SIZE - STRIPE) / 8,
    BLOCK = STRIPE * STRIPES_PER_BLOCK,
    SHORTEST = 2 * BLOCK, /* below it there is nothing to share */
    BLOCKS_PER_CHUNK = 256,
    SLOTS = 32,
    PREFETCH = 1024 /* bytes ahead: the hardware alone does not reach the speed of the memory */
};

#define PRIME32_1 UINT64_C(0x9e3779b1)
#define PRIME32_2 UINT64_C(0x85ebca77)
#define PRIME32_3 UINT64_C(0xc2b2ae3d)
#define PRIME64_1 UINT64_C(0x9e3779b185ebca87)
#define PRIME64_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME64_3 UINT64_C(0x165667b19e3779f9)
#define PRIME64_4 UINT64_C(0x85ebca77c2b2ae63)
#define PRIME64_5 UINT64_C(0x27d4eb2f165667c5)
#define AVALANCHE UINT64_C(0x165667919e3779f9)

/* The secret of the algorithm. */
static const uint64_t secret[SECRET_SIZE / 8] = {
    UINT64_C(0xbe4ba423396cfeb8), UINT64_C(0x1cad21f72c81017c), UINT64_C(0xdb979083e96dd4de),
    UINT64_C(0x1f67b3b7a4a44072), UINT64_C(0x78e5c0cc4ee679cb), UINT64_C(0x2172ffcc7dd05a82),
    UINT64_C(0x8e2443f7744608b8), UINT64_C(0x4c263a81e69035e0), UINT64_C(0xcb00c391bb52283c),
    UINT64_C(0xa32e531b8b65d088), UINT64_C(0x4ef90da297486471), UINT64_C(0xd8acdea946ef1938),
    UINT64_C(0x3f349ce33f76faa8), UINT64_C(0x1d4f0bc7c7bbdcf9), UINT64_C(0x3159b4cd4be0518a),
    UINT64_C(0x647378d9c97e9fc8), UINT64_C(0xc3ebd33483acc5ea), UINT64_C(0xeb6313faffa081c5),
    UINT64_C(0x49daf0b751dd0d17), UINT64_C(0x9e68d429265516d3), UINT64_C(0xfca1477d58be162b),
    UINT64_C(0xce31d07ad1b8f88f), UINT64_C(0x280416958f3acb45), UINT64_C(0x7e404bbbcafbd7af)};

typedef struct sums {
    uint64_t lane[LANES];
} sums;

struct pv_block_checksum {
    const unsigned char *bytes;
    size_t size, digits;
    size_t n_blocks, n_chunks; /* 0 for what is too short to be shared: `whole` has it */
    pv_checksum *whole;        /* nullable */
    pthread_mutex_t mutex;     /* guards what stands below but the sums of a slot that is being filled */
    pthread_cond_t mixed;
    size_t n_taken, n_mixed; /* chunks */
    sums state;
    bool is_filled[SLOTS];
    sums slots[]; /* [SLOTS x BLOCKS_PER_CHUNK] */
};

/* --- sums of stripes --------------------------------------------------------------------------------------------- */

static inline const unsigned char *secret_at(size_t byte)
{
    return (const unsigned char *)secret + byte;
}

static inline uint64_t read_word(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* For each lane: the lower half times the upper half of data ^ key, and the data of its neighbour. */
#ifdef __SSE2__

typedef struct lanes {
    __m128i pair[LANES / 2];
} lanes;

static inline void add_stripe(lanes *to, const unsigned char *data, const unsigned char *key)
{
    for (int i = 0; i < LANES / 2; i++) {
        const __m128i words = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
        const __m128i keyed = _mm_xor_si128(words, _mm_loadu_si128((const __m128i *)(const void *)(key + 16 * i)));
        const __m128i product = _mm_mul_epu32(keyed, _mm_srli_epi64(keyed, 32));
        const __m128i neighbours = _mm_shuffle_epi32(words, _MM_SHUFFLE(1, 0, 3, 2));
        to->pair[i] = _mm_add_epi64(to->pair[i], _mm_add_epi64(product, neighbours));
    }
}

#else

typedef sums lanes;

static inline void add_stripe(lanes *to, const unsigned char *data, const unsigned char *key)
{
    for (size_t i = 0; i < LANES; i++) {
        const uint64_t word = read_word(data + 8 * i), keyed = word ^ read_word(key + 8 * i);
        to->lane[i] += (keyed & UINT32_MAX) * (keyed >> 32);
        to->lane[i ^ 1] += word;
    }
}

#endif

/* Add n stripes, each with a key 8 bytes further on in the secret. */
static inline void add_stripes(sums *to, const unsigned char *data, size_t n, size_t secret_offset)
{
    lanes total;
    memcpy(&total, to, sizeof total);
    for (size_t s = 0; s < n; s++) {
        __builtin_prefetch(data + s * STRIPE + PREFETCH);
        add_stripe(&total, data + s * STRIPE, secret_at(secret_offset + 8 * s));
    }
    memcpy(to, &total, sizeof total);
}

static sums first_sums(void)
{
    return (sums){{PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1}};
}

static void mix_block(sums *state, const sums *block)
{
    for (size_t i = 0; i < LANES; i++) {
        uint64_t lane = state->lane[i] + block->lane[i];
        lane ^= lane >> 47;
        state->lane[i] = (lane ^ read_word(secret_at(SECRET_SIZE - STRIPE + 8 * i))) * PRIME32_1;
    }
}

/* Lower and upper half of the product of two words. */
static void multiply(uint64_t *low, uint64_t *high, uint64_t a, uint64_t b)
{
    const uint64_t a_low = a & UINT32_MAX, a_high = a >> 32, b_low = b & UINT32_MAX, b_high = b >> 32;
    const uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    const uint64_t other = a_low * b_high + (middle & UINT32_MAX);
    *low = a * b;
    *high = a_high * b_high + (middle >> 32) + (other >> 32);
}

static uint64_t merge(const sums *state, size_t secret_offset, uint64_t start)
{
    uint64_t result = start;
    for (size_t i = 0; i < LANES; i += 2) {
        const unsigned char *key = secret_at(secret_offset + 8 * i);
        uint64_t low, high;
        multiply(&low, &high, state->lane[i] ^ read_word(key), state->lane[i + 1] ^ read_word(key + 8));
        result += low ^ high;
    }
    result ^= result >> 37;
    result *= AVALANCHE;
    return result ^ result >> 32;
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

/* A copy of the bytes from `first` on, with zeros for the digits. */
static void copy_bytes(unsigned char *copy, const pv_block_checksum *c, size_t first, size_t n)
{
    memcpy(copy, c->bytes + first, n);
    const size_t begin = c->digits > first ? c->digits : first, end = c->digits + PV_CHECKSUM_DIGITS;
    if (begin < end && begin < first + n)
        memset(copy + (begin - first), '0', (end < first + n ? end : first + n) - begin);
}

static void sum_block(sums *out, const pv_block_checksum *c, size_t block)
{
    unsigned char copy[BLOCK];
    const size_t first = block * BLOCK;
    const unsigned char *data = c->bytes + first;
    if (first < c->digits + PV_CHECKSUM_DIGITS && c->digits < first + BLOCK) {
        copy_bytes(copy, c, first, BLOCK);
        data = copy;
    }
    *out = (sums){{0}};
    add_stripes(out, data, STRIPES_PER_BLOCK, 0);
}

static size_t chunk_blocks(const pv_block_checksum *c, size_t chunk)
{
    const size_t left = c->n_blocks - chunk * BLOCKS_PER_CHUNK;
    return left < BLOCKS_PER_CHUNK ? left : BLOCKS_PER_CHUNK;
}

/* A short file, at once; false on no memory. */
static bool sum_whole(pv_block_checksum *c)
{
    unsigned char copy[SHORTEST];
    c->whole = pv_checksum_create();
    if (!c->whole) return false;
    copy_bytes(copy, c, 0, c->size);
    pv_checksum_update(c->whole, copy, c->size);
    return true;
}

pv_block_checksum *pv_block_checksum_create(const void *bytes, size_t size, size_t digits)
{
    const size_t n_blocks = size < SHORTEST ? 0 : (size - 1) / BLOCK; /* the last stripe is never part of a block */
    const size_t n_slots = n_blocks < SLOTS * BLOCKS_PER_CHUNK ? n_blocks : SLOTS * BLOCKS_PER_CHUNK;
    pv_block_checksum *c = pv_allocate(1, sizeof *c + n_slots * sizeof *c->slots);
    if (!c) return NULL;
    c->bytes = bytes;
    c->size = size;
    c->digits = digits;
    c->n_blocks = n_blocks;
    c->n_chunks = (n_blocks + BLOCKS_PER_CHUNK - 1) / BLOCKS_PER_CHUNK;
    c->state = first_sums();
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->mixed, NULL);
    if (n_blocks > 0 || sum_whole(c)) return c;
    pv_block_checksum_free(c);
    return NULL;
}

void pv_block_checksum_free(pv_block_checksum *c)
{
    if (!c) return;
    pv_checksum_free(c->whole);
    pthread_cond_destroy(&c->mixed);
    pthread_mutex_destroy(&c->mutex);
    pv_release(c);
}

/* With the mutex held: false when all chunks are taken. */
static bool take_chunk(size_t *chunk, pv_block_checksum *c)
{
    while (c->n_taken < c->n_chunks && c->n_taken - c->n_mixed == SLOTS) pthread_cond_wait(&c->mixed, &c->mutex);
    *chunk = c->n_taken;
    if (*chunk == c->n_chunks) return false;
    c->n_taken++;
    return true;
}

/* With the mutex held: mix in the slots that are filled and next in order. */
static void mix_filled(pv_block_checksum *c)
{
    const size_t before = c->n_mixed;
    while (c->n_mixed < c->n_taken && c->is_filled[c->n_mixed % SLOTS]) {
        const size_t slot = c->n_mixed % SLOTS, n = chunk_blocks(c, c->n_mixed);
        for (size_t b = 0; b < n; b++) mix_block(&c->state, &c->slots[slot * BLOCKS_PER_CHUNK + b]);
        c->is_filled[slot] = false;
        c->n_mixed++;
    }
    if (c->n_mixed > before) pthread_cond_broadcast(&c->mixed);
}

void pv_block_checksum_work(pv_block_checksum *c)
{
    size_t chunk;
    pthread_mutex_lock(&c->mutex);
    while (take_chunk(&chunk, c)) {
        pthread_mutex_unlock(&c->mutex);
        const size_t slot = chunk % SLOTS, n = chunk_blocks(c, chunk);
        for (size_t b = 0; b < n; b++)
            sum_block(&c->slots[slot * BLOCKS_PER_CHUNK + b], c, chunk * BLOCKS_PER_CHUNK + b);
        pthread_mutex_lock(&c->mutex);
        c->is_filled[slot] = true;
        mix_filled(c);
    }
    pthread_mutex_unlock(&c->mutex);
}

/* --- the end of it ----------------------------------------------------------------------------------------------- */

/* What is left behind the whole blocks, and once more the last 64 bytes, which may reach back into the last block. */
static sums final_sums(const pv_block_checksum *c)
{
    unsigned char end[2 * BLOCK];
    sums state = c->state;
    const size_t first = (c->n_blocks - 1) * BLOCK, n = c->size - first;
    copy_bytes(end, c, first, n);
    add_stripes(&state, end + BLOCK, (n - BLOCK - 1) / STRIPE, 0);
    add_stripes(&state, end + n - STRIPE, 1, SECRET_SIZE - STRIPE - 7);
    return state;
}

void pv_block_checksum_print(char digits[PV_CHECKSUM_DIGITS + 1], const pv_block_checksum *c)
{
    if (c->whole) {
        pv_checksum_print(digits, c->whole);
        return;
    }
    const sums state = final_sums(c);
    const uint64_t low = merge(&state, 11, c->size * PRIME64_1);
    const uint64_t high = merge(&state, SECRET_SIZE - STRIPE - 11, ~(c->size * PRIME64_2));
    snprintf(digits, PV_CHECKSUM_DIGITS + 1, "%016" PRIx64 "%016" PRIx64, high, low);
}
