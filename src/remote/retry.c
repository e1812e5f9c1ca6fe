/* retry.c - see retry.h. */
#include "remote/retry.h"
#include "base/random.h"
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#define FIRST_SECONDS 0.1
#define MOST_SECONDS 5.0

void pv_retry_begin(pv_retry *retry)
{
    *retry = (pv_retry){0};
    /* Without random bits there is still a delay. */
    if (getrandom(&retry->seed, sizeof retry->seed, GRND_NONBLOCK) < 0) retry->seed = 0;
}

double pv_retry_delay(uint64_t seed, int k)
{
    double most = FIRST_SECONDS;
    for (int i = 0; i < k && most < MOST_SECONDS; i++) most *= 2;
    if (most > MOST_SECONDS) most = MOST_SECONDS;
    return most * pv_random_uniform(seed, 0, (uint64_t)k);
}

static void sleep_for(double seconds)
{
    const time_t whole = (time_t)seconds;
    struct timespec left = {.tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

bool pv_retry_wait(pv_retry *retry, pv_deadline deadline)
{
    const double delay = pv_retry_delay(retry->seed, retry->waits);
    if (delay >= pv_deadline_left(deadline)) return false;
    retry->waits++;
    sleep_for(delay);
    return true;
}
