/* cmocka.h - stands for cmocka where it is not installed for arm64: the few of its names that the tests of the kernels
 * use. The first assertion that fails ends the program with 1. */
#ifndef ARM64_CMOCKA_H
#define ARM64_CMOCKA_H

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    void *initial_state;
};

#define cmocka_unit_test(test) {#test, test, NULL}
#define cmocka_run_group_tests(tests, setup, teardown)                                                                 \
    _cmocka_run_group_tests(#tests, tests, sizeof(tests) / sizeof *(tests), setup, teardown)

static inline int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n_tests,
                                          const void *setup, const void *teardown)
{
    (void)setup, (void)teardown;
    for (size_t t = 0; t < n_tests; ++t) {
        void *state = tests[t].initial_state;
        printf("%s: %s\n", group, tests[t].name);
        fflush(stdout);
        tests[t].test(&state);
    }
    return 0;
}

#define fail_msg(...)                                                                                                  \
    do {                                                                                                               \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                                \
        fprintf(stderr, __VA_ARGS__);                                                                                  \
        fputc('\n', stderr);                                                                                           \
        exit(1);                                                                                                       \
    } while (0)

#define assert_true(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) fail_msg("%s", #condition);                                                                  \
    } while (0)

#define assert_false(condition) assert_true(!(condition))
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_float_equal(a, b, epsilon) assert_true(fabsf((a) - (b)) <= (epsilon))
#define assert_in_range(value, least, most) assert_true((value) - (least) <= (most) - (least)) /* unsigned */
#define assert_memory_equal(a, b, size) assert_true(memcmp(a, b, size) == 0)
#define assert_string_equal(a, b) assert_true(strcmp(a, b) == 0)

#endif
