#include "remote/credentials.h"

#include "remote/credentials_endpoint.h"
#include "remote/credentials_profile.h"
#include "support/scratch_folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* --- the environment ---------------------------------------------------------------------------------------------- */

static scratch_folder home;

static void put(const char *name, const char *text)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &home, name);
    assert_true(scratch_write(path, text, strlen(text)));
}

static void set(const char *variable, const char *value)
{
    assert_int_equal(setenv(variable, value, 1), 0);
}

static void set_path(const char *variable, const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &home, name);
    set(variable, path);
}

/* Nothing in the environment, no instance, files in a folder of the test. */
static int set_up(void **state)
{
    static const char *const variables[] = {"AWS_ACCESS_KEY_ID",
                                            "AWS_SECRET_ACCESS_KEY",
                                            "AWS_SESSION_TOKEN",
                                            "AWS_PROFILE",
                                            "AWS_REGION",
                                            "AWS_DEFAULT_REGION",
                                            "AWS_WEB_IDENTITY_TOKEN_FILE",
                                            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"};
    (void)state;
    for (size_t k = 0; k < sizeof variables / sizeof *variables; k++) unsetenv(variables[k]);
    if (!scratch_folder_create(&home)) return -1;
    set("AWS_EC2_METADATA_DISABLED", "true");
    set("HOME", home.path);
    set_path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    set_path("AWS_CONFIG_FILE", "config");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&home);
    return 0;
}

static void assert_found(const char *source, const char *access_key, const char *secret_key, const char *token)
{
    pv_credentials found;
    pv_error error = {0};
    if (pv_credentials_find(&found, PV_NO_DEADLINE, &error) != PV_OK) fail_msg("%s", error.message);
    assert_string_equal(found.source, source);
    assert_string_equal(found.access_key, access_key);
    assert_string_equal(found.secret_key, secret_key);
    assert_int_equal(found.session_token != NULL, token != NULL);
    if (token) assert_string_equal(found.session_token, token);
    assert_true(found.expires == INT64_MAX);
    pv_credentials_deinit(&found);
}

/* `parts`: of the message, up to NULL. No message holds what the tests call a secret. */
static void assert_not_found(const char *const *parts)
{
    pv_credentials found;
    pv_error error = {0};
    assert_int_equal(pv_credentials_find(&found, PV_NO_DEADLINE, &error), PV_E_INPUT);
    for (; *parts; parts++)
        if (!strstr(error.message, *parts)) fail_msg("%s: without %s", error.message, *parts);
    assert_null(strstr(error.message, "hush"));
    assert_null(found.access_key);
}
#define ASSERT_NOT_FOUND(...) assert_not_found((const char *const[]){__VA_ARGS__, NULL})

static void the_environment_comes_first(void **state)
{
    (void)state;
    put("credentials", "[default]\naws_access_key_id = F\naws_secret_access_key = hush-f\n");
    set("AWS_ACCESS_KEY_ID", "E");
    set("AWS_SECRET_ACCESS_KEY", "hush-e");
    assert_found("environment", "E", "hush-e", NULL);
    set("AWS_SESSION_TOKEN", "token");
    assert_found("environment", "E", "hush-e", "token");
}

static void half_a_pair_in_the_environment_is_told(void **state)
{
    (void)state;
    set("AWS_ACCESS_KEY_ID", "E");
    ASSERT_NOT_FOUND("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
    set("AWS_ACCESS_KEY_ID", "");
    set("AWS_SECRET_ACCESS_KEY", "hush");
    ASSERT_NOT_FOUND("AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not");
}

static void a_pasted_line_break_is_told_and_not_shown(void **state)
{
    (void)state;
    set("AWS_ACCESS_KEY_ID", "E");
    set("AWS_SECRET_ACCESS_KEY", "hush\n");
    ASSERT_NOT_FOUND("secret key", "environment");
    set("AWS_SECRET_ACCESS_KEY", "hush");
    set("AWS_SESSION_TOKEN", "hush hush");
    ASSERT_NOT_FOUND("session token", "environment");
}

static void a_role_by_web_identity_is_refused(void **state)
{
    (void)state;
    set("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    ASSERT_NOT_FOUND("AWS_WEB_IDENTITY_TOKEN_FILE", "aws configure export-credentials");
}

static void where_there_are_none_the_places_are_named(void **state)
{
    (void)state;
    ASSERT_NOT_FOUND("no AWS credentials", "AWS_ACCESS_KEY_ID", "~/.aws/credentials");
}

/* --- profiles ----------------------------------------------------------------------------------------------------- */

static void the_default_profile_is_read_from_either_file(void **state)
{
    (void)state;
    put("config", "[default]\naws_access_key_id = C\naws_secret_access_key = hush-c\naws_session_token = t\n");
    assert_found("profile", "C", "hush-c", "t");
    /* Not its token: keys are of one file. */
    put("credentials", "[other]\nx=1\n[default]\nAWS_ACCESS_KEY_ID = D\naws_secret_access_key = hush/d+= \n");
    assert_found("profile", "D", "hush/d+=", NULL);
}

static void a_named_profile_has_its_word_in_the_file_of_settings(void **state)
{
    (void)state;
    put("config", "[shop]\naws_access_key_id = NO\naws_secret_access_key = hush\n"
                  "[profile shop]\naws_access_key_id = S\naws_secret_access_key = hush-s\n"
                  "[profile \"my shop\"]\naws_access_key_id = M\naws_secret_access_key = hush-m\n");
    set("AWS_PROFILE", "shop");
    assert_found("profile", "S", "hush-s", NULL);
    set("AWS_PROFILE", "my shop");
    assert_found("profile", "M", "hush-m", NULL);
}

static void a_profile_that_no_file_has_is_told(void **state)
{
    (void)state;
    put("credentials", "[default]\naws_access_key_id = D\naws_secret_access_key = hush\n");
    set("AWS_PROFILE", "shop");
    ASSERT_NOT_FOUND("AWS_PROFILE: no profile shop in ", "/credentials");
    put("config", "[profile shop]\n");
    ASSERT_NOT_FOUND("no AWS credentials");
}

static void half_a_pair_in_a_file_is_told_with_its_line(void **state)
{
    (void)state;
    put("credentials", "[default]\n\naws_secret_access_key = hush\n");
    ASSERT_NOT_FOUND("/credentials:3: profile default: expected both");
    put("credentials", "[default]\naws_secret_access_key = hush\naws_secret_access_key = hush\n");
    ASSERT_NOT_FOUND("/credentials:3: aws_secret_access_key of profile default: told before");
}

static void a_role_goes_before_keys(void **state)
{
    (void)state;
    put("credentials", "[default]\naws_access_key_id = D\naws_secret_access_key = hush\n");
    put("config", "[default]\nregion = eu-central-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = x\n");
    ASSERT_NOT_FOUND("/config:3: role_arn of profile default", "aws configure export-credentials --profile default");
    put("config", "[default]\nsso_account_id = 1\n");
    ASSERT_NOT_FOUND("/config:2: sso_account_id");
}

static void a_process_goes_between_the_files(void **state)
{
    (void)state;
    put("config", "[default]\naws_access_key_id = C\naws_secret_access_key = hush\ncredential_process = run hush\n");
    ASSERT_NOT_FOUND("/config:4: credential_process");
    put("credentials", "[default]\naws_access_key_id = D\naws_secret_access_key = hush-d\n");
    assert_found("profile", "D", "hush-d", NULL);
}

static void a_session_is_refused_where_there_are_no_keys(void **state)
{
    (void)state;
    put("config", "[default]\nsso_session = s\n");
    ASSERT_NOT_FOUND("/config:2: sso_session");
    put("config", "[default]\nsso_session = s\naws_access_key_id = C\naws_secret_access_key = hush-c\n");
    assert_found("profile", "C", "hush-c", NULL);
}

static void a_tilde_is_the_home_folder(void **state)
{
    (void)state;
    put("elsewhere", "[default]\naws_access_key_id = H\naws_secret_access_key = hush-h\n");
    set("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    assert_found("profile", "H", "hush-h", NULL);
}

static void a_file_that_cannot_be_one_is_told(void **state)
{
    (void)state;
    set("AWS_CONFIG_FILE", home.path);
    ASSERT_NOT_FOUND(home.path, "expected a file of at most 1048576 bytes");
}

static void a_region_is_found_in_its_order(void **state)
{
    (void)state;
    char *region = NULL;
    pv_error error = {0};
    assert_int_equal(pv_region_find(&region, &error), PV_E_INPUT);
    assert_non_null(strstr(error.message, "AWS_REGION"));
    /* Of a profile whose keys cannot be used, too. */
    put("config", "[default]\nsso_account_id = 1\nregion = eu-south-2\n");
    assert_int_equal(pv_region_find(&region, &error), PV_OK);
    assert_string_equal(region, "eu-south-2");
    free(region);
    set("AWS_DEFAULT_REGION", "eu-west-1");
    assert_int_equal(pv_region_find(&region, &error), PV_OK);
    assert_string_equal(region, "eu-west-1");
    free(region);
    set("AWS_REGION", "eu-west-2");
    assert_int_equal(pv_region_find(&region, &error), PV_OK);
    assert_string_equal(region, "eu-west-2");
    free(region);
}

/* --- the document of an endpoint ---------------------------------------------------------------------------------- */

static void a_document_is_read_and_what_is_unknown_left_out(void **state)
{
    (void)state;
    pv_credentials found = {0};
    const char *json = "{\"Code\":\"Success\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\",\"Token\":\"t\","
                       "\"Expiration\":\"2013-05-24T00:00:00Z\",\"New\":{\"x\":[]},\"RoleArn\":null}";
    assert_int_equal(pv_credentials_read(&found, "test", pv_text_of(json), NULL), PV_OK);
    assert_string_equal(found.access_key, "A");
    assert_string_equal(found.secret_key, "hush");
    assert_string_equal(found.session_token, "t");
    assert_int_equal(found.expires, 1369353600);
    pv_credentials_deinit(&found);
}

static void a_wrong_document_is_refused_and_not_shown(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "hush",
        "[]",
        "{}",
        "{\"AccessKeyId\":\"A\"}",
        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}",
        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":7}",
        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\",\"Expiration\":\"soon\"}",
        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\",\"SecretAccessKey\":\"hush\"}",
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        pv_credentials found = {0};
        pv_error error = {0};
        assert_int_equal(pv_credentials_read(&found, "test", pv_text_of(wrong[k]), &error), PV_E_INPUT);
        assert_string_equal(error.message,
                            "test: expected JSON with AccessKeyId, SecretAccessKey, Token and Expiration");
        assert_null(found.access_key);
        assert_null(found.secret_key);
    }
}

int main(void)
{
#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_HOME(the_environment_comes_first),
        IN_HOME(half_a_pair_in_the_environment_is_told),
        IN_HOME(a_pasted_line_break_is_told_and_not_shown),
        IN_HOME(a_role_by_web_identity_is_refused),
        IN_HOME(where_there_are_none_the_places_are_named),
        IN_HOME(the_default_profile_is_read_from_either_file),
        IN_HOME(a_named_profile_has_its_word_in_the_file_of_settings),
        IN_HOME(a_profile_that_no_file_has_is_told),
        IN_HOME(half_a_pair_in_a_file_is_told_with_its_line),
        IN_HOME(a_role_goes_before_keys),
        IN_HOME(a_process_goes_between_the_files),
        IN_HOME(a_session_is_refused_where_there_are_no_keys),
        IN_HOME(a_tilde_is_the_home_folder),
        IN_HOME(a_file_that_cannot_be_one_is_told),
        IN_HOME(a_region_is_found_in_its_order),
        cmocka_unit_test(a_document_is_read_and_what_is_unknown_left_out),
        cmocka_unit_test(a_wrong_document_is_refused_and_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
