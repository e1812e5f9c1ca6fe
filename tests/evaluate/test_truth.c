/* What counts as bought after a cut-off: the window, returns, unknown products and customers, money, parents. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/truth.h"
#include "support/model_files.h"

#define CUTOFF "2020-02-01"
#define END "2020-03-01"

#define BOUGHT(user, product, time, amount, price)                                                                     \
    LINE(user, product, time, user time, .quantity = amount, .unit_price = price)

static const purchase_case lines[] = {
    BOUGHT("u1", "A", "2020-01-01", 2, 10), BOUGHT("u1", "B", "2020-01-05", 1, 5),
    BOUGHT("u2", "B", "2020-01-10", 3, 6),
    /* from here on the window */
    BOUGHT("u1", "A", "2020-02-01", 1, 12),                                        /* exactly at the cut-off */
    BOUGHT("u1", "B", "2020-02-10", 4, 7),                                         /* sent back whole */
    BOUGHT("u1", "B", "2020-02-12", -4, 7), BOUGHT("u1", "N", "2020-02-11", 1, 1), /* nobody knew N */
    BOUGHT("u2", "A", "2020-02-15", 2, 12), BOUGHT("u2", "A", "2020-02-16", 1, 12),
    BOUGHT("u2", "A", "2020-02-17", -1, 12), /* sent back in part */
    BOUGHT("u3", "A", "2020-02-20", 1, 12),  /* nobody knew u3 */
    BOUGHT("u2", "B", "2020-03-01", 1, 7),   /* exactly at the end */
};
#define N_KNOWN 3

static const user_case users[] = {USER("u1", .parent = "holding"), USER("u2", .parent = "holding"), USER("u3")};
static const shop_case everything = {PURCHASES(lines), USERS(users)};
static const shop_case known = {
    .purchases = lines, .n_purchases = N_KNOWN, USERS(users), .as_of = CUTOFF, .is_as_of_given = true};

static scratch_folder folder;
static built_shop built;
static pv_interner *companies;
static pv_truth *truth;

static int set_up(void **state)
{
    (void)state;
    pv_read_report report;
    pv_train_options options;
    pv_train_options_init(&options);
    if (!scratch_folder_create(&folder)) return -1;
    shop_files_write(&folder, &everything);
    built_shop_init(&built, &known);
    companies = pv_interner_create();
    const pv_truth_reading reading = {
        .shop_path = folder.path, .shop = &built.shop, .end = time_of(END), .options = &options};
    return pv_truth_read(&truth, &reading, companies, &report, NULL) == PV_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_truth_free(truth);
    pv_interner_free(companies);
    built_shop_deinit(&built);
    scratch_folder_remove(&folder);
    return 0;
}

/* The one product that a user bought in the window. */
static void assert_bought(const char *user, const char *product, double spend)
{
    const int64_t first = truth->offsets[user_of(&built.shop, user)];
    assert_int_equal(truth->offsets[user_of(&built.shop, user) + 1] - first, 1);
    assert_int_equal(truth->products[first], product_of(&built.shop, product));
    assert_close(truth->spend[first], spend);
}

static void the_window_begins_at_the_cutoff_and_ends_before_its_end(void **state)
{
    (void)state;
    assert_int_equal(truth->n_users, 2);
    assert_bought("u1", "A", 10);
    assert_bought("u2", "A", 30); /* 3 pieces at the last price before the cut-off */
}

static void what_nobody_could_know_is_counted_apart(void **state)
{
    (void)state;
    assert_int_equal(truth->pairs_unknown, 1);
    assert_int_equal(truth->products_unknown, 1);
    assert_int_equal(truth->users_unknown, 1);
}

static void money_spent_before_is_known_too(void **state)
{
    (void)state;
    assert_string_equal(truth->spend_basis, "quantity x price");
    assert_close(truth->spend_before[user_of(&built.shop, "u1")], 2 * 10 + 1 * 6);
    assert_close(truth->spend_before[user_of(&built.shop, "u2")], 3 * 6);
}

static void users_of_one_parent_are_one_company(void **state)
{
    (void)state;
    assert_int_equal(truth->company[0], truth->company[1]);
    assert_int_equal(pv_interner_count(companies), 1);
    assert_text(pv_interner_text(companies, 0), "holding");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_begins_at_the_cutoff_and_ends_before_its_end),
        cmocka_unit_test(what_nobody_could_know_is_counted_apart),
        cmocka_unit_test(money_spent_before_is_known_too),
        cmocka_unit_test(users_of_one_parent_are_one_company),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
