/* Answers as CSV: quoting, empty fields, the reason of the largest contribution. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/csv_writer.h"
#include <math.h>
#include <purvey/answer.h>
#include <string.h>

#define TEXT(literal) ((pv_text){literal, sizeof(literal) - 1})

static void assert_line(const pv_buffer *out, const char *expected)
{
    assert_false(out->failed);
    assert_int_equal(out->size, strlen(expected));
    assert_memory_equal(out->data, expected, out->size);
}

static void only_fields_that_need_quotes_get_them(void **state)
{
    (void)state;
    pv_buffer out = {0};
    pv_csv csv = {.out = &out};
    pv_csv_text(&csv, TEXT("plain text; with = and 'quotes'"));
    pv_csv_text(&csv, TEXT("a,b"));
    pv_csv_text(&csv, TEXT("6\" bolt"));
    pv_csv_text(&csv, TEXT("\""));
    pv_csv_text(&csv, TEXT("two\nlines"));
    pv_csv_text(&csv, TEXT("carriage\rreturn"));
    pv_csv_text(&csv, (pv_text){0});
    pv_csv_end_line(&csv);
    assert_line(&out, "plain text; with = and 'quotes',\"a,b\",\"6\"\" bolt\",\"\"\"\",\"two\nlines\","
                      "\"carriage\rreturn\",\n");
    pv_buffer_deinit(&out);
}

static void numbers_are_shortest_and_not_a_number_is_empty(void **state)
{
    (void)state;
    pv_buffer out = {0};
    pv_csv csv = {.out = &out};
    pv_csv_number(&csv, 0.1);
    pv_csv_number(&csv, (double)NAN);
    pv_csv_integer(&csv, -7);
    pv_csv_end_line(&csv);
    pv_csv_string(&csv, "x");
    pv_csv_end_line(&csv);
    assert_line(&out, "0.1,,-7\nx\n");
    pv_buffer_deinit(&out);
}

static void the_reason_is_the_sentence_of_the_largest_contribution(void **state)
{
    (void)state;
    const pv_reason reasons[] = {{.code = "habit", .contribution = 0.25, .text = TEXT("small")},
                                 {.code = "als", .contribution = 0.75, .text = TEXT("large")},
                                 {.code = "popularity", .contribution = -2, .text = TEXT("against")}};
    const pv_item items[] = {{.product = TEXT("p,1"),
                              .name = TEXT("Bolt"),
                              .rank = 1,
                              .kind = PV_KIND_REORDER,
                              .score = -1.0,
                              .reasons = reasons,
                              .n_reasons = 3},
                             {.product = TEXT("p2"), .rank = 2, .kind = PV_KIND_NEW, .score = -1.5}};
    pv_answer answer = {.user = TEXT("u"), .items = items, .n_items = 2};
    char *csv = NULL;
    assert_int_equal(pv_answer_csv(&csv, &answer, NULL), PV_OK);
    assert_string_equal(csv, "user_id,product_id,rank,score,kind,name,reason\n"
                             "u,\"p,1\",1,-1.0,reorder,Bolt,large\n"
                             "u,p2,2,-1.5,new,,\n");
    pv_free(csv);
    assert_int_equal(pv_explanation_csv(&csv, &(pv_answer){.items = items, .n_items = 1}, NULL), PV_OK);
    assert_string_equal(csv, "code,contribution,share,score_without,text\n"
                             "habit,0.25,0.0,0.0,small\nals,0.75,0.0,0.0,large\npopularity,-2.0,0.0,0.0,against\n");
    pv_free(csv);
}

static void similar_products_leave_unknown_counts_empty(void **state)
{
    (void)state;
    const pv_similar_item items[] = {
        {.product = TEXT("a"), .name = TEXT("A"), .similarity = 0.5, .buyers = 9, .also = 3, .is_substitute = true},
        {.product = TEXT("b"), .similarity = (double)NAN, .buyers = -1, .also = -1}};
    char *csv = NULL;
    assert_int_equal(pv_similar_csv(&csv, &(pv_similar){.items = items, .n_items = 2}, NULL), PV_OK);
    assert_string_equal(csv, "product_id,rank,name,similarity,buyers,also,substitute\na,1,A,0.5,9,3,1\nb,2,,,,,0\n");
    pv_free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_fields_that_need_quotes_get_them),
        cmocka_unit_test(numbers_are_shortest_and_not_a_number_is_empty),
        cmocka_unit_test(the_reason_is_the_sentence_of_the_largest_contribution),
        cmocka_unit_test(similar_products_leave_unknown_counts_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
