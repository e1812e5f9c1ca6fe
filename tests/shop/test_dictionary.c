/* Texts numbered in bytewise order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/dictionary.h"
#include "support/shop_case.h"

static pv_dictionary *dictionary_of(const char *const *texts, size_t n)
{
    pv_dictionary *dictionary = pv_dictionary_create();
    assert_non_null(dictionary);
    for (size_t i = 0; i < n; i++) assert_true(pv_dictionary_add(dictionary, pv_text_of(texts[i])));
    assert_true(pv_dictionary_sort(dictionary));
    return dictionary;
}

static void texts_stand_once_and_in_bytewise_order(void **state)
{
    (void)state;
    const char *const texts[] = {"b", "9", "\xc3\xa9", "10", "b", "", "B", "z"};
    pv_dictionary *dictionary = dictionary_of(CASE(texts));
    const char *const expected[] = {"", "10", "9", "B", "b", "z", "\xc3\xa9"};
    assert_int_equal(pv_dictionary_count(dictionary), 7);
    for (int32_t i = 0; i < 7; i++) {
        assert_text(pv_dictionary_texts(dictionary)[i], expected[i]);
        assert_int_equal(pv_dictionary_code(dictionary, pv_text_of(expected[i])), i);
    }
    pv_dictionary_free(dictionary);
}

static void a_text_that_was_not_added_has_no_code(void **state)
{
    (void)state;
    const char *const texts[] = {"abc"};
    pv_dictionary *dictionary = dictionary_of(CASE(texts));
    assert_int_equal(pv_dictionary_code(dictionary, pv_text_of("ab")), -1);
    assert_int_equal(pv_dictionary_code(dictionary, pv_text_of("abcd")), -1);
    pv_dictionary_free(dictionary);
}

static void nothing_added_is_no_error(void **state)
{
    (void)state;
    pv_dictionary *dictionary = dictionary_of(NULL, 0);
    assert_int_equal(pv_dictionary_count(dictionary), 0);
    assert_int_equal(pv_dictionary_code(dictionary, pv_text_of("a")), -1);
    pv_dictionary_free(dictionary);
    pv_dictionary_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stand_once_and_in_bytewise_order),
        cmocka_unit_test(a_text_that_was_not_added_has_no_code),
        cmocka_unit_test(nothing_added_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
