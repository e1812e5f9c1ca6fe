#include "shop/byte_stream.h"
#include "support/scratch_folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

static scratch_folder folder;

static int create_folder(void **state)
{
    (void)state;
    return scratch_folder_create(&folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

/* The gzip form of a text, one member. */
static size_t gzip(unsigned char *out, size_t capacity, const char *text)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    char *input = strdup(text);
    stream.next_in = (unsigned char *)input;
    stream.avail_in = (unsigned)strlen(text);
    stream.next_out = out;
    stream.avail_out = (unsigned)capacity;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    free(input);
    return size;
}

/* Read a file that holds `bytes` in pieces of `piece` bytes. */
static pv_status read_all(char *out, size_t capacity, const char *name, const void *bytes, size_t size, size_t piece,
                          pv_error *error)
{
    char path[SCRATCH_PATH_SIZE];
    pv_byte_stream *stream = NULL;
    size_t filled = 0, count = 1;
    scratch_path(path, &folder, name);
    assert_true(scratch_write(path, bytes, size));
    pv_status status = pv_byte_stream_open(&stream, path, name, error);
    while (status == PV_OK && count > 0) {
        assert_true(filled + piece < capacity);
        status = pv_byte_stream_read(&count, stream, out + filled, piece, error);
        if (status == PV_OK) filled += count;
    }
    if (status == PV_OK) assert_int_equal(pv_byte_stream_position(stream), size);
    pv_byte_stream_free(stream);
    out[filled] = '\0';
    return status;
}

static void a_plain_file_comes_as_it_is(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(read_all(out, sizeof out, "plain.csv", "a,b\n1,2\n", 8, 3, NULL), PV_OK);
    assert_string_equal(out, "a,b\n1,2\n");
    assert_int_equal(read_all(out, sizeof out, "empty.csv", "", 0, 3, NULL), PV_OK);
    assert_string_equal(out, "");
}

static void gzip_members_are_read_one_after_the_other(void **state)
{
    (void)state;
    unsigned char bytes[256];
    char out[64];
    size_t size = gzip(bytes, sizeof bytes, "first;");
    size += gzip(bytes + size, sizeof bytes - size, "");
    size += gzip(bytes + size, sizeof bytes - size, "second");
    for (size_t piece = 1; piece < 20; piece++) {
        assert_int_equal(read_all(out, sizeof out, "two.csv.gz", bytes, size, piece, NULL), PV_OK);
        assert_string_equal(out, "first;second");
    }
}

static void gzip_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    unsigned char bytes[256];
    char out[64];
    pv_error error;
    size_t first = gzip(bytes, sizeof bytes, "first;");
    size_t size = first + gzip(bytes + first, sizeof bytes - first, "second");
    for (size_t cut = 0; cut < size; cut++) {
        pv_status status = read_all(out, sizeof out, "cut.csv.gz", bytes, cut, 7, &error);
        assert_int_equal(status, cut == first ? PV_OK : PV_E_INPUT);
    }
    assert_string_equal(error.message, "cut.csv.gz: the gzip data is cut short after 51 bytes");
    assert_int_equal(read_all(out, sizeof out, "none.csv.gz", "", 0, 7, &error), PV_E_INPUT);
    assert_string_equal(error.message, "none.csv.gz: empty, so it is no gzip file");
}

static void altered_gzip_is_an_error(void **state)
{
    (void)state;
    unsigned char bytes[256];
    char out[64];
    pv_error error;
    size_t size = gzip(bytes, sizeof bytes, "a text that is compressed");
    bytes[size - 6] ^= 1; /* checksum */
    assert_int_equal(read_all(out, sizeof out, "bad.csv.gz", bytes, size, 64 - 2, &error), PV_E_INPUT);
    assert_string_equal(error.message, "bad.csv.gz: broken gzip data: incorrect data check");
    assert_int_equal(read_all(out, sizeof out, "text.csv.gz", "a,b\n", 4, 7, &error), PV_E_INPUT);
    assert_string_equal(error.message, "text.csv.gz: broken gzip data: incorrect header check");
}

static void zstd_frames_are_read_one_after_the_other(void **state)
{
    (void)state;
    char bytes[256], out[64];
    size_t size = ZSTD_compress(bytes, sizeof bytes, "first;", 6, 3);
    size_t both = size + ZSTD_compress(bytes + size, sizeof bytes - size, "second", 6, 3);
    for (size_t piece = 1; piece < 20; piece++) {
        assert_int_equal(read_all(out, sizeof out, "two.csv.zst", bytes, both, piece, NULL), PV_OK);
        assert_string_equal(out, "first;second");
    }
    pv_error error;
    for (size_t cut = 0; cut < both; cut++) {
        pv_status status = read_all(out, sizeof out, "cut.csv.zst", bytes, cut, 7, &error);
        assert_int_equal(status, cut == size ? PV_OK : PV_E_INPUT);
    }
    bytes[0] ^= 1;
    assert_int_equal(read_all(out, sizeof out, "bad.csv.zst", bytes, both, 7, &error), PV_E_INPUT);
    assert_string_equal(error.message, "bad.csv.zst: broken zstd data: Unknown frame descriptor");
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    pv_error error;
    pv_byte_stream *stream = NULL;
    scratch_path(path, &folder, "missing.csv");
    assert_int_equal(pv_byte_stream_open(&stream, path, "missing.csv", &error), PV_E_INPUT);
    assert_string_equal(error.message, "missing.csv: cannot open: No such file or directory");
    assert_int_equal(pv_byte_stream_open(&stream, folder.path, "a.csv", &error), PV_E_INPUT);
    assert_string_equal(error.message, "a.csv: is a folder, a file was expected");
    assert_null(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_comes_as_it_is),
        cmocka_unit_test(gzip_members_are_read_one_after_the_other),
        cmocka_unit_test(gzip_cut_anywhere_is_an_error),
        cmocka_unit_test(altered_gzip_is_an_error),
        cmocka_unit_test(zstd_frames_are_read_one_after_the_other),
        cmocka_unit_test(what_is_no_file_is_named),
    };
    return cmocka_run_group_tests(tests, create_folder, remove_folder);
}
