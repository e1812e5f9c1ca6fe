/* Sorting against counting: where an item must stand is how many come before it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "shop/merge_sort.h"

#define N_MAX 130

typedef struct item {
    int32_t key;
    int32_t place; /* before sorting */
    int64_t load;
} item;

static int compare_keys(const void *left, const void *right)
{
    const item *a = left, *b = right;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* Sort items[n] and look at each: as many stand before it as have a smaller key, or the same and came earlier. */
static void check_sorted(item *items, size_t n)
{
    item given[N_MAX], room[N_MAX];
    memcpy(given, items, n * sizeof *items);
    pv_merge_sort(items, room, n, sizeof *items, compare_keys);
    for (size_t i = 0; i < n; i++) {
        size_t before = 0;
        for (size_t k = 0; k < n; k++) before += given[k].key < given[i].key || (given[k].key == given[i].key && k < i);
        assert_int_equal(items[before].key, given[i].key);
        assert_int_equal(items[before].place, (int)i);
        assert_int_equal(items[before].load, given[i].load);
    }
}

static item item_of(int64_t key, size_t place)
{
    return (item){(int32_t)key, (int32_t)place, (int64_t)place * 1000 - 7};
}

static void every_length_is_sorted_and_equal_keys_keep_their_order(void **state)
{
    (void)state;
    item items[N_MAX];
    for (size_t n = 0; n <= N_MAX; n++) {
        for (uint64_t n_keys = 1; n_keys <= 1000; n_keys *= 10) {
            for (size_t i = 0; i < n; i++) items[i] = item_of((int64_t)(pv_random_bits(n, n_keys, i) % n_keys) - 5, i);
            check_sorted(items, n);
        }
    }
}

static void rising_falling_and_nearly_ordered_lists_are_sorted(void **state)
{
    (void)state;
    item items[N_MAX];
    for (size_t n = 0; n <= N_MAX; n++) {
        for (size_t i = 0; i < n; i++) items[i] = item_of((int64_t)i, i);
        check_sorted(items, n);
        for (size_t i = 0; i < n; i++) items[i] = item_of(-(int64_t)i, i);
        check_sorted(items, n);
        for (size_t i = 0; i < n; i++) items[i] = item_of(i == n / 2 ? -1 : (int64_t)i, i);
        check_sorted(items, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_sorted_and_equal_keys_keep_their_order),
        cmocka_unit_test(rising_falling_and_nearly_ordered_lists_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
