/* The model file: its bytes, what it refuses and with which cause. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "model/safetensors_file.h"
#include "support/scratch_folder.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST 4096 /* bytes of the files here */

static scratch_folder folder;
static char path[SCRATCH_PATH_SIZE];
static unsigned char *aligned; /* [LARGEST] for pv_safetensors_open_view() */

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&folder)) return -1;
    scratch_path(path, &folder, "model");
    aligned = pv_allocate(LARGEST, 1);
    return aligned ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    pv_release(aligned);
    return 0;
}

static const pv_metadata_pair metadata[] = {{"format_version", "1"}, {"options", "{\"factors\":2}"}};

/* Four tensors: F32 [3, 2], BOOL [3], an empty U8 and I64 [2]. */
static void make_tensors(pv_tensors *tensors)
{
    float *factors;
    unsigned char *flags, *nothing;
    int64_t *counts;
    assert_int_equal(pv_tensors_add(&factors, tensors, "user_factors", PV_F32, 3, 2, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&flags, tensors, "shop.flags", PV_BOOL, 3, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&nothing, tensors, "shop.nothing", PV_U8, 0, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&counts, tensors, "shop.counts", PV_I64, 2, 0, NULL), PV_OK);
    for (int i = 0; i < 6; i++) factors[i] = (float)i + 0.5F;
    flags[1] = 1;
    counts[0] = 7;
    counts[1] = -7;
}

/* Write the tensors above; the file's bytes are returned, to be freed. */
static char *write_sample(size_t *size)
{
    pv_tensors tensors = {0};
    char checksum[PV_CHECKSUM_DIGITS + 1];
    int64_t bytes = 0;
    make_tensors(&tensors);
    assert_int_equal(pv_safetensors_write(path, &tensors, metadata, 2, checksum, &bytes, NULL), PV_OK);
    pv_tensors_deinit(&tensors);
    char *content = scratch_read(path, size);
    assert_non_null(content);
    assert_int_equal(*size, bytes);
    return content;
}

static void the_file_is_what_the_format_says(void **state)
{
    (void)state;
    size_t size, position;
    uint64_t length;
    char *content = write_sample(&size);
    char header[] = "{\"__metadata__\":{\"checksum\":\"00000000000000000000000000000000\",\"format_version\":\"1\","
                    "\"options\":\"{\\\"factors\\\":2}\"},"
                    "\"user_factors\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]},"
                    "\"padding.0\":{\"dtype\":\"U8\",\"shape\":[40],\"data_offsets\":[24,64]},"
                    "\"shop.flags\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[64,67]},"
                    "\"padding.1\":{\"dtype\":\"U8\",\"shape\":[61],\"data_offsets\":[67,128]},"
                    "\"shop.nothing\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[128,128]},"
                    "\"shop.counts\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[128,144]}}";
    memcpy(&length, content, 8);
    assert_int_equal((8 + length) % 64, 0);
    assert_true(length >= strlen(header) && length < strlen(header) + 64);
    assert_int_equal(size, 8 + length + 144);
    assert_true(pv_checksum_find(&position, content, size));
    memcpy(header + (position - 8), content + position, PV_CHECKSUM_DIGITS);
    assert_memory_equal(content + 8, header, strlen(header));
    for (size_t i = strlen(header); i < length; i++) assert_int_equal(content[8 + i], ' ');

    const char *data = content + 8 + length;
    float factors[6];
    int64_t counts[2];
    memcpy(factors, data, sizeof factors);
    memcpy(counts, data + 128, sizeof counts);
    assert_true(factors[0] == 0.5F && factors[5] == 5.5F);
    assert_memory_equal(data + 64, "\0\1\0", 3);
    assert_true(counts[0] == 7 && counts[1] == -7);
    for (int i = 24; i < 64; i++) assert_int_equal(data[i], 0);
    free(content);
}

static void the_checksum_is_xxh3_of_the_file_with_zeros_for_it(void **state)
{
    (void)state;
    char digits[PV_CHECKSUM_DIGITS + 1], expected[PV_CHECKSUM_DIGITS + 1];
    pv_checksum *checksum = pv_checksum_create();
    pv_checksum_print(digits, checksum);
    assert_string_equal(digits, "99aa06d3014798d86001c324468d497f"); /* of nothing, by xxHash's own test values */

    size_t size, position;
    char *content = write_sample(&size);
    assert_true(pv_checksum_find(&position, content, size));
    memcpy(expected, content + position, PV_CHECKSUM_DIGITS);
    memset(content + position, '0', PV_CHECKSUM_DIGITS);
    pv_checksum_update(checksum, content, size);
    pv_checksum_print(digits, checksum);
    assert_memory_equal(digits, expected, PV_CHECKSUM_DIGITS);
    pv_checksum_free(checksum);
    free(content);
}

static void what_was_written_is_read_and_writes_the_same_bytes(void **state)
{
    (void)state;
    size_t size, size_again;
    char checksum[PV_CHECKSUM_DIGITS + 1];
    const float *factors;
    pv_safetensors *file = NULL;
    char *content = write_sample(&size);
    assert_int_equal(pv_safetensors_open(&file, path, NULL), PV_OK);
    assert_int_equal(pv_safetensors_size(file), size);
    assert_string_equal(pv_safetensors_metadata(file, "options"), "{\"factors\":2}");
    assert_string_equal(pv_safetensors_metadata(file, "checksum"), pv_safetensors_checksum(file));
    assert_null(pv_safetensors_metadata(file, "option"));
    const pv_tensors *tensors = pv_safetensors_tensors(file);
    assert_int_equal(tensors->count, 4);
    assert_int_equal(pv_tensors_get(&factors, tensors, "user_factors", PV_F32, 3, 2, NULL), PV_OK);
    assert_int_equal((uintptr_t)factors % 64, 0);
    assert_true(factors[5] == 5.5F);
    for (size_t i = 0; i < tensors->count; i++) assert_null(tensors->items[i].owned);

    scratch_path(path, &folder, "again");
    assert_int_equal(pv_safetensors_write(path, tensors, metadata, 2, checksum, NULL, NULL), PV_OK);
    assert_string_equal(checksum, pv_safetensors_checksum(file));
    pv_safetensors_free(file);
    char *again = scratch_read(path, &size_again);
    assert_int_equal(size_again, size);
    assert_memory_equal(again, content, size);
    free(again);
    free(content);
}

static void a_file_without_tensors_is_read(void **state)
{
    (void)state;
    pv_tensors none = {0};
    char checksum[PV_CHECKSUM_DIGITS + 1];
    pv_safetensors *file = NULL;
    assert_int_equal(pv_safetensors_write(path, &none, NULL, 0, checksum, NULL, NULL), PV_OK);
    assert_int_equal(pv_safetensors_open(&file, path, NULL), PV_OK);
    assert_int_equal(pv_safetensors_tensors(file)->count, 0);
    assert_string_equal(pv_safetensors_checksum(file), checksum);
    pv_safetensors_free(file);
    pv_safetensors_free(NULL);
}

static void names_of_the_format_cannot_be_written(void **state)
{
    (void)state;
    static const char *const names[] = {"__metadata__", "padding.0"};
    char checksum[PV_CHECKSUM_DIGITS + 1];
    for (size_t i = 0; i < 2; i++) {
        pv_tensors tensors = {0};
        float *data;
        assert_int_equal(pv_tensors_add(&data, &tensors, names[i], PV_F32, 1, 0, NULL), PV_OK);
        assert_int_equal(pv_safetensors_write(path, &tensors, NULL, 0, checksum, NULL, NULL), PV_E_INTERNAL);
        pv_tensors_deinit(&tensors);
    }
    pv_tensors none = {0};
    const pv_metadata_pair taken = {"checksum", "1"}, twice[] = {{"a", "1"}, {"a", "2"}};
    assert_int_equal(pv_safetensors_write(path, &none, &taken, 1, checksum, NULL, NULL), PV_E_INTERNAL);
    assert_int_equal(pv_safetensors_write(path, &none, twice, 2, checksum, NULL, NULL), PV_E_INTERNAL);
    assert_int_equal(scratch_count(&folder), 0);
}

static void every_file_cut_short_is_refused(void **state)
{
    (void)state;
    size_t size;
    char *content = write_sample(&size);
    for (size_t kept = 0; kept < size; kept++) {
        pv_error error = {0};
        pv_safetensors *file = NULL;
        memcpy(aligned, content, kept);
        assert_int_equal(pv_safetensors_open_view(&file, aligned, kept, "m", &error), PV_E_INPUT);
        assert_null(file);
        assert_memory_equal(error.message, "m: ", 3);
        if (kept > 8) assert_memory_equal(error.message, "m: cut short: ", 14);
        /* The same from the disk, where the last page ends elsewhere. */
        assert_int_equal(truncate(path, (off_t)kept), 0);
        assert_int_equal(pv_safetensors_open(&file, path, &error), PV_E_INPUT);
        assert_true(scratch_write(path, content, size));
    }
    free(content);
}

static void every_altered_byte_is_refused(void **state)
{
    (void)state;
    size_t size;
    char *content = write_sample(&size);
    memcpy(aligned, content, size);
    for (size_t at = 0; at < size; at++) {
        static const unsigned char replacements[] = {0, 0xff, ' ', '"', '0', '9', 'f', '}'};
        for (unsigned change = 0; change < 8 + sizeof replacements; change++) {
            pv_error error = {0};
            pv_safetensors *file = NULL;
            unsigned char before = (unsigned char)content[at];
            if (change < 8) {
                aligned[at] = (unsigned char)(before ^ (1U << change));
            } else {
                aligned[at] = replacements[change - 8];
            }
            if (aligned[at] == before) continue;
            assert_int_equal(pv_safetensors_open_view(&file, aligned, size, "m", &error), PV_E_INPUT);
            assert_null(file);
            assert_null(strchr(error.message, '\n'));
            if (at >= size - 144) assert_memory_equal(error.message, "m: altered: checksum is ", 24);
        }
        aligned[at] = (unsigned char)content[at];
    }
    pv_safetensors *file = NULL;
    assert_int_equal(pv_safetensors_open_view(&file, aligned, size, "m", NULL), PV_OK);
    pv_safetensors_free(file);
    free(content);
}

static void bytes_behind_the_end_are_refused(void **state)
{
    (void)state;
    size_t size;
    pv_error error;
    pv_safetensors *file = NULL;
    char *content = write_sample(&size), expected[200];
    memcpy(aligned, content, size);
    aligned[size] = 0;
    assert_int_equal(pv_safetensors_open_view(&file, aligned, size + 1, "m", &error), PV_E_INPUT);
    snprintf(expected, sizeof expected, "m: too long: header says %zu bytes, file has %zu", size, size + 1);
    assert_string_equal(error.message, expected);
    free(content);
}

#define CHECKSUM "\"checksum\":\"" PV_CHECKSUM_ZERO "\""
#define METADATA "\"__metadata__\":{" CHECKSUM "}"

/* Open a file with this header, the right checksum in it, and 128 bytes of data: 0, 1, 2, ... */
static pv_status open_crafted(const char *header, pv_error *error)
{
    char digits[PV_CHECKSUM_DIGITS + 1];
    size_t length = strlen(header), position;
    uint64_t padded = (8 + length + 63) / 64 * 64 - 8;
    size_t size = 8 + padded + 128;
    assert_true(size <= LARGEST);
    memset(aligned, ' ', 8 + padded);
    memcpy(aligned, &padded, 8);
    memcpy(aligned + 8, header, length);
    for (size_t i = 0; i < 128; i++) aligned[8 + padded + i] = (unsigned char)i;
    if (pv_checksum_find(&position, (const char *)aligned, size)) {
        assert_true(pv_checksum_compute(digits, aligned, size, position));
        memcpy(aligned + position, digits, PV_CHECKSUM_DIGITS);
    }
    pv_safetensors *file = NULL;
    pv_status status = pv_safetensors_open_view(&file, aligned, size, "m", error);
    pv_safetensors_free(file);
    return status;
}

#define TENSOR(name, dtype, shape, offsets)                                                                            \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define NAME_63 "123456789012345678901234567890123456789012345678901234567890123"

static void sound_crafted_headers_are_read(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{" METADATA "," TENSOR("a", "F32", "[32]", "[0,128]") "}",
        "{" TENSOR("a", "F64", "[4,4]", "[0,128]") "," METADATA "}",
        "{" METADATA "," TENSOR(NAME_63, "U8", "[128]", "[0,128]") "}",
        "{" METADATA "," TENSOR("b", "I8", "[64]", "[64,128]") "," TENSOR("a", "U16", "[32]", "[0,64]") "}",
        "{" METADATA "," TENSOR("a", "BOOL", "[2]", "[0,2]") "," TENSOR("padding.0", "U8", "[126]", "[2,128]") "}",
        "{" METADATA "," TENSOR("a", "I64", "[16,1]", "[0,128]") "," TENSOR("b", "I64", "[0,5]", "[128,128]") "}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        pv_error error = {0};
        if (open_crafted(headers[i], &error) != PV_OK) fail_msg("%s", error.message);
    }
}

static void crafted_headers_with_a_true_checksum_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header, *cause;
    } cases[] = {
        {"{" TENSOR("a", "U8", "[128]", "[0,128]") "}", "m: no model, or an altered one: no checksum"},
        {"{" METADATA "," METADATA "," TENSOR("a", "U8", "[128]", "[0,128]") "}", "m: no model, or an altered one"},
        {"{" METADATA "," TENSOR("a", "U8", "[64]", "[0,64]") "," TENSOR("a", "U8", "[64]", "[64,128]") "}",
         "m: no model: its header is wrong"},
        {"{" METADATA "," TENSOR("a", "U8", "[128]", "[0,128]"), "m: no model: its header is wrong"},
        {"{" METADATA "," TENSOR("a", "U8", "[128]", "[0,128]") "} x", "m: no model: its header is wrong"},
        {"{" METADATA ",\"\xff\":1," TENSOR("a", "U8", "[128]", "[0,128]") "}", "m: no model: its header is wrong"},
        {"{\"other\":{" CHECKSUM "}," TENSOR("a", "U8", "[128]", "[0,128]") "}",
         "m: no model: no checksum in its meta"},
        {"{" CHECKSUM "," TENSOR("a", "U8", "[128]", "[0,128]") "}", "m: no model: no checksum in its metadata"},
        {"{\"__metadata__\":{" CHECKSUM ",\"n\":1}," TENSOR("a", "U8", "[128]", "[0,128]") "}",
         "m: metadata n is no text"},
        {"{" METADATA "," TENSOR("a", "F16", "[64]", "[0,128]") "}", "m: tensor a has an unknown dtype"},
        {"{" METADATA "," TENSOR("a", "f32", "[32]", "[0,128]") "}", "m: tensor a has an unknown dtype"},
        {"{" METADATA ",\"a\":{\"dtype\":7,\"shape\":[128],\"data_offsets\":[0,128]}}", "m: tensor a has an unknown"},
        {"{" METADATA "," TENSOR("a", "U8", "[]", "[0,128]") "}", "m: tensor a has a shape that is not"},
        {"{" METADATA "," TENSOR("a", "U8", "[128,1,1]", "[0,128]") "}", "m: tensor a has a shape that is not"},
        {"{" METADATA "," TENSOR("a", "U8", "[-128]", "[0,128]") "}", "m: tensor a has a shape that is not"},
        {"{" METADATA "," TENSOR("a", "U8", "[128.0]", "[0,128]") "}", "m: tensor a has a shape that is not"},
        {"{" METADATA "," TENSOR("a", "U8", "128", "[0,128]") "}", "m: tensor a has a shape that is not"},
        {"{" METADATA "," TENSOR("a", "U8", "[127]", "[0,128]") "}", "m: tensor a has a shape that does not fit"},
        {"{" METADATA "," TENSOR("a", "F64", "[2305843009213693968]", "[0,128]") "}",
         "m: tensor a has a shape that do"},
        {"{" METADATA "," TENSOR("a", "U8", "[4294967296,4294967296]", "[0,128]") "}",
         "m: tensor a has a shape that d"},
        {"{" METADATA "," TENSOR("a", "U8", "[128]", "[0,128,0]") "}", "m: tensor a has offsets outside the file"},
        {"{" METADATA "," TENSOR("a", "U8", "[64]", "[-64,0]") "," TENSOR("b", "U8", "[128]", "[0,128]") "}",
         "m: tensor a has offsets outside the file"},
        {"{" METADATA "," TENSOR("a", "U8", "[0]", "[64,0]") "," TENSOR("b", "U8", "[128]", "[0,128]") "}",
         "m: tensor a has offsets outside the file"},
        {"{" METADATA "," TENSOR("a", "U8", "[64]", "[64,128]") "}", "m: tensor a leaves a gap or overlaps another"},
        {"{" METADATA "," TENSOR("a", "U8", "[128]", "[0,128]") "," TENSOR("b", "U8", "[64]", "[64,128]") "}",
         "m: tensor b leaves a gap or overlaps another"},
        {"{" METADATA "," TENSOR("a", "U8", "[64]", "[0,64]") "," TENSOR("b", "U8", "[32]", "[96,128]") "}",
         "m: tensor b leaves a gap or overlaps another"},
        {"{" METADATA "," TENSOR("a", "U8", "[32]", "[0,32]") "," TENSOR("b", "U8", "[96]", "[32,128]") "}",
         "m: tensor b does not begin at a multiple of 64 bytes"},
        {"{" METADATA "," TENSOR("a", "BOOL", "[3]", "[0,3]") "," TENSOR("padding.0", "U8", "[125]", "[3,128]") "}",
         "m: tensor a is BOOL with bytes that are"},
        {"{" METADATA "," TENSOR(NAME_63 "4", "U8", "[128]", "[0,128]") "}", "m: tensor " NAME_63 "4 has a name"},
        {"{" METADATA "," TENSOR("", "U8", "[128]", "[0,128]") "}", "m: tensor  has a name"},
        {"{" METADATA ",\"a\":{\"dtype\":\"U8\",\"shape\":[128],\"data_offsets\":[0,128],\"x\":1}}",
         "m: tensor a is not dtype, shape and data_offsets"},
        {"{" METADATA ",\"b\":[1,2,3]," TENSOR("a", "U8", "[128]", "[0,128]") "}", "m: tensor b is not dtype, shape"},
        {"{" METADATA "," TENSOR("a", "U8", "[129]", "[0,129]") "}", "m: cut short: "},
        {"{" METADATA "," TENSOR("a", "U8", "[9223372036854775807]", "[0,9223372036854775807]") "}", "m: cut short: "},
        {"{" METADATA "," TENSOR("a", "U8", "[127]", "[0,127]") "}", "m: too long: "},
        {"{" METADATA "}", "m: too long: "},
        {"[" METADATA "]", "m: no model: not a safetensors header"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pv_error error = {0};
        if (open_crafted(cases[i].header, &error) != PV_E_INPUT) fail_msg("accepted: %s", cases[i].header);
        if (strncmp(error.message, cases[i].cause, strlen(cases[i].cause)) != 0) {
            fail_msg("%s\nexpected \"%s\", got \"%s\"", cases[i].header, cases[i].cause, error.message);
        }
    }
}

static void assert_not_opened(const char *refused, const char *cause)
{
    pv_error error = {0};
    pv_safetensors *file = NULL;
    char expected[sizeof error.message];
    assert_int_equal(pv_safetensors_open(&file, refused, &error), PV_E_INPUT);
    assert_null(file);
    snprintf(expected, sizeof expected, "%.300s: %s", refused, cause);
    assert_string_equal(error.message, expected);
}

static void what_is_no_model_file_is_told_apart(void **state)
{
    (void)state;
    static const char text[] = "user_id,product_id\n1,2\n";
    assert_not_opened(path, "cannot read: No such file or directory");
    assert_not_opened(folder.path, "no model: it is a folder");
    assert_not_opened("/dev/null", "no model: it is not a regular file");
    assert_true(scratch_write(path, "", 0));
    assert_not_opened(path, "no model: the file is empty");
    assert_true(scratch_write(path, "PK", 2));
    assert_not_opened(path, "no model: 2 bytes are no header");
    assert_true(scratch_write(path, text, strlen(text)));
    assert_not_opened(path, "no model: not a safetensors header");
    if (geteuid() != 0) {
        assert_int_equal(chmod(path, 0), 0);
        assert_not_opened(path, "cannot read: Permission denied");
    }
    scratch_path(path, &folder, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_not_opened(path, "no model: it is not a regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_is_what_the_format_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_checksum_is_xxh3_of_the_file_with_zeros_for_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_written_is_read_and_writes_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_without_tensors_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_format_cannot_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_file_cut_short_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_altered_byte_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_behind_the_end_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sound_crafted_headers_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(crafted_headers_with_a_true_checksum_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_model_file_is_told_apart, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
