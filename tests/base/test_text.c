/* Texts, UTF-8 and the byte buffer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/text.h"
#include <string.h>

static pv_text bytes(const char *data, size_t size)
{
    return (pv_text){data, size};
}

static void order_is_bytewise_and_shorter_first(void **state)
{
    (void)state;
    assert_true(pv_text_compare(pv_text_of("a"), pv_text_of("b")) < 0);
    assert_true(pv_text_compare(pv_text_of("a"), pv_text_of("aa")) < 0);
    assert_true(pv_text_compare(pv_text_of("10"), pv_text_of("9")) < 0);
    assert_true(pv_text_compare(pv_text_of("z"), pv_text_of("\xc3\xa9")) < 0);
    assert_true(pv_text_compare(pv_text_of("b"), pv_text_of("ab")) > 0);
    assert_int_equal(pv_text_compare(bytes("a\0b", 3), bytes("a\0b", 3)), 0);
    assert_true(pv_text_compare(bytes(NULL, 0), pv_text_of("a")) < 0);
    assert_true(pv_text_equal(bytes(NULL, 0), pv_text_of("")));
    assert_false(pv_text_equal(pv_text_of("a"), pv_text_of("b")));
    assert_false(pv_text_equal(pv_text_of("a"), pv_text_of("ab")));
}

static void valid_utf8_is_known_from_invalid(void **state)
{
    (void)state;
    static const char *const valid[] = {"",
                                        "plain text longer than eight bytes",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf",
                                        ("12345678\xc3\xa9"
                                         "12345678")};
    static const char *const invalid[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xc3",
                                          "\xc3(",
                                          "\xe0\x9f\xbf",
                                          "\xed\xa0\x80",
                                          "\xe2\x82",
                                          "\xe2\x28\xa1",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf5\x80\x80\x80",
                                          "\xff",
                                          ("12345678\xe9"
                                           "12345678"),
                                          "1234567\xc3",
                                          ("\xf0\x90\x80"
                                           "a")};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) assert_true(pv_text_is_utf8(pv_text_of(valid[i])));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_false(pv_text_is_utf8(pv_text_of(invalid[i])));
    }
    assert_int_equal(pv_text_character(pv_text_of("\xe2\x82\xac"
                                                  "5")),
                     3);
    assert_int_equal(pv_text_character(bytes("\0", 1)), 1);
}

static void a_buffer_grows_with_what_is_appended(void **state)
{
    (void)state;
    pv_buffer buffer = {0};
    pv_buffer_append(&buffer, NULL, 0);
    pv_buffer_append_text(&buffer, pv_text_of("ab"));
    pv_buffer_append_string(&buffer, "cd");
    pv_buffer_print(&buffer, "%d-%s", 42, "x");
    pv_buffer_print(&buffer, "%s", "");
    assert_int_equal(buffer.size, 8);
    assert_memory_equal(buffer.data, "abcd42-x", 8);
    for (int i = 0; i < 1000; i++) pv_buffer_print(&buffer, "%04d", i);
    assert_int_equal(buffer.size, 4008);
    assert_memory_equal(buffer.data + 4004, "0999", 4);
    assert_false(buffer.failed);
    pv_buffer_deinit(&buffer);
    assert_null(buffer.data);
}

static void a_buffer_that_failed_stays_failed_and_whole(void **state)
{
    (void)state;
    pv_buffer buffer = {0};
    pv_buffer_append(&buffer, "kept", 4);
    pv_buffer_append(&buffer, "x", SIZE_MAX / 2);
    assert_true(buffer.failed);
    pv_buffer_append(&buffer, "lost", 4);
    assert_int_equal(buffer.size, 4);
    assert_memory_equal(buffer.data, "kept", 4);
    pv_buffer_deinit(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_bytewise_and_shorter_first),
        cmocka_unit_test(valid_utf8_is_known_from_invalid),
        cmocka_unit_test(a_buffer_grows_with_what_is_appended),
        cmocka_unit_test(a_buffer_that_failed_stays_failed_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
