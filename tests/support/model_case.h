/* model_case.h - a small shop with all its signals learned, and one question ranked. */
#ifndef MODEL_CASE_H
#define MODEL_CASE_H

#include "ranker/asker.h"
#include "ranker/ranker.h"
#include "support/question_case.h"

typedef struct model_case {
    built_shop built; /* its tensors are those of a model */
    pv_ranker *ranker;
    const pv_shop *shop; /* of the ranker */
    pv_arena *arena;     /* of the question asked last */
    pv_asker *apart;     /* of one removal */
    pv_als_rows als_rows;
    pv_history history;
    pv_company company;
    pv_question question;
    pv_ranking ranking;
} model_case;

/* signals: list of codes, NULL: all. */
void model_case_init(model_case *m, const shop_case *c, const char *signals, int32_t min_companies);
void model_case_deinit(model_case *m);
/* Rank for a user with its own purchases; NULL: nobody, the popular list. */
void model_case_ask(model_case *m, const char *user);

/* A generated shop with time, orders, categories, discounts, segments and branches, 40 users named u00 .. u39 and 24
 * products P00 .. P23: u00 has bought one product once, u01 one product four times, u39 nothing; P23 is only listed.
 * As of 2020-12-31. Borrowed, the same on every call. */
const shop_case *generated_shop(void);
#define GENERATED_PRODUCTS 24

#endif
