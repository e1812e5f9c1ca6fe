/* Shown lists have their effect in the next answer: a cost that is part of the sum, until what was shown is taken up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/session.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/answer.h>
#include <string.h>

#define WEIGHT 0.1
#define CUSTOMER "u24"

static scratch_folder folder;
static model_case learned;
static pv_model *model;
static pv_event_store *store;
static pv_live_view *view;
static pv_session *live, *plain; /* `plain` knows of no events */
static pv_request request;
static int64_t offset;

static int begin(const char *signals)
{
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&learned, generated_shop(), signals, 2);
    model = model_file_open(&folder, &learned);
    offset = 0;
    assert_int_equal(pv_session_create(&live, model, NULL), PV_OK);
    assert_int_equal(pv_session_create(&plain, model, NULL), PV_OK);
    assert_int_equal(pv_event_store_create(&store, NULL), PV_OK);
    assert_int_equal(pv_live_view_create(&view, model, store, 0, NULL), PV_OK);
    live->live = view;
    pv_request_init(&request);
    request.user = pv_text_of(CUSTOMER);
    request.explain = PV_EXPLAIN_FULL;
    request.n = GENERATED_PRODUCTS;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return begin(NULL);
}

static int set_up_without_fatigue(void **state)
{
    (void)state;
    return begin("als,habit,substitute");
}

static int tear_down(void **state)
{
    (void)state;
    pv_session_free(live);
    pv_session_free(plain);
    pv_live_view_free(view);
    pv_event_store_free(store);
    pv_model_free(model);
    model_case_deinit(&learned);
    scratch_folder_remove(&folder);
    return 0;
}

static void take(pv_event_type type, const char *product, const char *time)
{
    const pv_text items[] = {pv_text_of(product), pv_text_of("of no model")};
    const pv_event event = {.type = type,
                            .user = pv_text_of(CUSTOMER),
                            .time = time_of(time),
                            .quantity = (double)NAN,
                            .unit_price = (double)NAN,
                            .discount = (double)NAN,
                            .items = items,
                            .n_items = type == PV_EVENT_SHOWN ? 2 : 1};
    assert_int_equal(pv_event_store_prepare(store, &event, NULL), PV_OK);
    pv_event_store_apply(store, &event, offset++);
    assert_int_equal(pv_live_view_prepare(view, NULL), PV_OK);
    pv_live_view_update(view, &event);
}

/* Three times, the last one 14 days before the as-of date of the shop, 2020-12-31. */
static void show_thrice(const char *product)
{
    take(PV_EVENT_SHOWN, product, "2020-12-01");
    take(PV_EVENT_SHOWN, product, "2020-12-17");
    take(PV_EVENT_SHOWN, product, "2020-12-08");
}

static const pv_item *explain(pv_session *session, const char *product)
{
    const pv_answer *answer = NULL;
    pv_error error = {.message = ""};
    if (pv_explain_item(&answer, session, &request, pv_text_of(product), &error) != PV_OK)
        fail_msg("%s", error.message);
    return &answer->items[0];
}

static double score_of(pv_session *session, const char *product)
{
    return explain(session, product)->score;
}

static const pv_reason *find_reason(const pv_item *item)
{
    for (int64_t r = 0; r < item->n_reasons; r++)
        if (strcmp(item->reasons[r].code, "fatigue") == 0) return &item->reasons[r];
    return NULL;
}

static double sum_of(const pv_item *item)
{
    double sum = item->base + item->policy + item->other_positive + item->negative;
    for (int64_t r = 0; r < item->n_reasons; r++) sum += item->reasons[r].contribution;
    return sum;
}

static void three_showings_cost_the_weight_times_phi(void **state)
{
    (void)state;
    const pv_answer *answer = NULL;
    const double before = score_of(plain, "P05");
    show_thrice("P05");
    assert_close(score_of(live, "P05"), before - WEIGHT * 2 * 0.5); /* log2 4, halved once */
    assert_int_equal(pv_recommend(&answer, live, &request, NULL), PV_OK);
    int64_t n_costs = 0;
    for (int64_t k = 0; k < answer->n_items; k++) {
        const pv_item *item = &answer->items[k];
        const pv_reason *reason = find_reason(item);
        assert_true(fabs(sum_of(item) - item->score) <= 1e-9);
        if (!reason) continue;
        n_costs++;
        assert_text(item->product, "P05");
        assert_close(reason->contribution, -0.1);
        assert_true(isnan(reason->share));
        assert_text(reason->text, "Shown to you 3 times since 2020-12-01 without a click or purchase.");
        assert_int_equal(reason->n_evidence, 1);
        assert_text(reason->evidence[0].label, "shown 3 times");
        assert_text(reason->evidence[0].date, "2020-12-17");
        assert_close(reason->evidence[0].contribution, -0.1);
    }
    assert_int_equal(n_costs, 1);
}

static void other_products_keep_the_bits_of_their_scores(void **state)
{
    (void)state;
    show_thrice("P05");
    for (int32_t p = 0; p < GENERATED_PRODUCTS; p++) {
        char id[8] = "P00";
        id[1] = (char)('0' + p / 10);
        id[2] = (char)('0' + p % 10);
        if (p != 5) assert_true(score_of(live, id) == score_of(plain, id));
    }
}

static void what_was_shown_after_the_last_purchase_counts_at_once(void **state)
{
    (void)state;
    char as_of[] = "2021-03-01";
    const double before = score_of(plain, "P05");
    take(PV_EVENT_SHOWN, "P05", "2021-03-01");
    assert_close(score_of(live, "P05"), before - WEIGHT); /* the as-of date is that of the last purchase */
    request.as_of = as_of;
    assert_close(score_of(live, "P05"), score_of(plain, "P05")); /* not known before that date */
}

static void taking_it_up_ends_the_cost(void **state)
{
    (void)state;
    static const pv_event_type types[] = {PV_EVENT_CLICK, PV_EVENT_CART};
    const double before = score_of(plain, "P05");
    for (size_t k = 0; k < 2; k++) {
        show_thrice("P05");
        assert_true(score_of(live, "P05") < before);
        take(types[k], "P05", "2020-12-18");
        assert_true(score_of(live, "P05") == before);
    }
    show_thrice("P05");
    take(PV_EVENT_PURCHASE, "P05", "2020-12-18");
    const pv_item *item = explain(live, "P05");
    assert_int_equal(item->kind, PV_KIND_REORDER);
    assert_close(find_reason(item)->contribution, 0);
    take(PV_EVENT_SHOWN, "P05", "2020-12-31");
    const double bought = item->score;
    assert_close(score_of(live, "P05"), bought - WEIGHT);
}

static void the_effect_of_a_purchase_is_the_answer_without_it(void **state)
{
    (void)state;
    double with_cost[GENERATED_PRODUCTS];
    show_thrice("P05");
    const pv_item *item = explain(live, "P05");
    const int64_t n = item->n_removals;
    assert_true(n > 1 && n <= GENERATED_PRODUCTS);
    assert_close(find_reason(item)->contribution, -0.1);
    assert_true(fabs(sum_of(item) - item->score) <= 1e-9);
    pv_text removed[GENERATED_PRODUCTS];
    char ids[GENERATED_PRODUCTS][8];
    for (int64_t r = 0; r < n; r++) {
        with_cost[r] = item->removals[r].score;
        memcpy(ids[r], item->removals[r].product.data, item->removals[r].product.size);
        removed[r] = (pv_text){ids[r], item->removals[r].product.size};
    }
    item = explain(plain, "P05");
    assert_int_equal(item->n_removals, n);
    for (int64_t r = 0; r < n; r++)
        for (int64_t s = 0; s < n; s++)
            if (pv_text_equal(item->removals[s].product, removed[r]))
                assert_close(with_cost[r], item->removals[s].score - 0.1);
}

static void without_the_signal_showings_change_nothing(void **state)
{
    (void)state;
    const double before = score_of(plain, "P05");
    show_thrice("P05");
    assert_true(score_of(live, "P05") == before);
    assert_null(find_reason(explain(live, "P05")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(three_showings_cost_the_weight_times_phi),
        TEST(other_products_keep_the_bits_of_their_scores),
        TEST(what_was_shown_after_the_last_purchase_counts_at_once),
        TEST(taking_it_up_ends_the_cost),
        TEST(the_effect_of_a_purchase_is_the_answer_without_it),
        cmocka_unit_test_setup_teardown(without_the_signal_showings_change_nothing, set_up_without_fatigue, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
