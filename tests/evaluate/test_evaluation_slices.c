/* Which customers belong to which slice, and whose score a slice shows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/evaluation_slices.h"
#include "support/shop_case.h"
#include <math.h>
#include <string.h>

#define LONGEST (PV_LENGTH_COUNT - 1)

static const purchase_case purchases[] = {LINE("u1", "A", "2020-01-01", "1"), LINE("u2", "A", "2020-01-01", "2")};
static const user_case users[] = {USER("u1", .country = "FR"), USER("u2", .country = "DE")};
static const shop_case shop = {PURCHASES(purchases), USERS(users)};

static const double spend_before[] = {10, 30};
static const pv_truth truth = {.n_users = 2, .spend_before = spend_before};
static const pv_contenders contenders = {.n = 1};
static bool is_absent[] = {false};
static const pv_spend_thirds thirds = {20, 30};

static built_shop built;
static pv_ranker ranker;
static pv_slices *slices;
static pv_arena *arena;
static pv_slice *items;
static int64_t n_items;

static int set_up(void **state)
{
    (void)state;
    built_shop_init(&built, &shop);
    ranker = (pv_ranker){.shop = built.shop};
    arena = pv_arena_create();
    return pv_slices_create(&slices, 1, NULL) == PV_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_slices_free(slices);
    pv_arena_free(arena);
    built_shop_deinit(&built);
    return 0;
}

/* A customer with `orders` and a truth of ALL and NEW, of which `n_recent` are recent products. */
static void add(int64_t user, int64_t orders, double recall, int64_t n_recent)
{
    const pv_contest contest = {.contenders = &contenders, .ranker = &ranker, .truth = &truth, .is_absent = is_absent};
    pv_list_outcome lists[PV_TASK_COUNT] = {0};
    pv_user_outcome outcome = {.user = user, .n_orders = orders, .lists = lists};
    outcome.tasks[PV_TASK_ALL] = (pv_task_outcome){.n_truth = 2, .n_recent = n_recent};
    outcome.tasks[PV_TASK_NEW] = (pv_task_outcome){.n_truth = 2};
    lists[PV_TASK_ALL].metrics[LONGEST][PV_METRIC_RECALL] = recall;
    lists[PV_TASK_ALL].recent[PV_HEADLINE_RECALL] = recall / 2;
    assert_int_equal(pv_slices_add(slices, &contest, &thirds, &outcome, NULL), PV_OK);
}

/* NULL when the report does not show it. */
static const pv_slice *slice_of(const char *group, const char *value)
{
    assert_int_equal(pv_slices_finish(&items, &n_items, slices, arena, NULL), PV_OK);
    for (int64_t k = 0; k < n_items; k++)
        if (strcmp(items[k].group, group) == 0 && strcmp(items[k].value, value) == 0) return &items[k];
    return NULL;
}

static void assert_slice(const char *group, const char *value, int64_t n_users, double recall)
{
    const pv_slice *slice = slice_of(group, value);
    assert_non_null(slice);
    assert_int_equal(slice->users[PV_TASK_ALL], n_users);
    assert_close(pv_slice_score(slice, 1, PV_TASK_ALL, 0, PV_HEADLINE_RECALL), recall);
}

static void histories_are_short_middle_and_long(void **state)
{
    (void)state;
    add(0, 2, 0.1, 0);
    add(0, 3, 0.2, 0);
    add(0, 10, 0.4, 0);
    add(0, 11, 0.8, 0);
    assert_slice("orders", "under 3", 1, 0.1);
    assert_slice("orders", "3 to 10", 2, 0.3);
    assert_slice("orders", "over 10", 1, 0.8);
    assert_int_equal(slice_of("orders", "3 to 10")->users[PV_TASK_NEW], 2);
    assert_int_equal(slice_of("orders", "3 to 10")->users[PV_TASK_REPEAT], 0);
    assert_true(isnan(pv_slice_score(slice_of("orders", "3 to 10"), 1, PV_TASK_REPEAT, 0, PV_HEADLINE_RECALL)));
}

static void spend_is_divided_at_the_thirds(void **state)
{
    (void)state;
    add(0, 1, 0.1, 0);
    add(1, 1, 0.5, 0); /* exactly at the end of the middle third */
    assert_slice("spend", "lowest third", 1, 0.1);
    assert_slice("spend", "highest third", 1, 0.5);
    assert_null(slice_of("spend", "middle third"));
}

static void recent_products_have_scores_of_their_own(void **state)
{
    (void)state;
    add(0, 1, 0.5, 0);
    add(0, 1, 0.8, 1);
    assert_slice("products", "first sold in the last 30 days", 1, 0.4);
}

static void small_segments_are_not_shown(void **state)
{
    (void)state;
    for (int k = 0; k < PV_SLICE_USERS_MIN; k++) add(0, 1, k < PV_SLICE_USERS_MIN / 2 ? 0.2 : 0.4, 0);
    for (int k = 1; k < PV_SLICE_USERS_MIN; k++) add(1, 1, 1, 0);
    assert_slice("country", "FR", PV_SLICE_USERS_MIN, 0.3);
    assert_null(slice_of("country", "DE"));
}

static void thirds_are_those_of_customers_with_a_truth(void **state)
{
    (void)state;
    static const int64_t offsets[] = {0, 1, 1, 2, 3};
    static const double spends[] = {5, 1, 2, 9};
    const pv_truth four = {.n_users = 4, .offsets = offsets, .spend_before = spends};
    pv_spend_thirds found;
    assert_int_equal(pv_spend_thirds_find(&found, &four, NULL), PV_OK);
    assert_close(found.low_end, 5); /* of 2, 5, 9 */
    assert_close(found.middle_end, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(histories_are_short_middle_and_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spend_is_divided_at_the_thirds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recent_products_have_scores_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_segments_are_not_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thirds_are_those_of_customers_with_a_truth, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
