/* process.h - what this process has used so far. */
#ifndef PURVEY_CLI_PROCESS_H
#define PURVEY_CLI_PROCESS_H

#include <purvey/train.h>
#include <stdint.h>

int64_t peak_memory_bytes(void);
/* Wall clock (from any origin) and CPU time: the difference of two is the cost of what lies between. */
pv_part_time process_time(void);

#endif
