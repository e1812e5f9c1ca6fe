/* s3_checksum.c - see s3_checksum.h. 32 bytes are ten groups of three, four characters each, and one of two. */
#include "remote/s3_checksum.h"
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define LAST_GROUP (PV_SHA256_SIZE / 3)

void pv_s3_checksum_print(char out[PV_S3_CHECKSUM_SIZE], const unsigned char digest[PV_SHA256_SIZE])
{
    for (size_t group = 0; group <= LAST_GROUP; group++) {
        const unsigned char *bytes = digest + 3 * group;
        const unsigned third = group < LAST_GROUP ? bytes[2] : 0;
        const unsigned bits = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | third;
        for (unsigned i = 0; i < 4; i++) out[4 * group + i] = alphabet[bits >> (18 - 6 * i) & 63];
    }
    out[PV_S3_CHECKSUM_SIZE - 2] = '=';
    out[PV_S3_CHECKSUM_SIZE - 1] = '\0';
}

bool pv_s3_checksum_read(unsigned char digest[PV_SHA256_SIZE], pv_text text)
{
    if (text.size != PV_S3_CHECKSUM_SIZE - 1 || text.data[text.size - 1] != '=') return false;
    for (size_t group = 0; group <= LAST_GROUP; group++) {
        unsigned bits = 0;
        for (size_t i = 0; i < 4; i++) {
            const char character = text.data[4 * group + i];
            const bool is_padding = 4 * group + i == text.size - 1;
            const char *found = is_padding ? alphabet : memchr(alphabet, character, sizeof alphabet - 1);
            if (!found) return false;
            bits = bits << 6 | (unsigned)(found - alphabet);
        }
        unsigned char *bytes = digest + 3 * group;
        bytes[0] = (unsigned char)(bits >> 16);
        bytes[1] = (unsigned char)(bits >> 8 & 255);
        if (group < LAST_GROUP) bytes[2] = (unsigned char)(bits & 255);
    }
    return true;
}
