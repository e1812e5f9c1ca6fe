#include "remote/s3_xml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void an_error_is_read(void **state)
{
    (void)state;
    pv_s3_fault fault;
    pv_s3_fault_read(&fault, pv_text_of("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>"
                                        "<Message>The key\n&lt;k&gt; is not there.</Message><Key>k</Key></Error>"));
    assert_string_equal(fault.code, "NoSuchKey");
    assert_string_equal(fault.message, "The key?<k> is not there.");
    assert_string_equal(fault.region, "");
}

static void an_error_tells_the_region(void **state)
{
    (void)state;
    pv_s3_fault fault;
    pv_s3_fault_read(&fault, pv_text_of("<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>"
                                        "<Other><Code>Nested</Code></Other></Error>"));
    assert_string_equal(fault.code, "AuthorizationHeaderMalformed");
    assert_string_equal(fault.region, "eu-west-1");
}

static void a_long_message_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    pv_buffer xml = {0};
    pv_buffer_append_string(&xml, "<Error><Code>X</Code><Message>.");
    for (int i = 0; i < 200; i++) pv_buffer_append_string(&xml, "\xc3\xa4");
    pv_buffer_append_string(&xml, "</Message></Error>");
    pv_s3_fault fault;
    pv_s3_fault_read(&fault, (pv_text){xml.data, xml.size});
    pv_buffer_deinit(&xml);
    assert_int_equal(strlen(fault.message), 255); /* one dot and 127 characters of two bytes */
    assert_true(pv_text_is_utf8(pv_text_of(fault.message)));
}

static void what_is_no_error_is_an_empty_fault(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "",
        "<html><body>504</body></html>",
        "<Error><Code>Cut",
        "<Error><Code>A</Code></Error>trailing",
        "not xml",
        "<!DOCTYPE Error [<!ENTITY a \"b\">]><Error><Code>&a;</Code></Error>",
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        pv_s3_fault fault;
        pv_s3_fault_read(&fault, pv_text_of(answers[i]));
        assert_string_equal(fault.code, "");
        assert_string_equal(fault.message, "");
    }
}

static const char page[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<ListBucketResult "
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>shop</Name><IsTruncated>true</IsTruncated>"
    "<Contents><Key>a&amp;b</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
    "<ETag>&quot;fba9&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents>\n"
    "<Contents><Size>9223372036854775807</Size><Key>\xc3\xbc</Key></Contents>"
    "<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken></ListBucketResult>";

static void a_page_gives_objects_and_the_next_token(void **state)
{
    (void)state;
    pv_s3_listing listing = {0};
    pv_buffer next = {0};
    assert_int_equal(pv_s3_page_read(&listing, &next, pv_text_of(page), NULL), PV_OK);
    assert_int_equal(listing.count, 2);
    assert_string_equal(listing.objects[0].key, "a&b");
    assert_string_equal(listing.objects[0].etag, "\"fba9\"");
    assert_int_equal(listing.objects[0].size, 434234);
    assert_int_equal(listing.objects[0].modified, 1255369830);
    assert_string_equal(listing.objects[1].key, "\xc3\xbc");
    assert_true(listing.objects[1].size == INT64_MAX);
    assert_int_equal(next.size, 45);
    assert_memory_equal(next.data, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=", 45);

    assert_int_equal(pv_s3_page_read(&listing, &next, pv_text_of("<ListBucketResult/>"), NULL), PV_OK);
    assert_int_equal(listing.count, 2);
    assert_int_equal(next.size, 0);
    pv_s3_listing_deinit(&listing);
    pv_buffer_deinit(&next);
}

static void expect_refused(const char *xml, const char *why)
{
    pv_s3_listing listing = {0};
    pv_buffer next = {0};
    pv_error error = {0};
    assert_int_equal(pv_s3_page_read(&listing, &next, pv_text_of(xml), &error), PV_E_INPUT);
    assert_non_null(strstr(error.message, why));
    pv_s3_listing_deinit(&listing);
    pv_buffer_deinit(&next);
}

#define LIST(inside) "<ListBucketResult>" inside "</ListBucketResult>"

static void a_page_that_is_none_is_refused(void **state)
{
    (void)state;
    expect_refused("", "no XML");
    expect_refused("<Error><Code>SlowDown</Code></Error>", "no listing");
    expect_refused(LIST("<Contents><Key>a</Key></Contents>"), "without key or size");
    expect_refused(LIST("<Contents><Size>1</Size></Contents>"), "without key or size");
    expect_refused(LIST("<Contents><Key>a</Key><Size>-1</Size></Contents>"), "size");
    expect_refused(LIST("<Contents><Key>a</Key><Size>9223372036854775808</Size></Contents>"), "size");
    expect_refused(LIST("<Contents><Key>a</Key><Size></Size></Contents>"), "size");
    expect_refused(LIST("<Contents><LastModified>today</LastModified></Contents>"), "time");
    expect_refused(LIST("<Contents><Key>\xff</Key><Size>1</Size></Contents>"), "no XML");
    expect_refused(LIST("<IsTruncated>true</IsTruncated>"), "goes on");
}

static void what_could_cost_too_much_is_refused(void **state)
{
    (void)state;
    expect_refused("<!DOCTYPE a [<!ENTITY x \"y\">]>" LIST("<Contents><Key>&x;</Key></Contents>"), "DOCTYPE");
    expect_refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" LIST(""), "DOCTYPE");
    expect_refused("<a><a><a><a><a><a><a><a><a>", "levels");
    static char long_name[301], long_text[9000] = "<ListBucketResult>";
    memset(long_name, 'n', 300);
    long_name[0] = '<';
    long_name[299] = '>';
    expect_refused(long_name, "levels");
    memset(long_text + strlen(long_text), 't', 8500);
    expect_refused(long_text, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_read),
        cmocka_unit_test(an_error_tells_the_region),
        cmocka_unit_test(a_long_message_is_cut_at_a_whole_character),
        cmocka_unit_test(what_is_no_error_is_an_empty_fault),
        cmocka_unit_test(a_page_gives_objects_and_the_next_token),
        cmocka_unit_test(a_page_that_is_none_is_refused),
        cmocka_unit_test(what_could_cost_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
