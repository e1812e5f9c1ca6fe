#include "remote/s3_request.h"
#include "base/failure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct judged {
    pv_s3_verdict verdict;
    pv_s3_outcome outcome;
    pv_error error;
} judged;

static pv_s3_client client_of(const char *source)
{
    static char region[] = "eu-central-1";
    return (pv_s3_client){.bucket = "shop", .region = region, .credentials = {.source = source}};
}

static judged judge_from(const char *source, const char *method, const char *key, int status, const char *body)
{
    const pv_s3_client client = client_of(source);
    const pv_s3_request request = {.method = method, .key = key};
    pv_http_response response = {.status = status};
    judged result = {0};
    pv_buffer_append_string(&response.body, body);
    result.verdict = pv_s3_judge(&result.outcome, &response, PV_OK, &client, &request, &result.error);
    pv_buffer_deinit(&response.body);
    return result;
}

static judged judge(const char *method, int status, const char *body)
{
    return judge_from("environment", method, "k", status, body);
}

#define ERROR(code) "<Error><Code>" code "</Code><Message>words</Message></Error>"

static void expect_outcome(judged result, pv_s3_outcome outcome)
{
    assert_int_equal(result.verdict, PV_S3_HEARD);
    assert_int_equal(result.outcome, outcome);
}

static void outcomes_are_no_errors(void **state)
{
    (void)state;
    expect_outcome(judge("GET", 200, ""), PV_S3_DONE);
    expect_outcome(judge("GET", 206, ""), PV_S3_DONE);
    expect_outcome(judge("DELETE", 204, ""), PV_S3_DONE);
    expect_outcome(judge("GET", 304, ""), PV_S3_NOT_CHANGED);
    expect_outcome(judge("PUT", 412, ERROR("PreconditionFailed")), PV_S3_PRECONDITION);
    expect_outcome(judge("PUT", 409, ERROR("ConditionalRequestConflict")), PV_S3_PRECONDITION);
    expect_outcome(judge("GET", 404, ERROR("NoSuchKey")), PV_S3_NO_OBJECT);
    expect_outcome(judge("HEAD", 404, ""), PV_S3_NO_OBJECT);
}

static void a_missing_key_hidden_by_403_is_a_missing_key(void **state)
{
    (void)state;
    expect_outcome(judge("GET", 403,
                         "<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/a is not authorized to "
                         "perform: s3:ListBucket on resource: \"arn:aws:s3:::shop\"</Message></Error>"),
                   PV_S3_NO_OBJECT);
    /* The listing itself was denied. */
    const judged listing =
        judge_from("environment", "GET", "", 403,
                   "<Error><Code>AccessDenied</Code><Message>perform: s3:ListBucket</Message></Error>");
    assert_int_equal(listing.verdict, PV_S3_REFUSED);
}

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    static const int statuses[] = {429, 500, 502, 503, 504};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const judged result = judge("GET", statuses[i], "");
        assert_int_equal(result.verdict, PV_S3_BUSY);
        assert_int_equal(result.error.status, PV_E_REMOTE);
    }
    assert_int_equal(judge("PUT", 409, ERROR("OperationAborted")).verdict, PV_S3_BUSY);
    assert_int_equal(judge("PUT", 400, ERROR("RequestTimeout")).verdict, PV_S3_BUSY);
    assert_string_equal(judge("GET", 503, ERROR("SlowDown")).error.message, "s3://shop/k: SlowDown: words");
}

static void refusals_are_final(void **state)
{
    (void)state;
    static const char *const answers[] = {
        ERROR("AccessDenied"), ERROR("SignatureDoesNotMatch"), ERROR("NoSuchBucket"), ERROR("Unheard"), "", "<html>"};
    static const int statuses[] = {403, 403, 404, 400, 404, 301};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const judged result = judge("GET", statuses[i], answers[i]);
        assert_int_equal(result.verdict, PV_S3_REFUSED);
        assert_int_equal(result.error.status, PV_E_INPUT);
    }
    assert_string_equal(judge("GET", 404, "").error.message, "s3://shop/k: status 404 without an error of S3");
}

static void clock_and_age_of_credentials_can_be_mended(void **state)
{
    (void)state;
    assert_int_equal(judge("GET", 403, ERROR("RequestTimeTooSkewed")).verdict, PV_S3_SKEWED);
    assert_int_equal(judge("GET", 400, ERROR("ExpiredToken")).verdict, PV_S3_EXPIRED);
}

static void expect_line(const char *source, const char *method, const char *key, const char *answer, const char *line)
{
    assert_string_equal(judge_from(source, method, key, 403, answer).error.message, line);
}

static void one_line_tells_what_to_do(void **state)
{
    (void)state;
    expect_line("environment", "GET", "k", ERROR("SignatureDoesNotMatch"),
                "s3://shop/k: SignatureDoesNotMatch: words: check AWS_SECRET_ACCESS_KEY");
    expect_line("profile", "GET", "k", ERROR("SignatureDoesNotMatch"),
                "s3://shop/k: SignatureDoesNotMatch: words: check the secret access key");
    expect_line("environment", "GET", "k", ERROR("InvalidAccessKeyId"),
                "s3://shop/k: InvalidAccessKeyId: words: check AWS_ACCESS_KEY_ID");
    expect_line("environment", "PUT", "k", ERROR("AccessDenied"),
                "s3://shop/k: AccessDenied: words: allow s3:PutObject");
    expect_line("environment", "GET", "", ERROR("AccessDenied"),
                "s3://shop/: AccessDenied: words: allow s3:ListBucket");
    expect_line("environment", "GET", "k", ERROR("NoSuchBucket"),
                "s3://shop/k: NoSuchBucket: words: check the bucket's name");
    expect_line("environment", "GET", "k",
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>",
                "s3://shop/k: AuthorizationHeaderMalformed: the bucket is in another region: set AWS_REGION=us-west-2");
}

static judged judge_silence(pv_http_failure failure, pv_status status)
{
    const pv_s3_client client = client_of("environment");
    const pv_s3_request request = {.method = "GET", .key = "k"};
    const pv_http_response response = {.failure = failure};
    judged result = {0};
    (void)pv_fail(&result.error, status, "127.0.0.1:1: cause");
    result.verdict = pv_s3_judge(&result.outcome, &response, status, &client, &request, &result.error);
    assert_int_equal(result.error.status, status);
    assert_string_equal(result.error.message, "s3://shop/k: 127.0.0.1:1: cause");
    return result;
}

static void a_broken_connection_is_tried_again_and_a_false_certificate_is_not(void **state)
{
    (void)state;
    assert_int_equal(judge_silence(PV_HTTP_NOT_SENT, PV_E_REMOTE).verdict, PV_S3_BUSY);
    assert_int_equal(judge_silence(PV_HTTP_TIMED_OUT, PV_E_REMOTE).verdict, PV_S3_BUSY);
    assert_int_equal(judge_silence(PV_HTTP_CUT_SHORT, PV_E_REMOTE).verdict, PV_S3_BUSY);
    assert_int_equal(judge_silence(PV_HTTP_UNTRUSTED, PV_E_REMOTE).verdict, PV_S3_REFUSED);
    assert_int_equal(judge_silence(PV_HTTP_MALFORMED, PV_E_REMOTE).verdict, PV_S3_REFUSED);
    assert_int_equal(judge_silence(PV_HTTP_STOPPED, PV_E_OUTPUT).verdict, PV_S3_REFUSED);
    assert_int_equal(judge_silence(PV_HTTP_NOT_SENT, PV_E_MEMORY).verdict, PV_S3_REFUSED);
}

static void a_long_key_is_shortened_in_messages(void **state)
{
    (void)state;
    char key[1025];
    memset(key, 'k', 1024);
    key[1024] = '\0';
    const judged result = judge_from("environment", "GET", key, 403, ERROR("SignatureDoesNotMatch"));
    assert_non_null(strstr(result.error.message, "kkk...: SignatureDoesNotMatch: words: check AWS_SECRET_ACCESS_KEY"));
}

static void an_answer_describes_its_object(void **state)
{
    (void)state;
    pv_http_header headers[] = {
        {pv_text_of("content-length"), pv_text_of("4096")},
        {pv_text_of("etag"), pv_text_of("\"d41d8cd98f00b204e9800998ecf8427e\"")},
        {pv_text_of("x-amz-version-id"), pv_text_of("3HL4kqtJ")},
        {pv_text_of("x-amz-checksum-sha256"), pv_text_of("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")}};
    pv_http_response response = {.status = 200, .headers = headers, .n_headers = 4};
    pv_s3_object object;
    pv_s3_object_of(&object, &response);
    assert_int_equal(object.size, 4096);
    assert_string_equal(object.etag, "\"d41d8cd98f00b204e9800998ecf8427e\"");
    assert_string_equal(object.version_id, "3HL4kqtJ");
    assert_string_equal(object.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    response.n_headers = 0;
    pv_s3_object_of(&object, &response);
    assert_int_equal(object.size, 0);
    assert_string_equal(object.etag, "");
    assert_string_equal(object.sha256, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_are_no_errors),
        cmocka_unit_test(a_missing_key_hidden_by_403_is_a_missing_key),
        cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(refusals_are_final),
        cmocka_unit_test(clock_and_age_of_credentials_can_be_mended),
        cmocka_unit_test(one_line_tells_what_to_do),
        cmocka_unit_test(a_broken_connection_is_tried_again_and_a_false_certificate_is_not),
        cmocka_unit_test(a_long_key_is_shortened_in_messages),
        cmocka_unit_test(an_answer_describes_its_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
