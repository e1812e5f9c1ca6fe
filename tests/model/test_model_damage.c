/* Opening a model: what was altered is found wherever it is, and said before anything that it made look strange. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static scratch_folder folder;
static char path[SCRATCH_PATH_SIZE];
static model_case m;

/* ballast: bytes of a tensor that nobody reads, which make the file large enough for several threads. */
static void write_model(int64_t ballast)
{
    unsigned char *bytes = NULL;
    model_case_init(&m, generated_shop(), NULL, 2);
    assert_int_equal(pv_tensors_add(&bytes, &m.built.tensors, "ballast.bytes", PV_U8, ballast, 0, NULL), PV_OK);
    for (int64_t i = 0; i < ballast; i++) bytes[i] = (unsigned char)(i * 7);
    model_file_write(&folder, "model", &m);
    scratch_path(path, &folder, "model");
}

static int set_up(void **state)
{
    (void)state;
    return scratch_folder_create(&folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

static void flip_byte(long at)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    const int byte = getc(file);
    assert_int_not_equal(byte, EOF);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(putc(byte ^ 0x41, file), byte ^ 0x41);
    assert_int_equal(fclose(file), 0);
}

static void assert_altered(const char *where, long at)
{
    pv_model *model = NULL;
    pv_error error = {.message = ""};
    flip_byte(at);
    if (pv_model_open(&model, path, &error) != PV_E_INPUT) fail_msg("byte %ld of %s", at, where);
    assert_null(model);
    if (!strstr(error.message, ": altered: checksum is ")) fail_msg("byte %ld of %s: %s", at, where, error.message);
    flip_byte(at);
}

static void assert_opens(void)
{
    pv_model *model = NULL;
    pv_error error = {.message = ""};
    if (pv_model_open(&model, path, &error) != PV_OK) fail_msg("%s", error.message);
    assert_int_equal(pv_model_user_count(model), 40);
    pv_model_free(model);
}

/* The first, the middle and the last byte of each tensor. */
static void alter_each_tensor(void)
{
    size_t size;
    uint64_t header_size;
    char *content = scratch_read(path, &size);
    assert_non_null(content);
    memcpy(&header_size, content, sizeof header_size);
    const pv_tensors *tensors = &m.built.tensors;
    for (size_t t = 0; t < tensors->count; t++) {
        char key[80];
        const pv_tensor *tensor = &tensors->items[t];
        snprintf(key, sizeof key, "\"%s\":{", tensor->name);
        const char *entry = memmem(content, size, key, strlen(key));
        assert_non_null(entry);
        const long begin = strtol(strstr(entry, "\"data_offsets\":[") + 16, NULL, 10);
        const long n = (long)(tensor->shape[0] * tensor->shape[1]) * (long)pv_dtype_size(tensor->dtype);
        const long first = 8 + (long)header_size + begin;
        if (n == 0) continue;
        assert_altered(tensor->name, first);
        assert_altered(tensor->name, first + n / 2);
        assert_altered(tensor->name, first + n - 1);
    }
    free(content);
}

static void an_altered_byte_of_any_tensor_is_found_by_one_thread(void **state)
{
    (void)state;
    write_model(1000);
    alter_each_tensor();
    assert_opens();
}

static void an_altered_byte_of_any_tensor_is_found_by_several_threads(void **state)
{
    (void)state;
    write_model(13000000);
    alter_each_tensor();
    assert_opens();
}

static void what_binding_finds_is_said_when_the_checksum_is_right(void **state)
{
    (void)state;
    pv_model *model = NULL;
    pv_error error = {.message = ""};
    write_model(13000000);
    *(int32_t *)tensor_data(&m.built.tensors, "users.parent") = 100000;
    model_file_write(&folder, "model", &m);
    assert_int_equal(pv_model_open(&model, path, &error), PV_E_INPUT);
    assert_string_equal(error.message, "model: tensor users.parent: value 100000 at 0 is outside 0 to 35");
    assert_int_equal(pv_model_open(&model, path, NULL), PV_E_INPUT);
    assert_null(model);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_altered_byte_of_any_tensor_is_found_by_one_thread),
        TEST(an_altered_byte_of_any_tensor_is_found_by_several_threads),
        TEST(what_binding_finds_is_said_when_the_checksum_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
