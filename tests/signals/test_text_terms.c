/* Lower case, words, and the words that two texts share. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/text_terms.h"
#include <string.h>

static void assert_text(pv_text actual, const char *expected)
{
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

static void capitals_of_ascii_and_latin_become_small(void **state)
{
    (void)state;
    static const char text[] = "RED F\xC3\x9CR \xC3\x97 \xC3\xBC Z9"; /* the multiplication sign has no small form */
    char folded[sizeof text];
    pv_text_fold(folded, pv_text_of(text));
    assert_memory_equal(folded, "red f\xC3\xBCr \xC3\x97 \xC3\xBC z9", sizeof text - 1);
}

static void words_are_runs_of_letters_and_digits(void **state)
{
    (void)state;
    pv_text word, rest = pv_text_of("  t-light (set/6) f\xC3\xBCr ");
    static const char *const words[] = {"t", "light", "set", "6", "f\xC3\xBCr"};
    for (size_t k = 0; k < 5; k++) {
        assert_true(pv_text_next_word(&word, &rest));
        assert_text(word, words[k]);
    }
    assert_false(pv_text_next_word(&word, &rest));
}

static void runs_end_at_white_space(void **state)
{
    (void)state;
    pv_text run, rest = pv_text_of("\tt-light\n(set/6) ");
    assert_true(pv_text_next_run(&run, &rest));
    assert_text(run, "t-light");
    assert_true(pv_text_next_run(&run, &rest));
    assert_text(run, "(set/6)");
    assert_false(pv_text_next_run(&run, &rest));
}

static void common_words_stand_once_in_the_order_of_the_first_text(void **state)
{
    (void)state;
    pv_text common;
    pv_arena *arena = pv_arena_create();
    assert_non_null(arena);
    const pv_text a = pv_text_of("red tea cup, red cup 9"), b = pv_text_of("9 cups: cup of tea red");
    assert_true(pv_text_common_words(&common, a, b, 5, arena));
    assert_text(common, "red, tea, cup, 9");
    assert_true(pv_text_common_words(&common, a, b, 2, arena));
    assert_text(common, "red, tea");
    assert_true(pv_text_common_words(&common, a, pv_text_of("cups"), 5, arena));
    assert_int_equal(common.size, 0);
    pv_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capitals_of_ascii_and_latin_become_small),
        cmocka_unit_test(words_are_runs_of_letters_and_digits),
        cmocka_unit_test(runs_end_at_white_space),
        cmocka_unit_test(common_words_stand_once_in_the_order_of_the_first_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
