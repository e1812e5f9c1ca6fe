/* entity_tag.h - strong validators of answers (RFC 9110, 8.8.3 and 13.1.2). */
#ifndef PURVEY_ENTITY_TAG_H
#define PURVEY_ENTITY_TAG_H

#include <stdbool.h>
#include <stddef.h>

#define ENTITY_TAG_SIZE 40

/* The XXH3-128 of a body, in quotes; compressed it is another representation and has another tag. */
void entity_tag_make(char tag[ENTITY_TAG_SIZE], const char *body, size_t size, bool is_compressed);

/* Whether a header If-None-Match (nullable) names the tag: "*", or one of a list, weak or not. */
bool entity_tag_is_named(const char *if_none_match, const char *tag);

#endif
