/* Texts to their form in URIs and back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/percent_escapes.h"
#include "percent_encoding.h"
#include <string.h>

static void assert_encoded(pv_text text, const char *kept, const char *expected)
{
    pv_buffer out = {0};
    pv_percent_escape(&out, text, kept);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
}

static void all_but_the_unreserved_characters_are_escaped(void **state)
{
    (void)state;
    assert_encoded(pv_text_of("AZaz09-._~"), "", "AZaz09-._~");
    assert_encoded(pv_text_of("/a b+%\xc3\xa4"), "", "%2Fa%20b%2B%25%C3%A4");
    assert_encoded(pv_text_of("/a/?"), "/", "/a/%3F");
    assert_encoded((pv_text){"\0/", 2}, "/", "%00/");
    assert_encoded(pv_text_of(""), "/", "");
}

static void escapes_are_read_and_what_is_none_stays(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"a+b%20c", "a+b c", "a b c"},
                                           {"%2f%2F%c3%A4", "//\xc3\xa4", "//\xc3\xa4"},
                                           {"100%", "100%", "100%"},
                                           {"%4", "%4", "%4"},
                                           {"%g1%1g", "%g1%1g", "%g1%1g"},
                                           {"%%41", "%A", "%A"},
                                           {"", "", ""}};
    pv_arena *arena = pv_arena_create();
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const pv_text plain = percent_decode(pv_text_of(cases[k][0]), arena);
        const pv_text form = percent_decode_form(pv_text_of(cases[k][0]), arena);
        assert_true(pv_text_equal(plain, pv_text_of(cases[k][1])));
        assert_true(pv_text_equal(form, pv_text_of(cases[k][2])));
    }
    pv_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_the_unreserved_characters_are_escaped),
        cmocka_unit_test(escapes_are_read_and_what_is_none_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
