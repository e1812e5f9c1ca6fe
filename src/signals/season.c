/* season.c - see season.h. */
#include "signals/season.h"

#include "base/failure.h"
#include "signals/count_order.h"
#include "signals/own_products.h"
#include "signals/season_fit.h"
#include "signals/statement.h"

#define SMOOTHING 20.0 /* m */
#define EVEN_SHARE (1.0 / PV_MONTHS)
#define LIFT_MOST 2.0
#define DAYS_OF_YEAR 365
#define DAYS_AROUND 21

static const char *const month_names[PV_MONTHS] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_months {
    int64_t start;                     /* of the whole years counted; PV_NO_TIME: silent, all below NULL */
    const int32_t *orders, *companies; /* [12 x n_warm products] of everybody */
    const int32_t *category_companies; /* [12 x n_categories] */
    int32_t *all_orders;               /* [n_warm products] sums over the months */
    int64_t *category_orders;          /* [12 x n_categories] sums over the products */
    int32_t *by_buyers;                /* [n_warm products] most buyers first */
    int64_t month_offsets[PV_MONTHS + 1];
    int32_t *by_companies; /* [entries] products that companies ordered in a month, most companies first */
} bound_months;

/* Cells of the table above 0. */
static int64_t count_cells(const int32_t *companies, int64_t n)
{
    int64_t count = 0;
    for (int64_t cell = 0; cell < PV_MONTHS * n; cell++) count += companies[cell] > 0;
    return count;
}

/* The table with room for its sums and orders behind it; NULL on no memory. */
static bound_months *allocate_months(const pv_shop *shop, int64_t n_cells)
{
    const size_t n = (size_t)shop->products.ids.n_warm, n_categories = (size_t)shop->products.categories.n;
    bound_months *bound = pv_allocate(1, sizeof *bound + PV_MONTHS * n_categories * sizeof(int64_t) +
                                             (2 * n + (size_t)n_cells) * sizeof(int32_t));
    if (!bound) return NULL;
    bound->category_orders = (int64_t *)(bound + 1);
    bound->all_orders = (int32_t *)(bound->category_orders + PV_MONTHS * n_categories);
    bound->by_buyers = bound->all_orders + n;
    bound->by_companies = bound->by_buyers + n;
    return bound;
}

/* by_buyers and by_companies. */
static pv_status order_products(bound_months *bound, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    int32_t *order = pv_allocate((size_t)n, sizeof *order);
    if (!order) return pv_fail_memory(error, "months", (uint64_t)n * sizeof *order);
    PV_TRY(pv_count_order(bound->by_buyers, shop->products.buyers, n, error));
    for (int64_t m = 0; m < PV_MONTHS; m++) {
        const int32_t *companies = bound->companies + m * n;
        int64_t end = bound->month_offsets[m];
        PV_TRY(pv_count_order(order, companies, n, error));
        for (int64_t k = 0; k < n && companies[order[k]] > 0; k++) bound->by_companies[end++] = order[k];
        bound->month_offsets[m + 1] = end;
    }
cleanup:
    pv_release(order);
    return status;
}

static bool add_up(bound_months *bound, const pv_shop *shop)
{
    const pv_products *products = &shop->products;
    const int64_t n = products->ids.n_warm, n_categories = products->categories.n;
    bool good = true;
    for (int64_t cell = 0; good && cell < PV_MONTHS * n; cell++) {
        const int32_t orders = bound->orders[cell], companies = bound->companies[cell];
        const int64_t month = cell / n, product = cell - month * n;
        const int32_t category = products->category[product];
        good = companies >= 0 && companies <= orders && orders <= INT32_MAX - bound->all_orders[product];
        if (!good) break;
        bound->all_orders[product] += orders;
        if (category >= 0) bound->category_orders[month * n_categories + category] += orders;
    }
    for (int64_t cell = 0; good && cell < PV_MONTHS * n_categories; cell++)
        good = bound->category_companies[cell] >= 0 && bound->category_companies[cell] <= bound->category_orders[cell];
    return good;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n = shop->products.ids.n_warm, n_categories = shop->products.categories.n;
    const bool has_years = pv_season_start(shop) != PV_NO_TIME;
    const int32_t *companies = NULL;
    if (has_years) {
        status = pv_tensors_get(&companies, tensors, "season.companies", PV_I32, PV_MONTHS, n, error);
        if (status != PV_OK) return status;
    }
    bound_months *bound = allocate_months(shop, has_years ? count_cells(companies, n) : 0);
    if (!bound) return pv_fail_memory(error, "months", 0);
    bound->start = pv_season_start(shop);
    if (has_years) {
        bound->companies = companies;
        PV_TRY(pv_tensors_get(&bound->orders, tensors, "season.orders", PV_I32, PV_MONTHS, n, error));
        PV_TRY(pv_tensors_get(&bound->category_companies, tensors, "season.category_companies", PV_I32,
                              PV_MONTHS * n_categories, 0, error));
        if (!add_up(bound, shop)) PV_TRY(pv_fail(error, PV_E_INPUT, "model: the tables season are not in order"));
        PV_TRY(order_products(bound, shop, error));
    }
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct month_orders {
    int64_t in_month, all;
} month_orders;

typedef struct prepared_season {
    const bound_months *bound;
    const pv_question *question;
    int month;
    pv_own_products own_products;    /* of the asking company */
    const month_orders *own;         /* [own_products.n] its orders */
    const month_orders *by_category; /* [n_categories] orders of others */
    const double *usual;             /* [1 + n_categories] q_c after that of no category */
    const double *category_lift;     /* [1 + n_categories] likewise: for products that cannot speak for themselves */
    const int64_t *last_year;        /* [n products of the history] purchase about a year ago, PV_NO_TIME: none */
} prepared_season;

static inline double lift_of(double share)
{
    double lift = PV_MONTHS * share - 1;
    lift = lift < LIFT_MOST ? lift : LIFT_MOST;
    return lift > 0 ? lift : 0;
}

static inline double smooth(double in_month, double all, double prior)
{
    return (in_month + SMOOTHING * prior) / (all + SMOOTHING);
}

/* The asking company's orders by product and by category, to be taken out of everybody's. */
static void count_own(month_orders *own, month_orders *own_by_category, const prepared_season *p)
{
    const pv_company *company = p->question->company;
    for (int64_t m = 0; m < company->n_members; m++) {
        const pv_lines *lines = &company->members[m];
        for (int64_t l = 0; l < lines->n; l++) {
            if (!pv_season_counts_line(lines, l, p->bound->start)) continue;
            const int32_t category = p->question->shop->products.category[lines->product[l]];
            const bool is_in_month = pv_month_of(lines->time[l]) == p->month;
            const int64_t k = pv_sorted_find(p->own_products.products, p->own_products.n, lines->product[l]);
            own[k].all++;
            own[k].in_month += is_in_month;
            if (category < 0) continue;
            own_by_category[category].all++;
            own_by_category[category].in_month += is_in_month;
        }
    }
}

static void prepare_category(month_orders *others, double *usual, double *lift, const prepared_season *p, int64_t c)
{
    const bound_months *bound = p->bound;
    const int64_t n_categories = p->question->shop->products.categories.n;
    const month_orders own = *others;
    month_orders all = {bound->category_orders[p->month * n_categories + c], 0};
    for (int64_t m = 0; m < PV_MONTHS; m++) all.all += bound->category_orders[m * n_categories + c];
    *others = (month_orders){all.in_month - own.in_month, all.all - own.all};
    *usual = smooth((double)others->in_month, (double)others->all, EVEN_SHARE);
    const int32_t companies = bound->category_companies[p->month * n_categories + c] - (own.in_month > 0);
    *lift = companies >= p->question->min_companies ? lift_of(*usual) : 0;
}

/* Latest purchase of each product of the history within 3 weeks of the date one year earlier. */
static void find_last_year(int64_t *last_year, const pv_history *history, int64_t as_of)
{
    const int64_t day = as_of - (int64_t)DAYS_OF_YEAR * PV_SECONDS_PER_DAY;
    const int64_t around = (int64_t)DAYS_AROUND * PV_SECONDS_PER_DAY;
    for (int64_t k = 0; k < history->n_products; k++) {
        last_year[k] = PV_NO_TIME;
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++) {
            const int64_t time = history->lines.time[l];
            if (time >= day - around && time <= day + around && time > last_year[k]) last_year[k] = time;
        }
    }
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    const bound_months *bound = state;
    const pv_products *products = &question->shop->products;
    const size_t n_categories = (size_t)products->categories.n;
    pv_arena *arena = question->arena;
    prepared_season *p = pv_arena_allocate(arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_season){.bound = bound, .question = question};
    *out = p;
    if (bound->start == PV_NO_TIME) return PV_OK;
    p->month = pv_month_of(question->as_of);
    if (!pv_own_products_make(&p->own_products, question->company, arena))
        return pv_fail_memory(error, "a question", 0);
    month_orders *own = pv_arena_allocate(arena, (size_t)p->own_products.n, sizeof *own);
    month_orders *by_category = pv_arena_allocate(arena, n_categories, sizeof *by_category);
    double *usual = pv_arena_allocate(arena, n_categories + 1, sizeof *usual);
    double *lift = pv_arena_allocate(arena, n_categories + 1, sizeof *lift);
    int64_t *last_year = pv_arena_allocate(arena, (size_t)question->history->n_products, sizeof *last_year);
    if (!own || !by_category || !usual || !lift || !last_year) return pv_fail_memory(error, "a question", 0);
    count_own(own, by_category, p);
    usual[0] = EVEN_SHARE;
    for (size_t c = 0; c < n_categories; c++)
        prepare_category(&by_category[c], &usual[c + 1], &lift[c + 1], p, (int64_t)c);
    find_last_year(last_year, question->history, question->as_of);
    p->own = own;
    p->by_category = by_category;
    p->usual = usual;
    p->category_lift = lift;
    p->last_year = last_year;
    return PV_OK;
}

/* --- phi --------------------------------------------------------------------------------------------------------- */

static month_orders own_orders(const prepared_season *p, int32_t product)
{
    const int64_t k = pv_own_products_find(&p->own_products, p->question->company, product);
    return k >= 0 ? p->own[k] : (month_orders){0, 0};
}

static month_orders orders_of_others(const prepared_season *p, int32_t product)
{
    const bound_months *bound = p->bound;
    const int64_t n = p->question->shop->products.ids.n_warm;
    const month_orders own = own_orders(p, product);
    return (month_orders){bound->orders[p->month * n + product] - own.in_month, bound->all_orders[product] - own.all};
}

/* True when k others ever bought it: it needs no category. */
static bool speaks_for_itself(const prepared_season *p, int32_t product)
{
    const pv_products *products = &p->question->shop->products;
    return product < products->ids.n_warm &&
           products->buyers[product] - pv_company_bought(p->question->company, product) >= p->question->min_companies;
}

/* phi without the purchase of last year. */
static double month_lift(const prepared_season *p, int32_t product)
{
    const pv_products *products = &p->question->shop->products;
    const int32_t category = products->category[product];
    if (!speaks_for_itself(p, product)) return p->category_lift[category + 1];
    const int64_t cell = p->month * products->ids.n_warm + product;
    if (p->bound->companies[cell] - (own_orders(p, product).in_month > 0) < p->question->min_companies) return 0;
    const month_orders others = orders_of_others(p, product);
    return lift_of(smooth((double)others.in_month, (double)others.all, p->usual[category + 1]));
}

static int64_t last_year_of(const prepared_season *p, int32_t product)
{
    const int64_t k = pv_history_find(p->question->history, product);
    return k >= 0 ? p->last_year[k] : PV_NO_TIME;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_season *p = prepared;
    if (p->bound->start == PV_NO_TIME) return 0;
    return month_lift(p, product) + (last_year_of(p, product) != PV_NO_TIME ? 1 : 0);
}

/* month_lift() of all products for who bought none of them. In steps that compilers turn into vectors: which case it is
 * cannot be foreseen from one product to the next, and a branch would cost more than the arithmetic. */
static void lift_all(double *restrict phi, const prepared_season *p)
{
    const pv_products *products = &p->question->shop->products;
    const int64_t n = products->ids.n_warm;
    const int32_t *orders = p->bound->orders + p->month * n, *companies = p->bound->companies + p->month * n;
    const int32_t *all_orders = p->bound->all_orders, *category = products->category, *buyers = products->buyers;
    const double *usual = p->usual + 1, *category_lift = p->category_lift + 1;
    const int32_t fewest = p->question->min_companies;
    for (int64_t i = 0; i < n; i++) phi[i] = usual[category[i]];
    for (int64_t i = 0; i < n; i++) phi[i] = lift_of(smooth(orders[i], all_orders[i], phi[i]));
    for (int64_t i = 0; i < n; i++) phi[i] = companies[i] < fewest ? 0 : phi[i];
    for (int64_t i = 0; i < n; i++)
        if (buyers[i] < fewest) phi[i] = category_lift[category[i]];
    for (int64_t i = n; i < products->ids.n; i++) phi[i] = category_lift[category[i]];
}

/* Only products that the asking company bought itself differ from that. */
static void score(double *phi, const void *prepared)
{
    const prepared_season *p = prepared;
    const pv_history *history = p->question->history;
    if (p->bound->start == PV_NO_TIME) return;
    lift_all(phi, p);
    for (int64_t k = 0; k < p->own_products.n; k++)
        phi[p->own_products.products[k]] = month_lift(p, p->own_products.products[k]);
    for (int64_t k = 0; k < history->n_products; k++)
        if (p->last_year[k] != PV_NO_TIME) phi[history->products[k]] += 1;
}

/* What is said of one product, if it is. */
static inline int64_t tell(int64_t n, double *values, int32_t *products, int32_t product, double value)
{
    values[n] = value;
    products[n] = product;
    return n + (value > 0);
}

/* Products that few bought are told by their category, those that enough companies ordered this month by themselves;
 * nothing is said of the others. */
static void brief(pv_phi *phi, double *values, int32_t *told, const void *prepared)
{
    const prepared_season *p = prepared;
    const bound_months *bound = p->bound;
    const pv_products *products = &p->question->shop->products;
    const pv_company *company = p->question->company;
    const int64_t n_warm = products->ids.n_warm, end = bound->month_offsets[p->month + 1];
    const int64_t month = p->month * n_warm; /* where its companies begin, if there are any */
    const int32_t fewest = p->question->min_companies;
    int64_t n = 0;
    for (int64_t k = bound->month_offsets[p->month]; k < end; k++) {
        const int32_t i = bound->by_companies[k];
        if (bound->companies[month + i] < fewest) break;
        if (products->buyers[i] >= fewest && !pv_company_bought(company, i))
            n = tell(n, values, told, i, month_lift(p, i));
    }
    for (int64_t k = n_warm - 1; k >= 0 && bound->start != PV_NO_TIME; k--) {
        const int32_t i = bound->by_buyers[k];
        if (products->buyers[i] >= fewest) break;
        if (!pv_company_bought(company, i)) n = tell(n, values, told, i, p->category_lift[products->category[i] + 1]);
    }
    for (int64_t k = 0; k < p->own_products.n; k++)
        n = tell(n, values, told, p->own_products.products[k], month_lift(p, p->own_products.products[k]));
    for (int64_t i = n_warm; i < products->ids.n && bound->start != PV_NO_TIME; i++)
        n = tell(n, values, told, (int32_t)i, p->category_lift[products->category[i] + 1]);
    *phi = (pv_phi){.values = values, .products = told, .n = n};
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_season *p = prepared;
    *pieces = (pv_pieces){0};
    if (p->bound->start == PV_NO_TIME) return PV_OK;
    const double lift = month_lift(p, product);
    const int64_t last_year = last_year_of(p, product);
    pieces->items = pv_arena_allocate(p->question->arena, 2, sizeof *pieces->items);
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    if (last_year != PV_NO_TIME) pieces->items[pieces->n++] = pv_piece_of_purchase(product, last_year, 1);
    if (lift > 0)
        pieces->items[pieces->n++] =
            (pv_piece){.product = -1, .time = PV_NO_TIME, .phi = lift, .label = pv_text_of(month_names[p->month])};
    return PV_OK;
}

/* --- statement --------------------------------------------------------------------------------------------------- */

/* "24 % of other customers' orders of this fell in November, against 8 % in an even year." Nothing where the month says
 * nothing. */
static bool say_month(pv_statement *statement, const prepared_season *p, int32_t product, pv_arena *arena)
{
    const pv_products *products = &p->question->shop->products;
    const bool is_own = speaks_for_itself(p, product);
    const int32_t category = products->category[product];
    const pv_text month = pv_text_of(month_names[p->month]);
    char share_text[PV_SPOKEN_SIZE], even_text[PV_SPOKEN_SIZE];
    pv_statement_text(statement, "month", month);
    if (!(month_lift(p, product) > 0)) {
        pv_statement_null(statement, "share");
        return true;
    }
    const month_orders orders = is_own ? orders_of_others(p, product) : p->by_category[category];
    const double share = (double)orders.in_month / (double)orders.all;
    pv_statement_number(statement, "share", share);
    pv_statement_number(statement, "even_share", EVEN_SHARE);
    if (!is_own) pv_statement_text(statement, "value", pv_texts_at(&products->categories.paths, category));
    return pv_statement_say(
        statement, arena, "{} of other customers' orders of {} fell in {}, against {} in an even year.",
        (const pv_text[]){pv_spoken_percent(share_text, share),
                          is_own ? pv_text_of("this") : pv_texts_at(&products->categories.paths, category), month,
                          pv_spoken_percent(even_text, EVEN_SHARE)});
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_season *p = prepared;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    const int64_t last_year = last_year_of(p, product);
    if (!pv_statement_begin(statement, 5, arena) || !say_month(statement, p, product, arena) ||
        !pv_statement_date(statement, "last_year_date", last_year, arena))
        return pv_fail_memory(error, "a reason", 0);
    if (last_year == PV_NO_TIME) return PV_OK;
    const pv_text date = statement->facts[statement->n_facts - 1].text, month = statement->text;
    const bool said = pv_statement_say(statement, arena, "You bought this about this time last year, on {}.{}{}",
                                       (const pv_text[]){date, pv_text_of(month.size ? " " : ""), month});
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    return pv_season_start(shop) == PV_NO_TIME ? "purchases go back less than 13 months" : NULL;
}

const pv_signal pv_season_signal = {.code = "season",
                                    .form = PV_FORM_LINEAR,
                                    .level = PV_LEVEL_PRODUCT,
                                    .kinds = PV_SPEAKS_FOR_ALL,
                                    .fit = pv_season_fit,
                                    .bind = bind,
                                    .prepare = prepare,
                                    .score = score,
                                    .brief = brief,
                                    .score_one = score_one,
                                    .evidence = evidence,
                                    .state = state,
                                    .silent = silent};
