/* service_handle.h - what a pv_service is, for its life, its answers and its calls. */
#ifndef PV_SERVICE_HANDLE_H
#define PV_SERVICE_HANDLE_H

#include "service/live_state.h"
#include "service/loaded_model.h"
#include <purvey/service.h>
#include <pthread.h>

struct pv_service {
    pv_service_options options; /* texts owned */
    pv_live_state *state;
    pv_loaded_model *current;      /* read under the state's reading lock, replaced by pv_live_state_publish() */
    pthread_mutex_t reload_lock;   /* one reload at a time */
    pthread_mutex_t counters_lock; /* what follows */
    int64_t reloads, failed_reloads;
    char reload_failure[sizeof((pv_error *)0)->message]; /* empty: the newest model is in use */
};

/* Why the newest model is not in use; empty when it is. */
void pv_service_reload_failure(char *out, size_t size, pv_service *service);

#endif
