/* interrupt.c - see interrupt.h. A signal handler can reach nothing but a global. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t is_requested = 0;

static void note_signal(int number)
{
    (void)number;
    is_requested = 1;
}

void interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_requested(void)
{
    return is_requested != 0;
}
