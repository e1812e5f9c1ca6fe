/* memory.c - see memory.h. Everything aligned is rounded up to whole cache lines, so that vector loads at the end of an
 * array stay inside it. */
#include "base/memory.h"
#include <purvey/model.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64
#define ARENA_ALIGNMENT 16
#define ARENA_BLOCK_FIRST ((size_t)4096)
#define ARENA_BLOCK_LARGEST ((size_t)1 << 20)
#define RESERVE_FIRST 16

/* count x size rounded up to a multiple of `alignment` (a power of two); false on overflow. */
static bool rounded_product(size_t *bytes, size_t count, size_t size, size_t alignment)
{
    if (__builtin_mul_overflow(count, size, bytes) || __builtin_add_overflow(*bytes, alignment - 1, bytes))
        return false;
    *bytes &= ~(alignment - 1);
    return *bytes <= PTRDIFF_MAX;
}

void *pv_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!rounded_product(&bytes, count, size, ALIGNMENT)) return NULL;
    if (bytes == 0) bytes = ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

void pv_release(void *memory)
{
    free(memory);
}

void pv_free(void *memory)
{
    free(memory);
}

bool pv_reserve(void **array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity) return true;
    size_t grown = *capacity + *capacity / 2;
    if (grown < needed) grown = needed;
    if (grown < RESERVE_FIRST) grown = RESERVE_FIRST;
    size_t bytes;
    if (__builtin_mul_overflow(grown, size, &bytes) || bytes > PTRDIFF_MAX) return false;
    void *moved = realloc(*array, bytes);
    if (!moved) return false;
    *array = moved;
    *capacity = grown;
    return true;
}

typedef struct block {
    struct block *next;
    size_t capacity, used; /* bytes of `data` */
    _Alignas(ARENA_ALIGNMENT) unsigned char data[];
} block;

struct pv_arena {
    block *first, *current; /* blocks after `current` are empty, kept from before a reset */
    size_t next_capacity;
};

pv_arena *pv_arena_create(void)
{
    pv_arena *arena = calloc(1, sizeof *arena);
    if (arena) arena->next_capacity = ARENA_BLOCK_FIRST;
    return arena;
}

void pv_arena_free(pv_arena *arena)
{
    if (!arena) return;
    for (block *each = arena->first; each;) {
        block *next = each->next;
        free(each);
        each = next;
    }
    free(arena);
}

void pv_arena_reset(pv_arena *arena)
{
    for (block *each = arena->first; each; each = each->next) each->used = 0;
    arena->current = arena->first;
}

/* Put a new block of at least `bytes` behind the current one. */
static block *add_block(pv_arena *arena, size_t bytes)
{
    size_t capacity = bytes > arena->next_capacity ? bytes : arena->next_capacity;
    if (capacity > PTRDIFF_MAX - sizeof(block)) return NULL;
    block *added = malloc(sizeof(block) + capacity);
    if (!added) return NULL;
    added->capacity = capacity;
    added->used = 0;
    if (arena->current) {
        added->next = arena->current->next;
        arena->current->next = added;
    } else {
        added->next = NULL;
        arena->first = added;
    }
    if (arena->next_capacity < ARENA_BLOCK_LARGEST) arena->next_capacity *= 2;
    return added;
}

void *pv_arena_allocate(pv_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!rounded_product(&bytes, count, size, ARENA_ALIGNMENT)) return NULL;
    block *target = arena->current;
    while (target && target->capacity - target->used < bytes) target = target->next;
    if (!target) target = add_block(arena, bytes);
    if (!target) return NULL;
    arena->current = target;
    void *memory = target->data + target->used;
    target->used += bytes;
    return memset(memory, 0, bytes);
}

char *pv_arena_print(pv_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : pv_arena_allocate(arena, (size_t)length + 1, 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
