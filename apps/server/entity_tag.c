/* entity_tag.c - see entity_tag.h. */
#include "entity_tag.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

void entity_tag_make(char tag[ENTITY_TAG_SIZE], const char *body, size_t size, bool is_compressed)
{
    XXH128_hash_t hash = XXH3_128bits(body, size);
    snprintf(tag, ENTITY_TAG_SIZE, "\"%016llx%016llx%s\"", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64, is_compressed ? "-gz" : "");
}

bool entity_tag_is_named(const char *if_none_match, const char *tag)
{
    if (if_none_match == NULL) return false;
    size_t size = strlen(tag);
    const char *at = if_none_match + strspn(if_none_match, " \t");
    if (*at == '*') return true;
    while (*at != '\0') {
        at += strspn(at, ", \t");
        if (strncmp(at, "W/", 2) == 0) at += 2;
        if (*at != '"') return false;
        const char *end = strchr(at + 1, '"');
        if (end == NULL) return false;
        if ((size_t)(end + 1 - at) == size && memcmp(at, tag, size) == 0) return true;
        at = end + 1;
    }
    return false;
}
