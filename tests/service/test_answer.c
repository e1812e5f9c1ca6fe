/* From a request to an answer: who, with which history, as of when, by which list. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/session.h"
#include "signals/als_signal.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/answer.h>
#include <stdio.h>
#include <string.h>

static scratch_folder folder;
static model_case m;
static pv_model *model;
static pv_session *session;
static pv_history_file *history;
static pv_request request;

static int start(const shop_case *c, const char *signals)
{
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&m, c, signals, 2);
    model = model_file_open(&folder, &m);
    history = NULL;
    pv_request_init(&request);
    return pv_session_create(&session, model, NULL) == PV_OK ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    return start(generated_shop(), NULL);
}

static int set_up_factors_alone(void **state)
{
    (void)state;
    return start(generated_shop(), "als");
}

static int set_up_simple(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", .count = 2), LINE("a", "Q", .count = 1),
                                              LINE("b", "P", .count = 1), LINE("b", "R", .count = 5)};
    const shop_case c = {PURCHASES(purchases)};
    return start(&c, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    pv_history_file_free(history);
    pv_session_free(session);
    pv_model_free(model);
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

static const pv_answer *recommend(const char *user)
{
    const pv_answer *answer = NULL;
    pv_error error = {.message = ""};
    request.user = user ? pv_text_of(user) : (pv_text){NULL, 0};
    if (pv_recommend(&answer, session, &request, &error) != PV_OK) fail_msg("%s", error.message);
    return answer;
}

static const pv_item *explain(const char *user, const char *product)
{
    const pv_answer *answer = NULL;
    pv_error error = {.message = ""};
    request.user = user ? pv_text_of(user) : (pv_text){NULL, 0};
    if (pv_explain_item(&answer, session, &request, pv_text_of(product), &error) != PV_OK)
        fail_msg("%s", error.message);
    assert_int_equal(answer->n_items, 1);
    return answer->items;
}

static void give_history(const char *lines)
{
    char path[SCRATCH_PATH_SIZE];
    pv_error error = {.message = ""};
    scratch_path(path, &folder, "history.csv");
    assert_true(scratch_write(path, lines, strlen(lines)));
    pv_history_file_free(history);
    if (pv_history_file_read(&history, path, 0.01, NULL, &error) != PV_OK) fail_msg("%s", error.message);
    request.history = history;
}

static double rank(const char *user, const char *product, bool *unknown)
{
    double score = (double)NAN;
    request.user = user ? pv_text_of(user) : (pv_text){NULL, 0};
    assert_int_equal(pv_rank_pair(&score, unknown, session, &request, pv_text_of(product), NULL), PV_OK);
    return score;
}

/* --- who --------------------------------------------------------------------------------------------------------- */

static void a_buyer_gets_a_personal_list_best_first(void **state)
{
    (void)state;
    const pv_answer *answer = recommend("u24");
    assert_string_equal(answer->source, "personal");
    assert_text(answer->fallback, NULL);
    assert_text(answer->user, "u24");
    assert_int_equal(answer->requested, 5);
    assert_int_equal(answer->n_items, 5);
    assert_int_equal(answer->mode, PV_MODE_MIXED);
    assert_int_equal(answer->as_of, time_of("2020-12-31"));
    for (int64_t k = 0; k < 5; k++) {
        assert_int_equal(answer->items[k].rank, k + 1);
        if (k > 0) assert_true(answer->items[k - 1].score >= answer->items[k].score);
    }
}

static void an_unknown_user_gets_the_popular_list_and_is_told(void **state)
{
    (void)state;
    const pv_answer *answer = recommend("nobody");
    assert_string_equal(answer->source, "popular");
    assert_text(answer->fallback, "the user is not known");
    assert_true(answer->n_items > 0);
    answer = recommend(NULL);
    assert_text(answer->fallback, "no user was named");
    assert_text(answer->user, NULL);
}

static void a_user_without_purchases_gets_the_list_of_its_segment(void **state)
{
    (void)state;
    const pv_answer *answer = recommend("u39"); /* 39 is a multiple of 3 */
    assert_string_equal(answer->source, "popular_in_segment");
    assert_text(answer->fallback, "the user has no purchases; popular among country DE");
    assert_string_equal(answer->items[0].reasons[0].code, "popularity");
}

static void a_date_before_all_purchases_leaves_the_popular_list(void **state)
{
    (void)state;
    request.as_of = "2019-01-01";
    const pv_answer *answer = recommend("u24");
    assert_string_equal(answer->source, "popular_in_segment");
    assert_non_null(strstr(answer->fallback.data, "the user has no purchases before this date"));
    assert_int_equal(answer->n_items, 0); /* and nothing was known then */
}

/* --- a history in the request ------------------------------------------------------------------------------------ */

static void a_users_own_lines_given_back_give_its_own_scores(void **state)
{
    (void)state;
    static char lines[8000];
    const shop_case *c = generated_shop();
    double own[GENERATED_PRODUCTS];
    size_t size = (size_t)snprintf(lines, sizeof lines, "product_id,time,order_id,quantity,unit_price,discount\n");
    for (size_t r = 0; r < c->n_purchases; r++) {
        const purchase_case *row = &c->purchases[r];
        if (strcmp(row->user, "u24") != 0) continue;
        size += (size_t)snprintf(lines + size, sizeof lines - size, "%s,%s,%s,%g,%g,%g\n", row->product, row->time,
                                 row->order, row->quantity, row->unit_price, row->discount);
    }
    request.n = GENERATED_PRODUCTS;
    for (int i = 0; i < GENERATED_PRODUCTS; i++) own[i] = (double)NAN;
    const pv_answer *answer = recommend("u24");
    const int64_t n_items = answer->n_items;
    for (int64_t k = 0; k < n_items; k++)
        own[pv_ids_find(&m.shop->products.ids, answer->items[k].product)] = answer->items[k].score;
    give_history(lines);
    answer = recommend("u24");
    assert_int_equal(answer->n_items, n_items);
    for (int64_t k = 0; k < n_items; k++)
        assert_true(fabs(answer->items[k].score - own[pv_ids_find(&m.shop->products.ids, answer->items[k].product)]) <=
                    1e-5);
}

static void a_history_replaces_the_users_purchases(void **state)
{
    (void)state;
    give_history("product_id,time\nP02,2020-06-01\n");
    const pv_item *item = explain("u24", "P02");
    assert_int_equal(item->kind, PV_KIND_REORDER);
    assert_int_equal(item->n_removals, 1);
    assert_text(item->removals[0].product, "P02");
}

static void a_history_of_nobody_is_personal(void **state)
{
    (void)state;
    give_history("product_id\nP02\nP06\n");
    const pv_answer *answer = recommend(NULL);
    assert_string_equal(answer->source, "personal");
    answer = recommend("nobody");
    assert_string_equal(answer->source, "personal");
}

static void a_history_without_a_known_product_falls_back(void **state)
{
    (void)state;
    give_history("product_id\nno such product\n");
    assert_text(recommend(NULL)->fallback, "the history has no purchase of a known product");
    assert_string_equal(recommend("u24")->source, "personal"); /* an empty history of a known buyer is an answer */
}

/* --- as of ------------------------------------------------------------------------------------------------------- */

static void as_of_is_the_later_of_the_models_and_just_after_the_last_purchase(void **state)
{
    (void)state;
    give_history("product_id,time\nP02,2020-06-01\n");
    assert_int_equal(recommend(NULL)->as_of, time_of("2020-12-31"));
    give_history("product_id,time\nP02,2021-06-01\nP03,2021-05-01\n");
    assert_int_equal(recommend(NULL)->as_of, time_of("2021-06-01T00:00:01"));
    request.as_of = "2020-07-01"; /* asked for */
    assert_int_equal(recommend(NULL)->as_of, time_of("2020-07-01"));
}

static void a_date_that_is_none_is_refused(void **state)
{
    (void)state;
    const pv_answer *answer = NULL;
    pv_error error;
    request.as_of = "yesterday";
    assert_int_equal(pv_recommend(&answer, session, &request, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/as_of");
    assert_null(answer);
}

static void a_simple_shop_has_no_as_of_and_shows_new_products(void **state)
{
    (void)state;
    const pv_answer *answer = recommend("a");
    pv_error error;
    assert_true(answer->as_of == INT64_MIN);
    assert_int_equal(answer->mode, PV_MODE_NEW);
    assert_int_equal(answer->n_items, 1);
    assert_text(answer->items[0].product, "R");
    request.as_of = "2020-01-01";
    assert_int_equal(pv_recommend(&answer, session, &request, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/as_of");
    assert_false(pv_model_has_time(model));
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

static void n_out_of_range_is_refused_by_its_field(void **state)
{
    (void)state;
    static const int64_t bad[] = {0, -1, PV_N_MAX + 1};
    for (size_t k = 0; k < 3; k++) {
        const pv_answer *answer = NULL;
        pv_error error;
        request.n = bad[k];
        assert_int_equal(pv_recommend(&answer, session, &request, &error), PV_E_USAGE);
        assert_string_equal(error.field, "/n");
    }
    request.n = PV_N_MAX;
    assert_int_equal(recommend("u24")->n_items, GENERATED_PRODUCTS - 1); /* P23 is not known yet */
}

static void gates_are_counted(void **state)
{
    (void)state;
    const pv_text exclude[] = {pv_text_of("P00"), pv_text_of("P01"), pv_text_of("none")};
    request.exclude = exclude;
    request.n_exclude = 3;
    const pv_answer *answer = recommend("u24");
    assert_int_equal(answer->n_filtered, 2);
    assert_string_equal(answer->filtered[0].gate, "excluded");
    assert_int_equal(answer->filtered[0].count, 2);
    assert_string_equal(answer->filtered[1].gate, "not_known_yet");
    assert_int_equal(answer->filtered[1].count, 1);
    assert_int_equal(answer->candidates, GENERATED_PRODUCTS - 3);
}

static void new_and_reorder_lists_share_one_score(void **state)
{
    (void)state;
    double mixed[GENERATED_PRODUCTS];
    static const pv_mode modes[] = {PV_MODE_NEW, PV_MODE_REORDER};
    int64_t listed = 0;
    request.n = GENERATED_PRODUCTS;
    const pv_answer *answer = recommend("u24");
    const int64_t total = answer->n_items;
    for (int64_t k = 0; k < total; k++)
        mixed[pv_ids_find(&m.shop->products.ids, answer->items[k].product)] = answer->items[k].score;
    for (size_t k = 0; k < 2; k++) {
        request.mode = modes[k];
        answer = recommend("u24");
        listed += answer->n_items;
        for (int64_t i = 0; i < answer->n_items; i++) {
            assert_int_equal(answer->items[i].kind, k == 0 ? PV_KIND_NEW : PV_KIND_REORDER);
            assert_true(answer->items[i].score == mixed[pv_ids_find(&m.shop->products.ids, answer->items[i].product)]);
        }
    }
    assert_int_equal(listed, total);
}

static void an_explanation_names_the_gate_and_the_rank(void **state)
{
    (void)state;
    const pv_item *item = explain("u24", "P23");
    assert_string_equal(item->gate, "not_known_yet");
    assert_int_equal(item->rank, 0);
    const pv_text best = recommend("u24")->items[0].product;
    char id[8];
    (void)snprintf(id, sizeof id, "%.*s", (int)best.size, best.data);
    item = explain("u24", id);
    assert_null(item->gate);
    assert_int_equal(item->rank, 1);
    assert_int_equal(item->n_reasons, PV_SIGNAL_COUNT);
    const pv_answer *answer = NULL;
    pv_error error;
    assert_int_equal(pv_explain_item(&answer, session, &request, pv_text_of("none"), &error), PV_E_NOT_FOUND);
    assert_string_equal(error.message, "no product \"none\" in this model");
}

static void nearest_purchases_carry_the_effect_of_their_removal(void **state)
{
    (void)state;
    const pv_item *item = explain("u24", "P01");
    int64_t n_nearest = 0;
    for (int64_t r = 0; r < item->n_reasons; r++) {
        for (int64_t f = 0; f < item->reasons[r].n_facts; f++) {
            const pv_fact *fact = &item->reasons[r].facts[f];
            for (int64_t k = 0; fact->kind == PV_FACT_NEAREST && k < fact->integer; k++, n_nearest++)
                for (int64_t p = 0; p < item->n_removals; p++)
                    if (pv_text_equal(item->removals[p].product, fact->nearest[k].product))
                        assert_true(fact->nearest[k].if_removed == item->removals[p].score);
        }
    }
    assert_true(n_nearest > 0);
}

static void rank_gives_the_score_that_recommend_serves_gates_ignored(void **state)
{
    (void)state;
    static const char *const users[] = {"u24", "u39", "nobody", NULL};
    for (size_t u = 0; u < 4; u++) {
        double scores[GENERATED_PRODUCTS];
        char ids[GENERATED_PRODUCTS][8];
        bool unknown = true;
        request.n = GENERATED_PRODUCTS;
        const pv_answer *answer = recommend(users[u]);
        const int64_t n = answer->n_items;
        for (int64_t k = 0; k < n; k++) {
            scores[k] = answer->items[k].score;
            (void)snprintf(ids[k], sizeof ids[k], "%.*s", (int)answer->items[k].product.size,
                           answer->items[k].product.data);
        }
        for (int64_t k = 0; k < n; k++) {
            assert_true(rank(users[u], ids[k], &unknown) == scores[k]);
            assert_false(unknown);
        }
        (void)rank(users[u], "P23", &unknown);
        assert_false(unknown); /* not known yet, but in the catalog */
        assert_true(rank(users[u], "none", &unknown) == 0);
        assert_true(unknown);
    }
}

/* --- the factor model alone ----------------------------------------------------------------------------------------
 */

/* The list of a bulk run, which may come from the scan, and the same with every product scored. */
static void assert_same_lists(const char *user, int64_t n, pv_session *scoring_all)
{
    const pv_answer *expected = NULL;
    request.n = n;
    request.is_bulk = true;
    const pv_answer *answer = recommend(user);
    request.is_bulk = false;
    assert_int_equal(pv_recommend(&expected, scoring_all, &request, NULL), PV_OK);
    assert_int_equal(answer->n_items, expected->n_items);
    assert_int_equal(answer->candidates, expected->candidates);
    for (int64_t k = 0; k < answer->n_items; k++) {
        const pv_item *item = &answer->items[k], *other = &expected->items[k];
        assert_true(pv_text_equal(item->product, other->product));
        assert_true(item->score == other->score);
        assert_int_equal(item->n_reasons, other->n_reasons);
        for (int64_t r = 0; r < item->n_reasons; r++)
            assert_true(item->reasons[r].contribution == other->reasons[r].contribution);
    }
}

static void the_scan_gives_the_list_of_scoring_every_product(void **state)
{
    (void)state;
    static const int64_t counts[] = {1, 3, 10, 100};
    const pv_scan_index *index = NULL;
    pv_session *scoring_all = NULL;
    assert_int_equal(pv_session_create(&scoring_all, model, NULL), PV_OK);
    for (int k = 0; k <= PV_REQUESTS_BEFORE_INDEX; k++)
        assert_int_equal(pv_shared_index_get(&index, model->scan_index, NULL), PV_OK);
    assert_non_null(index);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int u = 0; u < 40; u++) {
            char user[8];
            (void)snprintf(user, sizeof user, "u%02d", u);
            request.mode = u % 3 == 0 ? PV_MODE_REORDER : u % 3 == 1 ? PV_MODE_NEW : PV_MODE_MIXED;
            assert_same_lists(user, counts[c], scoring_all);
        }
    pv_session_free(scoring_all);
}

static void similarities_are_those_of_the_factor_signal(void **state)
{
    (void)state;
    const pv_als_bound *als = model->ranker->bound[PV_SIGNAL_ALS];
    const pv_ids *ids = &model->ranker->shop.products.ids;
    const pv_similar *similar = NULL;
    for (int32_t product = 0; product < ids->n_warm; product++) {
        assert_int_equal(pv_similar_items(&similar, session, pv_ids_at(ids, product), 100, NULL), PV_OK);
        for (int64_t k = 0; k < similar->n_items; k++) {
            const int32_t other = (int32_t)pv_ids_find(ids, similar->items[k].product);
            assert_true(similar->items[k].similarity == pv_als_similarity(als, product, other));
        }
    }
}

/* --- similar ----------------------------------------------------------------------------------------------------- */

static void similar_products_stand_by_cosine_without_the_product_itself(void **state)
{
    (void)state;
    const pv_similar *similar = NULL;
    assert_int_equal(pv_similar_items(&similar, session, pv_text_of("P01"), 100, NULL), PV_OK);
    assert_text(similar->product, "P01");
    assert_true(similar->n_items > 10);
    for (int64_t k = 0; k < similar->n_items; k++) {
        const pv_similar_item *item = &similar->items[k];
        assert_false(pv_text_equal(item->product, pv_text_of("P01")));
        assert_true(item->similarity >= -1 - 1e-12 && item->similarity <= 1 + 1e-12);
        if (k > 0) assert_true(similar->items[k - 1].similarity >= item->similarity);
        assert_int_equal(item->buyers >= 0, item->also >= 0);
        if (item->also >= 0) assert_true(item->also >= 2 && item->also <= item->buyers);
        if (item->is_substitute) assert_true(item->similarity > 0.5 && item->also < 0);
    }
    assert_int_equal(pv_similar_items(&similar, session, pv_text_of("P23"), 5, NULL), PV_OK);
    assert_int_equal(similar->n_items, 0); /* nobody bought it: like nothing */
}

static void similar_requests_that_are_wrong_are_refused(void **state)
{
    (void)state;
    const pv_similar *similar = NULL;
    pv_error error;
    assert_int_equal(pv_similar_items(&similar, session, pv_text_of("none"), 5, &error), PV_E_NOT_FOUND);
    assert_string_equal(error.field, "/product");
    assert_int_equal(pv_similar_items(&similar, session, pv_text_of("P01"), 0, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_buyer_gets_a_personal_list_best_first),
        TEST(an_unknown_user_gets_the_popular_list_and_is_told),
        TEST(a_user_without_purchases_gets_the_list_of_its_segment),
        TEST(a_date_before_all_purchases_leaves_the_popular_list),
        TEST(a_users_own_lines_given_back_give_its_own_scores),
        TEST(a_history_replaces_the_users_purchases),
        TEST(a_history_of_nobody_is_personal),
        TEST(a_history_without_a_known_product_falls_back),
        TEST(as_of_is_the_later_of_the_models_and_just_after_the_last_purchase),
        TEST(a_date_that_is_none_is_refused),
        cmocka_unit_test_setup_teardown(a_simple_shop_has_no_as_of_and_shows_new_products, set_up_simple, tear_down),
        TEST(n_out_of_range_is_refused_by_its_field),
        TEST(gates_are_counted),
        TEST(new_and_reorder_lists_share_one_score),
        TEST(an_explanation_names_the_gate_and_the_rank),
        TEST(nearest_purchases_carry_the_effect_of_their_removal),
        TEST(rank_gives_the_score_that_recommend_serves_gates_ignored),
        cmocka_unit_test_setup_teardown(the_scan_gives_the_list_of_scoring_every_product, set_up_factors_alone,
                                        tear_down),
        TEST(similarities_are_those_of_the_factor_signal),
        TEST(similar_products_stand_by_cosine_without_the_product_itself),
        TEST(similar_requests_that_are_wrong_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
