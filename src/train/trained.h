/* trained.h - a shop as of a date with everything learned from it, in memory: what `train` writes to a file and what
 * evaluation, tuning and the learning of weights ask directly.
 */
#ifndef PV_TRAINED_H
#define PV_TRAINED_H

#include "events/event_log.h"
#include "ranker/ranker.h"
#include "shop/tables.h"
#include "train/weights_report.h"
#include <purvey/train.h>

typedef struct pv_trained {
    pv_tensors tensors;  /* everything, as a model file holds it */
    pv_ranker *ranker;   /* bound to them */
    int64_t as_of;       /* of the shop; PV_NO_TIME without a time column */
    bool is_as_of_given; /* a date, not `now` */
    char data_hash[33];
    pv_log_position events_taken;     /* state of the event log that it stands for; the beginning without events */
    pv_weights_report weights_report; /* how the weights came about */
} pv_trained;

/* Read `shop`, fit every signal, learn the weights.
 *
 * rejects_path  bad rows go there; NULL: nowhere.
 * report        not NULL; filled as far as the work came, also on failure; `iterations` is freed by
 *               pv_train_report_deinit().
 * Errors:       those of pv_train() but for writing.
 */
pv_status pv_trained_create(pv_trained **trained, const char *shop, const pv_train_options *options,
                            const char *rejects_path, pv_train_report *report, pv_error *error) PV_CHECKED;
void pv_trained_free(pv_trained *trained); /* accepts NULL */

#endif
