/* What users and products are known by: columns, categories, prices, words; what is too rare to learn from. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als/side_features.h"
#include "support/shop_case.h"
#include <math.h>

static const purchase_case purchases[] = {LINE("a", "A", "2020-01-01"), LINE("a", "B", "2020-01-01"),
                                          LINE("a", "C", "2020-01-01"), LINE("a", "D", "2020-01-01"),
                                          LINE("a", "E", "2020-01-01"), LINE("b", "F", "2020-01-01"),
                                          LINE("c", "F", "2020-01-01")};
/* Log prices 0, 2 and 4 (x ln 2): mean 2, deviation sqrt(8 / 3). N is not bought. */
static const product_case products[] = {
    PRODUCT("A", "Red lamp", .category = "Light > Lamps", .brand = "x|y", .price = 1),
    PRODUCT("B", "red LAMP, big", .category = "Light > Lamps", .brand = " y ", .price = 4),
    PRODUCT("C", "a red lamp", .category = "Light", .price = 16),
    PRODUCT("D", "red lamp 2000", .brand = "rare"),
    PRODUCT("E", "Red-lamp lamp"),
    PRODUCT("F", "chair"),
    PRODUCT("N", "red chair", .category = "Light > Lamps", .brand = "y|z")};
static const user_case users[] = {USER("a", .country = "DE"), USER("b", .country = "DE"), USER("c", .country = "FR"),
                                  USER("new", .country = "DE")};

static built_shop built;
static pv_side_features features;

static int tear_down(void **state)
{
    (void)state;
    pv_side_features_deinit(&features);
    features = (pv_side_features){0};
    built_shop_deinit(&built);
    return 0;
}

static void build(void)
{
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products), USERS(users), .as_of = "2021-01-01"};
    built_shop_init(&built, &c);
}

/* Value of a feature of a row, NAN when it has none. */
static double value_of(int64_t row, const char *name)
{
    for (int64_t k = features.offsets[row]; k < features.offsets[row + 1]; k++)
        if (pv_text_equal(features.names[features.features[k]], pv_text_of(name))) return (double)features.values[k];
    return (double)NAN;
}

static void products_have_what_enough_of_them_share(void **state)
{
    (void)state;
    static const char *const names[] = {"brand: y",  "category: Light", "category: Light > Lamps", "name: lamp",
                                        "name: red", "price",           "price: unknown"};
    build();
    assert_int_equal(pv_side_features_of_products(&features, &built.shop, NULL), PV_OK);
    assert_int_equal(features.n_rows, 7);
    assert_int_equal(features.n_features, 7); /* not x, z, rare, big, chair, 2000 */
    for (int64_t f = 0; f < 7; f++) assert_text(features.names[f], names[f]);
    for (int64_t row = 0; row < 7; row++)
        for (int64_t k = features.offsets[row] + 1; k < features.offsets[row + 1]; k++)
            assert_true(features.features[k - 1] < features.features[k]);
}

static void values_are_as_documented(void **state)
{
    (void)state;
    build();
    assert_int_equal(pv_side_features_of_products(&features, &built.shop, NULL), PV_OK);
    const int32_t a = product_of(&built.shop, "A"), b = product_of(&built.shop, "B"), c = product_of(&built.shop, "C"),
                  f = product_of(&built.shop, "F"), n = product_of(&built.shop, "N");
    assert_close(value_of(a, "brand: y"), 1);
    assert_close(value_of(b, "brand: y"), 1);
    assert_close(value_of(a, "category: Light"), 1); /* an ancestor */
    assert_close(value_of(c, "category: Light"), 1);
    assert_close(value_of(c, "category: Light > Lamps"), (double)NAN);
    assert_true(fabs(value_of(a, "name: red") - sqrt(0.5)) < 1e-7);
    assert_close(value_of(n, "name: red"), 1); /* the only word of it that is kept */
    assert_true(fabs(value_of(a, "price") + 2 / sqrt(8.0 / 3)) < 1e-6);
    assert_true(fabs(value_of(b, "price")) < 1e-6);
    assert_true(fabs(value_of(c, "price") - 2 / sqrt(8.0 / 3)) < 1e-6);
    assert_close(value_of(a, "price: unknown"), (double)NAN);
    assert_close(value_of(f, "price: unknown"), 1);
    assert_close(value_of(n, "category: Light > Lamps"), 1);
}

static void users_have_their_segments(void **state)
{
    (void)state;
    build();
    assert_int_equal(pv_side_features_of_users(&features, &built.shop, NULL), PV_OK);
    assert_int_equal(features.n_features, 1); /* one buyer is from FR */
    assert_text(features.names[0], "country: DE");
    assert_close(value_of(user_of(&built.shop, "a"), "country: DE"), 1);
    assert_close(value_of(user_of(&built.shop, "c"), "country: DE"), (double)NAN);
    assert_close(value_of(user_of(&built.shop, "new"), "country: DE"), 1);
    assert_int_equal(features.offsets[features.n_rows], 3);
}

static void a_shop_of_ids_alone_has_no_features(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), .as_of = "2021-01-01"};
    built_shop_init(&built, &c);
    assert_int_equal(pv_side_features_of_products(&features, &built.shop, NULL), PV_OK);
    assert_int_equal(features.n_features, 0);
    assert_int_equal(features.offsets[features.n_rows], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(products_have_what_enough_of_them_share),
        TEST(values_are_as_documented),
        TEST(users_have_their_segments),
        TEST(a_shop_of_ids_alone_has_no_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
