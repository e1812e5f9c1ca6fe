#include "remote/s3_checksum.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* SHA-256 of no bytes: RFC 6234; in base64 by base64(1). */
static const unsigned char no_bytes[PV_SHA256_SIZE] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                                       0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                                       0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
static const char no_bytes_base64[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

static void a_checksum_is_written_in_base64(void **state)
{
    (void)state;
    char out[PV_S3_CHECKSUM_SIZE];
    pv_s3_checksum_print(out, no_bytes);
    assert_string_equal(out, no_bytes_base64);
}

static void a_checksum_is_read_back(void **state)
{
    (void)state;
    unsigned char digest[PV_SHA256_SIZE];
    assert_true(pv_s3_checksum_read(digest, pv_text_of(no_bytes_base64)));
    assert_memory_equal(digest, no_bytes, sizeof digest);
}

static void every_byte_survives_at_every_place(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        unsigned char digest[PV_SHA256_SIZE], again[PV_SHA256_SIZE];
        char text[PV_S3_CHECKSUM_SIZE];
        for (unsigned i = 0; i < PV_SHA256_SIZE; i++) digest[i] = (unsigned char)(value + 7 * i);
        pv_s3_checksum_print(text, digest);
        assert_true(pv_s3_checksum_read(again, pv_text_of(text)));
        assert_memory_equal(again, digest, sizeof digest);
    }
}

static void what_is_no_checksum_of_a_whole_object_is_refused(void **state)
{
    (void)state;
    unsigned char digest[PV_SHA256_SIZE];
    assert_false(pv_s3_checksum_read(digest, (pv_text){0}));
    assert_false(pv_s3_checksum_read(digest, pv_text_of("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-2")));
    assert_false(pv_s3_checksum_read(digest, pv_text_of("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")));
    assert_false(pv_s3_checksum_read(digest, pv_text_of("47DEQpj8HBSa-/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")));
    assert_false(pv_s3_checksum_read(digest, pv_text_of("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checksum_is_written_in_base64),
        cmocka_unit_test(a_checksum_is_read_back),
        cmocka_unit_test(every_byte_survives_at_every_place),
        cmocka_unit_test(what_is_no_checksum_of_a_whole_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
