/* signals.c - the list of all signals, in the order in which contributions are summed. */
#include "signals/signal.h"

#include "signals/als_signal.h"
#include "signals/bought_together.h"
#include "signals/category.h"
#include "signals/discount.h"
#include "signals/habit.h"
#include "signals/popularity.h"

const pv_signal *const pv_signals[PV_SIGNAL_COUNT] = {
    [PV_SIGNAL_ALS] = &pv_als_signal,           [PV_SIGNAL_BOUGHT_TOGETHER] = &pv_bought_together_signal,
    [PV_SIGNAL_CATEGORY] = &pv_category_signal, [PV_SIGNAL_DISCOUNT] = &pv_discount_signal,
    [PV_SIGNAL_HABIT] = &pv_habit_signal,       [PV_SIGNAL_POPULARITY] = &pv_popularity_signal,
};

int pv_signal_find(pv_text code)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (pv_text_equal(pv_text_of(pv_signals[s]->code), code)) return s;
    return -1;
}
