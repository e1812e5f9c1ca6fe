/* interrupt.h - Ctrl-C and SIGTERM as a wish to stop, which long work looks at now and then. */
#ifndef PURVEY_CLI_INTERRUPT_H
#define PURVEY_CLI_INTERRUPT_H

#include <stdbool.h>

/* From here on the first signal is noted; a second one ends the program at once. */
void interrupt_watch(void);
bool interrupt_requested(void);

#endif
