/* Which tables this process uses, against what the operating system says of the processor. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/scan_kernels.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 16384 };

/* The words of the first line of /proc/cpuinfo that names the instruction sets, with a blank behind each. */
static void read_flags(char flags[LINE])
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    flags[0] = '\0';
    if (!file) skip();
    while (fgets(flags, LINE, file) && strncmp(flags, "flags", 5) != 0) continue;
    fclose(file);
    size_t length = strcspn(flags, "\n");
    snprintf(flags + length, LINE - length, " ");
}

static bool has_all(const char *flags, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (!strstr(flags, names[i])) return false;
    return true;
}

static const char *best_name(void)
{
#if defined(__x86_64__)
    static const char *const needed[] = {" avx2 ",     " fma ",      " avx512f ",    " avx512bw ",
                                         " avx512dq ", " avx512vl ", " avx512_vnni "};
    char flags[LINE];
    read_flags(flags);
    if (has_all(flags, needed, 7)) return "avx512vnni";
    if (has_all(flags, needed, 6)) return "avx512";
    if (has_all(flags, needed, 2)) return "avx2";
    return "scalar";
#elif defined(__aarch64__)
    return "neon";
#else
    return "scalar";
#endif
}

/* ctest runs this program as it is and with PURVEY_ISA=scalar. */
static void tables_are_those_of_the_processor_or_lowered(void **state)
{
    (void)state;
    const char *wanted = getenv("PURVEY_ISA"), *expected = wanted ? wanted : best_name();
    assert_string_equal(pv_isa_name(pv_isa_get()), expected);
    assert_string_equal(pv_scan_kernels_get()->isa, expected);
    /* The kernels of training have nothing to gain from VNNI. */
    assert_string_equal(pv_kernels_get()->isa, strcmp(expected, "avx512vnni") == 0 ? "avx512" : expected);
    assert_ptr_equal(pv_kernels_get(), pv_kernels_get());
}

static void a_name_only_lowers(void **state)
{
    (void)state;
    static const char *const names[] = {"scalar", "avx2", "avx512", "avx512vnni", "neon"};
    const char *best = best_name();
    for (size_t wanted = 0; wanted < sizeof names / sizeof *names; ++wanted) {
        size_t most = 0;
        while (strcmp(names[most], best) != 0) ++most;
        bool is_lower = wanted < most && (strcmp(best, "neon") != 0 || wanted == 0);
        assert_string_equal(pv_isa_name(pv_isa_choose(names[wanted])), is_lower ? names[wanted] : best);
    }
    static const char *const unknown[] = {"", "AVX2", "sse2", "scalar ", NULL};
    for (size_t u = 0; u < sizeof unknown / sizeof *unknown; ++u)
        assert_string_equal(pv_isa_name(pv_isa_choose(unknown[u])), best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_those_of_the_processor_or_lowered),
        cmocka_unit_test(a_name_only_lowers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
