/* compression.h - gzip for those who ask for it. */
#ifndef PURVEY_COMPRESSION_H
#define PURVEY_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>

/* Below this a body is sent as it is: it fits into a packet. */
#define COMPRESSION_SIZE_MIN 1024

/* Whether a header Accept-Encoding (nullable) takes gzip: named, or by "*", with a weight above 0 (RFC 9110, 12.5.3).
 */
bool accepts_gzip(const char *accept_encoding);

/* A gzip file of level 1, to be freed with free(); NULL: no memory. */
char *gzip_compress(size_t *compressed_size, const char *data, size_t size);

#endif
