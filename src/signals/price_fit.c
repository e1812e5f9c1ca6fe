/* price_fit.c - prices relative to their category's, of a product and of what the customer buys. */
#include "signals/price_fit.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>

/* --- fit --------------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Prices in groups, group 0 all products, group c + 1 the category c with what lies below it. */
typedef struct price_groups {
    int64_t n;
    int64_t *first; /* [n + 1] into prices */
    double *prices; /* sorted within a group */
} price_groups;

static bool has_price(const pv_products *products, int64_t product)
{
    return products->price[product] > 0;
}

/* The group above, -1 above all products. */
static int32_t group_above(const pv_products *products, int32_t group)
{
    return group == 0 ? -1 : products->categories.parent[group - 1] + 1;
}

static bool group_prices(price_groups *groups, const pv_products *products, pv_arena *arena)
{
    groups->n = products->categories.n + 1;
    groups->first = pv_arena_allocate(arena, (size_t)groups->n + 1, sizeof *groups->first);
    int64_t *next = pv_arena_allocate(arena, (size_t)groups->n, sizeof *next);
    if (!groups->first || !next) return false;
    for (int64_t i = 0; i < products->ids.n; i++)
        for (int32_t g = products->category[i] + 1; has_price(products, i) && g >= 0; g = group_above(products, g))
            groups->first[g + 1]++;
    for (int64_t g = 0; g < groups->n; g++) {
        groups->first[g + 1] += groups->first[g];
        next[g] = groups->first[g];
    }
    groups->prices = pv_arena_allocate(arena, (size_t)groups->first[groups->n], sizeof *groups->prices);
    if (!groups->prices) return false;
    for (int64_t i = 0; i < products->ids.n; i++)
        for (int32_t g = products->category[i] + 1; has_price(products, i) && g >= 0; g = group_above(products, g))
            groups->prices[next[g]++] = products->price[i];
    for (int64_t g = 0; g < groups->n; g++)
        qsort(groups->prices + groups->first[g], (size_t)(groups->first[g + 1] - groups->first[g]),
              sizeof *groups->prices, compare_doubles);
    return true;
}

static double median_of(const price_groups *groups, int32_t group)
{
    const double *prices = groups->prices + groups->first[group];
    const int64_t n = groups->first[group + 1] - groups->first[group];
    return n % 2 ? prices[n / 2] : (prices[n / 2 - 1] + prices[n / 2]) / 2;
}

/* The group that a product is measured by. */
static int32_t measuring_group(const price_groups *groups, const pv_products *products, int64_t product)
{
    int32_t group = products->category[product] + 1;
    while (group > 0 && groups->first[group + 1] - groups->first[group] < PV_PRICE_FIT_PRODUCTS)
        group = group_above(products, group);
    return group;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status;
    const pv_products *products = &shop->products;
    price_groups groups = {0};
    int32_t *category = NULL;
    double *median = NULL, *z = NULL;
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena && group_prices(&groups, products, arena), "prices", error));
    PV_TRY(pv_tensors_add(&category, tensors, "price_fit.category", PV_I32, products->ids.n, 0, error));
    PV_TRY(pv_tensors_add(&median, tensors, "price_fit.median", PV_F64, products->ids.n, 0, error));
    PV_TRY(pv_tensors_add(&z, tensors, "price_fit.z", PV_F64, products->ids.n, 0, error));
    for (int64_t i = 0; i < products->ids.n; i++) {
        const int32_t group = measuring_group(&groups, products, i);
        const bool is_priced = has_price(products, i);
        category[i] = group - 1;
        median[i] = is_priced ? median_of(&groups, group) : (double)NAN;
        z[i] = is_priced ? pv_log(products->price[i] / median[i]) : (double)NAN;
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_prices {
    const int32_t *category;  /* [n products] */
    const double *median, *z; /* [n products] */
} bound_prices;

static bool is_sound(const bound_prices *bound, const pv_shop *shop, int64_t product)
{
    const double median = bound->median[product], z = bound->z[product];
    return bound->category[product] >= -1 && bound->category[product] < shop->products.categories.n &&
           (has_price(&shop->products, product) ? median > 0 && fabs(z) <= 1e4 : isnan(z));
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n;
    bound_prices *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "prices", sizeof *bound);
    PV_TRY(pv_tensors_get(&bound->category, tensors, "price_fit.category", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound->median, tensors, "price_fit.median", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_get(&bound->z, tensors, "price_fit.z", PV_F64, n, 0, error));
    for (int64_t i = 0; i < n; i++)
        if (!is_sound(bound, shop, i))
            PV_TRY(pv_fail_at(error, PV_E_INPUT, i, "model: tensors price_fit: wrong at %lld", (long long)i));
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_price {
    const bound_prices *bound;
    const pv_question *question;
    int64_t n;    /* products bought that have a price; 0: no usual price */
    double usual; /* z_u */
} prepared_price;

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    const bound_prices *bound = state;
    const pv_history *history = question->history;
    prepared_price *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_price){.bound = bound, .question = question};
    *out = p;
    if (history->lines.n < PV_PRICE_FIT_LINES) return PV_OK;
    double sum = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        const double z = bound->z[history->products[k]];
        if (isnan(z)) continue;
        p->n++;
        sum += z;
    }
    p->usual = p->n ? sum / (double)p->n : 0;
    return PV_OK;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_price *p = prepared;
    const double half = fabs(p->bound->z[product] - p->usual) / 2;
    return p->n > 0 && half < 1 ? 1 - half : 0; /* NaN, a product without a price, is not below 1 */
}

static void score(double *phi, const void *prepared)
{
    const prepared_price *p = prepared;
    if (p->n == 0) return;
    for (int64_t i = 0; i < p->question->shop->products.ids.n; i++) phi[i] = score_one(prepared, (int32_t)i);
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_price *p = prepared;
    const double phi = score_one(prepared, product);
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, 1, sizeof *pieces->items), phi > 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    pieces->items[0] = (pv_piece){.product = -1, .time = PV_NO_TIME, .phi = phi, .label = pv_text_of("your prices")};
    return PV_OK;
}

/* z of the products bought, [n] sorted; NULL on no memory. */
static const double *sorted_levels(const prepared_price *p)
{
    const pv_history *history = p->question->history;
    double *levels = pv_arena_allocate(p->question->arena, (size_t)p->n, sizeof *levels);
    if (!levels) return NULL;
    int64_t n = 0;
    for (int64_t k = 0; k < history->n_products; k++)
        if (!isnan(p->bound->z[history->products[k]])) levels[n++] = p->bound->z[history->products[k]];
    qsort(levels, (size_t)n, sizeof *levels, compare_doubles);
    return levels;
}

/* A quantile in tenths, nearest rank. */
static double quantile(const double *sorted, int64_t n, int64_t tenths)
{
    return sorted[(n * tenths + 9) / 10 - 1];
}

/* Price in the product's category at that distance from its median, in hundredths. */
static double price_at(const prepared_price *p, int32_t product, double level)
{
    static const double log2_e = 1.4426950408889634;
    return rint(100 * p->bound->median[product] * pv_exp2(level * log2_e)) / 100;
}

/* "Costs 12.50; most of what you buy costs 8 to 20." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_price *p = prepared;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    const double price = p->question->shop->products.price[product];
    const double *levels = sorted_levels(p);
    const int32_t category = p->bound->category[product];
    if (!levels || !pv_statement_begin(statement, 4, arena)) return pv_fail_memory(error, "a reason", 0);
    const double low = price_at(p, product, quantile(levels, p->n, 1));
    const double high = price_at(p, product, quantile(levels, p->n, 9));
    pv_statement_number(statement, "price", price);
    pv_statement_number(statement, "usual_low", low);
    pv_statement_number(statement, "usual_high", high);
    char price_text[PV_SPOKEN_SIZE], low_text[PV_SPOKEN_SIZE], high_text[PV_SPOKEN_SIZE];
    pv_text parts[] = {pv_spoken_count(price_text, price), pv_spoken_count(low_text, low),
                       pv_spoken_count(high_text, high), pv_text_of("")};
    const char *pattern = "Costs {}; most of what you buy costs {} to {}.";
    if (category >= 0) {
        parts[3] = pv_texts_at(&p->question->shop->products.categories.paths, category);
        pv_statement_text(statement, "value", parts[3]);
        pattern = "Costs {}; going by what else you buy, {} to {} is usual for you in {}.";
    }
    return pv_statement_say(statement, arena, pattern, parts) ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    for (int64_t i = 0; i < shop->products.ids.n; i++)
        if (has_price(&shop->products, i)) return NULL;
    return "no product has a price";
}

const pv_signal pv_price_fit_signal = {.code = "price_fit",
                                       .form = PV_FORM_LINEAR,
                                       .level = PV_LEVEL_PRODUCT,
                                       .kinds = PV_SPEAKS_FOR_ALL,
                                       .fit = fit,
                                       .bind = bind,
                                       .prepare = prepare,
                                       .score = score,
                                       .score_one = score_one,
                                       .evidence = evidence,
                                       .state = state,
                                       .silent = silent};
