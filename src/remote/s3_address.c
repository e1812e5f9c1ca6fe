/* s3_address.c - see s3_address.h. */
#include "remote/s3_address.h"
#include "base/failure.h"
#include <stdlib.h>
#include <string.h>

#define SCHEME "s3://"
#define BUCKET_MIN 3
#define BUCKET_MAX 63
#define KEY_MAX 1024

bool pv_is_s3_address(const char *text)
{
    return strncmp(text, SCHEME, sizeof SCHEME - 1) == 0;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* What is wrong with the name of a bucket, NULL: nothing. */
static const char *bucket_fault(pv_text bucket)
{
    if (bucket.size < BUCKET_MIN || bucket.size > BUCKET_MAX) return "a bucket's name has 3 to 63 characters";
    for (size_t i = 0; i < bucket.size; i++) {
        const char c = bucket.data[i];
        if (c == '.') return "a bucket with dots in its name has no valid certificate";
        if (!is_letter_or_digit(c) && c != '-') return "a bucket's name consists of a-z, 0-9 and -";
    }
    if (!is_letter_or_digit(bucket.data[0]) || !is_letter_or_digit(bucket.data[bucket.size - 1])) {
        return "a bucket's name begins and ends with a letter or digit";
    }
    return NULL;
}

static const char *key_fault(pv_text key)
{
    if (key.size > KEY_MAX) return "a key has at most 1024 bytes";
    if (!pv_text_is_utf8(key)) return "the key is not UTF-8";
    for (size_t i = 0; i < key.size; i++) {
        if ((unsigned char)key.data[i] < 0x20 || key.data[i] == 0x7f) return "the key has a control character";
    }
    return NULL;
}

pv_status pv_s3_address_parse(pv_s3_address *address, const char *text, pv_error *error)
{
    if (!pv_is_s3_address(text)) {
        return pv_fail(error, PV_E_USAGE, "%s: no address of S3: expected s3://BUCKET/KEY", text);
    }
    const char *bucket = text + sizeof SCHEME - 1;
    const size_t bucket_size = strcspn(bucket, "/");
    const char *key = bucket + bucket_size;
    if (*key == '/') key++;
    const char *fault = bucket_fault((pv_text){bucket, bucket_size});
    if (!fault) fault = key_fault(pv_text_of(key));
    if (fault) return pv_fail(error, PV_E_USAGE, "%.300s: %s", text, fault);

    pv_buffer owned = {0};
    pv_buffer_append_string(&owned, key);
    char *copy;
    const pv_status status = pv_buffer_hand_over(&copy, &owned, "key", error);
    if (status != PV_OK) return status;
    *address = (pv_s3_address){.key = copy};
    memcpy(address->bucket, bucket, bucket_size);
    return PV_OK;
}

void pv_s3_address_deinit(pv_s3_address *address)
{
    free(address->key);
    *address = (pv_s3_address){0};
}
