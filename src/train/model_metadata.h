/* model_metadata.h - what a model file says of itself: options, hash, dates, metrics, weights (contract section 5). */
#ifndef PV_MODEL_METADATA_H
#define PV_MODEL_METADATA_H

#include "base/json_writer.h"
#include "model/safetensors_file.h"
#include "train/trained.h"

enum { PV_METADATA_PAIRS = 9 };

typedef struct pv_model_metadata {
    pv_metadata_pair pairs[PV_METADATA_PAIRS]; /* [n_pairs] point into what follows and into `trained` */
    int32_t n_pairs;
    pv_buffer options, metrics, weights, kinds[PV_KIND_COUNT];
    char as_of[PV_TIMESTAMP_SIZE];
    char events_taken[PV_LOG_POSITION_SIZE]; /* a pair only where an event log was given */
} pv_model_metadata;

/* No clock, no path, no thread count: same input and options, same bytes. Errors: PV_E_MEMORY. */
pv_status pv_model_metadata_make(pv_model_metadata *metadata, const pv_trained *trained,
                                 const pv_train_options *options, const pv_train_report *report,
                                 pv_error *error) PV_CHECKED;
void pv_model_metadata_deinit(pv_model_metadata *metadata);

#endif
