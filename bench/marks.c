/* marks.c - lines between a worker and the harness. */
#include "marks.h"

#include <stdio.h>

static void mark(const char *event, const char *name)
{
    printf("%s %s\n", event, name);
    (void)fflush(stdout);
    for (int c = getchar(); c != '\n' && c != EOF;) c = getchar();
}

void mark_begin(const char *name)
{
    mark("begin", name);
}

void mark_end(const char *name)
{
    mark("end", name);
}
