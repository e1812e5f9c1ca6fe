/* category_path.c - taking category paths apart and putting them together. */
#include "shop/category_path.h"

#include <string.h>

static pv_text trimmed(const char *begin, const char *end)
{
    while (begin < end && *begin == ' ') begin++;
    while (end > begin && end[-1] == ' ') end--;
    return (pv_text){begin, (size_t)(end - begin)};
}

bool pv_category_path_normal(pv_text *out, pv_text category, pv_arena *arena)
{
    if (!category.data) {
        *out = category;
        return true;
    }
    char *joined = pv_arena_allocate(arena, category.size * 3 + 1, 1);
    if (!joined) return false;
    size_t size = 0;
    const char *end = category.data + category.size;
    for (const char *level = category.data; level && level <= end;) {
        const char *stop = level < end ? memchr(level, '>', (size_t)(end - level)) : NULL;
        const pv_text part = trimmed(level, stop ? stop : end);
        if (part.size && size) {
            memcpy(joined + size, " > ", 3);
            size += 3;
        }
        if (part.size) memcpy(joined + size, part.data, part.size);
        size += part.size;
        level = stop ? stop + 1 : NULL;
    }
    *out = (pv_text){size ? joined : NULL, size};
    return true;
}

pv_text pv_category_path_parent(pv_text path)
{
    for (size_t i = path.size; i >= 3; i--)
        if (memcmp(path.data + i - 3, " > ", 3) == 0) return (pv_text){path.data, i - 3};
    return (pv_text){NULL, 0};
}
