/* fuzz_service.c - any request to the service: "METHOD TARGET\n" and the body behind the first newline.
 *
 * Against a small shop's model and a log that already holds something of each kind, so that paths behind an event run
 * too. The request is asked twice (a batch is a duplicate then) and a plain question follows it. Every answer is one
 * JSON value with a status that the contract lists; what is no success is an error with code and message.
 *
 * Links:    all modules. */
#include "base/json_reader.h"
#include "base/memory.h"
#include "fuzz_folder.h"
#include <purvey/service.h>
#include <purvey/train.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of libc's: nothing here must outlive a crash, and the disk is slow. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

int fdatasync(int descriptor)
{
    (void)descriptor;
    return 0;
}

enum { N_FILES = 3 };
static const char *const shop_files[N_FILES][2] = {
    {"user_purchases.csv", "user_id,product_id,order_id,time,quantity,discount\n"
                           "u1,A,o1,2024-01-01,1,0\nu1,B,o1,2024-01-01,2,0\nu1,A,o2,2024-02-01,1,0.1\n"
                           "u2,A,o3,2024-01-05,1,0\nu2,C,o3,2024-01-05,4,0\nu3,B,o4,2024-01-09,1,0\n"
                           "u3,C,o5,2024-02-09,1,0\nu3,A,o5,2024-02-09,1,0.2\nu4,C,o6,2024-02-10,2,0\n"},
    {"products.csv", "product_id,name,category,price,discount,stock,available_from\n"
                     "A,Apple pie,Food > Pies,3.5,0,7,\nB,Bread,Food,2,0.1,,\nC,Cup,Kitchen,9,0,0,\n"
                     "D,Dish,Kitchen,12,0,5,2024-01-01\nE,Egg cup,Kitchen,4,0,5,\n"},
    {"users.csv", "user_id,parent_id,country,price_list\nu1,P,France,gold\nu2,P,France,\nu3,,Spain,gold\nu4,,Spain,\n"},
};
static char model_path[FUZZ_PATH_SIZE], events_path[FUZZ_PATH_SIZE / 2], log_path[FUZZ_PATH_SIZE];

static const char *const told_before[][2] = {
    {"/v1/events", "[{\"event_id\":\"1\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"C\",\"time\":\"2024-03-01\"},"
                   "{\"event_id\":\"2\",\"type\":\"return\",\"user\":\"u1\",\"item\":\"A\",\"time\":\"2024-03-02\"},"
                   "{\"event_id\":\"3\",\"type\":\"shown\",\"user\":\"new\",\"items\":[\"A\",\"B\"],"
                   "\"time\":\"2024-03-02\"}]"},
    {"/v1/items:batch", "[{\"item\":\"A\",\"discount\":0.15,\"price\":4},{\"item\":\"B\",\"stock\":0}]"},
    {"/v1/users:batch", "[{\"user\":\"new\",\"parent_id\":\"P\",\"metadata\":{\"country\":\"Spain\"}}]"},
    {"/v1/eligibility:batch", "[{\"parent\":\"P\",\"items\":[\"A\",\"B\",\"C\"]}]"},
};

static void clean_up(void)
{
    char path[FUZZ_PATH_SIZE];
    (void)remove(log_path);
    fuzz_path_in(path, events_path, "events.lock");
    (void)remove(path);
    (void)rmdir(events_path);
    for (int f = 1; f < N_FILES; f++) {
        fuzz_path_in(path, fuzz_folder, shop_files[f][0]);
        (void)remove(path);
    }
    (void)remove(model_path);
}

static void write_shop_file(int number)
{
    char path[FUZZ_PATH_SIZE];
    fuzz_path_in(path, fuzz_folder, shop_files[number][0]);
    FILE *file = fopen(path, "wb");
    if (!file || fputs(shop_files[number][1], file) < 0 || fclose(file) != 0) abort();
}

/* Train the model once a process. */
static void set_up(void)
{
    pv_train_options options;
    pv_error error;
    if (model_path[0]) return;
    const char *first = shop_files[0][1];
    (void)fuzz_folder_with(shop_files[0][0], (const uint8_t *)first, strlen(first));
    for (int f = 1; f < N_FILES; f++) write_shop_file(f);
    fuzz_path_in(model_path, fuzz_folder, "model");
    (void)snprintf(events_path, sizeof events_path, "%.100s/events", fuzz_folder);
    fuzz_path_in(log_path, events_path, "events.log");
    pv_train_options_init(&options);
    options.factors = 4;
    options.iterations = 2;
    options.min_companies = 1;
    options.threads = 1;
    if (pv_train(fuzz_folder, model_path, &options, NULL, &error) != PV_OK || atexit(clean_up) != 0) abort();
}

static bool is_known_status(int status)
{
    static const int known[] = {200, 207, 400, 404, 405, 409, 413, 414};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (status == known[k]) return true;
    return false;
}

static void check_error(const pv_json_node *root)
{
    static const char *const names[] = {"error"}, *const parts[] = {"code", "message", "field"};
    pv_json_node error, fields[3];
    pv_text text;
    if (pv_json_object_fields(&error, root, names, 1, NULL) != PV_OK) abort();
    if (pv_json_object_fields(fields, &error, parts, 3, NULL) != PV_OK) abort();
    if (pv_json_read_text(&text, &fields[0], 1, 40, NULL) != PV_OK) abort();
    if (pv_json_read_text(&text, &fields[1], 1, 1000, NULL) != PV_OK || memchr(text.data, '\n', text.size)) abort();
    if (pv_json_is_null(&fields[2])) return;
    if (pv_json_read_text(&text, &fields[2], 1, 64, NULL) != PV_OK || text.data[0] != '/') abort();
}

static void check_response(const pv_service_response *response)
{
    pv_json_document *document = NULL;
    if (!is_known_status(response->status) || !response->body || !response->model[0]) abort();
    if (response->call < 0 || response->call > PV_SERVICE_NO_CALL || !pv_service_call_name(response->call)) abort();
    if ((response->status == 405) != (response->allow != NULL)) abort();
    if (pv_json_document_parse(&document, (pv_text){response->body, response->size}, NULL) != PV_OK) abort();
    const pv_json_node root = pv_json_document_root(document);
    if (!pv_json_is_object(&root)) abort();
    if (response->status >= 400) check_error(&root);
    pv_json_document_free(document);
}

static pv_service_call ask(pv_service *service, const pv_service_request *request)
{
    pv_service_response response;
    pv_service_answer(&response, service, request);
    check_response(&response);
    pv_service_response_deinit(&response);
    return response.call;
}

static void ask_texts(pv_service *service, const char *method, const char *path, const char *query, const char *body)
{
    const pv_service_request request = {
        {method, strlen(method)}, {path, strlen(path)}, {query, strlen(query)}, {body, strlen(body)}};
    (void)ask(service, &request);
}

/* The part of *rest before the first `mark`; *rest goes on behind it. Without one it is all of it. */
static pv_text take(pv_text *rest, char mark)
{
    const char *end = rest->size > 0 ? memchr(rest->data, mark, rest->size) : NULL;
    const pv_text part = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    rest->data += part.size + (end != NULL);
    rest->size -= part.size + (end != NULL);
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_service *service = NULL;
    pv_error error;
    set_up();
    (void)remove(log_path);
    const pv_service_options options = {.model = model_path, .events = events_path};
    if (pv_service_create(&service, &options, &error) != PV_OK) abort();
    for (size_t k = 0; k < sizeof told_before / sizeof *told_before; k++)
        ask_texts(service, k == 0 ? "POST" : "PUT", told_before[k][0], "", told_before[k][1]);
    pv_text rest = {(const char *)data, size};
    pv_text line = take(&rest, '\n');
    const pv_text method = take(&line, ' '), path = take(&line, '?');
    const pv_service_request request = {method, path, line, rest};
    (void)ask(service, &request);
    const pv_service_call call = ask(service, &request);
    ask_texts(service, "GET", "/v1/users/u1/recommendations", "explain=full", "");
    ask_texts(service, "GET", "/v1/events/pending", "limit=3", "");
    pv_service_free(service);
    if (call < PV_SERVICE_EVENTS || call > PV_SERVICE_ELIGIBILITY_BATCH) return 0;
    if (pv_service_create(&service, &options, &error) != PV_OK) abort(); /* what it took in can be read again */
    pv_service_free(service);
    return 0;
}
