/* Named arrays and lists of texts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/tensors.h"
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void an_added_tensor_is_zeroed_and_found_with_its_type(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    float *written = NULL;
    const float *read = NULL;
    assert_int_equal(pv_tensors_add(&written, &tensors, "als.table", PV_F32, 3, 2, NULL), PV_OK);
    assert_int_equal((uintptr_t)written % 64, 0);
    for (int i = 0; i < 6; i++) assert_true(written[i] == 0.0F);
    written[5] = 1.5F;
    assert_int_equal(pv_tensors_get(&read, &tensors, "als.table", PV_F32, 3, 2, NULL), PV_OK);
    assert_ptr_equal(read, written);
    assert_int_equal(pv_tensors_get(&read, &tensors, "als.table", PV_F32, -1, -1, NULL), PV_OK);
    const pv_tensor *tensor = pv_tensors_find(&tensors, "als.table");
    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->shape[0] * 10 + tensor->shape[1], 32);
    assert_null(pv_tensors_find(&tensors, "als.tabl"));
    pv_tensors_deinit(&tensors);
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_error error;
    int64_t *row;
    const int64_t *read = NULL;
    assert_int_equal(pv_tensors_add(&row, &tensors, "row", PV_I64, 4, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_get(&read, &tensors, "raw", PV_I64, 4, 0, &error), PV_E_INPUT);
    assert_string_equal(error.message, "model: tensor raw is missing");
    assert_int_equal(pv_tensors_get(&read, &tensors, "row", PV_I64, 5, 0, &error), PV_E_INPUT);
    assert_string_equal(error.message, "model: tensor row is I64 [4], expected I64 [5]");
    assert_int_equal(pv_tensors_get(&read, &tensors, "row", PV_F64, -1, 0, &error), PV_E_INPUT);
    assert_string_equal(error.message, "model: tensor row is I64 [4], expected F64 [?]");
    assert_int_equal(pv_tensors_get(&read, &tensors, "row", PV_I64, 4, 1, &error), PV_E_INPUT);
    assert_string_equal(error.message, "model: tensor row is I64 [4], expected I64 [4, 1]");
    assert_null(read);
    pv_tensors_deinit(&tensors);
}

static void bad_names_and_shapes_are_refused(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    double *data = NULL;
    char name[80];
    memset(name, 'n', sizeof name);
    name[64] = '\0';
    assert_int_equal(pv_tensors_add(&data, &tensors, name, PV_F64, 1, 0, NULL), PV_E_INTERNAL);
    assert_int_equal(pv_tensors_add(&data, &tensors, "", PV_F64, 1, 0, NULL), PV_E_INTERNAL);
    assert_int_equal(pv_tensors_add(&data, &tensors, "a", PV_F64, -1, 0, NULL), PV_E_INTERNAL);
    assert_int_equal(pv_tensors_add(&data, &tensors, "a", PV_F64, INT64_MAX, 4, NULL), PV_E_MEMORY);
    assert_int_equal(pv_tensors_add(&data, &tensors, "a", PV_F64, INT64_MAX / 8, 3, NULL), PV_E_MEMORY);
    assert_null(data);
    assert_int_equal(tensors.count, 0);
    name[63] = '\0';
    assert_int_equal(pv_tensors_add(&data, &tensors, name, PV_F64, 0, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&data, &tensors, name, PV_F64, 0, 0, NULL), PV_E_INTERNAL);
    assert_int_equal(tensors.count, 1);
    pv_tensors_deinit(&tensors);
}

static void types_have_the_names_and_sizes_of_the_format(void **state)
{
    (void)state;
    static const struct {
        pv_dtype dtype;
        const char *name;
        size_t size;
    } expected[] = {{PV_BOOL, "BOOL", 1}, {PV_U8, "U8", 1},   {PV_I8, "I8", 1},   {PV_U16, "U16", 2},
                    {PV_I16, "I16", 2},   {PV_U32, "U32", 4}, {PV_I32, "I32", 4}, {PV_U64, "U64", 8},
                    {PV_I64, "I64", 8},   {PV_F32, "F32", 4}, {PV_F64, "F64", 8}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_string_equal(pv_dtype_name(expected[i].dtype), expected[i].name);
        assert_int_equal(pv_dtype_size(expected[i].dtype), expected[i].size);
    }
}

static void texts_come_back_and_are_found(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_texts read;
    const pv_text words[] = {pv_text_of(""), pv_text_of("M6"), pv_text_of("M6 x 20"), pv_text_of("\xc3\xa9t\xc3\xa9")};
    assert_int_equal(pv_tensors_add_texts(&tensors, "product_ids", words, 4, NULL), PV_OK);
    assert_int_equal(pv_tensors_add_texts(&tensors, "segment.names", words, 0, NULL), PV_OK);
    assert_non_null(pv_tensors_find(&tensors, "product_ids.bytes"));
    assert_non_null(pv_tensors_find(&tensors, "product_ids.offsets"));
    assert_non_null(pv_tensors_find(&tensors, "segment.names_bytes"));
    assert_non_null(pv_tensors_find(&tensors, "segment.names_offsets"));
    assert_int_equal(pv_tensors_get_texts(&read, &tensors, "segment.names", -1, NULL), PV_OK);
    assert_int_equal(read.count, 0);
    assert_int_equal(pv_texts_search(&read, words[0]), -1);
    assert_int_equal(pv_tensors_get_texts(&read, &tensors, "product_ids", 4, NULL), PV_OK);
    for (int64_t i = 0; i < 4; i++) {
        assert_true(pv_text_equal(pv_texts_at(&read, i), words[i]));
        assert_int_equal(pv_texts_search(&read, words[i]), i);
    }
    assert_int_equal(pv_texts_search(&read, pv_text_of("M6 x")), -1);
    assert_int_equal(pv_texts_search(&read, pv_text_of("z\xff")), -1);
    assert_int_equal(pv_tensors_get_texts(&read, &tensors, "product_ids", 3, NULL), PV_E_INPUT);
    pv_tensors_deinit(&tensors);
}

/* Read a list of two texts with offsets and bytes as given; `cause` NULL: it is sound. */
static void assert_crafted(const int64_t offsets[3], const char bytes[3], const char *cause)
{
    pv_tensors tensors = {0};
    pv_texts read;
    pv_error error = {0};
    char *written_bytes;
    int64_t *written_offsets;
    assert_int_equal(pv_tensors_add(&written_bytes, &tensors, "t.bytes", PV_U8, 3, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&written_offsets, &tensors, "t.offsets", PV_I64, 3, 0, NULL), PV_OK);
    memcpy(written_bytes, bytes, 3);
    memcpy(written_offsets, offsets, 3 * sizeof *offsets);
    pv_status status = pv_tensors_get_texts(&read, &tensors, "t", -1, &error);
    assert_int_equal(status, cause ? PV_E_INPUT : PV_OK);
    if (cause) assert_string_equal(error.message, cause);
    pv_tensors_deinit(&tensors);
}

static void offsets_outside_the_bytes_are_refused(void **state)
{
    (void)state;
    static const char cause[] = "model: tensor t.offsets does not fit t.bytes";
    assert_crafted((int64_t[]){0, 2, 3}, "abc", NULL);
    assert_crafted((int64_t[]){1, 2, 3}, "abc", cause);
    assert_crafted((int64_t[]){0, 2, 2}, "abc", cause);
    assert_crafted((int64_t[]){0, 4, 3}, "abc", cause);
    assert_crafted((int64_t[]){0, -1, 3}, "abc", cause);
    assert_crafted((int64_t[]){0, INT64_MAX, 3}, "abc", cause);
    assert_crafted((int64_t[]){0, 2, 4}, "abc", cause);
}

static void texts_that_are_no_utf8_are_refused(void **state)
{
    (void)state;
    assert_crafted((int64_t[]){0, 2, 3}, "\xc3\xa9z", NULL);
    assert_crafted((int64_t[]){0, 1, 3}, "\xc3\xa9z",
                   "model: text 0 of t.bytes is no UTF-8"); /* a character cut in two */
    assert_crafted((int64_t[]){0, 2, 3}, "ab\xff", "model: text 1 of t.bytes is no UTF-8");
}

static void offsets_without_an_entry_are_refused(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_texts read;
    void *data;
    assert_int_equal(pv_tensors_add(&data, &tensors, "t.bytes", PV_U8, 0, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&data, &tensors, "t.offsets", PV_I64, 0, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_get_texts(&read, &tensors, "t", -1, NULL), PV_E_INPUT);
    pv_tensors_deinit(&tensors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_added_tensor_is_zeroed_and_found_with_its_type),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(bad_names_and_shapes_are_refused),
        cmocka_unit_test(types_have_the_names_and_sizes_of_the_format),
        cmocka_unit_test(texts_come_back_and_are_found),
        cmocka_unit_test(offsets_outside_the_bytes_are_refused),
        cmocka_unit_test(texts_that_are_no_utf8_are_refused),
        cmocka_unit_test(offsets_without_an_entry_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
