/* The audience of a product: the users, scores, ranks and reasons that recommend serves one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/audience_candidates.h"
#include "service/session.h"
#include "signals/als_signal.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/views.h>
#include <string.h>

static scratch_folder folder;
static model_case m;
static pv_model *model;
static pv_session *session, *other; /* `other` asks what recommend says while an audience is held */
static pv_request request;

static void open_model(void)
{
    model = model_file_open(&folder, &m);
    assert_int_equal(pv_session_create(&session, model, NULL), PV_OK);
    assert_int_equal(pv_session_create(&other, model, NULL), PV_OK);
}

static void start(const shop_case *c, const char *signals)
{
    assert_true(scratch_folder_create(&folder));
    model_case_init(&m, c, signals, 2);
    pv_request_init(&request);
    request.n = 100;
}

static int set_up(void **state)
{
    (void)state;
    start(generated_shop(), NULL);
    open_model();
    return 0;
}

static int set_up_factors_alone(void **state)
{
    (void)state;
    start(generated_shop(), "als");
    open_model();
    return 0;
}

/* P03 and P08 are promoted. */
static int set_up_promotions(void **state)
{
    (void)state;
    start(generated_shop(), NULL);
    double *promotion = tensor_data(&m.built.tensors, "products.promotion");
    promotion[product_of(m.shop, "P03")] = 1.5;
    promotion[product_of(m.shop, "P08")] = 0.25;
    open_model();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pv_session_free(session);
    pv_session_free(other);
    pv_model_free(model);
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

static const pv_audience *audience_of(const char *product)
{
    const pv_audience *audience = NULL;
    pv_error error = {.message = ""};
    if (pv_audience_of(&audience, session, &request, pv_text_of(product), &error) != PV_OK)
        fail_msg("%s", error.message);
    return audience;
}

static int64_t count_filtered(const pv_audience *audience, const char *gate)
{
    for (int64_t k = 0; k < audience->n_filtered; k++)
        if (strcmp(audience->filtered[k].gate, gate) == 0) return audience->filtered[k].count;
    return -1;
}

/* The item that recommend shows to a user, NULL when it does not or when its list is the popular one. */
static const pv_item *recommended(pv_text user, const char *product)
{
    const pv_answer *answer = NULL;
    pv_request question = request;
    question.user = user;
    question.n = GENERATED_PRODUCTS;
    assert_int_equal(pv_recommend(&answer, other, &question, NULL), PV_OK);
    if (strncmp(answer->source, "popular", 7) == 0) return NULL;
    for (int64_t k = 0; k < answer->n_items; k++)
        if (pv_text_equal(answer->items[k].product, pv_text_of(product))) return &answer->items[k];
    return NULL;
}

static void assert_same_text(pv_text a, pv_text b)
{
    assert_int_equal(a.data == NULL, b.data == NULL);
    assert_true(pv_text_equal(a, b));
}

static void assert_same_reasons(const pv_reason *reasons, const pv_reason *expected, int64_t n)
{
    for (int64_t r = 0; r < n; r++) {
        assert_string_equal(reasons[r].code, expected[r].code);
        assert_true(reasons[r].contribution == expected[r].contribution);
        assert_int_equal(reasons[r].if_removed_rank, expected[r].if_removed_rank);
        assert_same_text(reasons[r].text, expected[r].text);
        assert_int_equal(reasons[r].n_facts, expected[r].n_facts);
        for (int64_t f = 0; f < reasons[r].n_facts; f++)
            assert_same_text(reasons[r].facts[f].text, expected[r].facts[f].text);
        assert_int_equal(reasons[r].n_evidence, expected[r].n_evidence);
        for (int64_t e = 0; e < reasons[r].n_evidence; e++) {
            assert_same_text(reasons[r].evidence[e].label, expected[r].evidence[e].label);
            assert_same_text(reasons[r].evidence[e].date, expected[r].evidence[e].date);
            assert_same_text(reasons[r].evidence[e].product, expected[r].evidence[e].product);
        }
    }
}

static void assert_same_item(const pv_item *item, const pv_item *expected)
{
    assert_true(item->score == expected->score);
    assert_true(item->base == expected->base);
    assert_true(item->policy == expected->policy);
    assert_int_equal(item->kind, expected->kind);
    assert_int_equal(item->n_reasons, expected->n_reasons);
    assert_int_equal(item->n_notes, expected->n_notes);
    assert_true(item->other_positive == expected->other_positive);
    assert_true(item->negative == expected->negative);
    assert_same_reasons(item->reasons, expected->reasons, item->n_reasons);
    assert_same_reasons(item->notes, expected->notes, item->n_notes);
    assert_int_equal(item->rank, request.explain == PV_EXPLAIN_NONE ? 0 : expected->rank);
}

/* Everybody to whom recommend shows the product is listed, with the item that it shows. */
static void assert_audience_is_what_recommend_serves(const char *product)
{
    const pv_shop *shop = &model->ranker->shop;
    const pv_audience *audience = audience_of(product);
    int64_t n_expected = 0, n_counted = 0;
    for (int64_t u = 0; u < shop->users.ids.n; u++)
        n_expected += recommended(pv_ids_at(&shop->users.ids, u), product) != NULL;
    assert_int_equal(audience->n_users, n_expected);
    assert_int_equal(audience->candidates, n_expected);
    for (int64_t k = 0; k < audience->n_users; k++) {
        const pv_audience_user *user = &audience->users[k];
        const pv_item *expected = recommended(user->user, product);
        assert_non_null(expected);
        assert_int_equal(user->rank, k + 1);
        assert_same_item(&user->item, expected);
        if (k == 0) continue;
        const pv_audience_user *before = &audience->users[k - 1];
        assert_true(before->item.score >= user->item.score);
        if (before->item.score == user->item.score) assert_true(pv_text_compare(before->user, user->user) < 0);
    }
    for (int64_t g = 0; g < audience->n_filtered; g++) n_counted += audience->filtered[g].count;
    assert_int_equal(audience->considered, shop->users.ids.n);
    assert_int_equal(audience->considered, audience->candidates + n_counted);
}

static void an_audience_is_what_recommend_serves_in_every_mode(void **state)
{
    (void)state;
    static const pv_mode modes[] = {PV_MODE_DEFAULT, PV_MODE_MIXED, PV_MODE_NEW, PV_MODE_REORDER};
    for (size_t k = 0; k < sizeof modes / sizeof *modes; k++) {
        request.mode = modes[k];
        assert_audience_is_what_recommend_serves("P05");
        assert_audience_is_what_recommend_serves("P12");
    }
}

static void every_product_has_the_scores_that_recommend_serves(void **state)
{
    (void)state;
    const pv_ids *ids = &model->ranker->shop.products.ids;
    request.explain = PV_EXPLAIN_NONE;
    for (int64_t p = 0; p < ids->n; p++) {
        char product[8] = {0};
        const pv_text id = pv_ids_at(ids, p);
        memcpy(product, id.data, id.size);
        assert_audience_is_what_recommend_serves(product);
    }
}

static void another_date_gives_the_scores_of_that_date(void **state)
{
    (void)state;
    request.as_of = "2021-02-15";
    assert_audience_is_what_recommend_serves("P05");
    assert_int_equal(audience_of("P05")->as_of, time_of("2021-02-15"));
}

static void a_promoted_product_keeps_its_cap(void **state)
{
    (void)state;
    bool is_lifted = false;
    assert_audience_is_what_recommend_serves("P03");
    assert_audience_is_what_recommend_serves("P08");
    assert_audience_is_what_recommend_serves("P05"); /* not promoted, among others that are */
    const pv_audience *audience = audience_of("P03");
    for (int64_t k = 0; k < audience->n_users; k++) is_lifted |= audience->users[k].item.policy > 0;
    assert_true(is_lifted);
    request.explain = PV_EXPLAIN_NONE;
    assert_audience_is_what_recommend_serves("P03");
}

static void a_list_is_cut_at_n(void **state)
{
    (void)state;
    pv_text first[3];
    const pv_audience *audience = audience_of("P05");
    const int64_t candidates = audience->candidates;
    for (int k = 0; k < 3; k++) first[k] = audience->users[k].user;
    request.n = 3;
    audience = audience_of("P05");
    assert_int_equal(audience->requested, 3);
    assert_int_equal(audience->n_users, 3);
    assert_int_equal(audience->candidates, candidates);
    assert_string_equal(audience->search, "all");
    for (int k = 0; k < 3; k++) assert_true(pv_text_equal(audience->users[k].user, first[k]));
}

static void whoever_cannot_be_shown_it_is_counted_by_gate(void **state)
{
    (void)state;
    const pv_text excluded[] = {pv_text_of("P05")};
    request.exclude = excluded;
    request.n_exclude = 1;
    const pv_audience *audience = audience_of("P05");
    assert_int_equal(audience->n_users, 0);
    assert_int_equal(audience->considered, 40);
    assert_int_equal(count_filtered(audience, "no_purchases"), 1); /* u39 */
    assert_int_equal(count_filtered(audience, "excluded"), 39);
    assert_int_equal(count_filtered(audience, "not_known_yet"), 0);
    request.n_exclude = 0;
    request.mode = PV_MODE_REORDER;
    audience = audience_of("P05");
    assert_int_equal(count_filtered(audience, "never_bought"), 39 - audience->n_users);
    assert_true(audience->n_users > 0);
}

static void requests_that_are_about_one_customer_are_refused(void **state)
{
    (void)state;
    const pv_audience *audience = NULL;
    const pv_metadata told = {pv_text_of("country"), pv_text_of("FR")};
    pv_error error;
    assert_int_equal(pv_audience_of(&audience, session, &request, pv_text_of("none"), &error), PV_E_NOT_FOUND);
    assert_string_equal(error.field, "/product");
    request.new_share = 0.5;
    assert_int_equal(pv_audience_of(&audience, session, &request, pv_text_of("P05"), &error), PV_E_USAGE);
    assert_string_equal(error.field, "/new_share");
    pv_request_init(&request);
    request.metadata = &told;
    request.n_metadata = 1;
    assert_int_equal(pv_audience_of(&audience, session, &request, pv_text_of("P05"), &error), PV_E_USAGE);
    assert_string_equal(error.field, "/metadata");
    pv_request_init(&request);
    request.as_of = "soon";
    assert_int_equal(pv_audience_of(&audience, session, &request, pv_text_of("P05"), &error), PV_E_USAGE);
    assert_string_equal(error.field, "/as_of");
    pv_request_init(&request);
    request.n = 0;
    assert_int_equal(pv_audience_of(&audience, session, &request, pv_text_of("P05"), &error), PV_E_USAGE);
    assert_string_equal(error.field, "/n");
}

/* --- candidates -------------------------------------------------------------------------------------------------- */

static bool has_bought(int64_t user, int32_t product)
{
    const pv_lines lines = pv_shop_user_lines(&model->ranker->shop, user);
    for (int64_t l = 0; l < lines.n; l++)
        if (lines.product[l] == product) return true;
    return false;
}

/* What als and als_recent would add, by the ranking of the user's own question. */
static double estimate(int64_t user, int32_t product)
{
    const pv_als_model *als = &((const pv_als_bound *)model->ranker->bound[PV_SIGNAL_ALS])->model;
    const pv_lines lines = pv_shop_user_lines(&model->ranker->shop, user);
    const pv_kind kind = has_bought(user, product) ? PV_KIND_REORDER : PV_KIND_NEW;
    pv_asked *asked = NULL;
    double dot = 0, freshness = 0;
    for (int f = 0; f < als->settings.n_factors; f++)
        dot += (double)als->user_factors[user * als->settings.n_factors + f] *
               (double)als->product_factors[product * als->settings.n_factors + f];
    for (int64_t l = 0; l < lines.n; l++)
        freshness += exp2(-(double)(model->ranker->shop.as_of - lines.time[l]) / (90 * 86400.0)) / (double)lines.n;
    request.user = pv_ids_at(&model->ranker->shop.users.ids, user);
    assert_int_equal(pv_session_ask(&asked, other, &request, NULL), PV_OK);
    return pv_ranking_contribution_of(&asked->ranking, PV_SIGNAL_ALS, kind, dot) +
           pv_ranking_contribution_of(&asked->ranking, PV_SIGNAL_ALS_RECENT, kind, dot * freshness);
}

/* The place of a user among those of its kind, 0 the first. */
static int64_t place_of(int64_t user, int32_t product)
{
    int64_t place = 0;
    for (int64_t u = 0; u < model->ranker->shop.users.ids.n_warm; u++)
        place += has_bought(u, product) == has_bought(user, product) && estimate(u, product) > estimate(user, product);
    return place;
}

static void assert_candidates(pv_mode mode, int64_t most, int64_t n_buyers, int64_t n_others)
{
    const int32_t product = product_of(m.shop, "P05");
    pv_arena *arena = pv_arena_create();
    int32_t *users = NULL;
    int64_t n = 0, buyers = 0, others = 0;
    bool is_all = true;
    assert_non_null(arena);
    assert_int_equal(pv_audience_candidates(&users, &n, &is_all, model->ranker, model->user_order, product, mode,
                                            (pv_audience_limits){.exact = 39, .most = most}, arena, NULL),
                     PV_OK);
    assert_false(is_all);
    for (int64_t k = 0; k < n; k++) {
        const bool is_buyer = has_bought(users[k], product);
        buyers += is_buyer;
        others += !is_buyer;
        assert_true(place_of(users[k], product) < (is_buyer ? n_buyers : n_others));
    }
    assert_int_equal(buyers, n_buyers);
    assert_int_equal(others, n_others);
    pv_arena_free(arena);
}

static void candidates_are_the_most_likely_of_both_kinds(void **state)
{
    (void)state;
    const int32_t product = product_of(m.shop, "P05");
    int64_t n_buyers = 0;
    for (int64_t u = 0; u < 39; u++) n_buyers += has_bought(u, product);
    assert_in_range(n_buyers, 4, 18);
    assert_candidates(PV_MODE_MIXED, 8, 4, 4);
    assert_candidates(PV_MODE_MIXED, 36, n_buyers, 36 - n_buyers); /* all buyers are fewer than half */
    assert_candidates(PV_MODE_NEW, 8, 0, 8);
    assert_candidates(PV_MODE_REORDER, 3, 3, 0);
    assert_candidates(PV_MODE_REORDER, 39, n_buyers, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_audience_is_what_recommend_serves_in_every_mode),
        TEST(every_product_has_the_scores_that_recommend_serves),
        cmocka_unit_test_setup_teardown(every_product_has_the_scores_that_recommend_serves, set_up_factors_alone,
                                        tear_down),
        TEST(another_date_gives_the_scores_of_that_date),
        cmocka_unit_test_setup_teardown(a_promoted_product_keeps_its_cap, set_up_promotions, tear_down),
        TEST(a_list_is_cut_at_n),
        TEST(whoever_cannot_be_shown_it_is_counted_by_gate),
        TEST(requests_that_are_about_one_customer_are_refused),
        TEST(candidates_are_the_most_likely_of_both_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
