/* merge_sort.h - a stable sort for many short or nearly ordered lists. The size of an item and the comparison are
 * compiled into each use, so that nothing is called per comparison and nothing is allocated per list, as qsort() does.
 */
#ifndef PV_MERGE_SORT_H
#define PV_MERGE_SORT_H

#include <stddef.h>
#include <string.h>

#define PV_INSERTION_RUN ((size_t)8)

/* `room` holds one item. */
static inline __attribute__((always_inline)) void pv_insertion_sort(char *items, char *room, size_t n, size_t size,
                                                                    int (*compare)(const void *, const void *))
{
    for (size_t i = 1; i < n; i++) {
        if (compare(items + (i - 1) * size, items + i * size) <= 0) continue;
        size_t to = i;
        memcpy(room, items + i * size, size);
        do {
            memcpy(items + to * size, items + (to - 1) * size, size);
            to--;
        } while (to > 0 && compare(items + (to - 1) * size, room) > 0);
        memcpy(items + to * size, room, size);
    }
}

/* Merge items[0 .. middle) and items[middle .. n), each in order, by way of `room` for the first of them. */
static inline __attribute__((always_inline)) void pv_merge(char *items, char *room, size_t middle, size_t n,
                                                           size_t size, int (*compare)(const void *, const void *))
{
    if (compare(items + (middle - 1) * size, items + middle * size) <= 0) return;
    memcpy(room, items, middle * size);
    char *out = items, *right = items + middle * size;
    const char *left = room, *left_end = room + middle * size, *right_end = items + n * size;
    while (left < left_end && right < right_end) {
        if (compare(left, right) <= 0) {
            memcpy(out, left, size);
            left += size;
        } else {
            memcpy(out, right, size);
            right += size;
        }
        out += size;
    }
    memcpy(out, left, (size_t)(left_end - left)); /* what is left of the right half stands in its place */
}

/* Sort items[n] of `size` bytes; `room` has as many bytes and need not be set. Equal items keep their order.
 * O(n log n), O(n) where the items are in order. Call it with a constant size and a static comparison. */
static inline __attribute__((always_inline)) void pv_merge_sort(void *items, void *room, size_t n, size_t size,
                                                                int (*compare)(const void *, const void *))
{
    char *bytes = items;
    for (size_t first = 0; first < n; first += PV_INSERTION_RUN) {
        const size_t left = n - first;
        pv_insertion_sort(bytes + first * size, room, left < PV_INSERTION_RUN ? left : PV_INSERTION_RUN, size, compare);
    }
    for (size_t width = PV_INSERTION_RUN; width < n; width *= 2)
        for (size_t first = 0; n - first > width; first += 2 * width) {
            const size_t left = n - first;
            pv_merge(bytes + first * size, room, width, left < 2 * width ? left : 2 * width, size, compare);
            if (left <= 2 * width) break;
        }
}

#endif
