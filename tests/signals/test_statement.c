/* Facts and numbers as sentences write them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/statement.h"
#include "support/shop_case.h"
#include <math.h>

static void percents_are_whole_but_for_the_smallest(void **state)
{
    (void)state;
    char out[PV_SPOKEN_SIZE];
    assert_text(pv_spoken_percent(out, 0.3), "30 %");
    assert_text(pv_spoken_percent(out, 0.666), "67 %");
    assert_text(pv_spoken_percent(out, 0.004), "0.4 %");
    assert_text(pv_spoken_percent(out, 0), "0 %");
    assert_text(pv_spoken_percent(out, 1), "100 %");
    assert_text(pv_spoken_percent(out, 0.01), "1 %");
}

static void counts_are_whole_where_they_are(void **state)
{
    (void)state;
    char out[PV_SPOKEN_SIZE];
    assert_text(pv_spoken_count(out, 7), "7");
    assert_text(pv_spoken_count(out, 2.25), "2.25");
}

static void facts_keep_their_order_and_kind(void **state)
{
    (void)state;
    pv_arena *arena = pv_arena_create();
    pv_statement statement;
    assert_true(pv_statement_begin(&statement, 6, arena));
    pv_statement_integer(&statement, "a", 7);
    pv_statement_number(&statement, "b", 0.5);
    pv_statement_number(&statement, "c", (double)NAN);
    pv_statement_count(&statement, "d", 3);
    pv_statement_count(&statement, "e", 2.5);
    assert_true(pv_statement_date(&statement, "f", PV_NO_TIME, arena));
    const pv_fact_kind kinds[] = {PV_FACT_INTEGER, PV_FACT_NUMBER, PV_FACT_NULL,
                                  PV_FACT_INTEGER, PV_FACT_NUMBER, PV_FACT_NULL};
    assert_int_equal(statement.n_facts, 6);
    for (int f = 0; f < 6; f++) assert_int_equal(statement.facts[f].kind, kinds[f]);
    assert_int_equal(statement.facts[3].integer, 3);
    assert_true(pv_statement_begin(&statement, 1, arena));
    assert_true(pv_statement_date(&statement, "g", time_of("2020-02-29T23:59:59"), arena));
    assert_text(statement.facts[0].text, "2020-02-29");
    pv_arena_free(arena);
}

static void signals_are_found_by_their_code(void **state)
{
    (void)state;
    assert_int_equal(pv_signal_find(pv_text_of("als")), PV_SIGNAL_ALS);
    assert_int_equal(pv_signal_find(pv_text_of("popularity")), PV_SIGNAL_POPULARITY);
    assert_int_equal(pv_signal_find(pv_text_of("al")), -1);
    assert_int_equal(pv_signal_find(pv_text_of("")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percents_are_whole_but_for_the_smallest),
        cmocka_unit_test(counts_are_whole_where_they_are),
        cmocka_unit_test(facts_keep_their_order_and_kind),
        cmocka_unit_test(signals_are_found_by_their_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
