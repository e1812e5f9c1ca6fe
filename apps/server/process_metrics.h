/* process_metrics.h - the metrics that every process has, and how metrics are printed. */
#ifndef PURVEY_PROCESS_METRICS_H
#define PURVEY_PROCESS_METRICS_H

#include <stdio.h>

/* The lines HELP and TYPE. */
void print_metric_head(FILE *out, const char *name, const char *type, const char *help);
/* A metric of one value, with its head. */
void print_metric(FILE *out, const char *name, const char *type, const char *help, double value);

/* process_cpu_seconds_total, process_resident_memory_bytes, ...: those that the system tells. */
void print_process_metrics(FILE *out);

#endif
