/* question_case.c - see question_case.h. */
#include "support/question_case.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/als_signal.h"
#include <math.h>
#include <string.h>

pv_fit_settings fit_settings(int32_t min_companies)
{
    return (pv_fit_settings){.min_companies = min_companies,
                             .als = {.n_factors = 4,
                                     .iterations = 5,
                                     .loss = PV_LOSS_IALSPP,
                                     .regularization = 0.01,
                                     .unobserved_weight = 0.2,
                                     .solver = PV_SOLVER_CHOLESKY,
                                     .seed = 42},
                             .alpha = 1,
                             .half_life_days = (double)NAN,
                             .weighting = PV_WEIGHT_LOG};
}

void question_case_init(question_case *q, const shop_case *c, int signal, int32_t min_companies)
{
    *q = (question_case){.signal = pv_signals[signal], .settings = fit_settings(min_companies)};
    built_shop_init(&q->built, c);
    q->shop = &q->built.shop;
    assert_int_equal(pv_threads_create(&q->threads, 2, NULL), PV_OK);
    q->settings.threads = q->threads;
    q->arena = pv_arena_create();
    assert_non_null(q->arena);
}

void question_case_fit(question_case *q)
{
    pv_error error = {.message = ""};
    if ((q->signal->fit && q->signal->fit(&q->built.tensors, q->shop, &q->settings, &error) != PV_OK) ||
        pv_shop_bind(&q->built.shop, &q->built.tensors, &error) != PV_OK ||
        q->signal->bind(&q->bound, &q->built.tensors, q->shop, &error) != PV_OK)
        fail_msg("%s", error.message);
    if (q->signal != pv_signals[PV_SIGNAL_ALS]) return;
    const pv_als_bound *als = q->bound;
    assert_int_equal(pv_als_rows_create(&q->als_rows, als, NULL), PV_OK);
}

void question_case_prepare(question_case *q)
{
    q->prepared = NULL;
    assert_int_equal(q->signal->prepare(&q->prepared, q->bound, &q->question, NULL), PV_OK);
}

static void ask(question_case *q, const char *user, int64_t as_of)
{
    const pv_lines no_lines = {0};
    const pv_dislikes no_dislikes = {0};
    const int32_t number = user ? user_of(q->shop, user) : -1;
    const bool is_buyer = number >= 0 && number < q->shop->users.ids.n_warm;
    pv_arena_reset(q->arena);
    const pv_status made = is_buyer ? pv_history_of_user(&q->history, q->shop, number, as_of, q->arena, NULL)
                                    : pv_history_make(&q->history, &no_lines, &no_dislikes, as_of, q->arena, NULL);
    assert_int_equal(made, PV_OK);
    assert_int_equal(
        pv_company_make(&q->company, q->shop, number >= 0 ? q->shop->users.parent[number] : -1, q->arena, NULL), PV_OK);
    q->question = (pv_question){.shop = q->shop,
                                .history = &q->history,
                                .company = &q->company,
                                .as_of = as_of,
                                .user = number,
                                .min_companies = q->settings.min_companies,
                                .segment_list = -1,
                                .is_stored_history = is_buyer && as_of == q->shop->as_of,
                                .als_rows = q->als_rows,
                                .arena = q->arena};
    question_case_prepare(q);
}

void question_case_ask(question_case *q, const char *user)
{
    ask(q, user, q->shop->as_of);
}

void question_case_ask_at(question_case *q, const char *user, const char *as_of)
{
    ask(q, user, time_of(as_of));
}

void question_case_ask_without(question_case *q, const char *product)
{
    pv_history reduced;
    assert_int_equal(pv_history_without(&reduced, &q->history, product_of(q->shop, product), q->arena, NULL), PV_OK);
    q->history = reduced;
    q->question.is_stored_history = false;
    question_case_prepare(q);
}

void question_case_deinit(question_case *q)
{
    pv_als_rows_free(&q->als_rows);
    pv_release(q->bound);
    pv_arena_free(q->arena);
    pv_threads_free(q->threads);
    built_shop_deinit(&q->built);
}

double phi_of(const question_case *q, const char *product)
{
    return q->signal->score_one(q->prepared, product_of(q->shop, product));
}

static pv_pieces evidence_of(const question_case *q, int32_t product)
{
    pv_pieces pieces;
    assert_int_equal(q->signal->evidence(&pieces, q->prepared, product, NULL), PV_OK);
    return pieces;
}

/* phi of a product in the short form; which must tell of each product once. */
static double brief_phi(const pv_phi *phi, int32_t product)
{
    int64_t place = -1;
    if (phi->groups)
        place = phi->groups[product];
    else if (!phi->products && product < phi->n)
        place = product;
    for (int64_t k = 0; phi->products && k < phi->n; k++) {
        if (phi->products[k] != product) continue;
        if (place >= 0) fail_msg("product %d is told twice", (int)product);
        place = k;
    }
    return place >= 0 ? phi->values[place] : 0;
}

static void assert_brief_agrees(const question_case *q, int32_t n)
{
    double *room = pv_allocate((size_t)n + 1, sizeof *room);
    int32_t *products = pv_allocate((size_t)n + 1, sizeof *products);
    assert_true(room && products);
    pv_phi phi;
    for (int32_t i = 0; i <= n; i++) room[i] = -7; /* rooms come with anything in them */
    q->signal->brief(&phi, room, products, q->prepared);
    for (int32_t i = 0; i < n; i++) {
        const double one = q->signal->score_one(q->prepared, i), brief = brief_phi(&phi, i);
        if (pv_history_find(&q->history, i) < 0 && memcmp(&one, &brief, sizeof one) != 0)
            fail_msg("product %d: %.17g is not %.17g in short", (int)i, one, brief);
    }
    pv_release(room);
    pv_release(products);
}

void assert_consistent(const question_case *q, double tolerance)
{
    const int32_t n = (int32_t)q->shop->products.ids.n;
    double *phi = pv_allocate((size_t)n, sizeof *phi);
    assert_non_null(phi);
    if (q->signal->score) q->signal->score(phi, q->prepared);
    for (int32_t i = 0; i < n; i++) {
        const double one = q->signal->score_one(q->prepared, i);
        if (q->signal->score && memcmp(&one, &phi[i], sizeof one) != 0)
            fail_msg("product %d: %.17g is not %.17g", (int)i, one, phi[i]);
        if (tolerance < 0) continue;
        const pv_pieces pieces = evidence_of(q, i);
        double sum = 0;
        for (int64_t k = 0; k < pieces.n; k++) sum += pieces.items[k].phi;
        if (!(fabs(sum - one) <= tolerance)) fail_msg("product %d: pieces of %.17g sum to %.17g", (int)i, one, sum);
    }
    if (q->signal->brief) assert_brief_agrees(q, n);
    pv_release(phi);
}

double piece_of(const question_case *q, const char *product, const char *past)
{
    const pv_pieces pieces = evidence_of(q, product_of(q->shop, product));
    double sum = 0;
    for (int64_t k = 0; k < pieces.n; k++)
        if (pieces.items[k].product == product_of(q->shop, past)) sum += pieces.items[k].phi;
    return sum;
}

int64_t pieces_of(const question_case *q, const char *product)
{
    return evidence_of(q, product_of(q->shop, product)).n;
}

static pv_statement statement_of(const question_case *q, const char *product, bool is_reason)
{
    pv_statement statement;
    assert_int_equal(q->signal->state(&statement, q->prepared, product_of(q->shop, product), is_reason, NULL), PV_OK);
    return statement;
}

void assert_says(const question_case *q, const char *product, bool is_reason, const char *sentence)
{
    assert_text(statement_of(q, product, is_reason).text, sentence);
}

pv_fact fact_of(const question_case *q, const char *product, const char *name)
{
    const pv_statement statement = statement_of(q, product, true);
    for (int64_t f = 0; f < statement.n_facts; f++)
        if (strcmp(statement.facts[f].name, name) == 0) return statement.facts[f];
    fail_msg("no fact %s", name);
    return (pv_fact){0};
}

void *tensor_data(const pv_tensors *tensors, const char *name)
{
    const pv_tensor *tensor = pv_tensors_find(tensors, name);
    if (!tensor) fail_msg("no tensor %s", name);
    return tensor ? tensor->owned : NULL;
}

void assert_bind_refused(const question_case *q, const char *part)
{
    pv_error error = {.message = ""};
    void *bound = NULL;
    assert_int_equal(q->signal->bind(&bound, &q->built.tensors, q->shop, &error), PV_E_INPUT);
    assert_null(bound);
    if (!strstr(error.message, part)) fail_msg("\"%s\" does not name \"%s\"", error.message, part);
}
