/* Each of equal texts once, the first of them, in the order they stood. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "events/distinct_texts.h"
#include <stdio.h>

static void the_first_of_equal_texts_is_kept(void **state)
{
    (void)state;
    const char first[] = "b", second[] = "b";
    pv_text texts[] = {{first, 1}, pv_text_of("a"), {second, 1}, pv_text_of("ab"), pv_text_of("a"), pv_text_of("")};
    int64_t n = 6;
    assert_int_equal(pv_distinct_texts_keep(texts, &n, NULL), PV_OK);
    assert_int_equal(n, 4);
    assert_ptr_equal(texts[0].data, first);
    assert_true(pv_text_equal(texts[1], pv_text_of("a")));
    assert_true(pv_text_equal(texts[2], pv_text_of("ab")));
    assert_int_equal(texts[3].size, 0);
}

static void none_and_one_stay(void **state)
{
    (void)state;
    pv_text texts[] = {pv_text_of("a")};
    int64_t n = 0;
    assert_int_equal(pv_distinct_texts_keep(NULL, &n, NULL), PV_OK);
    assert_int_equal(n, 0);
    n = 1;
    assert_int_equal(pv_distinct_texts_keep(texts, &n, NULL), PV_OK);
    assert_int_equal(n, 1);
}

static void many_texts_of_few_are_few(void **state)
{
    (void)state;
    static char names[7][8];
    static pv_text texts[10000];
    int64_t n = 10000;
    for (int k = 0; k < 7; k++) snprintf(names[k], sizeof names[k], "P%d", k);
    for (int k = 0; k < 10000; k++) texts[k] = pv_text_of(names[(6 - k % 7)]);
    assert_int_equal(pv_distinct_texts_keep(texts, &n, NULL), PV_OK);
    assert_int_equal(n, 7);
    for (int k = 0; k < 7; k++) assert_ptr_equal(texts[k].data, names[6 - k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_equal_texts_is_kept),
        cmocka_unit_test(none_and_one_stay),
        cmocka_unit_test(many_texts_of_few_are_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
