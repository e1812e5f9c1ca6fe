/* progress_bar.c - see progress_bar.h. */
#include "progress_bar.h"

#include "interrupt.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 24

void progress_bar_init(progress_bar *bar, bool is_quiet)
{
    interrupt_watch();
    *bar = (progress_bar){.terminal = terminal_of(STDERR_FILENO)};
    const char *name = getenv("TERM");
    bool is_dumb = name == NULL || strcmp(name, "dumb") == 0;
    bar->is_shown = bar->terminal.is_terminal && !is_dumb && !is_quiet;
}

static const char *words_of(const char *stage)
{
    static const char *const stages[][2] = {{"read", "reading"},
                                            {"fit", "fitting factors"},
                                            {"signals", "learning signals"},
                                            {"weights", "learning weights"},
                                            {"score", "scoring"},
                                            {"write", "writing"}};
    for (size_t k = 0; k < sizeof stages / sizeof stages[0]; k++)
        if (strcmp(stage, stages[k][0]) == 0) return stages[k][1];
    return stage;
}

static void print_time_left(char *out, size_t size, double seconds)
{
    long left = lround(seconds);
    if (left < 60)
        snprintf(out, size, "  %ld s left", left);
    else if (left < 3600)
        snprintf(out, size, "  %ld:%02ld min left", left / 60, left % 60);
    else
        snprintf(out, size, "  %ld:%02ld h left", left / 3600, left % 3600 / 60);
}

static void draw(progress_bar *bar, const pv_progress_state *state)
{
    char filled[BAR_WIDTH + 1], share[32] = "", loss[48] = "", left[48] = "", line[256];
    bool is_known = state->total > 0;
    double done = is_known ? fmin(state->done / state->total, 1) : 0;
    for (int k = 0; k < BAR_WIDTH; k++) filled[k] = k < done * BAR_WIDTH ? '#' : '.';
    filled[BAR_WIDTH] = '\0';
    if (is_known) snprintf(share, sizeof share, "  %3.0f %%", floor(done * 100));
    if (!isnan(state->loss)) snprintf(loss, sizeof loss, "  loss %.6g", state->loss);
    if (is_known && done > 0 && state->seconds > 1)
        print_time_left(left, sizeof left, state->seconds * (1 - done) / done);
    snprintf(line, sizeof line, "%-16s [%s]%s%s%s", words_of(state->stage), filled, share, loss, left);
    fputs("\r\033[K", stderr);
    print_text(stderr, text_of(line), bar->terminal.width - 1);
    fflush(stderr);
    bar->has_line = true;
}

int progress_bar_update(void *context, const pv_progress_state *state)
{
    progress_bar *bar = context;
    if (bar->is_shown) draw(bar, state);
    return interrupt_requested() ? 1 : 0;
}

void progress_bar_end(progress_bar *bar)
{
    if (bar->has_line) fputs("\r\033[K", stderr);
    bar->has_line = false;
}
