/* signals.c - the list of all signals, in the order in which contributions are summed. */
#include "signals/signal.h"

#include "signals/age.h"
#include "signals/als_signal.h"
#include "signals/bought_together.h"
#include "signals/brand.h"
#include "signals/category.h"
#include "signals/discount.h"
#include "signals/fatigue.h"
#include "signals/habit.h"
#include "signals/last_sold.h"
#include "signals/peers.h"
#include "signals/popularity.h"
#include "signals/price_fit.h"
#include "signals/rebuy.h"
#include "signals/rebuy_rate.h"
#include "signals/reorder_due.h"
#include "signals/season.h"
#include "signals/segment.h"
#include "signals/substitute.h"
#include "signals/text_signal.h"
#include "signals/trend.h"

const pv_signal *const pv_signals[PV_SIGNAL_COUNT] = {
    [PV_SIGNAL_ALS] = &pv_als_signal,
    [PV_SIGNAL_ALS_RECENT] = &pv_als_recent_signal,
    [PV_SIGNAL_BOUGHT_TOGETHER] = &pv_bought_together_signal,
    [PV_SIGNAL_TEXT] = &pv_text_signal,
    [PV_SIGNAL_PEERS] = &pv_peers_signal,
    [PV_SIGNAL_SEGMENT] = &pv_segment_signal,
    [PV_SIGNAL_CATEGORY] = &pv_category_signal,
    [PV_SIGNAL_BRAND] = &pv_brand_signal,
    [PV_SIGNAL_DISCOUNT] = &pv_discount_signal,
    [PV_SIGNAL_PRICE_FIT] = &pv_price_fit_signal,
    [PV_SIGNAL_POPULARITY] = &pv_popularity_signal,
    [PV_SIGNAL_TREND] = &pv_trend_signal,
    [PV_SIGNAL_AGE] = &pv_age_signal,
    [PV_SIGNAL_SEASON] = &pv_season_signal,
    [PV_SIGNAL_LAST_SOLD] = &pv_last_sold_signal,
    [PV_SIGNAL_HABIT] = &pv_habit_signal,
    [PV_SIGNAL_REBUY_RATE] = &pv_rebuy_rate_signal,
    [PV_SIGNAL_REORDER_DUE] = &pv_reorder_due_signal,
    [PV_SIGNAL_REBUY] = &pv_rebuy_signal,
    [PV_SIGNAL_SUBSTITUTE] = &pv_substitute_signal,
    [PV_SIGNAL_FATIGUE] = &pv_fatigue_signal,
};

int32_t pv_question_segment(const pv_question *question, int64_t column)
{
    const pv_text_columns *segments = &question->shop->users.segments;
    for (int64_t k = 0; k < question->n_metadata; k++)
        if (pv_text_equal(question->metadata[k].column, pv_texts_at(&segments->names, column)))
            return (int32_t)pv_texts_search(&segments->values, question->metadata[k].value);
    return question->user >= 0 ? segments->codes[column * segments->n_rows + question->user] : -1;
}

int32_t pv_signal_fewest(const pv_tensors *tensors)
{
    const int64_t *fewest = NULL;
    const pv_status status = pv_tensors_get(&fewest, tensors, "weights.min_companies", PV_I64, 1, 0, NULL);
    return status == PV_OK && *fewest > 0 && *fewest <= INT32_MAX ? (int32_t)*fewest : 0;
}

bool pv_signal_own_are_past(const pv_question *question, const int32_t *products, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        if (pv_history_find(question->history, products[k]) < 0) return false;
    return true;
}

pv_status pv_signal_no_evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    (void)prepared;
    (void)product;
    (void)error;
    *pieces = (pv_pieces){0};
    return PV_OK;
}

const char *pv_signal_silent_without_time(const pv_shop *shop)
{
    return shop->has_time ? NULL : "the purchases have no time";
}

const char *pv_signal_never_silent(const pv_shop *shop)
{
    (void)shop;
    return NULL;
}

int pv_signal_find(pv_text code)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (pv_text_equal(pv_text_of(pv_signals[s]->code), code)) return s;
    return -1;
}
