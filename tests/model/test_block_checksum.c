/* The checksum by blocks: XXH3-128 as the library computes it, for all lengths and any number of threads. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/threads.h"
#include "model/block_checksum.h"
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define LARGEST 20000000 /* more chunks than the ring has slots */

static unsigned char *bytes, *zeroed; /* [LARGEST] */

static int set_up(void **state)
{
    (void)state;
    bytes = pv_allocate(LARGEST, 1);
    zeroed = pv_allocate(LARGEST, 1);
    if (!bytes || !zeroed) return -1;
    uint32_t random = 1;
    for (size_t i = 0; i < LARGEST; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(random >> 24);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pv_release(bytes);
    pv_release(zeroed);
    return 0;
}

static void expect(char digits[PV_CHECKSUM_DIGITS + 1], size_t size, size_t position)
{
    XXH128_canonical_t canonical;
    memcpy(zeroed, bytes, size);
    memset(zeroed + position, '0', PV_CHECKSUM_DIGITS);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(zeroed, size));
    for (size_t i = 0; i < sizeof canonical.digest; i++) snprintf(digits + 2 * i, 3, "%02x", canonical.digest[i]);
}

static void assert_same(size_t size, size_t position)
{
    char expected[PV_CHECKSUM_DIGITS + 1], found[PV_CHECKSUM_DIGITS + 1] = "";
    expect(expected, size, position);
    assert_true(pv_checksum_compute(found, bytes, size, position));
    if (strcmp(found, expected) != 0) fail_msg("%zu bytes, digits at %zu: %s, not %s", size, position, found, expected);
}

static void every_length_and_every_place_of_the_digits_gives_the_checksum_of_xxhash(void **state)
{
    (void)state;
    for (size_t size = 40; size < 5200; size++) {
        assert_same(size, 8);
        assert_same(size, size - PV_CHECKSUM_DIGITS);
        assert_same(size, (size - PV_CHECKSUM_DIGITS) * (size % 7) / 7);
    }
    for (size_t position = 0; position <= 5000 - PV_CHECKSUM_DIGITS; position++) assert_same(5000, position);
}

static void lengths_around_a_chunk_give_the_checksum_of_xxhash(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 3; chunk++)
        for (size_t more = 0; more <= 130; more++) assert_same(chunk * 262144 + more - 65, 100000);
}

static void take_part(void *context, size_t task, unsigned thread)
{
    (void)task;
    (void)thread;
    pv_block_checksum_work(context);
}

static void any_number_of_threads_gives_the_same(void **state)
{
    (void)state;
    char expected[PV_CHECKSUM_DIGITS + 1], found[PV_CHECKSUM_DIGITS + 1];
    expect(expected, LARGEST, 300);
    for (unsigned n = 1; n <= 6; n++) {
        pv_threads *threads = NULL;
        pv_block_checksum *checksum = pv_block_checksum_create(bytes, LARGEST, 300);
        assert_non_null(checksum);
        assert_int_equal(pv_threads_create(&threads, n, NULL), PV_OK);
        pv_threads_run(threads, n + 1, take_part, checksum); /* one of them comes when nothing is left */
        pv_threads_free(threads);
        pv_block_checksum_print(found, checksum);
        pv_block_checksum_free(checksum);
        assert_string_equal(found, expected);
    }
    pv_block_checksum_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_every_place_of_the_digits_gives_the_checksum_of_xxhash),
        cmocka_unit_test(lengths_around_a_chunk_give_the_checksum_of_xxhash),
        cmocka_unit_test(any_number_of_threads_gives_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
