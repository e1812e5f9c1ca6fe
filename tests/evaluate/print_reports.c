/* print_reports.c - the pages of a hand-made evaluation and of an empty one to two files, for a strict reader. */
#include "made_evaluation.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool print_page(const char *path, const pv_evaluation *evaluation)
{
    char *html = NULL;
    FILE *file = pv_evaluation_html(&html, evaluation, NULL) == PV_OK ? fopen(path, "wb") : NULL;
    bool is_done = file && fputs(html, file) >= 0;
    if (file && fclose(file) != 0) is_done = false;
    free(html);
    return is_done;
}

int main(int n_arguments, char **arguments)
{
    static made_evaluation made;
    const pv_evaluation empty = {.pooled_reliability.brier = (double)NAN};
    if (n_arguments != 3) return EXIT_FAILURE;
    made_evaluation_init(&made);
    return print_page(arguments[1], &made.evaluation) && print_page(arguments[2], &empty) ? EXIT_SUCCESS : EXIT_FAILURE;
}
