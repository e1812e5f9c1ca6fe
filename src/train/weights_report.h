/* weights_report.h - how the weights of a model came about: what `purvey info` tells beside the numbers. */
#ifndef PV_WEIGHTS_REPORT_H
#define PV_WEIGHTS_REPORT_H

#include "ranker/weights.h"

typedef struct pv_weights_report {
    const char *why_documented; /* why they are not learned; NULL when they are */
    int32_t windows;            /* number of them, one before the other */
    int64_t cutoff, end;        /* the window [cutoff, end) they were learned from */
    int64_t customers;          /* that bought in the window */
    int64_t choices[PV_KIND_COUNT];
    double loss[PV_KIND_COUNT]; /* mean negative log-likelihood of a choice, nats */
    double low[PV_KIND_COUNT][PV_SIGNAL_COUNT], high[PV_KIND_COUNT][PV_SIGNAL_COUNT]; /* 95 % intervals of weights */
    double loss_without[PV_KIND_COUNT][PV_SIGNAL_COUNT]; /* rise of the loss when the signal is left out */
    double correlation[PV_KIND_COUNT][PV_SIGNAL_COUNT][PV_SIGNAL_COUNT]; /* of z over the alternatives; NaN: constant */
} pv_weights_report;

#endif
