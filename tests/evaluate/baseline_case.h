/* baseline_case.h - one baseline of a small shop, made and asked. */
#ifndef BASELINE_CASE_H
#define BASELINE_CASE_H

#include "evaluate/baselines/baselines.h"
#include "support/shop_case.h"

typedef struct baseline_case {
    built_shop built;
    const pv_shop *shop;
    pv_ranker ranker; /* bound to nothing unless a test does so */
    pv_baseline_input input;
    const pv_baseline *baseline;
    void *state;
    pv_arena *arena;
    double *scores; /* [n products] of the user asked last */
} baseline_case;

/* Build the shop; two threads, seed 42. */
void baseline_case_init(baseline_case *b, const shop_case *c);
/* Make the state, instead of an earlier one. */
void baseline_case_make(baseline_case *b, const pv_baseline *baseline);
/* Score as a user who bought something. Every score is finite. */
void baseline_case_ask(baseline_case *b, const char *user);
/* Score of the user asked last. */
double score_of(const baseline_case *b, const char *product);
void baseline_case_deinit(baseline_case *b);

#endif
