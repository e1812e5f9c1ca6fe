/* bench_arguments.c - numbers on the command lines of the benchmark's programs. */
#include "bench_arguments.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int64_t integer_argument(const char *text, const char *name, int64_t least, int64_t most)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && value >= least && value <= most) return value;
    (void)fprintf(stderr, "%s: expected a number from %" PRId64 " to %" PRId64 ", got %s\n", name, least, most, text);
    exit(2);
}

double real_argument(const char *text, const char *name)
{
    char *end = NULL;
    errno = 0;
    const double value = strtod(text, &end);
    if (errno == 0 && end != text && *end == '\0') return value;
    (void)fprintf(stderr, "%s: expected a number, got %s\n", name, text);
    exit(2);
}
