/* Allocation that cannot overflow, growable arrays, the arena. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

static void allocated_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    for (size_t size = 0; size < 300; size += 7) {
        unsigned char *memory = pv_allocate(size, 3);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        assert_true(is_zero(memory, 3 * size));
        memset(memory, 0xff, 3 * size);
        pv_release(memory);
    }
    pv_release(NULL);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    assert_null(pv_allocate(SIZE_MAX / 2, 3));
    assert_null(pv_allocate(SIZE_MAX, 1));
    assert_null(pv_allocate(SIZE_MAX - 62, 1));
    void *array = NULL;
    size_t capacity = 0;
    assert_false(pv_reserve(&array, &capacity, SIZE_MAX / 4, 8));
    assert_null(array);
    assert_int_equal(capacity, 0);
    pv_arena *arena = pv_arena_create();
    assert_null(pv_arena_allocate(arena, SIZE_MAX / 8, 16));
    assert_null(pv_arena_allocate(arena, SIZE_MAX - 8, 1));
    assert_non_null(pv_arena_allocate(arena, 1, 1));
    pv_arena_free(arena);
}

static void growing_keeps_the_content_and_is_geometric(void **state)
{
    (void)state;
    int64_t *numbers = NULL;
    void *array = NULL;
    size_t capacity = 0;
    int n_moves = 0;
    for (size_t i = 0; i < 10000; i++) {
        size_t before = capacity;
        assert_true(pv_reserve(&array, &capacity, i + 1, sizeof *numbers));
        assert_true(capacity >= i + 1);
        n_moves += capacity != before;
        numbers = array;
        numbers[i] = (int64_t)i;
    }
    for (size_t i = 0; i < 10000; i++) assert_int_equal(numbers[i], i);
    assert_true(n_moves < 25);
    free(array);
}

static void arena_memory_is_zeroed_after_a_reset_too(void **state)
{
    (void)state;
    pv_arena *arena = pv_arena_create();
    for (int round = 0; round < 3; round++) {
        unsigned char *previous = NULL;
        for (size_t size = 0; size < 2000; size += 3) {
            unsigned char *memory = pv_arena_allocate(arena, size, 1);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 16, 0);
            assert_true(is_zero(memory, size));
            memset(memory, 0xff, size);
            if (previous && size > 3) assert_int_equal(previous[size - 4], 0xff);
            previous = memory;
        }
        pv_arena_reset(arena);
    }
    pv_arena_free(arena);
    pv_arena_free(NULL);
}

static void arena_takes_pieces_larger_than_a_block(void **state)
{
    (void)state;
    pv_arena *arena = pv_arena_create();
    for (int round = 0; round < 2; round++) {
        char *small = pv_arena_print(arena, "%s %d", "screws", 12);
        unsigned char *large = pv_arena_allocate(arena, 3 << 20, 1);
        assert_non_null(large);
        assert_true(is_zero(large, 3 << 20));
        memset(large, 1, 3 << 20);
        assert_string_equal(small, "screws 12");
        assert_string_equal(pv_arena_print(arena, "%s", ""), "");
        pv_arena_reset(arena);
    }
    pv_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocated_memory_is_zeroed_and_aligned),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(growing_keeps_the_content_and_is_geometric),
        cmocka_unit_test(arena_memory_is_zeroed_after_a_reset_too),
        cmocka_unit_test(arena_takes_pieces_larger_than_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
