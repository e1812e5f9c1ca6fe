/* bench_arguments.h - numbers on the command lines of the benchmark's programs; a bad one ends the program. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include <stdint.h>

/* A whole number in [least, most]. */
int64_t integer_argument(const char *text, const char *name, int64_t least, int64_t most);
double real_argument(const char *text, const char *name);

#endif
