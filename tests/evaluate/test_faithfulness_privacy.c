/* What reasons may tell of others: counts of at least k companies, and no customer's id. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/text.h"
#include "evaluate/faithfulness_customer.h"
#include "support/shop_case.h"

#define K 5

static const purchase_case purchases[] = {LINE("miller", "saw"), LINE("acme-42", "saw"), LINE("acme-42", "hammer"),
                                          LINE("2020", "drill"), LINE("bob", "saw")};
static const product_case products[] = {PRODUCT("saw", "miller saw"), PRODUCT("hammer", "Hammer"),
                                        PRODUCT("drill", .category = "Power")};
static const shop_case c = {PURCHASES(purchases), PRODUCTS(products)};
static built_shop built;

static int set_up(void **state)
{
    (void)state;
    built_shop_init(&built, &c);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    built_shop_deinit(&built);
    return 0;
}

/* What a reason for the hammer with this sentence and facts, told to `user`, breaks. */
static pv_faithfulness_tally judged(const char *user, const char *text, const pv_fact *facts, int64_t n_facts)
{
    const pv_reason reason = {.text = text ? pv_text_of(text) : (pv_text){0}, .facts = facts, .n_facts = n_facts};
    const pv_item item = {.product = pv_text_of("hammer"), .notes = &reason, .n_notes = 1};
    pv_faithfulness_tally tally = {0};
    pv_privacy_add(&tally, &item, &built.shop, user_of(&built.shop, user), K);
    return tally;
}

static int64_t small_counts(const char *name, int64_t count)
{
    const pv_fact fact = {.name = name, .kind = PV_FACT_INTEGER, .integer = count};
    return judged("bob", NULL, &fact, 1).small_counts;
}

static int64_t told_ids(const char *user, const char *text)
{
    return judged(user, text, NULL, 0).told_ids;
}

static void counts_of_others_below_k_are_breaches(void **state)
{
    (void)state;
    assert_int_equal(small_counts("buyers", K - 1), 1);
    assert_int_equal(small_counts("also", 1), 1);
    assert_int_equal(small_counts("companies", 4), 1);
    assert_int_equal(small_counts("buyers", K), 0);
    assert_int_equal(small_counts("buyers", 0), 0); /* nobody is no company */
    assert_int_equal(small_counts("orders", 1), 0); /* the customer's own */
}

static void ids_of_others_are_found_as_words(void **state)
{
    (void)state;
    assert_int_equal(told_ids("bob", "Bought by miller, too."), 1);
    assert_int_equal(told_ids("bob", "miller"), 1);
    assert_int_equal(told_ids("bob", "Bought by acme-42."), 1);
    assert_int_equal(told_ids("bob", "Bought by millers and by (acme-420)."), 0);
    assert_int_equal(told_ids("miller", "You are miller."), 0); /* the own one */
    assert_int_equal(told_ids("miller", "Bought by bob."), 0);  /* short ids are words by chance */
}

static void words_of_products_and_values_are_no_ids(void **state)
{
    (void)state;
    const pv_fact near_product = {.name = "product", .kind = PV_FACT_TEXT, .text = pv_text_of("saw")};
    const pv_fact date = {.name = "before", .kind = PV_FACT_TEXT, .text = pv_text_of("2020-02-29")};
    const pv_fact count = {.name = "buyers", .kind = PV_FACT_INTEGER, .integer = 2020};
    assert_int_equal(judged("bob", "Close to miller saw that you bought.", &near_product, 1).told_ids, 0);
    assert_int_equal(judged("bob", "2020 others bought it.", &count, 1).told_ids, 0);
    assert_int_equal(judged("bob", "Before 2020-02-29.", &date, 1).told_ids, 0);
    assert_int_equal(told_ids("bob", "Close to miller saw that you bought."), 1);
    assert_int_equal(told_ids("bob", "Before 2020-02-29."), 1); /* no fact says what it is */
}

static void facts_are_read_as_sentences_are(void **state)
{
    (void)state;
    const pv_fact fact = {.name = "value", .kind = PV_FACT_TEXT, .text = pv_text_of("miller")};
    const pv_faithfulness_tally tally = judged("bob", NULL, &fact, 1);
    assert_int_equal(tally.told_ids, 1);
    assert_int_equal(tally.texts, 0);
    assert_int_equal(tally.facts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_others_below_k_are_breaches),
        cmocka_unit_test(ids_of_others_are_found_as_words),
        cmocka_unit_test(words_of_products_and_values_are_no_ids),
        cmocka_unit_test(facts_are_read_as_sentences_are),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
