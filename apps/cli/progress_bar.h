/* progress_bar.h - one line on the terminal's standard error that is rewritten while long work goes on; silent in a
 * pipe.
 */
#ifndef PURVEY_CLI_PROGRESS_BAR_H
#define PURVEY_CLI_PROGRESS_BAR_H

#include "terminal.h"
#include <purvey/train.h>

typedef struct progress_bar {
    cli_terminal terminal; /* of standard error */
    bool is_shown;         /* wanted and possible */
    bool has_line;         /* something to wipe */
} progress_bar;

/* Also starts watching for interrupts: whoever shows progress can be stopped. */
void progress_bar_init(progress_bar *bar, bool is_quiet);
/* A pv_progress with the bar as its context: draws, and asks to stop after an interrupt. */
int progress_bar_update(void *bar, const pv_progress_state *state);
/* Wipe the line. */
void progress_bar_end(progress_bar *bar);

#endif
