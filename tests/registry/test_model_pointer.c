/* current.json read, written and changed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/timestamp.h"
#include "registry/model_pointer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A model whose hash is 64 times the digit. */
static pv_published_model model_of(char digit)
{
    pv_published_model model = {.size = 1000 + digit, .as_of = 86400, .published_at = 1767323045};
    memset(model.model, digit, 8);
    memset(model.sha256, digit, 64);
    pv_model_key(&model);
    return model;
}

static void push(pv_model_pointer *pointer, char digit)
{
    const pv_published_model model = model_of(digit);
    assert_int_equal(pv_model_pointer_push(pointer, &model, NULL), PV_OK);
}

static void assert_published(const pv_model_pointer *pointer, const char *digits)
{
    assert_int_equal(pointer->count, strlen(digits));
    for (size_t k = 0; k < pointer->count; k++) assert_int_equal(pointer->published[k].sha256[0], digits[k]);
}

static void what_is_printed_is_read_back(void **state)
{
    (void)state;
    pv_model_pointer pointer = {0}, read;
    pv_buffer json = {0}, again = {0};
    push(&pointer, 'a');
    push(&pointer, 'b');
    pointer.published[0].as_of = pointer.current.as_of = PV_NO_TIME;
    memcpy(pointer.published[1].version_id, "v\"1", 4);
    pv_model_pointer_print(&json, &pointer);
    pv_error error = {0};
    if (pv_model_pointer_read(&read, (pv_text){json.data, json.size}, &error) != PV_OK) fail_msg("%s", error.message);
    assert_published(&read, "ba");
    assert_memory_equal(&read.current, &pointer.current, sizeof read.current);
    assert_memory_equal(read.published, pointer.published, 2 * sizeof *read.published);
    pv_model_pointer_print(&again, &read);
    assert_int_equal(again.size, json.size);
    assert_memory_equal(again.data, json.data, json.size);
    pv_buffer_deinit(&json);
    pv_buffer_deinit(&again);
    pv_model_pointer_deinit(&pointer);
    pv_model_pointer_deinit(&read);
}

static void a_model_is_put_on_top_and_stands_once(void **state)
{
    (void)state;
    pv_model_pointer pointer = {0};
    push(&pointer, 'a');
    push(&pointer, 'b');
    push(&pointer, 'c');
    assert_published(&pointer, "cba");
    push(&pointer, 'a');
    assert_published(&pointer, "acb");
    push(&pointer, 'a');
    assert_published(&pointer, "acb");
    assert_int_equal(pointer.current.sha256[0], 'a');
    pv_model_pointer_deinit(&pointer);
}

static void the_oldest_of_a_thousand_is_forgotten(void **state)
{
    (void)state;
    pv_model_pointer pointer = {0};
    for (int k = 0; k < PV_PUBLISHED_MAX + 2; k++) {
        pv_published_model model = model_of('0');
        (void)snprintf(model.sha256, sizeof model.sha256, "%064d", k);
        assert_int_equal(pv_model_pointer_push(&pointer, &model, NULL), PV_OK);
    }
    assert_int_equal(pointer.count, PV_PUBLISHED_MAX);
    assert_int_equal(strtoll(pointer.published[0].sha256, NULL, 10), PV_PUBLISHED_MAX + 1);
    assert_int_equal(strtoll(pointer.published[PV_PUBLISHED_MAX - 1].sha256, NULL, 10), 2);
    pv_model_pointer_deinit(&pointer);
}

static void the_one_before_is_that_below_the_one_in_use(void **state)
{
    (void)state;
    pv_model_pointer pointer = {0};
    const pv_published_model *found;
    push(&pointer, 'a');
    push(&pointer, 'b');
    push(&pointer, 'c');
    assert_int_equal(pv_model_pointer_find(&found, &pointer, NULL, NULL), PV_OK);
    assert_int_equal(found->sha256[0], 'b');
    pointer.current = *found;
    assert_int_equal(pv_model_pointer_find(&found, &pointer, NULL, NULL), PV_OK);
    assert_int_equal(found->sha256[0], 'a');
    pointer.current = *found;
    assert_int_equal(pv_model_pointer_find(&found, &pointer, NULL, NULL), PV_E_NOT_FOUND);
    pv_model_pointer_deinit(&pointer);
}

static void a_model_is_named_by_its_id_or_by_digits_of_its_hash(void **state)
{
    (void)state;
    pv_model_pointer pointer = {0};
    const pv_published_model *found;
    push(&pointer, 'a');
    push(&pointer, 'b');
    memcpy(pointer.published[1].model, "12345678", 8); /* an id that says nothing of the hash */
    assert_int_equal(pv_model_pointer_find(&found, &pointer, "12345678", NULL), PV_OK);
    assert_int_equal(found->sha256[0], 'a');
    assert_int_equal(pv_model_pointer_find(&found, &pointer, "bbbb", NULL), PV_OK);
    assert_int_equal(found->sha256[0], 'b');
    assert_int_equal(pv_model_pointer_find(&found, &pointer, "bbb", NULL), PV_E_NOT_FOUND); /* too few digits */
    assert_int_equal(pv_model_pointer_find(&found, &pointer, "", NULL), PV_E_NOT_FOUND);
    memset(pointer.published[1].sha256, 'b', 10);
    assert_int_equal(pv_model_pointer_find(&found, &pointer, "bbbb", NULL), PV_E_USAGE);
    pv_model_pointer_deinit(&pointer);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

#define HASH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ENTRY(sha, key, size, time)                                                                                    \
    "{\"model\":\"12345678\",\"sha256\":\"" sha "\",\"key\":\"" key "\",\"version_id\":null,\"size\":" size            \
    ",\"as_of\":null,\"published_at\":\"" time "\"}"
#define GOOD ENTRY(HASH, "models/" HASH ".model", "5", "2026-01-02T03:04:05Z")

static void what_is_not_understood_is_refused_and_named(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"", "current.json: "},
        {"[]", "current.json: "},
        {"{\"format\":2,\"current\":" GOOD ",\"published\":[]}", "current.json /format: 2 is of a later version"},
        {"{\"format\":2,\"in_use\":7}", "current.json /format: 2 is of a later version"},
        {"{\"format\":0,\"current\":" GOOD ",\"published\":[]}", "current.json /format: "},
        {"{\"format\":1,\"current\":" GOOD ",\"published\":[]}",
         "current.json /current: 12345678 is none of the published"},
        {"{\"format\":1,\"current\":null,\"published\":[]}", "current.json /current: "},
        {"{\"format\":1,\"current\":" GOOD "}", "current.json /published: "},
        {"{\"format\":1,\"current\":" GOOD ",\"published\":[],\"more\":1}", "current.json /more: "},
        {"{\"format\":1,\"current\":" GOOD ",\"published\":[" GOOD
         "," ENTRY(HASH, "models/other.model", "5", "2026-01-02") "]}",
         "current.json /published/1/key: "},
        {"{\"format\":1,\"current\":" ENTRY("AA", "models/AA.model", "5", "2026-01-02") ",\"published\":[]}",
         "current.json /current/sha256: "},
        {"{\"format\":1,\"current\":" ENTRY(HASH, "models/" HASH ".model", "0", "2026-01-02") ",\"published\":[]}",
         "current.json /current/size: "},
        {"{\"format\":1,\"current\":" ENTRY(HASH, "models/" HASH ".model", "5", "soon") ",\"published\":[]}",
         "current.json /current/published_at: "},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_error error = {0};
        pv_model_pointer pointer;
        const pv_text json = {cases[k][0], strlen(cases[k][0])};
        assert_int_equal(pv_model_pointer_read(&pointer, json, &error), PV_E_INPUT);
        if (strncmp(error.message, cases[k][1], strlen(cases[k][1])) != 0) fail_msg("%zu: %s", k, error.message);
        assert_null(pointer.published);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_read_back),
        cmocka_unit_test(a_model_is_put_on_top_and_stands_once),
        cmocka_unit_test(the_oldest_of_a_thousand_is_forgotten),
        cmocka_unit_test(the_one_before_is_that_below_the_one_in_use),
        cmocka_unit_test(a_model_is_named_by_its_id_or_by_digits_of_its_hash),
        cmocka_unit_test(what_is_not_understood_is_refused_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
