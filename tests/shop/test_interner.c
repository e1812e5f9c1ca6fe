#include "shop/interner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void numbers_follow_first_appearance(void **state)
{
    (void)state;
    pv_interner *interner = pv_interner_create();
    assert_int_equal(pv_interner_add(interner, pv_text_of("b")), 0);
    assert_int_equal(pv_interner_add(interner, pv_text_of("a")), 1);
    assert_int_equal(pv_interner_add(interner, pv_text_of("b")), 0);
    assert_int_equal(pv_interner_count(interner), 2);
    assert_int_equal(pv_interner_find(interner, pv_text_of("a")), 1);
    assert_int_equal(pv_interner_find(interner, pv_text_of("c")), -1);
    assert_string_equal(pv_interner_text(interner, 0).data, "b");
    pv_interner_free(interner);
}

static void spaces_zeros_and_the_empty_text_count(void **state)
{
    (void)state;
    const char *const texts[] = {"", " ", "1", "01", "1 ", " 1", "001"};
    pv_interner *interner = pv_interner_create();
    for (int64_t i = 0; i < 7; i++) assert_int_equal(pv_interner_add(interner, pv_text_of(texts[i])), i);
    for (int64_t i = 0; i < 7; i++) assert_int_equal(pv_interner_find(interner, pv_text_of(texts[i])), i);
    pv_interner_free(interner);
}

/* Short texts are told apart in the table, long ones by their bytes: each length, and each byte of it, has to count. */
static void every_byte_of_every_length_counts(void **state)
{
    (void)state;
    char text[20];
    int64_t n = 0;
    pv_interner *interner = pv_interner_create();
    for (int round = 0; round < 2; round++) {
        n = 0;
        for (size_t size = 0; size <= sizeof text; size++) {
            memset(text, 'x', sizeof text);
            assert_int_equal(pv_interner_add(interner, (pv_text){text, size}), n++);
            for (size_t at = 0; at < size; at++) {
                text[at] = '\0';
                assert_int_equal(pv_interner_add(interner, (pv_text){text, size}), n++);
                text[at] = (char)0xff;
                assert_int_equal(pv_interner_add(interner, (pv_text){text, size}), n++);
                text[at] = 'x';
            }
        }
    }
    assert_int_equal(pv_interner_count(interner), n);
    pv_interner_free(interner);
}

static void texts_are_copied_whole(void **state)
{
    (void)state;
    pv_interner *interner = pv_interner_create();
    size_t size = (size_t)200 * 1000; /* larger than a page */
    char *large = malloc(size);
    memset(large, 'x', size);
    assert_int_equal(pv_interner_add(interner, (pv_text){large, size}), 0);
    assert_int_equal(pv_interner_add(interner, (pv_text){"a\0b", 3}), 1);
    assert_int_equal(pv_interner_add(interner, (pv_text){"a", 1}), 2);
    memset(large, 'y', size);
    pv_text kept = pv_interner_text(interner, 0);
    assert_int_equal(kept.size, size);
    assert_true(kept.data[0] == 'x' && kept.data[size - 1] == 'x');
    free(large);
    pv_interner_free(interner);
}

static void a_hundred_thousand_texts_keep_their_numbers(void **state)
{
    (void)state;
    char text[32];
    pv_interner *interner = pv_interner_create();
    for (int64_t i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "id %lld", (long long)i);
        assert_int_equal(pv_interner_add(interner, pv_text_of(text)), i);
    }
    for (int64_t i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "id %lld", (long long)i);
        assert_int_equal(pv_interner_find(interner, pv_text_of(text)), i);
        assert_true(pv_text_equal(pv_interner_text(interner, i), pv_text_of(text)));
    }
    pv_interner_free(interner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_follow_first_appearance),
        cmocka_unit_test(spaces_zeros_and_the_empty_text_count),
        cmocka_unit_test(every_byte_of_every_length_counts),
        cmocka_unit_test(texts_are_copied_whole),
        cmocka_unit_test(a_hundred_thousand_texts_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
