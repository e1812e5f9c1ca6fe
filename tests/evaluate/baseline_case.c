/* baseline_case.c - see baseline_case.h. */
#include "baseline_case.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

void baseline_case_init(baseline_case *b, const shop_case *c)
{
    *b = (baseline_case){.arena = pv_arena_create()};
    built_shop_init(&b->built, c);
    b->shop = &b->built.shop;
    b->input = (pv_baseline_input){.shop = b->shop, .ranker = &b->ranker, .seed = 42};
    b->scores = pv_allocate((size_t)b->shop->products.ids.n, sizeof *b->scores);
    assert_true(b->arena && b->scores);
    assert_int_equal(pv_threads_create(&b->input.threads, 2, NULL), PV_OK);
}

void baseline_case_make(baseline_case *b, const pv_baseline *baseline)
{
    if (b->baseline) b->baseline->free(b->state);
    b->baseline = baseline;
    b->state = NULL;
    if (baseline->absent) assert_null(baseline->absent(&b->input));
    assert_int_equal(baseline->create(&b->state, &b->input, NULL), PV_OK);
    assert_non_null(b->state);
}

void baseline_case_ask(baseline_case *b, const char *user)
{
    const int32_t number = user_of(b->shop, user);
    pv_history history;
    pv_arena_reset(b->arena);
    for (int64_t i = 0; i < b->shop->products.ids.n; i++) b->scores[i] = (double)NAN;
    assert_int_equal(pv_history_of_user(&history, b->shop, number, b->shop->as_of, b->arena, NULL), PV_OK);
    assert_int_equal(b->baseline->score(b->scores, b->state, number, &history, b->arena, NULL), PV_OK);
    for (int64_t i = 0; i < b->shop->products.ids.n; i++) assert_true(isfinite(b->scores[i]));
}

double score_of(const baseline_case *b, const char *product)
{
    return b->scores[product_of(b->shop, product)];
}

void baseline_case_deinit(baseline_case *b)
{
    if (b->baseline) b->baseline->free(b->state);
    pv_threads_free(b->input.threads);
    pv_arena_free(b->arena);
    pv_release(b->scores);
    built_shop_deinit(&b->built);
}
