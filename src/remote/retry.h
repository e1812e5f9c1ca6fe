/* retry.h - how long to wait before asking a busy server again.
 *
 *   delay of retry k = u x min(5 s, 0.1 s x 2^k), u uniform in [0, 1)
 *
 * Source:   M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
 */
#ifndef PV_RETRY_H
#define PV_RETRY_H

#include "remote/deadline.h"
#include <stdbool.h>

typedef struct pv_retry {
    uint64_t seed; /* differs between processes, so that they do not come back together */
    int waits;
} pv_retry;

void pv_retry_begin(pv_retry *retry);
double pv_retry_delay(uint64_t seed, int k); /* seconds */
/* Sleep until the next try. False, at once: it would lie behind the deadline. */
bool pv_retry_wait(pv_retry *retry, pv_deadline deadline);

#endif
