/* The page of an evaluation: what it says, that no name of the data becomes markup, and evaluations without numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/text.h"
#include "made_evaluation.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static made_evaluation made;
static char *html;

static int set_up(void **state)
{
    (void)state;
    made_evaluation_init(&made);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(html);
    html = NULL;
    return 0;
}

static void write_page(const pv_evaluation *evaluation)
{
    assert_int_equal(pv_evaluation_html(&html, evaluation, NULL), PV_OK);
    assert_non_null(html);
}

static bool says(const char *part)
{
    return strstr(html, part) != NULL;
}

static int count(const char *part)
{
    int n = 0;
    for (const char *at = html; (at = strstr(at, part)) != NULL; at += strlen(part)) n++;
    return n;
}

/* The row of the first table whose heading is `title`. */
static void assert_row(const char *title, const char *cells)
{
    char row[512];
    snprintf(row, sizeof row, "<th scope=\"row\">%s</th>%s", title, cells);
    if (!says(row)) fail_msg("no row %s", row);
}

static void headline_gives_intervals_differences_and_verdicts(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    assert_row("purvey",
               "<td>0.2463 <small>0.2363 to 0.2563</small></td><td>0.2463 <small>0.2363 to 0.2563</small></td>"
               "<td></td><td></td><td></td>");
    assert_row("EASE",
               "<td>0.1804 <small>0.1704 to 0.1904</small></td><td>0.1804 <small>0.1704 to 0.1904</small></td>"
               "<td>+0.0659 <small>+0.0609 to +0.0709</small></td><td>+0.0659 <small>+0.0609 to +0.0709</small></td>"
               "<td class=\"text better\">better</td>");
    assert_row("item-kNN", "<td>\xe2\x80\x93</td><td>\xe2\x80\x93</td><td>\xe2\x80\x93</td><td>\xe2\x80\x93</td>"
                           "<td class=\"text\">\xe2\x80\x93</td>");
    assert_true(says("<td>+0.0032 <small>\xe2\x88\x92"
                     "0.0018 to +0.0082</small></td><td class=\"text\">not distinguishable</td>"));
}

static void verdict_follows_the_interval_and_holms_correction(void **state)
{
    (void)state;
    pv_contender_score *ease = &made.scores[MADE_WINDOWS][PV_TASK_NEW][1];
    ease->against[PV_HEADLINE_RECALL].difference = (pv_interval){-0.02, -0.03, -0.01};
    made.scores[MADE_WINDOWS][PV_TASK_ALL][1].against[PV_HEADLINE_RECALL].p_adjusted = 0.051;
    write_page(&made.evaluation);
    assert_int_equal(count("<td class=\"text worse\">worse</td>"), 1);
    assert_int_equal(count("<td class=\"text better\">better, uncorrected</td>"), 1);
    assert_int_equal(count("<td class=\"text better\">better</td>"), 0);
}

static void contenders_stand_by_recall_and_the_best_other_one_is_named(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    const char *table = strstr(html, "<section id=\"headline\">");
    const char *own = strstr(table, ">purvey</th>"), *hostile = strstr(table, "&lt;script&gt;");
    const char *ease = strstr(table, ">EASE</th>"), *undefined = strstr(table, ">item-kNN</th>");
    assert_true(own < hostile && hostile < ease && ease < undefined);
    assert_true(says("the best of the others, \xe2\x80\x9c&lt;script&gt;"));
}

static void names_of_the_data_are_text(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    assert_false(says("<script"));
    assert_false(says("<img"));
    assert_false(says("too <many>"));
    assert_true(says("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Z\xc3\xbcrich&#39; "
                     "\xef\xbf\xbd\xef\xbf\xbd"));
    assert_true(says("&quot;/&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert_true(pv_text_is_utf8(pv_text_of(html)));
}

static void page_asks_for_nothing_from_outside(void **state)
{
    (void)state;
    static const char *const requests[] = {"src=\"", "url(", "@import", "<link", "<script", "<iframe", "href=\"http"};
    write_page(&made.evaluation);
    for (size_t k = 0; k < sizeof requests / sizeof *requests; k++) assert_false(says(requests[k]));
}

static void task_without_customers_says_so_and_has_no_plot(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    assert_int_equal(count("<strong>Bought before:</strong> no customer bought anything of this kind"), 1);
    assert_int_equal(count("<figcaption>Bought before</figcaption>"), 0);
    assert_int_equal(count("<figcaption>All products</figcaption>"), 2); /* intervals, cut-offs */
    assert_true(says("1\xc2\xa0"
                     "customer (counted"));
}

static void small_slices_show_no_number(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    assert_int_equal(count("<td>500</td><td>0.111 / 0.111</td>"), 2); /* the task without a best one: below */
    assert_int_equal(count("<td>500</td><td>0.111 / \xe2\x80\x93</td>"), 1);
    assert_int_equal(count("<td>29</td><td class=\"text small\" colspan=\"2\">too small to judge</td>"), PV_TASK_COUNT);
    assert_false(says("0.222"));
}

static void reliability_compares_with_the_overall_share(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    /* 300 x .15 + 100 x .65 + 2 x .95 = 111.9 of 402; 300 x .1 + 100 x .7 + 2 = 102 of 402; .2537 x .7463 = .1894 */
    assert_true(says("purvey said 27.8\xc2\xa0% and 25.4\xc2\xa0% were bought"));
    assert_true(says("is 0.1600; saying 25.4\xc2\xa0% of everything would have 0.1894."));
    assert_int_equal(count("<circle class=\"bin\""), 2);
    assert_int_equal(count("<circle class=\"bin few\""), 1);
}

static void absent_things_are_named_with_their_cause(void **state)
{
    (void)state;
    write_page(&made.evaluation);
    assert_true(says("</strong> is absent: too &lt;many&gt; products (first at 2010-06-01)."));
    assert_true(says("2 of 4\xc2\xa0"
                     "dates; the purchases do not reach back far enough"));
    assert_true(says("<strong>Category diversity</strong> is not defined"));
    assert_true(says("(200 over all dates)"));
    assert_true(says("22 of 30,872\xc2\xa0pairs"));
    assert_true(says("1,234,567 read, 1 faulty and left out."));
}

static void nothing_evaluated_is_a_page_too(void **state)
{
    (void)state;
    const pv_evaluation empty = {.pooled_reliability.brier = (double)NAN};
    write_page(&empty);
    assert_true(says("There is no cut-off date."));
    assert_true(says("There is nothing to draw"));
    assert_true(says("There is nothing to compare"));
    assert_false(says("nan"));
}

static void numbers_that_are_not_defined_are_dashes(void **state)
{
    (void)state;
    double *const first = (double *)made.scores, *const end = first + sizeof made.scores / sizeof *first;
    for (double *number = first; number < end; number++) *number = (double)NAN;
    for (int k = 0; k < PV_LENGTH_COUNT; k++) made.evaluation.pooled[PV_TASK_ALL].ceiling[k] = (double)NAN;
    write_page(&made.evaluation);
    assert_false(says("nan"));
    assert_false(says("inf\""));
    assert_false(says("the best of the others"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(headline_gives_intervals_differences_and_verdicts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(verdict_follows_the_interval_and_holms_correction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(contenders_stand_by_recall_and_the_best_other_one_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_data_are_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(page_asks_for_nothing_from_outside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(task_without_customers_says_so_and_has_no_plot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_slices_show_no_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reliability_compares_with_the_overall_share, set_up, tear_down),
        cmocka_unit_test_setup_teardown(absent_things_are_named_with_their_cause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_evaluated_is_a_page_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_that_are_not_defined_are_dashes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
