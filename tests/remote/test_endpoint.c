/* Addresses of servers, and deadlines. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "remote/deadline.h"
#include "remote/endpoint.h"
#include <math.h>
#include <string.h>

typedef struct known_address {
    const char *url;
    bool is_tls;
    const char *host;
    uint16_t port;
    const char *path, *host_header, *name;
} known_address;

static const known_address KNOWN[] = {
    {"http://127.0.0.1:9001", false, "127.0.0.1", 9001, "", "127.0.0.1:9001", "127.0.0.1:9001"},
    {"https://s3.eu-central-1.amazonaws.com/", true, "s3.eu-central-1.amazonaws.com", 443, "/",
     "s3.eu-central-1.amazonaws.com", "s3.eu-central-1.amazonaws.com:443"},
    {"HTTP://LocalHost/a?b=c", false, "localhost", 80, "/a?b=c", "localhost", "localhost:80"},
    {"http://169.254.170.2:80/v2/x", false, "169.254.170.2", 80, "/v2/x", "169.254.170.2", "169.254.170.2:80"},
    {"https://host:80", true, "host", 80, "", "host:80", "host:80"},
    {"http://[::1]:65535/", false, "::1", 65535, "/", "[::1]:65535", "[::1]:65535"},
    {"https://[fd00:ec2::23]", true, "fd00:ec2::23", 443, "", "[fd00:ec2::23]", "[fd00:ec2::23]:443"},
};

static void addresses_are_taken_apart(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++) {
        const known_address *known = &KNOWN[k];
        pv_endpoint endpoint;
        pv_text path;
        char name[PV_ENDPOINT_NAME_SIZE];
        pv_buffer header = {0};
        assert_int_equal(pv_endpoint_parse(&endpoint, &path, known->url, NULL), PV_OK);
        assert_int_equal(endpoint.is_tls, known->is_tls);
        assert_string_equal(endpoint.host, known->host);
        assert_int_equal(endpoint.port, known->port);
        assert_true(pv_text_equal(path, pv_text_of(known->path)));
        pv_endpoint_print_host(&header, &endpoint);
        assert_true(pv_text_equal((pv_text){header.data, header.size}, pv_text_of(known->host_header)));
        pv_endpoint_name(name, &endpoint);
        assert_string_equal(name, known->name);
        pv_buffer_deinit(&header);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "127.0.0.1:9001",
        "ftp://host",
        "http:/host",
        "http://",
        "http:///path",
        "http://:80",
        "http://host:",
        "http://host:0",
        "http://host:65536",
        "http://host:080000",
        "http://host:80a",
        "http://host:-1",
        "http://ho st/",
        "http://host/\n",
        "http://host/\x7f",
        "http://h\xc3\xb6st/",
        "http://user@host/",
        "http://[::1",
        "http://[::1]x",
        "http://[::g]",
        "http://::1/",
        "http://[fe80::1%25eth0]",
        "http://host?x",
        "http://host#x",
        "http://%31/",
    };
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        pv_endpoint endpoint;
        pv_text path;
        pv_error error;
        assert_int_equal(pv_endpoint_parse(&endpoint, &path, refused[k], &error), PV_E_USAGE);
        assert_null(strchr(error.message, '\n'));
        assert_true(error.message[0] != '\0');
    }
}

static void a_password_is_not_shown(void **state)
{
    (void)state;
    pv_endpoint endpoint;
    pv_error error;
    assert_int_equal(pv_endpoint_parse(&endpoint, NULL, "https://me:secret@host/", &error), PV_E_USAGE);
    assert_null(strstr(error.message, "secret"));
}

static void a_host_has_at_most_255_bytes(void **state)
{
    (void)state;
    pv_endpoint endpoint;
    char url[300] = "http://";
    memset(url + 7, 'a', 255);
    assert_int_equal(pv_endpoint_parse(&endpoint, NULL, url, NULL), PV_OK);
    assert_int_equal(strlen(endpoint.host), 255);
    url[7 + 255] = 'a';
    assert_int_equal(pv_endpoint_parse(&endpoint, NULL, url, NULL), PV_E_USAGE);
}

static void no_path_means_that_none_may_follow(void **state)
{
    (void)state;
    pv_endpoint a, b;
    assert_int_equal(pv_endpoint_parse(&a, NULL, "http://host/x", NULL), PV_E_USAGE);
    assert_int_equal(pv_endpoint_parse(&a, NULL, "http://host/", NULL), PV_OK);
    assert_int_equal(pv_endpoint_parse(&b, NULL, "http://HOST:80", NULL), PV_OK);
    assert_true(pv_endpoint_equal(&a, &b));
    b.port = 81;
    assert_false(pv_endpoint_equal(&a, &b));
    b = a;
    b.is_tls = true;
    assert_false(pv_endpoint_equal(&a, &b));
    b = a;
    b.host[0] = 'm';
    assert_false(pv_endpoint_equal(&a, &b));
}

static void deadlines_are_ordered_and_end(void **state)
{
    (void)state;
    assert_true(pv_deadline_in(HUGE_VAL) == PV_NO_DEADLINE);
    assert_true(pv_deadline_in(1e18) == PV_NO_DEADLINE);
    assert_true(isinf(pv_deadline_left(PV_NO_DEADLINE)));
    assert_true(pv_deadline_left(pv_deadline_in(0)) == 0);
    assert_true(pv_deadline_left(pv_deadline_in(-5)) == 0);
    assert_true(pv_deadline_left(pv_deadline_in((double)NAN)) == 0);
    const pv_deadline hour = pv_deadline_in(3600);
    assert_true(pv_deadline_left(hour) > 3000 && pv_deadline_left(hour) <= 3600);
    assert_true(pv_deadline_sooner(hour, PV_NO_DEADLINE) == hour);
    assert_true(pv_deadline_sooner(PV_NO_DEADLINE, hour) == hour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(a_password_is_not_shown),
        cmocka_unit_test(a_host_has_at_most_255_bytes),
        cmocka_unit_test(no_path_means_that_none_may_follow),
        cmocka_unit_test(deadlines_are_ordered_and_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
