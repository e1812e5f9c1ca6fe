/* Peers of a customer: cosines by hand, and the companies that the signal itself speaks of. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/session.h"
#include "signals/peers.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/views.h>

/* Without time a profile is 1 for each product. a: P Q. b: P Q R. H, by its branches h1 and h2: P and S. c: S. */
static const purchase_case purchases[] = {
    LINE("a", "P", .count = 2), LINE("a", "Q", .count = 1),  LINE("b", "P", .count = 1),  LINE("b", "Q", .count = 1),
    LINE("b", "R", .count = 5), LINE("h1", "P", .count = 1), LINE("h2", "S", .count = 1), LINE("c", "S", .count = 1),
};
static const user_case users[] = {USER("a", .country = "FR", .region = "North"),
                                  USER("b", .country = "FR", .region = "South"),
                                  USER("c", .country = "DE", .region = "North"),
                                  USER("d", .country = "DE", .region = "South"),
                                  USER("h1", .parent = "H", .country = "DE", .region = "South"),
                                  USER("h2", .parent = "H", .country = "FR", .region = "North")};
static const shop_case small_shop = {PURCHASES(purchases), USERS(users)};

static scratch_folder folder;
static model_case m;
static pv_model *model;
static pv_session *session;
static pv_request request;

static int start(const shop_case *c, const char *signals)
{
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&m, c, signals, 2);
    model = model_file_open(&folder, &m);
    pv_request_init(&request);
    return pv_session_create(&session, model, NULL) == PV_OK ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    return start(&small_shop, NULL);
}

static int set_up_factors_alone(void **state)
{
    (void)state;
    return start(&small_shop, "als");
}

static int set_up_generated(void **state)
{
    (void)state;
    return start(generated_shop(), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    pv_session_free(session);
    pv_model_free(model);
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

static const pv_peers *peers_of(pv_text user)
{
    const pv_peers *peers = NULL;
    pv_error error = {.message = ""};
    request.user = user;
    if (pv_peer_companies(&peers, session, &request, &error) != PV_OK) fail_msg("%s", error.message);
    return peers;
}

static void peers_stand_by_the_cosine_of_their_profiles(void **state)
{
    (void)state;
    const pv_peers *peers = peers_of(pv_text_of("a"));
    assert_text(peers->user, "a");
    assert_string_equal(peers->source, "peers");
    assert_text(peers->fallback, NULL);
    assert_int_equal(peers->products, 2);
    assert_int_equal(peers->candidates, 2); /* c has nothing in common */
    assert_int_equal(peers->n_items, 2);
    assert_text(peers->items[0].company, "b");
    assert_close(peers->items[0].similarity, 2 / sqrt(2.0 * 3.0));
    assert_int_equal(peers->items[0].products, 3);
    assert_int_equal(peers->items[0].common, 2);
    assert_int_equal(peers->items[0].n_users, 1);
    assert_text(peers->items[1].company, "H");
    assert_close(peers->items[1].similarity, 1 / sqrt(2.0 * 2.0));
    assert_int_equal(peers->items[1].products, 2);
    assert_int_equal(peers->items[1].common, 1);
    assert_int_equal(peers->items[1].n_users, 2);
    request.n = 1;
    assert_int_equal(peers_of(pv_text_of("a"))->n_items, 1);
}

static void segments_are_shared_when_any_user_of_the_company_has_the_value(void **state)
{
    (void)state;
    const pv_peers *peers = peers_of(pv_text_of("a"));
    assert_int_equal(peers->items[0].n_segments, 1); /* b: FR, but South */
    assert_text(peers->items[0].segments[0].column, "country");
    assert_text(peers->items[0].segments[0].value, "FR");
    assert_int_equal(peers->items[1].n_segments, 2); /* h2 has both */
    assert_text(peers->items[1].segments[1].column, "region");
    assert_text(peers->items[1].segments[1].value, "North");
}

static void a_branch_is_no_peer_of_its_own_company(void **state)
{
    (void)state;
    const pv_peers *peers = peers_of(pv_text_of("h2"));
    assert_int_equal(peers->n_items, 1);
    assert_text(peers->items[0].company, "c"); /* both bought S alone */
    assert_close(peers->items[0].similarity, 1);
}

/* phi of every product from the companies of the view: sum of s_uv a_vi, 0 below the k rule. */
static void sum_over(double phi[GENERATED_PRODUCTS], const pv_peers *peers)
{
    const pv_tensors *tensors = pv_safetensors_tensors(model->file);
    const pv_shop *shop = &model->ranker->shop;
    const int64_t n_parents = shop->users.n_parents, *offsets = NULL;
    const int32_t *products = NULL;
    const float *weights = NULL;
    int buyers[GENERATED_PRODUCTS] = {0};
    pv_texts companies;
    assert_int_equal(pv_tensors_get(&offsets, tensors, "peers.offset", PV_I64, n_parents + 1, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_get(&products, tensors, "peers.product", PV_I32, -1, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_get(&weights, tensors, "peers.weight", PV_F32, -1, 0, NULL), PV_OK);
    assert_int_equal(pv_tensors_get_texts(&companies, tensors, "parents.id", n_parents, NULL), PV_OK);
    for (int64_t k = 0; k < peers->n_items; k++) {
        const int64_t parent = pv_texts_search(&companies, peers->items[k].company);
        assert_true(parent >= 0);
        assert_int_equal(peers->items[k].products, offsets[parent + 1] - offsets[parent]);
        for (int64_t e = offsets[parent]; e < offsets[parent + 1]; e++) {
            phi[products[e]] += peers->items[k].similarity * (double)weights[e];
            buyers[products[e]]++;
        }
    }
    for (int i = 0; i < GENERATED_PRODUCTS; i++)
        if (buyers[i] < model->ranker->min_companies) phi[i] = 0;
}

static void the_view_names_the_companies_that_the_signal_sums(void **state)
{
    (void)state;
    const pv_shop *shop = &model->ranker->shop;
    pv_asked *asked = NULL;
    request.n = PV_PEERS_COUNT;
    for (int64_t user = 0; user < shop->users.ids.n_warm; user++) {
        double expected[GENERATED_PRODUCTS] = {0}, phi[GENERATED_PRODUCTS] = {0};
        sum_over(phi, peers_of(pv_ids_at(&shop->users.ids, user)));
        assert_int_equal(pv_session_ask(&asked, session, &request, NULL), PV_OK);
        pv_peers_signal.score(expected, asked->ranking.prepared[PV_SIGNAL_PEERS]);
        for (int i = 0; i < GENERATED_PRODUCTS; i++) assert_true(phi[i] == expected[i]);
    }
}

static void whoever_bought_nothing_has_no_peers(void **state)
{
    (void)state;
    const pv_peers *peers = peers_of(pv_text_of("d"));
    assert_null(peers->source);
    assert_text(peers->fallback, "there are no purchases to compare");
    assert_int_equal(peers->n_items, 0);
}

static void a_model_without_the_signal_says_so(void **state)
{
    (void)state;
    const pv_peers *peers = peers_of(pv_text_of("a"));
    assert_null(peers->source);
    assert_text(peers->fallback, "the model was trained without the signal peers");
    assert_int_equal(peers->n_items, 0);
}

static void wrong_requests_are_refused_by_their_field(void **state)
{
    (void)state;
    const pv_peers *peers = NULL;
    pv_error error;
    assert_int_equal(pv_peer_companies(&peers, session, &request, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/user");
    request.user = pv_text_of("nobody");
    assert_int_equal(pv_peer_companies(&peers, session, &request, &error), PV_E_NOT_FOUND);
    assert_string_equal(error.field, "/user");
    request.n = 0;
    assert_int_equal(pv_peer_companies(&peers, session, &request, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(peers_stand_by_the_cosine_of_their_profiles),
        TEST(segments_are_shared_when_any_user_of_the_company_has_the_value),
        TEST(a_branch_is_no_peer_of_its_own_company),
        cmocka_unit_test_setup_teardown(the_view_names_the_companies_that_the_signal_sums, set_up_generated, tear_down),
        TEST(whoever_bought_nothing_has_no_peers),
        cmocka_unit_test_setup_teardown(a_model_without_the_signal_says_so, set_up_factors_alone, tear_down),
        TEST(wrong_requests_are_refused_by_their_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
