/* A service without a disk of its own: the overlay it is given, and the journal that keeps its events. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/failure.h"
#include "support/model_files.h"
#include <purvey/service.h>
#include <stdlib.h>
#include <string.h>

static scratch_folder folder;
static char model_path[SCRATCH_PATH_SIZE], events_path[SCRATCH_PATH_SIZE];

static int write_model(void **state)
{
    (void)state;
    model_case m;
    assert_true(scratch_folder_create(&folder));
    model_case_init(&m, generated_shop(), NULL, 2);
    model_file_write(&folder, "shop.model", &m);
    model_case_deinit(&m);
    scratch_path(model_path, &folder, "shop.model");
    scratch_path(events_path, &folder, "events");
    return 0;
}

static int remove_model(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static pv_text text(const char *c_string)
{
    return (pv_text){c_string, strlen(c_string)};
}

static pv_service_response ask(pv_service *service, const char *method, const char *path, const char *body)
{
    pv_service_response response;
    const pv_service_request request = {text(method), text(path), {NULL, 0}, text(body)};
    pv_service_answer(&response, service, &request);
    assert_non_null(response.body);
    return response;
}

static pv_service *service_of(const pv_service_options *options)
{
    pv_error error = {0};
    pv_service *service = NULL;
    if (pv_service_create(&service, options, &error) != PV_OK) fail_msg("%s", error.message);
    return service;
}

#define QUESTION "{\"user\":\"u01\",\"n\":10,\"explain\":\"full\"}"
#define ITEM_ROWS "[{\"item\":\"P03\",\"stock\":0},{\"item\":\"P05\",\"price\":99.5,\"discount\":0.5}]"
#define USER_ROWS "[{\"user\":\"u01\",\"metadata\":{\"country\":\"FR\"}}]"
#define LIST_ROWS "[{\"user\":\"u01\",\"items\":[\"P01\",\"P03\",\"P05\",\"P07\",\"P09\"]}]"
#define OVERLAY "{\"items\":" ITEM_ROWS ",\"users\":" USER_ROWS ",\"eligibility\":" LIST_ROWS "}"

static void assert_same_body(const pv_service_response *a, const pv_service_response *b)
{
    assert_int_equal(a->status, 200);
    assert_int_equal(b->status, 200);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->body, b->body, a->size);
}

static void the_overlay_holds_as_if_its_rows_had_been_sent(void **state)
{
    (void)state;
    pv_service *given = service_of(&(pv_service_options){.model = model_path, .overlay = text(OVERLAY)});
    pv_service *told = service_of(&(pv_service_options){.model = model_path, .events = events_path});
    pv_service *plain = service_of(&(pv_service_options){.model = model_path});
    const char *const calls[][2] = {
        {"/v1/items:batch", ITEM_ROWS}, {"/v1/users:batch", USER_ROWS}, {"/v1/eligibility:batch", LIST_ROWS}};
    for (size_t k = 0; k < 3; k++) {
        pv_service_response taken = ask(told, "PUT", calls[k][0], calls[k][1]);
        assert_int_equal(taken.status, 200);
        pv_service_response_deinit(&taken);
    }
    pv_service_response a = ask(given, "POST", "/v1/recommend", QUESTION),
                        b = ask(told, "POST", "/v1/recommend", QUESTION);
    pv_service_response c = ask(plain, "POST", "/v1/recommend", QUESTION);
    assert_same_body(&a, &b);
    assert_null(memmem(a.body, a.size, "\"item\":\"P03\"", 12)); /* out of stock */
    assert_true(a.size != c.size || memcmp(a.body, c.body, a.size) != 0);
    pv_service_response_deinit(&a);
    pv_service_response_deinit(&b);
    pv_service_response_deinit(&c);
    pv_service_free(given);
    pv_service_free(told);
    pv_service_free(plain);
}

static void another_overlay_gives_another_recommendation_id(void **state)
{
    (void)state;
    char ids[3][33];
    const char *const overlays[] = {"{\"items\":[{\"item\":\"P03\",\"stock\":0}]}",
                                    "{\"items\":[{\"item\":\"P03\",\"stock\":1}]}",
                                    "{\"items\":[{\"item\":\"P03\",\"stock\":0}]}"};
    for (size_t k = 0; k < 3; k++) {
        pv_service *service = service_of(&(pv_service_options){.model = model_path, .overlay = text(overlays[k])});
        pv_service_response response = ask(service, "POST", "/v1/recommend", QUESTION);
        memcpy(ids[k], response.recommendation_id, sizeof ids[k]);
        pv_service_response_deinit(&response);
        pv_service_free(service);
    }
    assert_string_not_equal(ids[0], ids[1]);
    assert_string_equal(ids[0], ids[2]);
}

static void a_wrong_overlay_is_refused_whole_and_names_the_row(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"{\"items\":[{\"item\":\"P03\",\"stock\":1},{\"item\":\"P05\",\"price\":-1}]}", "overlay /items/1/price: "},
        {"{\"products\":[]}", "overlay /products: "},
        {"{\"items\":{}}", "overlay /items: "},
        {"[1", "overlay: "},
        {"", "overlay: "},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_error error = {0};
        pv_service *service = NULL;
        const pv_service_options options = {.model = model_path, .overlay = text(cases[k][0])};
        assert_int_equal(pv_service_create(&service, &options, &error), PV_E_INPUT);
        if (strncmp(error.message, cases[k][1], strlen(cases[k][1])) != 0) fail_msg("%s", error.message);
        assert_null(service);
    }
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

typedef struct kept_batches {
    char text[4096];
    size_t size;
    int calls;
    pv_status outcome;
} kept_batches;

static pv_status keep(void *context, const char *lines, size_t size, pv_error *error)
{
    kept_batches *kept = context;
    kept->calls++;
    if (kept->outcome != PV_OK) return pv_fail(error, kept->outcome, "the store is away");
    assert_true(size < sizeof kept->text - kept->size);
    memcpy(kept->text + kept->size, lines, size);
    kept->size += size;
    return PV_OK;
}

#define PURCHASE(id)                                                                                                   \
    "{\"event_id\":\"" id                                                                                              \
    "\",\"type\":\"purchase\",\"user\":\"u01\",\"item\":\"P07\",\"time\":\"2021-01-02T00:00:00Z\"}"

static void accepted_events_are_kept_as_one_batch_and_change_no_answer(void **state)
{
    (void)state;
    kept_batches kept = {.outcome = PV_OK};
    const pv_service_journal journal = {keep, &kept};
    pv_service *service = service_of(&(pv_service_options){.model = model_path, .journal = &journal});
    pv_service_response before = ask(service, "POST", "/v1/recommend", QUESTION);
    pv_service_response taken = ask(service, "POST", "/v1/events",
                                    "[" PURCHASE("a") "," PURCHASE("b") "," PURCHASE("a") ",{\"event_id\":\"c\"}]");
    pv_service_response after = ask(service, "POST", "/v1/recommend", QUESTION);
    assert_int_equal(taken.status, 207);
    assert_non_null(memmem(taken.body, taken.size, "\"event_id\":\"a\",\"status\":\"accepted\"", 33));
    assert_non_null(memmem(taken.body, taken.size, "\"event_id\":\"a\",\"status\":\"duplicate\"", 34));
    assert_non_null(memmem(taken.body, taken.size, "\"event_id\":\"c\",\"status\":\"rejected\"", 33));
    assert_int_equal(kept.calls, 1);
    const char *const first = strchr(kept.text, '\n'), *const second = first ? strchr(first + 1, '\n') : NULL;
    assert_non_null(second);
    assert_int_equal(kept.size, second + 1 - kept.text); /* two lines */
    assert_non_null(strstr(kept.text, "\"event_id\":\"a\""));
    assert_non_null(strstr(first, "\"event_id\":\"b\""));
    assert_same_body(&before, &after);
    pv_service_response_deinit(&before);
    pv_service_response_deinit(&taken);
    pv_service_response_deinit(&after);
    pv_service_free(service);
}

/* Sent again after a lost answer it is the same batch: what keeps it by its hash keeps it once. */
static void the_same_batch_gives_the_same_bytes(void **state)
{
    (void)state;
    kept_batches kept = {.outcome = PV_OK};
    const pv_service_journal journal = {keep, &kept};
    pv_service *service = service_of(&(pv_service_options){.model = model_path, .journal = &journal});
    for (int k = 0; k < 2; k++) {
        pv_service_response taken = ask(service, "POST", "/v1/events", PURCHASE("a"));
        assert_int_equal(taken.status, 200);
        pv_service_response_deinit(&taken);
    }
    assert_int_equal(kept.calls, 2);
    assert_memory_equal(kept.text, kept.text + kept.size / 2, kept.size / 2);
    pv_service_free(service);
}

static void a_journal_that_fails_accepts_nothing(void **state)
{
    (void)state;
    const pv_status outcomes[] = {PV_E_REMOTE, PV_E_OUTPUT};
    const char *const codes[] = {"\"code\":\"unreachable\"", "\"code\":\"cannot_write\""};
    for (size_t k = 0; k < 2; k++) {
        kept_batches kept = {.outcome = outcomes[k]};
        const pv_service_journal journal = {keep, &kept};
        pv_service *service = service_of(&(pv_service_options){.model = model_path, .journal = &journal});
        pv_service_response taken = ask(service, "POST", "/v1/events", PURCHASE("a"));
        assert_int_equal(taken.status, 503);
        assert_int_equal(taken.retry_after, 1);
        assert_non_null(memmem(taken.body, taken.size, codes[k], strlen(codes[k])));
        pv_service_response_deinit(&taken);
        kept.outcome = PV_OK;
        taken = ask(service, "POST", "/v1/events", PURCHASE("a")); /* not taken for known */
        assert_int_equal(taken.status, 200);
        assert_non_null(memmem(taken.body, taken.size, "accepted", 8));
        pv_service_response_deinit(&taken);
        pv_service_free(service);
    }
}

static void with_a_journal_the_overlay_is_not_sent_by_calls(void **state)
{
    (void)state;
    kept_batches kept = {.outcome = PV_OK};
    const pv_service_journal journal = {keep, &kept};
    pv_service *service = service_of(&(pv_service_options){.model = model_path, .journal = &journal});
    const char *const calls[][3] = {{"PUT", "/v1/items:batch", ITEM_ROWS},
                                    {"PUT", "/v1/users:batch", USER_ROWS},
                                    {"PUT", "/v1/eligibility:batch", LIST_ROWS},
                                    {"GET", "/v1/events/pending", ""}};
    for (size_t k = 0; k < 4; k++) {
        pv_service_response refused = ask(service, calls[k][0], calls[k][1], calls[k][2]);
        assert_int_equal(refused.status, 409);
        assert_non_null(memmem(refused.body, refused.size, "overlay.json", 12));
        pv_service_response_deinit(&refused);
    }
    assert_int_equal(kept.calls, 0);
    pv_service_free(service);
}

static void a_folder_and_a_journal_are_not_both_possible(void **state)
{
    (void)state;
    kept_batches kept = {.outcome = PV_OK};
    const pv_service_journal journal = {keep, &kept};
    const pv_service_options cases[] = {{.model = model_path, .events = events_path, .journal = &journal},
                                        {.model = model_path, .events = events_path, .overlay = text("{}")}};
    for (size_t k = 0; k < 2; k++) {
        pv_service *service = NULL;
        assert_int_equal(pv_service_create(&service, &cases[k], NULL), PV_E_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_overlay_holds_as_if_its_rows_had_been_sent),
        cmocka_unit_test(another_overlay_gives_another_recommendation_id),
        cmocka_unit_test(a_wrong_overlay_is_refused_whole_and_names_the_row),
        cmocka_unit_test(accepted_events_are_kept_as_one_batch_and_change_no_answer),
        cmocka_unit_test(the_same_batch_gives_the_same_bytes),
        cmocka_unit_test(a_journal_that_fails_accepts_nothing),
        cmocka_unit_test(with_a_journal_the_overlay_is_not_sent_by_calls),
        cmocka_unit_test(a_folder_and_a_journal_are_not_both_possible),
    };
    return cmocka_run_group_tests(tests, write_model, remove_model);
}
