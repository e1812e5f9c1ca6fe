/* Pairs in the other order, and chunks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als/als_pairs.h"
#include "als_cases.h"
#include <stdlib.h>
#include <string.h>

static void transposed_by_hand(void **state)
{
    (void)state;
    /* [. 1 . 2]
     * [3 . . 4]
     * [. . . .] */
    const int64_t offsets[] = {0, 2, 4, 4};
    const int32_t columns[] = {1, 3, 0, 3};
    const float weights[] = {1, 2, 3, 4};
    const pv_pairs pairs = {3, 4, offsets, columns, weights};
    pv_als_transpose t;
    pv_threads *threads = als_threads(1);
    assert_int_equal(pv_als_transpose_init(&t, &pairs, threads, NULL), PV_OK);
    pv_threads_free(threads);
    const int64_t expected_offsets[] = {0, 1, 2, 2, 4};
    const int32_t expected_columns[] = {1, 0, 0, 1};
    const float expected_weights[] = {3, 1, 2, 4};
    assert_int_equal(t.pairs.n_rows, 4);
    assert_int_equal(t.pairs.n_columns, 3);
    assert_memory_equal(t.pairs.row_offsets, expected_offsets, sizeof expected_offsets);
    assert_memory_equal(t.pairs.columns, expected_columns, sizeof expected_columns);
    assert_memory_equal(t.pairs.weights, expected_weights, sizeof expected_weights);
    int64_t counted[5];
    pv_als_column_offsets(counted, &pairs);
    assert_memory_equal(counted, expected_offsets, sizeof expected_offsets);
    pv_als_transpose_deinit(&t);
}

static void assert_transposes(int64_t n_rows, int64_t n_columns, unsigned n_threads)
{
    als_case c = als_case_create(n_rows, n_columns, als_with_dislikes), other = als_case_transpose(&c);
    pv_als_transpose once, twice;
    pv_threads *threads = als_threads(n_threads);
    assert_int_equal(pv_als_transpose_init(&once, &c.pairs, threads, NULL), PV_OK);
    assert_int_equal(pv_als_transpose_init(&twice, &once.pairs, threads, NULL), PV_OK);
    pv_threads_free(threads);
    size_t n = (size_t)c.row_offsets[n_rows];
    assert_memory_equal(once.row_offsets, other.row_offsets, (size_t)(n_columns + 1) * sizeof(int64_t));
    assert_memory_equal(once.columns, other.columns, n * sizeof(int32_t));
    assert_memory_equal(once.weights, other.weights, n * sizeof(float));
    assert_memory_equal(twice.row_offsets, c.row_offsets, (size_t)(n_rows + 1) * sizeof(int64_t));
    assert_memory_equal(twice.columns, c.columns, n * sizeof(int32_t));
    assert_memory_equal(twice.weights, c.weights, n * sizeof(float));
    pv_als_transpose_deinit(&once);
    pv_als_transpose_deinit(&twice);
    als_case_free(&c);
    als_case_free(&other);
}

/* Sizes of one piece and of several, rows that pieces end between. */
static void twice_transposed_is_the_same(void **state)
{
    (void)state;
    assert_transposes(37, 53, 1);
    assert_transposes(400, 30, 1);
    assert_transposes(400, 30, 3);
    assert_transposes(3, 1, 2);
    assert_transposes(1, 3, 2);
}

/* 100,000 rows, one of them as long as all others together. */
static void chunks_cover_every_row_once_and_balance(void **state)
{
    (void)state;
    enum { ROWS = 100000 };
    int64_t *offsets = malloc((ROWS + 1) * sizeof *offsets), most = 0;
    offsets[0] = 0;
    for (int64_t row = 0; row < ROWS; ++row) offsets[row + 1] = offsets[row] + (row == 500 ? 10 * ROWS : row % 20);
    const pv_pairs pairs = {.n_rows = ROWS, .row_offsets = offsets};
    pv_als_chunks chunks;
    assert_int_equal(pv_als_chunks_init(&chunks, &pairs, NULL), PV_OK);
    assert_true(chunks.count > 100 && chunks.count <= 512);
    assert_int_equal(chunks.bounds[0], 0);
    assert_int_equal(chunks.bounds[chunks.count], ROWS);
    for (size_t k = 0; k < chunks.count; ++k) {
        int64_t first = chunks.bounds[k], last = chunks.bounds[k + 1];
        assert_true(first < last);
        int64_t n = offsets[last] - offsets[first];
        if ((first > 500 || last <= 500) && n > most) most = n;
    }
    assert_true(most < 10 * ROWS / 50);
    int32_t first_out = chunks.by_size[0];
    assert_true(chunks.bounds[first_out] <= 500 && chunks.bounds[first_out + 1] > 500);
    pv_als_chunks_deinit(&chunks);
    free(offsets);
}

static void no_rows_make_no_chunks(void **state)
{
    (void)state;
    const int64_t offsets[] = {0};
    const pv_pairs pairs = {.row_offsets = offsets};
    pv_als_chunks chunks;
    assert_int_equal(pv_als_chunks_init(&chunks, &pairs, NULL), PV_OK);
    assert_int_equal(chunks.count, 0);
    pv_als_chunks_deinit(&chunks);
}

/* 40,000 rows of 100,000 pairs each: the cuts look at offsets alone. */
static void four_billion_pairs_are_cut_evenly(void **state)
{
    (void)state;
    enum { ROWS = 40000, PAIRS = 100000 };
    int64_t *offsets = malloc((ROWS + 1) * sizeof *offsets);
    for (int64_t row = 0; row <= ROWS; ++row) offsets[row] = row * PAIRS;
    const pv_pairs pairs = {ROWS, 1000000, offsets, NULL, NULL};
    pv_als_chunks chunks;
    assert_int_equal(pv_als_chunks_init(&chunks, &pairs, NULL), PV_OK);
    assert_true(chunks.count > 400 && chunks.bounds[0] == 0 && chunks.bounds[chunks.count] == ROWS);
    for (size_t c = 0; c < chunks.count; ++c) {
        assert_in_range(chunks.bounds[c + 1] - chunks.bounds[c], 1, ROWS / 400);
        assert_in_range(chunks.by_size[c], 0, (int32_t)chunks.count - 1);
    }
    pv_als_chunks_deinit(&chunks);
    free(offsets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposed_by_hand),
        cmocka_unit_test(twice_transposed_is_the_same),
        cmocka_unit_test(chunks_cover_every_row_once_and_balance),
        cmocka_unit_test(four_billion_pairs_are_cut_evenly),
        cmocka_unit_test(no_rows_make_no_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
