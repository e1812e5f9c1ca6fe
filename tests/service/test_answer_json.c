/* Answers built by hand against the JSON text of contract section 3, and the sums that a reader can check. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/text.h"
#include <jansson.h>
#include <math.h>
#include <purvey/answer.h>
#include <string.h>

#define TEXT(literal) ((pv_text){literal, sizeof(literal) - 1})
#define NOT_A_NUMBER ((double)NAN)

static const pv_fact together_facts[] = {{.name = "product", .kind = PV_FACT_TEXT, .text = {"22699", 5}},
                                         {.name = "buyers", .kind = PV_FACT_INTEGER, .integer = 240},
                                         {.name = "rate", .kind = PV_FACT_NUMBER, .number = 0.3},
                                         {.name = "season", .kind = PV_FACT_NULL}};
static const pv_evidence together_evidence[] = {{.product = {"22699", 5}, .contribution = 0.81},
                                                {.product = {"A", 1}, .date = {"2010-12-01", 10}, .contribution = 0.5}};
static const pv_nearest nearest[] = {
    {.product = {"22699", 5}, .name = {"CUP", 3}, .similarity = 0.75, .if_removed = 1.5},
    {.product = {"A", 1}, .similarity = 0.5, .if_removed = (double)NAN}};
static const pv_fact als_facts[] = {{.name = "nearest", .kind = PV_FACT_NEAREST, .integer = 2, .nearest = nearest}};
static const pv_fact note_facts[] = {{.name = "discount", .kind = PV_FACT_NUMBER, .number = 0.15}};

static const pv_reason reasons[] = {{.code = "bought_together",
                                     .contribution = 1.31,
                                     .share = 0.8,
                                     .if_removed_score = 0.5,
                                     .if_removed_rank = 41,
                                     .facts = together_facts,
                                     .n_facts = 4,
                                     .evidence = together_evidence,
                                     .n_evidence = 2,
                                     .evidence_other = 0,
                                     .text = {"72 of 240", 9}},
                                    {.code = "als",
                                     .contribution = -0.25,
                                     .share = (double)NAN,
                                     .if_removed_score = 2.06,
                                     .facts = als_facts,
                                     .n_facts = 1,
                                     .text = {"say \"so\"", 8}}};
static const pv_reason notes[] = {
    {.code = "discount", .facts = note_facts, .n_facts = 1, .text = {"15 % off now", 12}}};
static const pv_removal removals[] = {{.product = {"22699", 5}, .contribution = 0.81, .score = 1.25}};
static const pv_filtered filtered[] = {{"excluded", 0}, {"not_known_yet", 12}};

static pv_item example_item(void)
{
    return (pv_item){.product = TEXT("22423"),
                     .name = TEXT("CAKESTAND"),
                     .price = 12.75,
                     .discount = NOT_A_NUMBER,
                     .rank = 1,
                     .kind = PV_KIND_NEW,
                     .score = 1.31 - 0.25 - 0.12 + 0.5 - 0.1,
                     .base = -0.12,
                     .policy = 0,
                     .probability = NOT_A_NUMBER,
                     .reasons = reasons,
                     .n_reasons = 2,
                     .notes = notes,
                     .n_notes = 1,
                     .other_positive = 0.5,
                     .negative = -0.1,
                     .shown_share = 0.72375};
}

static pv_answer example_answer(const pv_item *item)
{
    return (pv_answer){.user = TEXT("17850"),
                       .model_id = "9f3c2a71",
                       .as_of = 1291924861,
                       .mode = PV_MODE_MIXED,
                       .source = "personal",
                       .requested = 5,
                       .candidates = 4006,
                       .filtered = filtered,
                       .n_filtered = 2,
                       .items = item,
                       .n_items = 1};
}

#define REASONS_TEXT                                                                                                   \
    "\"reasons\":[{\"code\":\"bought_together\",\"contribution\":1.31,\"share\":0.8,"                                  \
    "\"if_removed\":{\"score\":0.5,\"rank\":41},"                                                                      \
    "\"facts\":{\"product\":\"22699\",\"buyers\":240,\"rate\":0.3,\"season\":null},"                                   \
    "\"evidence\":[{\"product\":\"22699\",\"contribution\":0.81},"                                                     \
    "{\"product\":\"A\",\"date\":\"2010-12-01\",\"contribution\":0.5}],\"evidence_other\":0.0,"                        \
    "\"text\":\"72 of 240\"},"                                                                                         \
    "{\"code\":\"als\",\"contribution\":-0.25,\"share\":null,\"if_removed\":{\"score\":2.06,\"rank\":null},"           \
    "\"facts\":{\"nearest\":[{\"product\":\"22699\",\"name\":\"CUP\",\"similarity\":0.75,"                             \
    "\"if_removed\":{\"score\":1.5}},{\"product\":\"A\",\"name\":null,\"similarity\":0.5}]},"                          \
    "\"evidence\":[],\"evidence_other\":0.0,\"text\":\"say \\\"so\\\"\"}],"                                            \
    "\"notes\":[{\"code\":\"discount\",\"facts\":{\"discount\":0.15},\"text\":\"15 % off now\"}],"                     \
    "\"other_positive\":0.5,\"negative\":-0.1,"

static void an_answer_is_the_object_of_the_contract(void **state)
{
    (void)state;
    pv_item item = example_item();
    item.score = 1.5;
    item.base = 0.25;
    item.other_positive = 0;
    item.negative = 0;
    item.n_reasons = 0;
    item.n_notes = 0;
    item.policy = 1.25;
    item.shown_share = 0;
    pv_answer answer = example_answer(&item);
    char *json = NULL;
    assert_int_equal(pv_answer_json(&json, &answer, NULL), PV_OK);
    assert_string_equal(
        json, "{\"user\":\"17850\",\"model\":\"9f3c2a71\",\"as_of\":\"2010-12-09T20:01:01Z\",\"mode\":\"mixed\","
              "\"source\":\"personal\",\"fallback\":null,\"requested\":5,\"returned\":1,\"candidates\":4006,"
              "\"filtered\":{\"excluded\":0,\"not_known_yet\":12},"
              "\"items\":[{\"item\":\"22423\",\"rank\":1,\"kind\":\"new\","
              "\"product\":{\"name\":\"CAKESTAND\",\"category\":null,\"price\":12.75,\"discount\":null},"
              "\"score\":1.5,\"base\":0.25,\"policy\":1.25,\"probability\":null,\"horizon_days\":null,\"reasons\":[],"
              "\"notes\":[],"
              "\"other_positive\":0.0,\"negative\":0.0,\"check\":{\"sum\":1.5,\"shown_share\":0.0}}]}");
    pv_free(json);
}

static void reasons_and_notes_are_written_in_full(void **state)
{
    (void)state;
    pv_item item = example_item();
    pv_answer answer = example_answer(&item);
    char *json = NULL;
    assert_int_equal(pv_answer_json(&json, &answer, NULL), PV_OK);
    assert_non_null(strstr(json, REASONS_TEXT));
    pv_free(json);
}

static void nobody_and_no_time_are_null(void **state)
{
    (void)state;
    pv_answer answer = {.model_id = "00000000",
                        .as_of = INT64_MIN,
                        .mode = PV_MODE_NEW,
                        .source = "popular",
                        .fallback = TEXT("no purchases"),
                        .requested = 1};
    char *json = NULL;
    assert_int_equal(pv_answer_json(&json, &answer, NULL), PV_OK);
    assert_string_equal(json,
                        "{\"user\":null,\"model\":\"00000000\",\"as_of\":null,\"mode\":\"new\",\"source\":\"popular\","
                        "\"fallback\":\"no purchases\",\"requested\":1,\"returned\":0,\"candidates\":0,"
                        "\"filtered\":{},\"items\":[]}");
    pv_free(json);
}

/* What a reader adds up after parsing, without looking at check.sum. */
static double sum_of_parts(json_t *item)
{
    double sum = json_number_value(json_object_get(item, "base")) + json_number_value(json_object_get(item, "policy"));
    size_t index;
    json_t *reason;
    json_array_foreach(json_object_get(item, "reasons"), index, reason)
    {
        sum += json_number_value(json_object_get(reason, "contribution"));
    }
    sum += json_number_value(json_object_get(item, "other_positive"));
    return sum + json_number_value(json_object_get(item, "negative"));
}

static void the_parsed_parts_add_up_to_the_score_and_to_the_check(void **state)
{
    (void)state;
    pv_item item = example_item();
    pv_answer answer = example_answer(&item);
    char *text = NULL;
    assert_int_equal(pv_answer_json(&text, &answer, NULL), PV_OK);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_t *first = json_array_get(json_object_get(root, "items"), 0);
    double sum = sum_of_parts(first);
    assert_true(fabs(sum - 1.34) < 1e-9);
    assert_true(fabs(sum - json_number_value(json_object_get(first, "score"))) < 1e-9);
    double check = json_number_value(json_object_get(json_object_get(first, "check"), "sum"));
    assert_true(fabs(sum - check) < 1e-9);
    json_decref(root);
    pv_free(text);
}

/* check.sum is computed from the parts: a score that is not their sum must show. */
static void a_wrong_score_does_not_pass_its_own_check(void **state)
{
    (void)state;
    pv_item item = example_item();
    item.score = 99;
    pv_answer answer = example_answer(&item);
    char *text = NULL;
    assert_int_equal(pv_answer_json(&text, &answer, NULL), PV_OK);
    assert_non_null(strstr(text, "\"score\":99.0,"));
    assert_null(strstr(text, "\"sum\":99"));
    pv_free(text);
}

static void an_explanation_is_one_item_at_top_level(void **state)
{
    (void)state;
    pv_item item = example_item();
    item.score = 1.0;
    item.base = -0.46;
    item.gap = 0.5;
    item.removals = removals;
    item.n_removals = 1;
    pv_answer answer = example_answer(&item);
    char *json = NULL;
    assert_int_equal(pv_explanation_json(&json, &answer, NULL), PV_OK);
    const char *head =
        "{\"user\":\"17850\",\"item\":\"22423\",\"model\":\"9f3c2a71\",\"as_of\":\"2010-12-09T20:01:01Z\","
        "\"mode\":\"mixed\",\"source\":\"personal\",\"fallback\":null,\"rank\":1,\"kind\":\"new\","
        "\"product\":{\"name\":\"CAKESTAND\",\"category\":null,\"price\":12.75,\"discount\":null},\"score\":1.0,"
        "\"base\":-0.46,\"policy\":0.0,\"probability\":null,\"horizon_days\":null," REASONS_TEXT "\"check\":{\"sum\":";
    assert_memory_equal(json, head, strlen(head));
    const char *tail = "\"shown_share\":0.72375},\"gate\":null,\"gap\":0.5,"
                       "\"purchases\":[{\"item\":\"22699\",\"contribution\":0.81,\"if_removed\":{\"score\":1.25}}]}";
    assert_string_equal(json + strlen(json) - strlen(tail), tail);
    pv_free(json);
}

static void a_gated_product_names_its_gate_and_has_no_rank(void **state)
{
    (void)state;
    pv_item item = example_item();
    item.gate = "not_known_yet";
    item.gap = (double)NAN;
    item.rank = 0;
    pv_answer answer = example_answer(&item);
    char *json = NULL;
    assert_int_equal(pv_explanation_json(&json, &answer, NULL), PV_OK);
    assert_non_null(strstr(json, "\"rank\":null,"));
    assert_non_null(strstr(json, "\"gate\":\"not_known_yet\",\"gap\":null,\"purchases\":[]}"));
    pv_free(json);
}

static void an_explanation_of_nothing_is_an_error(void **state)
{
    (void)state;
    pv_answer answer = example_answer(NULL);
    answer.n_items = 0;
    char *json = NULL;
    pv_error error = {0};
    assert_int_equal(pv_explanation_json(&json, &answer, &error), PV_E_INTERNAL);
    assert_null(json);
}

static void similar_products_have_null_for_what_is_unknown(void **state)
{
    (void)state;
    const pv_similar_item items[] = {{.product = TEXT("22699"),
                                      .name = TEXT("CUP"),
                                      .similarity = 0.5,
                                      .buyers = 240,
                                      .also = 0,
                                      .is_substitute = true},
                                     {.product = TEXT("x"), .similarity = NOT_A_NUMBER, .buyers = -1, .also = -1}};
    pv_similar similar = {.product = TEXT("22423"), .model_id = "9f3c2a71", .items = items, .n_items = 2};
    char *json = NULL;
    assert_int_equal(pv_similar_json(&json, &similar, NULL), PV_OK);
    assert_string_equal(json, "{\"product\":\"22423\",\"name\":null,\"model\":\"9f3c2a71\",\"items\":["
                              "{\"item\":\"22699\",\"rank\":1,\"name\":\"CUP\",\"similarity\":0.5,\"buyers\":240,"
                              "\"also\":0,\"substitute\":true},"
                              "{\"item\":\"x\",\"rank\":2,\"name\":null,\"similarity\":null,\"buyers\":null,"
                              "\"also\":null,\"substitute\":false}]}");
    pv_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_the_object_of_the_contract),
        cmocka_unit_test(reasons_and_notes_are_written_in_full),
        cmocka_unit_test(nobody_and_no_time_are_null),
        cmocka_unit_test(the_parsed_parts_add_up_to_the_score_and_to_the_check),
        cmocka_unit_test(a_wrong_score_does_not_pass_its_own_check),
        cmocka_unit_test(an_explanation_is_one_item_at_top_level),
        cmocka_unit_test(a_gated_product_names_its_gate_and_has_no_rank),
        cmocka_unit_test(an_explanation_of_nothing_is_an_error),
        cmocka_unit_test(similar_products_have_null_for_what_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
