/* What was shown and not taken up costs: the more often, the more, and half as much after fourteen days. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

/* "me" has bought A and B; C and D are others' purchases. */
static const purchase_case purchases[] = {LINE("me", "A", "2020-01-10"), LINE("me", "B", "2020-03-10"),
                                          LINE("you", "C", "2020-01-10"), LINE("you", "D", "2020-01-10")};

/* Product, times, first and last day of what was shown to the asking customer. */
typedef struct shown_case {
    const char *product;
    int64_t times;
    const char *first, *last;
} shown_case;

static pv_shown shown[4];

/* Ask as `user` as of a date, with [n] of what was shown, in order of the products. */
static void ask_shown(const char *user, const char *as_of, const shown_case *cases, int64_t n)
{
    question_case_ask_at(&q, user, as_of);
    for (int64_t s = 0; s < n; s++)
        shown[s] = (pv_shown){product_of(q.shop, cases[s].product), cases[s].times, time_of(cases[s].first),
                              time_of(cases[s].last)};
    q.question.shown = shown;
    q.question.n_shown = n;
    question_case_prepare(&q);
}
#define ASK(user, as_of, cases) ask_shown(user, as_of, cases, (int64_t)(sizeof(cases) / sizeof *(cases)))

static void begin(void)
{
    const shop_case c = {PURCHASES(purchases), .as_of = "2020-04-01"};
    question_case_init(&q, &c, PV_SIGNAL_FATIGUE, 1);
    question_case_fit(&q);
}

static void each_doubling_costs_one_and_half_after_fourteen_days(void **state)
{
    (void)state;
    static const shown_case cases[] = {{"A", 1, "2020-02-01", "2020-04-01"},  /* log2 2, today */
                                       {"C", 3, "2020-03-01", "2020-03-18"},  /* log2 4, 14 days ago */
                                       {"D", 7, "2020-01-01", "2020-03-04"}}; /* log2 8, 28 days ago */
    begin();
    ASK("me", "2020-04-01", cases);
    assert_close(phi_of(&q, "A"), -1);
    assert_close(phi_of(&q, "C"), -1);
    assert_close(phi_of(&q, "D"), -0.75);
    assert_close(phi_of(&q, "B"), 0); /* never shown */
    assert_consistent(&q, 0);
}

static void days_are_whole_and_never_before_the_showing(void **state)
{
    (void)state;
    static const shown_case cases[] = {{"C", 1, "2020-03-01", "2020-03-18T00:00:01Z"}};
    begin();
    ASK("me", "2020-04-01T00:00:00Z", cases); /* 13 days and 23:59:59 */
    const double thirteen_days = phi_of(&q, "C");
    ASK("me", "2020-03-31T00:00:01Z", cases);
    assert_true(phi_of(&q, "C") == thirteen_days);
    assert_true(thirteen_days > -0.53 && thirteen_days < -0.52); /* 2^(-13/14) = 0.5254 */
    ASK("me", "2020-03-10", cases);                              /* the answer's date lies before it */
    assert_close(phi_of(&q, "C"), -1);
    assert_consistent(&q, 0);
}

static void what_was_bought_since_costs_nothing(void **state)
{
    (void)state;
    static const shown_case cases[] = {{"A", 3, "2020-02-01", "2020-03-18"},  /* bought before it was shown */
                                       {"B", 3, "2020-03-01", "2020-03-18"}}; /* bought after it was shown first */
    begin();
    ASK("me", "2020-04-01", cases);
    assert_close(phi_of(&q, "A"), -1);
    assert_close(phi_of(&q, "B"), 0);
    assert_says(&q, "B", true, NULL);
    assert_consistent(&q, 0);
    question_case_ask_without(&q, "B");
    assert_close(phi_of(&q, "B"), -1);
    assert_consistent(&q, 0);
}

static void it_says_how_often_and_since_when(void **state)
{
    (void)state;
    static const shown_case cases[] = {{"C", 4, "2020-03-01", "2020-03-18"}, {"D", 1, "2020-03-20", "2020-03-20"}};
    begin();
    ASK("me", "2020-04-01", cases);
    assert_says(&q, "C", true, "Shown to you 4 times since 2020-03-01 without a click or purchase.");
    assert_int_equal(fact_of(&q, "C", "shown").integer, 4);
    assert_text(fact_of(&q, "C", "since").text, "2020-03-01");
    assert_text(fact_of(&q, "C", "last_shown").text, "2020-03-18");
    assert_says(&q, "D", true, "Shown to you once, on 2020-03-20, without a click or purchase.");
    assert_int_equal(fact_of(&q, "D", "shown").integer, 1);
    assert_says(&q, "A", false, NULL);
}

static void the_piece_is_a_showing_and_no_purchase(void **state)
{
    (void)state;
    static const shown_case cases[] = {{"C", 3, "2020-03-01", "2020-03-18"}};
    begin();
    ASK("me", "2020-04-01", cases);
    pv_pieces pieces;
    assert_int_equal(q.signal->evidence(&pieces, q.prepared, product_of(q.shop, "C"), NULL), PV_OK);
    assert_int_equal(pieces.n, 1);
    assert_int_equal(pieces.items[0].product, -1);
    assert_text(pieces.items[0].label, "shown 3 times");
    assert_true(pieces.items[0].time == time_of("2020-03-18"));
    assert_close(pieces.items[0].phi, -1);
    assert_int_equal(pieces_of(&q, "D"), 0);
}

static void without_showings_it_does_not_apply(void **state)
{
    (void)state;
    begin();
    question_case_ask(&q, "me");
    assert_false(q.signal->applies(&q.question));
    assert_close(phi_of(&q, "C"), 0);
    assert_consistent(&q, 0);
    static const shown_case cases[] = {{"C", 3, "2020-03-01", "2020-03-18"}};
    ASK(NULL, "2020-04-01", cases);
    assert_true(q.signal->applies(&q.question));
    assert_close(phi_of(&q, "C"), -1);
}

static void a_shop_without_time_has_no_days(void **state)
{
    (void)state;
    static const purchase_case timeless[] = {LINE("me", "A", .order = "1"), LINE("you", "C", .order = "2")};
    static const shown_case cases[] = {{"A", 1, "2020-02-01", "2020-02-01"}, {"C", 3, "2020-02-01", "2020-03-01"}};
    const shop_case c = {PURCHASES(timeless)};
    question_case_init(&q, &c, PV_SIGNAL_FATIGUE, 1);
    question_case_fit(&q);
    assert_null(q.signal->silent(q.shop));
    question_case_ask(&q, "me");
    for (int s = 0; s < 2; s++)
        shown[s] = (pv_shown){product_of(q.shop, cases[s].product), cases[s].times, time_of(cases[s].first),
                              time_of(cases[s].last)};
    q.question.shown = shown;
    q.question.n_shown = 2;
    question_case_prepare(&q);
    assert_close(phi_of(&q, "A"), -1);
    assert_close(phi_of(&q, "C"), -2);
    assert_consistent(&q, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_doubling_costs_one_and_half_after_fourteen_days),
        TEST(days_are_whole_and_never_before_the_showing),
        TEST(what_was_bought_since_costs_nothing),
        TEST(it_says_how_often_and_since_when),
        TEST(the_piece_is_a_showing_and_no_purchase),
        TEST(without_showings_it_does_not_apply),
        TEST(a_shop_without_time_has_no_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
