/* Bulk output over a model played by this file: user "uK" gets K % 4 products, user "bad..." fails. What is tested is
 * the order of the lines, errors, interruption, and that the old file stays until the new one is whole. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/failure.h"
#include "support/scratch_folder.h"
#include <purvey/answer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pv_model {
    int64_t n_users;
};

struct pv_session {
    pv_answer answer;
    pv_item items[3];
    char name[96], user[64];
};

void pv_request_init(pv_request *request)
{
    *request = (pv_request){.n = 5, .explain = PV_EXPLAIN_TOP3};
}

pv_status pv_session_create(pv_session **session, const pv_model *model, pv_error *error)
{
    (void)model;
    *session = calloc(1, sizeof **session);
    return *session != NULL ? PV_OK : pv_fail_memory(error, "a session", sizeof **session);
}

void pv_session_free(pv_session *session)
{
    free(session);
}

int64_t pv_model_user_count(const pv_model *model)
{
    return model->n_users;
}

/* Texts of the model live as long as it does, whatever thread asks. */
pv_text pv_model_user(const pv_model *model, int64_t index)
{
    static char names[3000][8];
    (void)model;
    int size = snprintf(names[index], sizeof names[index], "u%d", (int)index);
    return (pv_text){names[index], (size_t)size};
}

pv_status pv_recommend(const pv_answer **answer, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_text user = request->user;
    if (user.size >= 3 && memcmp(user.data, "bad", 3) == 0)
        return pv_fail(error, PV_E_INTERNAL, "cannot answer %.*s", (int)user.size, user.data);
    snprintf(session->user, sizeof session->user, "%.*s", (int)user.size, user.data);
    int number = (int)strtol(session->user + 1, NULL, 10);
    snprintf(session->name, sizeof session->name, "for %s, \"mixed\"", session->user);
    for (int k = 0; k < 3; k++)
        session->items[k] = (pv_item){.product = {"p", 1},
                                      .name = {session->name, strlen(session->name)},
                                      .rank = k + 1,
                                      .score = number + 0.5 - k};
    session->answer = (pv_answer){.user = {session->user, strlen(session->user)},
                                  .model_id = "9f3c2a71",
                                  .as_of = INT64_MIN,
                                  .mode = request->mode,
                                  .source = request->is_bulk ? "bulk" : "single",
                                  .items = session->items,
                                  .n_items = number % 4};
    *answer = &session->answer;
    return PV_OK;
}

pv_status pv_rank_pair(double *score, bool *unknown, pv_session *session, const pv_request *request, pv_text product,
                       pv_error *error)
{
    (void)session;
    (void)error;
    *unknown = product.data[0] == '?';
    *score = *unknown ? 0 : (double)request->user.size + 0.25;
    return PV_OK;
}

typedef struct bulk_case {
    scratch_folder folder;
    char users[SCRATCH_PATH_SIZE], output[SCRATCH_PATH_SIZE];
    pv_request request;
} bulk_case;

static int set_up(void **state)
{
    bulk_case *test = calloc(1, sizeof *test);
    if (test == NULL || !scratch_folder_create(&test->folder)) return -1;
    scratch_path(test->users, &test->folder, "users.csv");
    scratch_path(test->output, &test->folder, "out.csv");
    pv_request_init(&test->request);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    bulk_case *test = *state;
    scratch_folder_remove(&test->folder);
    free(test);
    return 0;
}

static void assert_file(const char *path, const char *expected)
{
    char *text = scratch_read(path, NULL);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void every_user_of_the_model_comes_in_order(void **state)
{
    bulk_case *test = *state;
    pv_model model = {.n_users = 4};
    pv_bulk_report report;
    assert_int_equal(
        pv_recommend_bulk(&model, NULL, test->output, PV_BULK_CSV, &test->request, 2, NULL, NULL, &report, NULL),
        PV_OK);
    assert_file(test->output, "user_id,product_id,rank,score,kind,name,reason\n"
                              "u1,p,1,1.5,new,\"for u1, \"\"mixed\"\"\",\n"
                              "u2,p,1,2.5,new,\"for u2, \"\"mixed\"\"\",\n"
                              "u2,p,2,1.5,new,\"for u2, \"\"mixed\"\"\",\n"
                              "u3,p,1,3.5,new,\"for u3, \"\"mixed\"\"\",\n"
                              "u3,p,2,2.5,new,\"for u3, \"\"mixed\"\"\",\n"
                              "u3,p,3,1.5,new,\"for u3, \"\"mixed\"\"\",\n");
    assert_int_equal(report.users, 4);
    assert_int_equal(report.rows_returned, 6);
}

static void a_json_line_is_the_answer_of_a_bulk_request(void **state)
{
    bulk_case *test = *state;
    assert_true(scratch_write(test->users, "user_id\nu4\nu4\n", 14));
    pv_model model = {.n_users = 4};
    assert_int_equal(
        pv_recommend_bulk(&model, test->users, test->output, PV_BULK_JSONL, &test->request, 1, NULL, NULL, NULL, NULL),
        PV_OK);
    const char *line =
        "{\"user\":\"u4\",\"model\":\"9f3c2a71\",\"as_of\":null,\"mode\":\"mixed\",\"source\":\"bulk\","
        "\"fallback\":null,\"requested\":0,\"returned\":0,\"candidates\":0,\"filtered\":{},\"items\":[]}\n";
    char expected[512];
    snprintf(expected, sizeof expected, "%s%s", line, line);
    assert_file(test->output, expected);
}

static void the_bytes_do_not_depend_on_the_threads(void **state)
{
    bulk_case *test = *state;
    char other[SCRATCH_PATH_SIZE];
    scratch_path(other, &test->folder, "other.csv");
    pv_model model = {.n_users = 3000};
    assert_int_equal(pv_recommend_bulk(&model, NULL, other, PV_BULK_CSV, &test->request, 1, NULL, NULL, NULL, NULL),
                     PV_OK);
    char *expected = scratch_read(other, NULL);
    assert_non_null(expected);
    for (int64_t n = 1; n <= 100000; n *= 100) { /* n sets the size of the blocks */
        test->request.n = n;
        assert_int_equal(
            pv_recommend_bulk(&model, NULL, test->output, PV_BULK_CSV, &test->request, 3, NULL, NULL, NULL, NULL),
            PV_OK);
        assert_file(test->output, expected);
    }
    free(expected);
}

static void the_first_error_in_order_stops_the_run_and_the_old_file_stays(void **state)
{
    bulk_case *test = *state;
    char users[4096] = "user_id\n";
    for (int k = 0; k < 300; k++) {
        const char *user = k == 70 ? "bad70\n" : k == 5 ? "u5\n" : k == 200 ? "bad200\n" : "u1\n";
        size_t used = strlen(users);
        snprintf(users + used, sizeof users - used, "%s", user);
    }
    assert_true(scratch_write(test->users, users, strlen(users)));
    assert_true(scratch_write(test->output, "old", 3));
    pv_model model = {.n_users = 0};
    pv_error error = {0};
    assert_int_equal(
        pv_recommend_bulk(&model, test->users, test->output, PV_BULK_CSV, &test->request, 3, NULL, NULL, NULL, &error),
        PV_E_INTERNAL);
    assert_string_equal(error.message, "cannot answer bad70");
    assert_file(test->output, "old");
    assert_int_equal(scratch_count(&test->folder), 2); /* no temporary file is left */
}

static int stop(void *context, const pv_progress_state *state)
{
    assert_string_equal(state->stage, "score");
    assert_true(state->done <= state->total);
    ++*(int *)context;
    return 1;
}

static void an_interrupted_run_leaves_the_old_file(void **state)
{
    bulk_case *test = *state;
    assert_true(scratch_write(test->output, "old", 3));
    pv_model model = {.n_users = 100};
    int calls = 0;
    assert_int_equal(
        pv_recommend_bulk(&model, NULL, test->output, PV_BULK_CSV, &test->request, 2, stop, &calls, NULL, NULL),
        PV_E_INTERRUPTED);
    assert_int_equal(calls, 1);
    assert_file(test->output, "old");
    assert_int_equal(scratch_count(&test->folder), 1);
}

static void no_users_give_a_header_alone(void **state)
{
    bulk_case *test = *state;
    pv_model model = {.n_users = 0};
    assert_int_equal(
        pv_recommend_bulk(&model, NULL, test->output, PV_BULK_CSV, &test->request, 2, NULL, NULL, NULL, NULL), PV_OK);
    assert_file(test->output, "user_id,product_id,rank,score,kind,name,reason\n");
}

static void ranking_answers_line_for_line(void **state)
{
    bulk_case *test = *state;
    const char pairs[] = "user_id,product_id\nb,p\nab,?\nb,\"p,2\"\nb,p\n";
    assert_true(scratch_write(test->users, pairs, sizeof pairs - 1));
    pv_model model = {.n_users = 0};
    pv_bulk_report report;
    assert_int_equal(pv_rank_bulk(&model, test->users, test->output, &test->request, 2, NULL, NULL, &report, NULL),
                     PV_OK);
    assert_file(test->output, "user_id,product_id,score,unknown\nb,p,1.25,0\nab,?,0,1\nb,\"p,2\",1.25,0\nb,p,1.25,0\n");
    assert_int_equal(report.users, 2);
    assert_int_equal(report.read.rows_read, 4);
    assert_int_equal(report.rows_returned, 4);
    assert_int_equal(report.pairs_unknown, 1);
}

static void an_output_that_is_no_regular_file_is_refused(void **state)
{
    bulk_case *test = *state;
    pv_model model = {.n_users = 1};
    assert_int_equal(
        pv_recommend_bulk(&model, NULL, test->folder.path, PV_BULK_CSV, &test->request, 1, NULL, NULL, NULL, NULL),
        PV_E_OUTPUT);
}

int main(void)
{
#define BULK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        BULK_TEST(every_user_of_the_model_comes_in_order),
        BULK_TEST(a_json_line_is_the_answer_of_a_bulk_request),
        BULK_TEST(the_bytes_do_not_depend_on_the_threads),
        BULK_TEST(the_first_error_in_order_stops_the_run_and_the_old_file_stays),
        BULK_TEST(an_interrupted_run_leaves_the_old_file),
        BULK_TEST(no_users_give_a_header_alone),
        BULK_TEST(ranking_answers_line_for_line),
        BULK_TEST(an_output_that_is_no_regular_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
