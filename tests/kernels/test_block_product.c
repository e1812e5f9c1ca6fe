/* The product of blocks of every table that this machine can run, against float64. */
#include "kernel_tables.h"

enum { SIDE = PV_KERNEL_BLOCK, BLOCK = SIDE * SIDE };

static void a_scaled_product_is_added(void **state)
{
    const pv_kernels *kernels = *state;
    const double scales[] = {1, -1, 0.5};
    float *a = odd_floats(BLOCK, 1), *b = odd_floats(BLOCK, 2), *before = odd_floats(BLOCK, 3);
    float *out = odd_floats(BLOCK, 3);
    for (size_t s = 0; s < sizeof scales / sizeof *scales; ++s) {
        memcpy(out, before, BLOCK * sizeof *out);
        kernels->add_block_product(out, (float)scales[s], a, b);
        for (size_t i = 0; i < SIDE; ++i)
            for (size_t j = 0; j < SIDE; ++j) {
                double sum = 0, size = fabs((double)before[i * SIDE + j]);
                for (size_t k = 0; k < SIDE; ++k) {
                    const double product = (double)a[k * SIDE + i] * (double)b[k * SIDE + j];
                    sum += product;
                    size += fabs(product);
                }
                assert_close((double)out[i * SIDE + j], (double)before[i * SIDE + j] + scales[s] * sum, size,
                             (double)FLT_EPSILON);
            }
    }
    free_floats(a);
    free_floats(b);
    free_floats(before);
    free_floats(out);
}

static void a_block_may_be_multiplied_by_itself(void **state)
{
    const pv_kernels *kernels = *state;
    float *a = odd_floats(BLOCK, 4), *copy = odd_floats(BLOCK, 4), *out = odd_floats(BLOCK, 5);
    float *expected = odd_floats(BLOCK, 5);
    kernels->add_block_product(out, 1, a, a);
    kernels->add_block_product(expected, 1, a, copy);
    assert_memory_equal(out, expected, BLOCK * sizeof *out);
    free_floats(a);
    free_floats(copy);
    free_floats(out);
    free_floats(expected);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scaled_product_is_added),
        cmocka_unit_test(a_block_may_be_multiplied_by_itself),
    };
    return run_on_all_tables(tests);
}
