/* faithfulness_trial.c - see faithfulness_trial.h. */
#include "evaluate/faithfulness_trial.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "ranker/gates.h"

pv_status pv_trial_init(pv_trial *trial, const pv_ranker *ranker, pv_error *error)
{
    *trial = (pv_trial){0};
    return pv_askers_create(&trial->asker, ranker, 1, error);
}

void pv_trial_deinit(pv_trial *trial)
{
    pv_askers_free(trial->asker, 1);
}

pv_status pv_trial_ask(pv_trial *trial, const pv_ranker *ranker, int64_t user, pv_error *error)
{
    pv_arena_reset(trial->asker->arena);
    return pv_user_question_make(&trial->asked, ranker, user, trial->asker, error);
}

/* --- shorter histories ------------------------------------------------------------------------------------------- */

static bool is_left_out(const pv_left_out *left_out, const pv_lines *lines, int64_t line)
{
    for (int64_t k = 0; k < left_out->n; k++)
        if (lines->product[line] == left_out->products[k]) return true;
    return lines->order[line] == left_out->order;
}

static pv_status keep_lines(pv_lines *kept, const pv_lines *lines, const pv_left_out *left_out, pv_arena *arena,
                            pv_error *error)
{
    const size_t n = (size_t)lines->n;
    int32_t *product = pv_arena_allocate(arena, n, sizeof *product);
    int32_t *order = pv_arena_allocate(arena, n, sizeof *order);
    int64_t *time = pv_arena_allocate(arena, n, sizeof *time);
    double *count = pv_arena_allocate(arena, n, sizeof *count);
    uint8_t *discounted = pv_arena_allocate(arena, n, sizeof *discounted);
    if (!product || !order || !time || !count || !discounted)
        return pv_fail_memory(error, "a history", n * sizeof *time);
    int64_t k = 0;
    for (int64_t l = 0; l < lines->n; l++) {
        if (is_left_out(left_out, lines, l)) continue;
        product[k] = lines->product[l];
        order[k] = lines->order[l];
        if (lines->time) time[k] = lines->time[l];
        if (lines->count) count[k] = lines->count[l];
        if (lines->discounted) discounted[k] = lines->discounted[l];
        k++;
    }
    *kept = (pv_lines){.n = k,
                       .product = product,
                       .order = order,
                       .time = lines->time ? time : NULL,
                       .count = lines->count ? count : NULL,
                       .discounted = lines->discounted ? discounted : NULL};
    return PV_OK;
}

/* The question of `served`, but for its history, which the trial holds already. */
static pv_status prepare(pv_trial *trial, const pv_ranker *ranker, const pv_trial *served, pv_error *error)
{
    pv_user_question *asked = &trial->asked;
    asked->question = served->asked.question;
    asked->question.history = &asked->history;
    asked->question.is_stored_history = false;
    asked->question.als_rows = trial->asker->rows;
    asked->question.arena = trial->asker->arena;
    return pv_ranking_make(&asked->ranking, ranker, &asked->question, false, error);
}

pv_status pv_trial_ask_without(pv_trial *trial, const pv_ranker *ranker, const pv_trial *served,
                               const pv_left_out *left_out, pv_error *error)
{
    pv_status status;
    const pv_question *question = &served->asked.question;
    const pv_lines lines = pv_shop_user_lines(question->shop, question->user);
    const pv_dislikes dislikes = pv_shop_user_dislikes(question->shop, question->user);
    pv_lines kept;
    pv_arena_reset(trial->asker->arena);
    PV_TRY(keep_lines(&kept, &lines, left_out, trial->asker->arena, error));
    PV_TRY(pv_history_make(&trial->asked.history, &kept, &dislikes, question->as_of, trial->asker->arena, error));
    PV_TRY(prepare(trial, ranker, served, error));
cleanup:
    return status;
}

pv_status pv_trial_ask_shortened(pv_trial *trial, const pv_ranker *ranker, const pv_trial *served,
                                 const int32_t *products, int64_t n, pv_error *error)
{
    pv_status status;
    pv_history history = served->asked.history;
    pv_arena_reset(trial->asker->arena);
    for (int64_t k = 0; k < n; k++) {
        pv_history shorter;
        PV_TRY(pv_history_without(&shorter, &history, products[k], trial->asker->arena, error));
        history = shorter;
    }
    trial->asked.history = history;
    PV_TRY(prepare(trial, ranker, served, error));
cleanup:
    return status;
}

/* --- ranks ------------------------------------------------------------------------------------------------------- */

pv_status pv_trial_rank(pv_trial *trial, pv_error *error)
{
    pv_status status;
    const pv_question *question = &trial->asked.question;
    const pv_shop *shop = question->shop;
    const pv_mode mode = pv_shop_is_simple(shop) ? PV_MODE_NEW : PV_MODE_MIXED;
    const pv_request request = {0};
    const size_t n = (size_t)shop->products.ids.n;
    int64_t filtered[PV_GATE_COUNT] = {0};
    pv_gates gates;
    int32_t *candidates = pv_arena_allocate(trial->asker->arena, n, sizeof *candidates);
    PV_TRY(pv_check_memory(candidates != NULL, "candidates", error));
    PV_TRY(pv_ranking_score(&trial->asked.ranking, error));
    PV_TRY(pv_gates_make(&gates, shop, question->history, question->as_of, question->user, mode, &request,
                         trial->asker->arena, error));
    const int64_t n_candidates = pv_gates_collect(candidates, filtered, &gates);
    trial->rules = (pv_reasons_rules){.level = PV_EXPLAIN_FULL};
    PV_TRY(pv_reasons_rank_among(&trial->rules, &trial->asked.ranking, candidates, n_candidates, error));
cleanup:
    return status;
}

int64_t pv_trial_rank_at(const pv_trial *trial, int32_t product, double score)
{
    const int64_t rank = pv_rank_among(&trial->asked.ranking, &trial->rules, product, score);
    return rank > 0 ? rank : PV_RANK_MAX + 1;
}

bool pv_trial_lists(const pv_trial *trial, int32_t product, int64_t n)
{
    if (pv_sorted_find(trial->rules.candidates, trial->rules.n_candidates, product) < 0) return false;
    return pv_trial_rank_at(trial, product, trial->asked.ranking.scores[product]) <= n;
}
