/* What pv_shop_bind() refuses: one altered tensor a case, everything else as it was built. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/shop.h"
#include "support/shop_case.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static built_shop built;

/* Users 0 (product 0 in orders 0 and 1) and 1 (product 1), cold user 2; products 0 and 1, cold product 2; parents. */
static int set_up_with(bool is_simple)
{
    static const purchase_case timed[] = {LINE("a", "P", "2020-01-01", .discount = 0.1), LINE("a", "P", "2020-01-02"),
                                          LINE("b", "Q", "2020-01-03")};
    static const purchase_case simple[] = {LINE("a", "P", .count = 1), LINE("a", "P", .count = 2),
                                           LINE("b", "Q", .count = 3), LINE("b", "P", .count = -1)};
    static const product_case products[] = {PRODUCT("P", .category = "X > Y", .price = 3), PRODUCT("Z")};
    static const user_case users[] = {USER("a", .country = "FR"), USER("c", .country = "DE")};
    static const eligibility_case eligibility[] = {{.user = "a", .product = "P"}, {.user = "b", .product = "Q"}};
    const shop_case c = {PRODUCTS(products),
                         USERS(users),
                         ELIGIBILITY(eligibility),
                         .purchases = is_simple ? simple : timed,
                         .n_purchases = is_simple ? 4 : 3,
                         .negative_is_dislike = is_simple};
    built_shop_init(&built, &c);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return set_up_with(false);
}

static int set_up_simple(void **state)
{
    (void)state;
    return set_up_with(true);
}

static int tear_down(void **state)
{
    (void)state;
    built_shop_deinit(&built);
    return 0;
}

static pv_tensor *tensor(const char *name)
{
    for (size_t t = 0; t < built.tensors.count; t++)
        if (strcmp(built.tensors.items[t].name, name) == 0) return &built.tensors.items[t];
    fail_msg("no tensor %s", name);
    return NULL;
}

/* The data of a tensor, to be altered. */
static void *data_of(const char *name)
{
    return tensor(name)->owned;
}

/* Binding fails and the message has `part` in it; `shop` is untouched. */
static void assert_refused(const char *part)
{
    pv_error error = {.message = ""};
    pv_shop shop, before;
    memset(&shop, 7, sizeof shop);
    memcpy(&before, &shop, sizeof before);
    assert_int_equal(pv_shop_bind(&shop, &built.tensors, &error), PV_E_INPUT);
    assert_memory_equal(&shop, &before, sizeof shop);
    if (!strstr(error.message, part)) fail_msg("\"%s\" does not name \"%s\"", error.message, part);
}

static void set_i32(const char *name, int64_t index, int32_t value)
{
    int32_t *data = data_of(name);
    const int32_t kept = data[index];
    data[index] = value;
    assert_refused(name);
    data[index] = kept;
}

static void set_i64(const char *name, int64_t index, int64_t value)
{
    int64_t *data = data_of(name);
    const int64_t kept = data[index];
    data[index] = value;
    assert_refused(name);
    data[index] = kept;
}

static void set_f64(const char *name, int64_t index, double value)
{
    double *data = data_of(name);
    const double kept = data[index];
    data[index] = value;
    assert_refused(name);
    data[index] = kept;
}

static void indices_out_of_range_are_refused(void **state)
{
    (void)state;
    set_i32("purchases.product", 0, 2); /* the cold product has no purchases */
    set_i32("purchases.product", 2, -1);
    set_i32("purchases.order", 0, -1);
    set_i32("products.category", 0, 2);
    set_i32("products.category", 2, -2);
    set_i32("categories.parent", 0, 2);
    set_i32("users.parent", 2, 3);
    set_i32("users.parent", 0, -1);
    set_i32("parents.member", 1, 3);
    set_i32("segments.code", 0, 2);
    set_i32("segments.code", 1, -2);
    set_i32("product_columns.code", 0, 1);
    set_i32("users.assortment", 0, 2);
    set_i32("users.assortment", 1, -2);
    set_i32("assortments.product", 1, 3);
    set_i32("products.buyers", 0, 0);
}

static void a_category_at_or_below_itself_is_refused(void **state)
{
    (void)state;
    set_i32("categories.parent", 0, 0);
    set_i32("categories.parent", 0, 1);
    set_i32("categories.parent", 1, 1);
}

static void offsets_that_do_not_rise_from_zero_to_the_end_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"purchases.offset", "parents.offset", "assortments.offset"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const int64_t last = tensor(names[k])->shape[0] - 1;
        set_i64(names[k], 0, 1);
        set_i64(names[k], 1, -1);
        set_i64(names[k], 1, INT64_MAX);
        set_i64(names[k], last, INT64_MAX);
        set_i64(names[k], last, 0);
    }
}

static void purchases_out_of_order_are_refused(void **state)
{
    (void)state;
    int32_t *product = data_of("purchases.product"), *order = data_of("purchases.order");
    int64_t *offset = data_of("purchases.offset");
    product[0] = 1; /* 1 before 0 */
    assert_refused("purchases");
    product[0] = 0;
    order[0] = 1; /* order 1 before order 0 */
    order[1] = 0;
    assert_refused("purchases");
    order[0] = 0;
    order[1] = 2; /* more orders than lines */
    assert_refused("purchases");
    order[1] = 1;
    offset[1] = 3; /* a warm user without a line */
    assert_refused("purchases");
    offset[1] = 2;
    pv_shop shop;
    assert_int_equal(pv_shop_bind(&shop, &built.tensors, NULL), PV_OK);
}

static void ids_out_of_order_twice_or_empty_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"user_ids", "product_ids"};
    for (size_t k = 0; k < 2; k++) {
        char bytes[40];
        (void)snprintf(bytes, sizeof bytes, "%s.bytes", names[k]);
        char *ids = data_of(bytes);
        const char kept = ids[0];
        ids[0] = 'x';
        assert_refused(names[k]);
        ids[0] = ids[1];
        assert_refused(names[k]);
        ids[0] = (char)0xff;
        assert_refused(names[k]);
        ids[0] = kept;
    }
    int64_t *offsets = data_of("user_ids.offsets");
    const int64_t kept_offset = offsets[1];
    offsets[1] = 0; /* the first id is empty */
    assert_refused("user_ids");
    offsets[1] = kept_offset;
}

static void the_lists_of_values_must_be_in_order_too(void **state)
{
    (void)state;
    char *values = data_of("segments.value_bytes"); /* "DEFR" */
    memcpy(values, "FRDE", 4);
    assert_refused("segments.value");
    memcpy(values, "DEFR", 4);
    char *paths = data_of("categories.path_bytes"); /* "XX > Y" */
    paths[0] = 'Z';
    assert_refused("categories.path");
    paths[0] = 'X';
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    set_f64("products.price", 0, (double)INFINITY);
    set_f64("products.price", 0, 1e13);
    set_f64("products.discount", 0, 1.5);
    set_f64("products.discount", 0, -0.1);
    set_f64("shop.purchase_weight", 0, -1);
    set_f64("shop.purchase_weight", 0, (double)INFINITY);
    set_i64("parents.buying", 0, 0);
    set_i64("parents.buying", 0, 4);
}

static void the_weight_of_a_purchase_must_be_a_number(void **state)
{
    (void)state;
    set_f64("shop.purchase_weight", 0, (double)NAN);
}

static void times_that_no_date_has_are_refused(void **state)
{
    (void)state; /* ages are differences of times: those of 1900 to 2200 cannot overflow */
    set_i64("purchases.time", 1, INT64_MIN);
    set_i64("purchases.time", 1, INT64_MAX);
    set_i64("shop.as_of", 0, INT64_MIN + 1);
    set_i64("shop.as_of", 0, INT64_MAX);
}

static void a_date_without_times_and_times_without_a_date_are_refused(void **state)
{
    (void)state;
    *(uint8_t *)data_of("shop.has_time") = 0;
    assert_refused("shop.as_of");
    *(uint8_t *)data_of("shop.has_time") = 1;
    set_i64("shop.as_of", 0, PV_NO_TIME);
}

static void counts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const double counts[] = {0, -1, (double)NAN, (double)INFINITY, 1e19};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        set_f64("purchases.count", 1, counts[k]);
        set_f64("dislikes.count", 0, counts[k]);
    }
    set_i32("dislikes.product", 0, 2);
    set_i32("dislikes.product", 0, -1);
    set_i64("dislikes.offset", 1, 2);
}

static void a_tensor_that_is_missing_or_of_another_shape_or_type_is_refused(void **state)
{
    (void)state;
    for (size_t t = 0; t < built.tensors.count; t++) {
        pv_tensor *const altered = &built.tensors.items[t];
        const pv_tensor kept = *altered;
        if (strcmp(kept.name, "parents.id_bytes") == 0 || strcmp(kept.name, "parents.id_offsets") == 0) continue;
        /* models of older releases have no keys of orders */
        const bool is_optional =
            strncmp(kept.name, "assortments.", 12) == 0 || strcmp(kept.name, "purchases.order_key") == 0 ||
            strcmp(kept.name, "purchases.settled") == 0 || strcmp(kept.name, "purchases.amount") == 0 ||
            strcmp(kept.name, "users.price_list") == 0;
        pv_shop shop;
        if (!is_optional) {
            altered->name[0] = '!';
            assert_int_equal(pv_shop_bind(&shop, &built.tensors, NULL), PV_E_INPUT);
            *altered = kept;
        }
        altered->dtype = kept.dtype == PV_I8 ? PV_F32 : PV_I8;
        assert_int_equal(pv_shop_bind(&shop, &built.tensors, NULL), PV_E_INPUT);
        *altered = kept;
        altered->rank = 3 - kept.rank;
        assert_int_equal(pv_shop_bind(&shop, &built.tensors, NULL), PV_E_INPUT);
        *altered = kept;
        altered->shape[0] = 0;
        if (kept.shape[0] > 0) assert_int_equal(pv_shop_bind(&shop, &built.tensors, NULL), PV_E_INPUT);
        *altered = kept;
    }
}

static void half_of_the_assortments_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"assortments.offset", "assortments.product", "users.assortment"};
    for (size_t k = 0; k < 3; k++) {
        tensor(names[k])->name[0] = '!';
        assert_refused("assortment");
        for (size_t t = 0; t < built.tensors.count; t++)
            if (built.tensors.items[t].name[0] == '!') built.tensors.items[t].name[0] = names[k][0];
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(indices_out_of_range_are_refused),
        TEST(a_category_at_or_below_itself_is_refused),
        TEST(offsets_that_do_not_rise_from_zero_to_the_end_are_refused),
        TEST(purchases_out_of_order_are_refused),
        TEST(ids_out_of_order_twice_or_empty_are_refused),
        TEST(the_lists_of_values_must_be_in_order_too),
        TEST(numbers_out_of_range_are_refused),
        TEST(the_weight_of_a_purchase_must_be_a_number),
        TEST(times_that_no_date_has_are_refused),
        TEST(a_date_without_times_and_times_without_a_date_are_refused),
        cmocka_unit_test_setup_teardown(counts_that_are_none_are_refused, set_up_simple, tear_down),
        TEST(a_tensor_that_is_missing_or_of_another_shape_or_type_is_refused),
        TEST(half_of_the_assortments_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
