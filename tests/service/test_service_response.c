/* What a transport is told beside the body. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include <purvey/service.h>
#include <string.h>

static void an_unknown_customer_is_told_and_only_that_one(void **state)
{
    (void)state;
    const struct {
        const char *path, *body;
        int status;
        bool is_unknown, is_fallback;
    } cases[] = {
        {"/v1/recommend", "{\"user\":\"u01\"}", 200, false, false},
        {"/v1/recommend", "{\"user\":\"u39\"}", 200, false, true}, /* known, and has bought nothing */
        {"/v1/recommend", "{\"user\":\"nobody\"}", 200, true, true},
        {"/v1/recommend", "{\"user\":\"nobody\",\"history\":[{\"item\":\"P01\"}]}", 200, false, false},
        {"/v1/recommend", "{\"n\":3}", 200, false, true},
        {"/v1/recommend", "{\"user\":\"nobody\",\"strict\":true}", 404, true, false},
        {"/v1/explain", "{\"user\":\"u01\",\"item\":\"nothing\"}", 404, false, false},
        {"/v1/recommend", "{\"user\":5}", 400, false, false},
    };
    scratch_folder folder;
    model_case m;
    pv_service *service = NULL;
    char path[SCRATCH_PATH_SIZE];
    assert_true(scratch_folder_create(&folder));
    model_case_init(&m, generated_shop(), NULL, 2);
    model_file_write(&folder, "shop.model", &m);
    model_case_deinit(&m);
    scratch_path(path, &folder, "shop.model");
    assert_int_equal(pv_service_create(&service, &(pv_service_options){.model = path}, NULL), PV_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_service_response response;
        const pv_service_request request = {.method = {"POST", 4},
                                            .path = {cases[k].path, strlen(cases[k].path)},
                                            .body = {cases[k].body, strlen(cases[k].body)}};
        pv_service_answer(&response, service, &request);
        if (response.status != cases[k].status || response.is_unknown_user != cases[k].is_unknown ||
            response.is_fallback != cases[k].is_fallback)
            fail_msg("%s: %d, unknown %d, fallback %d", cases[k].body, response.status, response.is_unknown_user,
                     response.is_fallback);
        pv_service_response_deinit(&response);
    }
    pv_service_free(service);
    scratch_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_customer_is_told_and_only_that_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
