/* An open-addressed hash table of numbers beside an array of texts. Texts live in pages that never move, so a view
 * stays valid for the life of the interner. Ids are mostly a few characters: a text of up to SHORT_SIZE bytes stands in
 * the table itself, so that finding it touches one cache line and no text; of a longer one the table keeps the hash.
 */
#include "shop/interner.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIRST_SLOTS 1024
#define PAGE_SIZE ((size_t)64 * 1024)
#define SHORT_SIZE 8
#define SIZE_SHOWN_MAX UINT32_MAX

typedef struct text_key {
    uint64_t bytes; /* of a short text; the hash of a longer one */
    uint32_t size;  /* at most SIZE_SHOWN_MAX: what is larger differs in its text */
} text_key;

typedef struct slot { /* four to a cache line */
    uint64_t bytes;   /* of the key */
    uint32_t size;
    uint32_t number; /* number + 1, 0 = free */
} slot;

struct pv_interner {
    slot *slots; /* [n_slots], a power of two, at most half full */
    size_t n_slots;
    pv_text *texts; /* [count] */
    size_t count, capacity;
    void **pages;
    size_t n_pages, pages_capacity;
    char *free_bytes; /* of the last page */
    size_t free_size;
};

pv_interner *pv_interner_create(void)
{
    pv_interner *interner = calloc(1, sizeof *interner);
    if (interner == NULL) return NULL;
    interner->slots = calloc(FIRST_SLOTS, sizeof *interner->slots);
    if (interner->slots == NULL) {
        free(interner);
        return NULL;
    }
    interner->n_slots = FIRST_SLOTS;
    return interner;
}

void pv_interner_free(pv_interner *interner)
{
    if (interner == NULL) return;
    for (size_t page = 0; page < interner->n_pages; page++) free(interner->pages[page]);
    free(interner->pages);
    free(interner->texts);
    free(interner->slots);
    free(interner);
}

/* Up to SHORT_SIZE bytes as a number; different for different texts of one size. */
static uint64_t pack_short(const char *data, size_t size)
{
    uint32_t first = 0, last = 0;
    if (size >= sizeof first) {
        memcpy(&first, data, sizeof first);
        memcpy(&last, data + size - sizeof last, sizeof last); /* overlaps the first where size < 8 */
    } else if (size > 0) {                                     /* first, middle and last byte: all there are */
        first = (uint32_t)(unsigned char)data[0] | (uint32_t)(unsigned char)data[size / 2] << 8 |
                (uint32_t)(unsigned char)data[size - 1] << 16;
    }
    return (uint64_t)last << 32 | first;
}

static text_key key_of(pv_text text)
{
    const uint32_t size = text.size < SIZE_SHOWN_MAX ? (uint32_t)text.size : SIZE_SHOWN_MAX;
    return (text_key){size <= SHORT_SIZE ? pack_short(text.data, size) : XXH3_64bits(text.data, text.size), size};
}

/* Where a key is looked for first: twice mixed by a multiplication (golden ratio of 2^64, Knuth 6.4), as ids differ in
 * few bits, at either end. */
static size_t place_of(text_key key)
{
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = key.bytes ^ (uint64_t)key.size << 56;
    mixed = (mixed ^ mixed >> 32) * golden;
    mixed = (mixed ^ mixed >> 32) * golden;
    return (size_t)(mixed ^ mixed >> 32);
}

static bool slots_double(pv_interner *interner)
{
    size_t n_slots = interner->n_slots * 2;
    slot *slots = calloc(n_slots, sizeof *slots);
    if (slots == NULL) return false;
    for (size_t i = 0; i < interner->n_slots; i++) {
        slot old = interner->slots[i];
        if (old.number == 0) continue;
        size_t place = place_of((text_key){old.bytes, old.size}) & (n_slots - 1);
        while (slots[place].number != 0) place = (place + 1) & (n_slots - 1);
        slots[place] = old;
    }
    free(interner->slots);
    interner->slots = slots;
    interner->n_slots = n_slots;
    return true;
}

/* A place for `size` bytes that never moves. Large texts get a page of their own. */
static char *page_take(pv_interner *interner, size_t size)
{
    if (size > interner->free_size) {
        void *pages = interner->pages;
        if (!pv_reserve(&pages, &interner->pages_capacity, interner->n_pages + 1, sizeof(void *))) return NULL;
        interner->pages = pages;
        size_t page_size = size > PAGE_SIZE ? size : PAGE_SIZE;
        char *page = malloc(page_size);
        if (page == NULL) return NULL;
        interner->pages[interner->n_pages++] = page;
        interner->free_bytes = page;
        interner->free_size = page_size;
    }
    char *bytes = interner->free_bytes;
    interner->free_bytes += size;
    interner->free_size -= size;
    return bytes;
}

/* The slot that holds `text`, or the free one where it belongs. */
static slot *slot_of(const pv_interner *interner, pv_text text, text_key key)
{
    size_t mask = interner->n_slots - 1;
    for (size_t place = place_of(key) & mask;; place = (place + 1) & mask) {
        slot *here = &interner->slots[place];
        if (here->number == 0) return here;
        if (here->bytes != key.bytes || here->size != key.size) continue;
        if (key.size <= SHORT_SIZE || pv_text_equal(interner->texts[here->number - 1], text)) return here;
    }
}

int64_t pv_interner_add(pv_interner *interner, pv_text text)
{
    const text_key key = key_of(text);
    slot *here = slot_of(interner, text, key);
    if (here->number != 0) return (int64_t)here->number - 1;
    if (interner->count >= UINT32_MAX - 1) return -1;
    if ((interner->count + 1) * 2 > interner->n_slots) {
        if (!slots_double(interner)) return -1;
        here = slot_of(interner, text, key);
    }
    void *texts = interner->texts;
    if (!pv_reserve(&texts, &interner->capacity, interner->count + 1, sizeof *interner->texts)) return -1;
    interner->texts = texts;
    char *bytes = page_take(interner, text.size + 1);
    if (bytes == NULL) return -1;
    if (text.size > 0) memcpy(bytes, text.data, text.size);
    bytes[text.size] = '\0';
    interner->texts[interner->count] = (pv_text){bytes, text.size};
    *here = (slot){key.bytes, key.size, (uint32_t)(++interner->count)};
    return (int64_t)interner->count - 1;
}

int64_t pv_interner_find(const pv_interner *interner, pv_text text)
{
    return (int64_t)slot_of(interner, text, key_of(text))->number - 1;
}

int64_t pv_interner_count(const pv_interner *interner)
{
    return (int64_t)interner->count;
}

pv_text pv_interner_text(const pv_interner *interner, int64_t number)
{
    return interner->texts[number];
}
