/* The test vectors of RFC 4648 section 10, and what is no base64. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base64.h"
#include <string.h>

static void the_vectors_of_the_rfc_are_decoded(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {{"", ""},
                                             {"Zg==", "f"},
                                             {"Zm8=", "fo"},
                                             {"Zm9v", "foo"},
                                             {"Zm9vYg==", "foob"},
                                             {"Zm9vYmE=", "fooba"},
                                             {"Zm9vYmFy", "foobar"}};
    pv_arena *arena = pv_arena_create();
    for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++) {
        pv_text bytes;
        assert_int_equal(base64_decode(&bytes, pv_text_of(vectors[k][0]), arena, NULL), PV_OK);
        assert_true(pv_text_equal(bytes, pv_text_of(vectors[k][1])));
    }
    pv_arena_free(arena);
}

static void every_byte_can_be_written(void **state)
{
    (void)state;
    pv_text bytes;
    pv_arena *arena = pv_arena_create();
    assert_int_equal(base64_decode(&bytes, pv_text_of("+/v/AAECgP7/"), arena, NULL), PV_OK);
    assert_int_equal(bytes.size, 9);
    assert_memory_equal(bytes.data, "\xfb\xfb\xff\x00\x01\x02\x80\xfe\xff", 9);
    pv_arena_free(arena);
}

static void what_is_no_base64_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Z", "Zg", "Zg=", "====", "Z===", "Zg==Zg==", "Zm9\n", "Zm-_", "Zg= ", "Zm9v="};
    pv_arena *arena = pv_arena_create();
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        pv_text bytes;
        assert_int_equal(base64_decode(&bytes, pv_text_of(wrong[k]), arena, NULL), PV_E_USAGE);
    }
    pv_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_are_decoded),
        cmocka_unit_test(every_byte_can_be_written),
        cmocka_unit_test(what_is_no_base64_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
