/* faithfulness_run.h - the measures over a sample of the customers of a model that is there. */
#ifndef PV_FAITHFULNESS_RUN_H
#define PV_FAITHFULNESS_RUN_H

#include "base/threads.h"
#include "evaluate/faithfulness_customer.h"

/* Told after each wave of customers; another status than PV_OK ends the run with it. */
typedef pv_status pv_customers_done(void *context, int64_t done, int64_t total, pv_error *error);

/* Everything but training: fills all but data_hash, as_of and seconds. done nullable. Errors: PV_E_MEMORY, those of
 * `done`. */
pv_status pv_faithfulness_run(pv_faithfulness *faithfulness, const pv_faithfulness_study *study, pv_threads *threads,
                              pv_customers_done *done, void *context, pv_error *error) PV_CHECKED;

#endif
