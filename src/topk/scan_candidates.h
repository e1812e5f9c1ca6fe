/* scan_candidates.h - the products of one scan that may belong to the best n, and the threshold they must reach.
 *
 * Method:   a heap keeps the n largest lower bounds of different allowed products; the least of them is the threshold:
 * a product whose upper bound is below it is beaten by n others. What reaches it waits until the scan ends or the room
 * is full; what then still reaches it is scored canonically and the best n are kept. Threads:  one scan belongs to one
 * thread.
 */
#ifndef PV_SCAN_CANDIDATES_H
#define PV_SCAN_CANDIDATES_H

#include "topk/scan_index.h"
#include "topk/topk.h"

/* Blocks that a scan takes first, together: enough for a threshold that few others reach. */
#define PV_SCAN_FIRST_BLOCKS 12
/* Products that may wait to be scored. */
#define PV_SCAN_WAITING 256

/* Whether a product may be among the best. Asked once a product at most, and only where its score might suffice. */
typedef bool pv_scan_gate(const void *context, int32_t product);

typedef struct pv_scan_candidates {
    const pv_scan_index *index;
    const pv_scan_kernels *kernels;
    const double *x;    /* [n_factors] of the query */
    pv_scan_gate *gate; /* NULL: all may */
    const void *gate_context;
    pv_tie_order *before;
    const void *tie_context;
    double threshold;     /* what n products reach: lower_bounds[0], or more after take_first(); -infinity before */
    double *lower_bounds; /* heap [n], the least on top; infinity behind it */
    double *scores;       /* [n + PV_SCAN_WAITING], of the best so far, then of those just scored */
    int32_t *products;    /* the same */
    double *upper_bounds; /* [PV_SCAN_WAITING] */
    int32_t *waiting;     /* [PV_SCAN_WAITING] products */
    int32_t *slots;       /* [n + PV_SCAN_WAITING] 0, 1, 2 .. */
    double *best_scores;  /* [n] */
    int32_t *best;        /* [n] */
    int64_t n, n_best, n_waiting;
} pv_scan_candidates;

/* Bytes of memory that the arrays of pv_scan_candidates_place() need for n >= 1. */
size_t pv_scan_candidates_bytes(int64_t n);
/* Lay the arrays into `memory` (8-byte aligned), which stays the caller's. */
void pv_scan_candidates_place(pv_scan_candidates *candidates, void *memory, int64_t n);
/* Begin a scan for another x. */
void pv_scan_candidates_begin(pv_scan_candidates *candidates, const double *x);
/* Take the products of block b in the mask `hits` whose score, within margin of their value, may suffice, and that the
 * gate lets through. A margin may be infinite or NaN. */
void pv_scan_candidates_take(pv_scan_candidates *candidates, size_t b, uint32_t hits, const float *values,
                             double margin);
/* Take the first n_blocks blocks at once, `lanes` of each, before any other: when the best bound of each lane is known,
 * most of them need no look at the heap. values [PV_SCAN_WIDTH] of block b at values + b stride, overwritten where a
 * lane is not taken. No gate may be set. */
void pv_scan_candidates_take_first(pv_scan_candidates *candidates, float *values, size_t stride, const double *margins,
                                   const uint32_t *lanes, size_t n_blocks);
/* Score what waits; candidates->best[n_best] and best_scores are then the best n of all that was taken, in order. */
void pv_scan_candidates_settle(pv_scan_candidates *candidates);

#endif
