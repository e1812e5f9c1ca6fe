/* model.h - an opened model: the mapped file and everything bound to it.
 *
 * Threads:  read-only after opening but for the scan index, which guards itself; shared by all sessions.
 */
#ifndef PV_MODEL_H
#define PV_MODEL_H

#include "events/event_log.h"
#include "model/safetensors_file.h"
#include "ranker/ranker.h"
#include "topk/shared_index.h"
#include <purvey/model.h>

#define PV_MODEL_FORMAT "2"

struct pv_model {
    pv_safetensors *file;
    pv_ranker *ranker;
    int32_t *user_order;          /* [n users] all users in bytewise order of their ids */
    pv_shared_index *scan_index;  /* of the product factors */
    char id[9];                   /* start of the checksum */
    pv_log_position events_taken; /* state of the event log that it was trained with; the beginning: none */
};

#endif
