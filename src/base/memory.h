/* memory.h - checked allocation: sizes that cannot overflow, growable arrays, an arena for one request.
 *
 * Threads:  an arena belongs to one thread at a time.
 */
#ifndef PV_MEMORY_H
#define PV_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count x size zeroed bytes, 64-byte aligned; NULL on overflow or no memory. count 0 gives a valid pointer. Free with
 * pv_release(). */
void *pv_allocate(size_t count, size_t size);
void pv_release(void *memory); /* accepts NULL */

/* Grow *array (elements of `size` bytes, from pv_reserve or NULL) so that it holds at least `needed`; *capacity is
 * updated. Growth is geometric. New bytes are not cleared. False (array untouched) on overflow or no memory. Free with
 * free(). */
bool pv_reserve(void **array, size_t *capacity, size_t needed, size_t size);

/* Bump allocator: everything of one request, freed at once. */
typedef struct pv_arena pv_arena;
pv_arena *pv_arena_create(void); /* NULL on no memory */
void pv_arena_free(pv_arena *arena);
void pv_arena_reset(pv_arena *arena);                                /* keeps its memory for the next request */
void *pv_arena_allocate(pv_arena *arena, size_t count, size_t size); /* zeroed, 16-byte aligned; NULL on failure */
char *pv_arena_print(pv_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
