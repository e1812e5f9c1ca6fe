/* answer_bench.c - the CPU time of one answer, on one thread: pv_recommend() and pv_answer_json(), or with --service
 * pv_service_answer() from the JSON of the question to the JSON of the answer.
 *
 *     answer_bench [--service] MODEL [-n ITEMS] [--explain none|top3|full] [--answers COUNT]
 *
 * Asks COUNT times (10000), going round the customers with purchases, after a tenth as many that are not counted.
 * Prints one JSON object, times in microseconds. The clock is the CPU time of the thread: what else the machine does is
 * left out but for its share of the caches.
 */
#include "base/failure.h"
#include "base/json_fields.h"
#include "base/memory.h"
#include "bench_arguments.h"
#include "model/model.h"
#include <inttypes.h>
#include <purvey/answer.h>
#include <purvey/service.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const explain_names[] = {"none", "top3", "full"};

typedef struct task {
    pv_model *model; /* whose customers are asked for */
    pv_session *session;
    pv_service *service; /* NULL: the session is asked */
    pv_request request;
    int64_t n_answers, n_bytes;
    double *recommend, *json, *both; /* [n_answers] microseconds; of the service only `both` */
} task;

static double thread_microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static pv_explain explain_argument(const char *text)
{
    for (int level = 0; level < 3; level++)
        if (strcmp(text, explain_names[level]) == 0) return (pv_explain)level;
    (void)fprintf(stderr, "--explain: expected none, top3 or full, got %s\n", text);
    exit(2);
}

static void print_question(pv_buffer *out, const pv_request *request)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "user", request->user);
    pv_json_integer_field(&json, "n", request->n);
    pv_json_string_field(&json, "explain", explain_names[request->explain]);
    pv_json_end_object(&json);
}

static pv_status ask_service(task *t, double *both, pv_error *error)
{
    pv_buffer body = {0};
    pv_service_response response;
    print_question(&body, &t->request);
    const pv_service_request request = {
        .method = pv_text_of("POST"), .path = pv_text_of("/v1/recommend"), .body = {body.data, body.size}};
    const double begin = thread_microseconds();
    pv_service_answer(&response, t->service, &request);
    *both = thread_microseconds() - begin;
    const int status = response.status;
    t->n_bytes += (int64_t)response.size;
    pv_service_response_deinit(&response);
    pv_buffer_deinit(&body);
    return status == 200 ? PV_OK : pv_fail(error, PV_E_INTERNAL, "the service answers %d", status);
}

static pv_status ask_session(task *t, double *recommend, double *json, pv_error *error)
{
    const pv_answer *answer = NULL;
    char *text = NULL;
    const double begin = thread_microseconds();
    pv_status status = pv_recommend(&answer, t->session, &t->request, error);
    if (status != PV_OK) return status;
    const double middle = thread_microseconds();
    status = pv_answer_json(&text, answer, error);
    if (status != PV_OK) return status;
    *json = thread_microseconds() - middle;
    *recommend = middle - begin;
    t->n_bytes += (int64_t)strlen(text);
    pv_free(text);
    return PV_OK;
}

/* Ask for the next customer; the times go to element `at`. */
static pv_status ask(task *t, int64_t number, int64_t at, pv_error *error)
{
    const pv_ids *users = &t->model->ranker->shop.users.ids;
    t->request.user = pv_ids_at(users, number % users->n_warm);
    if (t->service) return ask_service(t, &t->both[at], error);
    const pv_status status = ask_session(t, &t->recommend[at], &t->json[at], error);
    t->both[at] = t->recommend[at] + t->json[at];
    return status;
}

static pv_status ask_all(task *t, pv_error *error)
{
    pv_status status = PV_OK;
    for (int64_t k = 0; k < t->n_answers / 10; k++) PV_TRY(ask(t, k, 0, error));
    t->n_bytes = 0;
    for (int64_t k = 0; k < t->n_answers; k++) PV_TRY(ask(t, k, k, error));
cleanup:
    return status;
}

static int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print_times(const char *name, double *times, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += times[k];
    qsort(times, (size_t)n, sizeof *times, compare_times);
    (void)printf(", \"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"mean\": %.1f}", name, times[n / 2], times[n * 99 / 100],
                 sum / (double)n);
}

static pv_status run(task *t, const char *path, bool asks_service, pv_error *error)
{
    pv_status status;
    const pv_service_options options = {.model = path};
    PV_TRY(pv_model_open(&t->model, path, error));
    if (asks_service) PV_TRY(pv_service_create(&t->service, &options, error));
    if (t->model->ranker->shop.users.ids.n_warm == 0)
        PV_TRY(pv_fail(error, PV_E_INPUT, "%s: no customer has purchases", path));
    PV_TRY(pv_session_create(&t->session, t->model, error));
    const size_t n = (size_t)t->n_answers;
    t->recommend = pv_allocate(n, sizeof *t->recommend);
    t->json = pv_allocate(n, sizeof *t->json);
    t->both = pv_allocate(n, sizeof *t->both);
    if (!t->recommend || !t->json || !t->both) PV_TRY(pv_fail_memory(error, "times", n * sizeof *t->both));
    PV_TRY(ask_all(t, error));
    (void)printf("{\"answers\": %" PRId64 ", \"bytes\": %" PRId64, t->n_answers, t->n_bytes / t->n_answers);
    if (t->service) {
        print_times("service", t->both, t->n_answers);
    } else {
        print_times("recommend", t->recommend, t->n_answers);
        print_times("json", t->json, t->n_answers);
        print_times("both", t->both, t->n_answers);
    }
    (void)printf("}\n");
cleanup:
    return status;
}

int main(int argc, char **argv)
{
    task t = {.n_answers = 10000};
    const bool asks_service = argc > 1 && strcmp(argv[1], "--service") == 0;
    argc -= asks_service;
    argv += asks_service;
    pv_request_init(&t.request);
    for (int k = 2; k + 1 < argc; k += 2) {
        if (strcmp(argv[k], "-n") == 0)
            t.request.n = integer_argument(argv[k + 1], "-n", 1, PV_N_MAX);
        else if (strcmp(argv[k], "--explain") == 0)
            t.request.explain = explain_argument(argv[k + 1]);
        else if (strcmp(argv[k], "--answers") == 0)
            t.n_answers = integer_argument(argv[k + 1], "--answers", 1, 100000000);
        else
            argc = 0;
    }
    if (argc % 2 != 0 || argc < 2) {
        (void)fputs("usage: answer_bench [--service] MODEL [-n ITEMS] [--explain none|top3|full] [--answers COUNT]\n",
                    stderr);
        return 2;
    }
    pv_error error = {0};
    const pv_status status = run(&t, argv[1], asks_service, &error);
    if (status != PV_OK) (void)fprintf(stderr, "answer_bench: %s\n", error.message);
    pv_service_free(t.service);
    pv_session_free(t.session);
    pv_model_free(t.model);
    pv_release(t.recommend);
    pv_release(t.json);
    pv_release(t.both);
    return pv_status_exit_code(status);
}
