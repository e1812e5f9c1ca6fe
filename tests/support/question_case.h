/* question_case.h - one signal of a small shop, learned, bound and asked. */
#ifndef QUESTION_CASE_H
#define QUESTION_CASE_H

#include "signals/signal.h"
#include "support/shop_case.h"

typedef struct question_case {
    built_shop built;
    const pv_shop *shop;
    pv_threads *threads;
    pv_arena *arena; /* of the question asked last */
    const pv_signal *signal;
    pv_fit_settings settings;
    void *bound, *prepared;
    pv_als_rows als_rows; /* NULL but for the factor model */
    pv_history history;
    pv_company company;
    pv_question question;
} question_case;

/* 4 factors, 5 iterations, ialspp with the defaults of the contract, k as given. */
pv_fit_settings fit_settings(int32_t min_companies);

/* Build the shop, fit and bind one of PV_SIGNAL_*. The settings may be changed between the two calls. */
void question_case_init(question_case *q, const shop_case *c, int signal, int32_t min_companies);
void question_case_fit(question_case *q);
/* Ask as `user` with its own purchases; NULL: nobody, without purchases. */
void question_case_ask(question_case *q, const char *user);
/* The same as of another date. */
void question_case_ask_at(question_case *q, const char *user, const char *as_of);
/* Ask the same again as if `product` had never been bought. */
void question_case_ask_without(question_case *q, const char *product);
/* Prepare again after q->question or q->history was changed. */
void question_case_prepare(question_case *q);
void question_case_deinit(question_case *q);

/* phi of a product; for every product score_one() gives the bits of score() and of brief(), and the pieces sum to phi
 * within `tolerance` (negative: the signal shows no evidence). */
double phi_of(const question_case *q, const char *product);
void assert_consistent(const question_case *q, double tolerance);
/* Sum of the pieces that name `past` in the evidence of `product`. */
double piece_of(const question_case *q, const char *product, const char *past);
int64_t pieces_of(const question_case *q, const char *product);

/* The sentence about a product (NULL: none), as a reason or as a note; a fact by name (fails when it is missing). */
void assert_says(const question_case *q, const char *product, bool is_reason, const char *sentence);
pv_fact fact_of(const question_case *q, const char *product, const char *name);

/* The data of a tensor, to be altered; binding the signal to it is refused with a message that has `part` in it. */
void *tensor_data(const pv_tensors *tensors, const char *name);
void assert_bind_refused(const question_case *q, const char *part);

#endif
