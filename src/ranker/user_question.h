/* user_question.h - the question of a known customer as of the model's own date: what training and evaluation ask. */
#ifndef PV_USER_QUESTION_H
#define PV_USER_QUESTION_H

#include "ranker/asker.h"

typedef struct pv_user_question {
    pv_question question;
    pv_history history;
    pv_company company;
    pv_ranking ranking; /* prepared, not scored */
} pv_user_question;

/* `user` is warm; everything made lies in the asker's arena, which is not reset. Errors: PV_E_MEMORY. */
pv_status pv_user_question_make(pv_user_question *asked, const pv_ranker *ranker, int64_t user, const pv_asker *asker,
                                pv_error *error) PV_CHECKED;

#endif
