/* model_case.c - see model_case.h. */
#include "ranker/scales.h"
#include "support/model_case.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/als_signal.h"
#include <stdio.h>

static pv_status learn(model_case *m, const pv_weights *weights, const pv_fit_settings *settings, pv_error *error)
{
    int64_t *min_companies = NULL;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const bool is_always = s == PV_SIGNAL_ALS || s == PV_SIGNAL_POPULARITY;
        if (!pv_signals[s]->fit || !(weights->is_used[s] || is_always)) continue;
        const pv_status status = pv_signals[s]->fit(&m->built.tensors, &m->built.shop, settings, error);
        if (status != PV_OK) return status;
    }
    pv_status status = pv_tensors_add(&min_companies, &m->built.tensors, "weights.min_companies", PV_I64, 1, 0, error);
    if (status != PV_OK) return status;
    *min_companies = settings->min_companies;
    status = pv_weights_put(&m->built.tensors, weights, error);
    if (status == PV_OK) status = pv_ranker_create(&m->ranker, &m->built.tensors, error);
    if (status == PV_OK) status = pv_scales_measure(&m->ranker->weights, m->ranker, settings->threads, error);
    return status == PV_OK ? pv_weights_put(&m->built.tensors, &m->ranker->weights, error) : status;
}

void model_case_init(model_case *m, const shop_case *c, const char *signals, int32_t min_companies)
{
    pv_error error = {.message = ""};
    pv_weights weights;
    pv_fit_settings settings = fit_settings(min_companies);
    *m = (model_case){.arena = pv_arena_create()};
    assert_non_null(m->arena);
    built_shop_init(&m->built, c);
    assert_int_equal(pv_weights_default(&weights, signals, NULL), PV_OK);
    assert_int_equal(pv_threads_create(&settings.threads, 2, NULL), PV_OK);
    if (learn(m, &weights, &settings, &error) != PV_OK) fail_msg("%s", error.message);
    pv_threads_free(settings.threads);
    m->shop = &m->ranker->shop;
    const pv_als_bound *als = m->ranker->bound[PV_SIGNAL_ALS];
    assert_int_equal(pv_als_rows_create(&m->als_rows, als, NULL), PV_OK);
    assert_int_equal(pv_askers_create(&m->apart, m->ranker, 1, NULL), PV_OK);
}

void model_case_deinit(model_case *m)
{
    pv_als_rows_free(&m->als_rows);
    pv_ranker_free(m->ranker);
    pv_arena_free(m->arena);
    pv_askers_free(m->apart, 1);
    built_shop_deinit(&m->built);
}

void model_case_ask(model_case *m, const char *user)
{
    const pv_lines no_lines = {0};
    const pv_dislikes no_dislikes = {0};
    const int32_t number = user ? user_of(m->shop, user) : -1;
    const bool is_buyer = number >= 0 && number < m->shop->users.ids.n_warm;
    pv_arena_reset(m->arena);
    const pv_status made = is_buyer
                               ? pv_history_of_user(&m->history, m->shop, number, m->shop->as_of, m->arena, NULL)
                               : pv_history_make(&m->history, &no_lines, &no_dislikes, m->shop->as_of, m->arena, NULL);
    assert_int_equal(made, PV_OK);
    assert_int_equal(
        pv_company_make(&m->company, m->shop, number >= 0 ? m->shop->users.parent[number] : -1, m->arena, NULL), PV_OK);
    m->question = (pv_question){.shop = m->shop,
                                .history = &m->history,
                                .company = &m->company,
                                .as_of = m->shop->as_of,
                                .user = number,
                                .min_companies = m->ranker->min_companies,
                                .segment_list = -1,
                                .is_stored_history = is_buyer,
                                .als_rows = m->als_rows,
                                .arena = m->arena};
    assert_int_equal(pv_ranking_make(&m->ranking, m->ranker, &m->question, !is_buyer, NULL), PV_OK);
    assert_int_equal(pv_ranking_score(&m->ranking, NULL), PV_OK);
}

/* --- a generated shop -------------------------------------------------------------------------------------------- */

#define USERS_N 40
#define ORDERS_N 6
#define LINES_MAX 2000

static purchase_case lines[LINES_MAX];
static product_case products[GENERATED_PRODUCTS];
static user_case users[USERS_N];
static char user_ids[USERS_N][8], product_ids[GENERATED_PRODUCTS][8], product_names[GENERATED_PRODUCTS][16];
static char dates[USERS_N][ORDERS_N][16], orders[USERS_N][ORDERS_N][16];

/* A fixed scramble of small numbers. */
static unsigned scramble(unsigned a, unsigned b, unsigned c)
{
    unsigned x = a * 2654435761U + b * 40503U + c * 9176U + 7U;
    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    return x;
}

static void make_ids(void)
{
    static const char *const categories[] = {"Tools > Hand", "Tools > Power", "Paint", "Fixings > Screws"};
    for (int p = 0; p < GENERATED_PRODUCTS; p++) {
        (void)snprintf(product_ids[p], sizeof product_ids[p], "P%02d", p);
        (void)snprintf(product_names[p], sizeof product_names[p], "Product %d", p);
        products[p] = (product_case){.id = product_ids[p],
                                     .name = p % 5 ? product_names[p] : NULL,
                                     .category = categories[p % 4],
                                     .brand = p % 2 ? "Acme" : "Best",
                                     .price = 1 + p,
                                     .discount = p % 3 ? 0 : 0.1 + 0.01 * p};
    }
    for (int u = 0; u < USERS_N; u++) {
        (void)snprintf(user_ids[u], sizeof user_ids[u], "u%02d", u);
        users[u] = (user_case){.id = user_ids[u],
                               .parent = u % 10 == 3 || u % 10 == 4 ? user_ids[u - u % 10 + 3] : NULL,
                               .country = u % 3 ? "FR" : "DE"};
        for (int o = 0; o < ORDERS_N; o++) {
            const unsigned day = scramble((unsigned)u, (unsigned)o, 1) % 360;
            (void)snprintf(dates[u][o], sizeof dates[u][o], "2020-%02u-%02u", 1 + day / 30, 1 + day % 28);
            (void)snprintf(orders[u][o], sizeof orders[u][o], "%d/%d", u, o);
        }
    }
}

static size_t add_line(size_t n, int u, int o, int p)
{
    lines[n] = (purchase_case){.user = user_ids[u],
                               .product = product_ids[p],
                               .time = dates[u][o],
                               .order = orders[u][o],
                               .quantity = 1 + o,
                               .unit_price = 1 + p,
                               .discount = scramble((unsigned)u, (unsigned)o, (unsigned)p) % 4 ? 0 : 0.2};
    return n + 1;
}

/* Users of one group of four buy mostly the products of one category, and sometimes others. */
static size_t make_lines(void)
{
    size_t n = add_line(0, 0, 0, 2);
    for (int o = 0; o < 4; o++) n = add_line(n, 1, o, 5);
    for (int u = 2; u < USERS_N - 1; u++) {
        for (int o = 0; o < 2 + u % 5; o++) {
            for (int k = 0; k < 4; k++) {
                const unsigned draw = scramble((unsigned)u, (unsigned)o, (unsigned)k + 50);
                const int own = u % 4 + 4 * (int)(draw % 5), any = (int)(draw % (GENERATED_PRODUCTS - 1));
                n = add_line(n, u, o, draw % 7 ? own : any);
            }
        }
    }
    return n;
}

const shop_case *generated_shop(void)
{
    static shop_case c;
    make_ids();
    c = (shop_case){
        .purchases = lines, .n_purchases = make_lines(), PRODUCTS(products), USERS(users), .as_of = "2020-12-31"};
    return &c;
}
