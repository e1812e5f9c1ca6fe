#include "remote/sigv4.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define TEXT(literal) {literal, sizeof literal - 1}

/* AWS's published example: Amazon S3 API Reference, "Examples: Signature Calculations in AWS Signature Version 4". */
static char access_key[] = "AKIAIOSFODNN7EXAMPLE", secret_key[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
static const pv_credentials example = {.access_key = access_key, .secret_key = secret_key};
#define EXAMPLE_TIME 1369353600 /* 2013-05-24 */
#define EXAMPLE_SCOPE                                                                                                  \
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders="

static pv_signing example_signing(const char *method, const char *target, const pv_http_header *headers, size_t n)
{
    return (pv_signing){.credentials = &example,
                        .region = "us-east-1",
                        .service = "s3",
                        .time = EXAMPLE_TIME,
                        .method = method,
                        .target = pv_text_of(target),
                        .headers = headers,
                        .n_headers = n,
                        .payload_hash = EMPTY_HASH};
}

static void assert_signed(const pv_signing *signing, const char *headers_and_signature)
{
    pv_signature signature;
    assert_int_equal(pv_sigv4_sign(&signature, signing, NULL), PV_OK);
    pv_buffer expected = {0};
    pv_buffer_print(&expected, "%s%s", EXAMPLE_SCOPE, headers_and_signature);
    assert_int_equal(signature.authorization.size, expected.size);
    assert_memory_equal(signature.authorization.data, expected.data, expected.size);
    assert_string_equal(signature.date, "20130524T000000Z");
    pv_buffer_deinit(&expected);
    pv_signature_deinit(&signature);
}

static const pv_http_header host = {TEXT("Host"), TEXT("examplebucket.s3.amazonaws.com")};

static void a_read_of_a_range_is_signed_as_published(void **state)
{
    (void)state;
    const pv_http_header headers[] = {host, {TEXT("Range"), TEXT("bytes=0-9")}};
    const pv_signing signing = example_signing("GET", "/test.txt", headers, 2);
    assert_signed(&signing, "host;range;x-amz-content-sha256;x-amz-date, "
                            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void a_write_is_signed_as_published(void **state)
{
    (void)state;
    const pv_http_header headers[] = {{TEXT("x-amz-storage-class"), TEXT("REDUCED_REDUNDANCY")},
                                      host,
                                      {TEXT("Date"), TEXT("Fri, 24 May 2013 00:00:00 GMT")}};
    pv_signing signing = example_signing("PUT", "/test%24file.text", headers, 3);
    signing.payload_hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    assert_signed(&signing, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void a_name_without_a_value_is_signed_as_published(void **state)
{
    (void)state;
    const pv_signing signing = example_signing("GET", "/?lifecycle=", &host, 1);
    assert_signed(&signing, "host;x-amz-content-sha256;x-amz-date, "
                            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void a_listing_is_signed_as_published(void **state)
{
    (void)state;
    const pv_signing signing = example_signing("GET", "/?max-keys=2&prefix=J", &host, 1);
    assert_signed(&signing, "host;x-amz-content-sha256;x-amz-date, "
                            "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static char *authorization_of(const pv_signing *signing)
{
    pv_signature signature;
    char *text = NULL;
    assert_int_equal(pv_sigv4_sign(&signature, signing, NULL), PV_OK);
    assert_int_equal(pv_buffer_hand_over(&text, &signature.authorization, "a test", NULL), PV_OK);
    return text;
}

static void assert_same(const pv_http_header *a, size_t n_a, const pv_http_header *b, size_t n_b)
{
    const pv_signing one = example_signing("GET", "/", a, n_a), other = example_signing("GET", "/", b, n_b);
    char *first = authorization_of(&one), *second = authorization_of(&other);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void blanks_around_and_inside_a_value_are_folded(void **state)
{
    (void)state;
    const pv_http_header loose[] = {host, {TEXT("X-Note"), TEXT(" \t a \t  b  ")}};
    const pv_http_header tight[] = {host, {TEXT("x-note"), TEXT("a b")}};
    assert_same(loose, 2, tight, 2);
}

static void values_of_one_name_are_joined_in_their_order(void **state)
{
    (void)state;
    const pv_http_header apart[] = {{TEXT("x-b"), TEXT("2 ")}, host, {TEXT("X-B"), TEXT("")}, {TEXT("x-b"), TEXT("1")}};
    const pv_http_header joined[] = {host, {TEXT("x-b"), TEXT("2,,1")}};
    assert_same(apart, 4, joined, 2);
}

static void a_token_is_signed_along(void **state)
{
    (void)state;
    char token[] = "the/token=";
    pv_credentials with_token = example;
    with_token.session_token = token;
    pv_signing signing = example_signing("GET", "/", &host, 1);
    char *without = authorization_of(&signing);
    signing.credentials = &with_token;
    char *with = authorization_of(&signing);
    assert_null(strstr(without, "x-amz-security-token"));
    assert_non_null(strstr(with, "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "));
    assert_null(strstr(with, token));
    free(without);
    free(with);
}

static void a_time_without_four_digits_of_year_is_refused(void **state)
{
    (void)state;
    pv_signature signature;
    pv_error error;
    pv_signing signing = example_signing("GET", "/", &host, 1);
    signing.time = INT64_C(253402300800); /* the year 10000 */
    assert_int_equal(pv_sigv4_sign(&signature, &signing, &error), PV_E_INTERNAL);
    assert_null(signature.authorization.data);
}

static void assert_target(const char *path, const pv_query_pair *query, size_t n, const char *expected)
{
    pv_buffer target = {0};
    pv_sigv4_append_target(&target, pv_text_of(path), query, n);
    assert_false(target.failed);
    assert_int_equal(target.size, strlen(expected));
    assert_memory_equal(target.data, expected, target.size);
    pv_buffer_deinit(&target);
}

static void a_path_is_encoded_once_and_keeps_its_segments(void **state)
{
    (void)state;
    assert_target("/", NULL, 0, "/");
    assert_target("/a b/.././/c+%2F~-_", NULL, 0, "/a%20b/.././/c%2B%252F~-_");
    assert_target("/\xc3\xa4?&=#", NULL, 0, "/%C3%A4%3F%26%3D%23");
}

static void a_query_is_sorted_by_name_and_then_by_value(void **state)
{
    (void)state;
    const pv_query_pair query[] = {{TEXT("b"), TEXT("")},
                                   {TEXT("a-"), TEXT("1")},
                                   {TEXT("a"), TEXT("2")},
                                   {TEXT("a"), TEXT("10")},
                                   {TEXT("A"), TEXT("z/ ")}};
    assert_target("/k", query, 5, "/k?A=z%2F%20&a=10&a=2&a-=1&b=");
    const pv_query_pair empty = {{NULL, 0}, TEXT("")};
    assert_target("/k", &empty, 1, "/k?=");
}

/* '~' is sorted as it stands, "ä" by its '%': the encoded bytes count. */
static void a_query_is_sorted_by_its_encoded_bytes(void **state)
{
    (void)state;
    const pv_query_pair query[] = {{TEXT("~"), TEXT("1")}, {TEXT("z"), TEXT("2")}, {TEXT("\xc3\xa4"), TEXT("3")}};
    assert_target("/", query, 3, "/?%C3%A4=3&z=2&~=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_of_a_range_is_signed_as_published),
        cmocka_unit_test(a_write_is_signed_as_published),
        cmocka_unit_test(a_name_without_a_value_is_signed_as_published),
        cmocka_unit_test(a_listing_is_signed_as_published),
        cmocka_unit_test(blanks_around_and_inside_a_value_are_folded),
        cmocka_unit_test(values_of_one_name_are_joined_in_their_order),
        cmocka_unit_test(a_token_is_signed_along),
        cmocka_unit_test(a_time_without_four_digits_of_year_is_refused),
        cmocka_unit_test(a_path_is_encoded_once_and_keeps_its_segments),
        cmocka_unit_test(a_query_is_sorted_by_name_and_then_by_value),
        cmocka_unit_test(a_query_is_sorted_by_its_encoded_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
