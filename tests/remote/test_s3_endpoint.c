#include "remote/s3_endpoint.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int forget_variables(void **state)
{
    (void)state;
    unsetenv("AWS_ENDPOINT_URL_S3");
    unsetenv("AWS_ENDPOINT_URL");
    return 0;
}

static void aws_is_asked_by_host(void **state)
{
    (void)state;
    pv_s3_endpoint endpoint;
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "eu-central-1", NULL), PV_OK);
    assert_string_equal(endpoint.server.host, "shop.s3.eu-central-1.amazonaws.com");
    assert_int_equal(endpoint.server.port, 443);
    assert_true(endpoint.server.is_tls);
    assert_false(endpoint.is_by_path);
}

static void regions_of_china_have_a_domain_of_their_own(void **state)
{
    (void)state;
    pv_s3_endpoint endpoint;
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "cn-north-1", NULL), PV_OK);
    assert_string_equal(endpoint.server.host, "shop.s3.cn-north-1.amazonaws.com.cn");
}

static void another_server_is_asked_by_path(void **state)
{
    (void)state;
    pv_s3_endpoint endpoint;
    setenv("AWS_ENDPOINT_URL", "https://other.example", 1);
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "eu-central-1", NULL), PV_OK);
    assert_string_equal(endpoint.server.host, "other.example");
    assert_true(endpoint.is_by_path && endpoint.server.is_tls);

    setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:7070/", 1);
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "eu-central-1", NULL), PV_OK);
    assert_string_equal(endpoint.server.host, "127.0.0.1");
    assert_int_equal(endpoint.server.port, 7070);
    assert_true(endpoint.is_by_path && !endpoint.server.is_tls);

    setenv("AWS_ENDPOINT_URL_S3", "", 1);
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "eu-central-1", NULL), PV_OK);
    assert_string_equal(endpoint.server.host, "other.example");
}

static void a_wrong_address_names_its_variable(void **state)
{
    (void)state;
    pv_s3_endpoint endpoint;
    pv_error error = {0};
    setenv("AWS_ENDPOINT_URL_S3", "ftp://127.0.0.1", 1);
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "eu-central-1", &error), PV_E_USAGE);
    assert_int_equal(strncmp(error.message, "AWS_ENDPOINT_URL_S3: ", 21), 0);
}

static void a_region_cannot_smuggle_a_host(void **state)
{
    (void)state;
    pv_s3_endpoint endpoint;
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "x.evil.example/", NULL), PV_E_USAGE);
    assert_int_equal(pv_s3_endpoint_find(&endpoint, "shop", "", NULL), PV_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(aws_is_asked_by_host, forget_variables),
        cmocka_unit_test_setup(regions_of_china_have_a_domain_of_their_own, forget_variables),
        cmocka_unit_test_setup(another_server_is_asked_by_path, forget_variables),
        cmocka_unit_test_setup(a_wrong_address_names_its_variable, forget_variables),
        cmocka_unit_test_setup(a_region_cannot_smuggle_a_host, forget_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
