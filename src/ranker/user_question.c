/* user_question.c - see user_question.h. */
#include "ranker/user_question.h"

#include "base/failure.h"

pv_status pv_user_question_make(pv_user_question *asked, const pv_ranker *ranker, int64_t user, const pv_asker *asker,
                                pv_error *error)
{
    pv_status status;
    const pv_shop *shop = &ranker->shop;
    pv_arena *arena = asker->arena;
    asked->question = (pv_question){.shop = shop,
                                    .history = &asked->history,
                                    .company = &asked->company,
                                    .as_of = shop->as_of,
                                    .user = (int32_t)user,
                                    .min_companies = ranker->min_companies,
                                    .segment_list = -1,
                                    .is_stored_history = true,
                                    .als_rows = asker->rows,
                                    .arena = arena};
    PV_TRY(pv_history_of_user(&asked->history, shop, user, shop->as_of, arena, error));
    PV_TRY(pv_company_make(&asked->company, shop, shop->users.parent[user], arena, error));
    PV_TRY(pv_ranking_make(&asked->ranking, ranker, &asked->question, false, error));
    PV_TRY(pv_ranking_prepare_rest(&asked->ranking, error));
cleanup:
    return status;
}
