/* compression.c - see compression.h. */
#include "compression.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* Input that is not written to. */
#define ZLIB_CONST
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, with the header of gzip */
#define LEVEL 1

/* Whether the parameters of an element, which a comma or NUL ends, say `q=0`, `q=0.0`, ...: not wanted. */
static bool has_weight_zero(const char *parameters, size_t size)
{
    const char *weight = memmem(parameters, size, "q=", 2);
    if (weight == NULL) weight = memmem(parameters, size, "Q=", 2);
    if (weight == NULL) return false;
    size_t zeros = strspn(weight + 2, "0.");
    return zeros > 0 && !isdigit((unsigned char)weight[2 + zeros]);
}

bool accepts_gzip(const char *accept_encoding)
{
    if (accept_encoding == NULL) return false;
    bool takes_any = false;
    for (const char *at = accept_encoding; *at != '\0';) {
        at += strspn(at, ", \t");
        size_t element = strcspn(at, ","), name = strcspn(at, ",; \t");
        bool is_wanted = !has_weight_zero(at + name, element - name);
        bool is_gzip =
            (name == 4 && strncasecmp(at, "gzip", name) == 0) || (name == 6 && strncasecmp(at, "x-gzip", name) == 0);
        if (is_gzip) return is_wanted;
        if (name == 1 && *at == '*') takes_any = is_wanted;
        at += element;
    }
    return takes_any;
}

char *gzip_compress(size_t *compressed_size, const char *data, size_t size)
{
    z_stream stream = {0};
    if (size > UINT32_MAX / 2) return NULL;
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) return NULL;
    size_t capacity = deflateBound(&stream, (uLong)size);
    char *compressed = malloc(capacity);
    bool is_done = false;
    if (compressed != NULL) {
        stream.next_in = (const Bytef *)data;
        stream.avail_in = (uInt)size;
        stream.next_out = (Bytef *)compressed;
        stream.avail_out = (uInt)capacity;
        is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
        *compressed_size = stream.total_out;
    }
    deflateEnd(&stream);
    if (is_done) return compressed;
    free(compressed);
    return NULL;
}
