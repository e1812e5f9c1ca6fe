#include "remote/s3_address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void expect_parts(const char *text, const char *bucket, const char *key)
{
    pv_s3_address address = {0};
    assert_int_equal(pv_s3_address_parse(&address, text, NULL), PV_OK);
    assert_string_equal(address.bucket, bucket);
    assert_string_equal(address.key, key);
    pv_s3_address_deinit(&address);
}

static void expect_refused(const char *text, const char *why)
{
    pv_s3_address address = {0};
    pv_error error = {0};
    assert_int_equal(pv_s3_address_parse(&address, text, &error), PV_E_USAGE);
    assert_non_null(strstr(error.message, why));
    assert_null(address.key);
}

static void bucket_and_key_are_told_apart(void **state)
{
    (void)state;
    expect_parts("s3://shop/models/current.json", "shop", "models/current.json");
    expect_parts("s3://shop", "shop", "");
    expect_parts("s3://shop/", "shop", "");
    expect_parts("s3://a-1/dir//x y/?#%20", "a-1", "dir//x y/?#%20");
    expect_parts("s3://shop/\xc3\xbc.model", "shop", "\xc3\xbc.model");
}

static void only_the_scheme_makes_an_address(void **state)
{
    (void)state;
    assert_true(pv_is_s3_address("s3://x"));
    assert_false(pv_is_s3_address("S3://x"));
    assert_false(pv_is_s3_address("s3:/x"));
    assert_false(pv_is_s3_address("models/s3://x"));
    expect_refused("/tmp/model", "s3://BUCKET/KEY");
}

static void a_bucket_follows_the_rules_of_names(void **state)
{
    (void)state;
    const char *three_to_63 = "3 to 63";
    expect_refused("s3://", three_to_63);
    expect_refused("s3:///key", three_to_63);
    expect_refused("s3://ab/key", three_to_63);
    expect_parts("s3://abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0/k",
                 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0", "k");
    expect_refused("s3://abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01/k", three_to_63);
    expect_refused("s3://my.bucket/key", "dots");
    expect_refused("s3://Shop/key", "a-z, 0-9 and -");
    expect_refused("s3://shop_1/key", "a-z, 0-9 and -");
    expect_refused("s3://-shop/key", "begins and ends");
    expect_refused("s3://shop-/key", "begins and ends");
}

static void a_key_is_utf8_of_at_most_1024_bytes(void **state)
{
    (void)state;
    pv_buffer text = {0};
    pv_buffer_print(&text, "s3://shop/%0*d", 1024, 7);
    expect_parts(text.data, "shop", text.data + sizeof "s3://shop/" - 1);
    text.size = 0;
    pv_buffer_print(&text, "s3://shop/%0*d", 1025, 7);
    expect_refused(text.data, "1024");
    pv_buffer_deinit(&text);
    expect_refused("s3://shop/\xff", "UTF-8");
    expect_refused("s3://shop/a\nb", "control");
    expect_refused("s3://shop/a\x7f", "control");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_and_key_are_told_apart),
        cmocka_unit_test(only_the_scheme_makes_an_address),
        cmocka_unit_test(a_bucket_follows_the_rules_of_names),
        cmocka_unit_test(a_key_is_utf8_of_at_most_1024_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
