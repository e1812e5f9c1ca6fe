/* exchange.c - see exchange.h. */
#include "exchange.h"

#include "admission.h"
#include "monotonic_clock.h"
#include <purvey/model.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_CAPACITY_FIRST 16384

/* Path and query of "/path?query" or "http://host/path?query" (RFC 9112, 3.2). */
static void split_target(exchange *one)
{
    const char *start = one->target;
    if (strncasecmp(start, "http://", 7) == 0) start += 7 + strcspn(start + 7, "/?");
    size_t path_size = strcspn(start, "?");
    one->path = (pv_text){start, path_size};
    if (start[path_size] == '?') one->query = (pv_text){start + path_size + 1, strlen(start + path_size + 1)};
}

exchange *exchange_begin(server *shared, connection *from, const char *target)
{
    exchange *one = calloc(1, sizeof *one);
    if (one == NULL) return NULL;
    one->target = strdup(target);
    if (one->target == NULL) {
        free(one);
        return NULL;
    }
    one->server = shared;
    one->connection = from;
    one->started = monotonic_now();
    one->method = one->logged_method = "-";
    one->call = PV_SERVICE_NO_CALL;
    one->response.items = -1;
    split_target(one);
    connection_receives(shared->connections, from);
    return one;
}

static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"};
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (strcmp(known[k], method) == 0) return known[k];
    return "other";
}

bool exchange_admit(exchange *one, const char *method)
{
    one->method = method;
    one->logged_method = known_method(method);
    one->stage = EXCHANGE_ADMITTED;
    request_id_make(one->request_id, &one->server->ids, http_header(one, "X-Request-Id"));
    return admission_check(one);
}

bool exchange_charge(exchange *one, int64_t size)
{
    int64_t before = atomic_fetch_add_explicit(&one->server->memory, size, memory_order_relaxed);
    one->memory += size;
    return before + size <= SERVER_MEMORY_MAX;
}

void exchange_refuse(exchange *one, int status, const char *code, const char *message)
{
    pv_service_response_deinit(&one->response);
    pv_service_refuse(&one->response, status, code, message);
    one->stage = EXCHANGE_ANSWERED;
}

static bool refuse_for_memory(exchange *one)
{
    exchange_refuse(one, 503, "overloaded", "no memory for the request; ask again later");
    one->response.retry_after = 1;
    return false;
}

static bool grow_body(exchange *one, size_t needed)
{
    size_t capacity = one->body_capacity == 0 ? BODY_CAPACITY_FIRST : one->body_capacity;
    int64_t announced = one->body_capacity == 0 ? announced_size(one) : 0;
    if (announced > 0 && announced < BODY_CAPACITY_FIRST) capacity = (size_t)announced;
    while (capacity < needed) capacity *= 2;
    if (!exchange_charge(one, (int64_t)(capacity - one->body_capacity))) return refuse_for_memory(one);
    char *body = realloc(one->body, capacity);
    if (body == NULL) return refuse_for_memory(one);
    one->body = body;
    one->body_capacity = capacity;
    return true;
}

bool exchange_take_body(exchange *one, const char *data, size_t size)
{
    if (one->stage == EXCHANGE_ANSWERED) return true;
    if (size > PV_SERVICE_BODY_MAX - one->body_size) {
        exchange_refuse(one, 413, "too_large", "the body has more than 8388608 bytes");
        return false;
    }
    if (one->body_size + size > one->body_capacity && !grow_body(one, one->body_size + size)) return false;
    memcpy(one->body + one->body_size, data, size);
    one->body_size += size;
    return true;
}

static void ask_service(exchange *one)
{
    /* HEAD is GET whose body stays here; the transport leaves it out. */
    const char *method = strcmp(one->method, "HEAD") == 0 ? "GET" : one->method;
    pv_service_request request = {.method = {method, strlen(method)},
                                  .path = one->path,
                                  .query = one->query,
                                  .body = {one->body, one->body_size}};
    pv_service_answer(&one->response, one->server->service, &request);
    one->call = (int)one->response.call;
}

static void answer_metrics(exchange *one)
{
    one->call = SERVER_CALL_METRICS;
    if (strcmp(one->method, "GET") != 0 && strcmp(one->method, "HEAD") != 0) {
        exchange_refuse(one, 405, "method_not_allowed", "expected GET");
        one->response.allow = "GET";
        return;
    }
    server_gauges gauges = {
        .requests = atomic_load_explicit(&one->server->requests, memory_order_relaxed),
        .connections = connections_count(one->server->connections),
    };
    pv_service_state_get(&gauges.service, one->server->service);
    one->response.body = server_metrics_text(&one->response.size, one->server->metrics, &gauges);
    one->response.status = 200;
    if (one->response.body == NULL) refuse_for_memory(one);
}

void exchange_answer(exchange *one)
{
    static const char metrics[] = "/metrics";
    if (one->stage == EXCHANGE_ANSWERED) return;
    connection_works(one->connection);
    if (one->path.size == strlen(metrics) && memcmp(one->path.data, metrics, strlen(metrics)) == 0)
        answer_metrics(one);
    else
        ask_service(one);
    one->stage = EXCHANGE_ANSWERED;
    /* It is there already; but as long as it waits to be sent, others may have to do without. */
    exchange_charge(one, (int64_t)one->response.size);
}

static void log_exchange(const exchange *one, double seconds)
{
    access_log_add(one->server->log, &(access_entry){.request_id = one->request_id,
                                                     .method = one->logged_method,
                                                     .call = server_call_name(one->call),
                                                     .model = one->response.model,
                                                     .key = one->key_name,
                                                     .status = one->sent_status,
                                                     .bytes = one->sent_bytes,
                                                     .items = one->response.items,
                                                     .seconds = seconds});
}

void exchange_end(exchange *one, bool is_sent)
{
    if (one->is_counted) atomic_fetch_sub_explicit(&one->server->requests, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&one->server->memory, one->memory, memory_order_relaxed);
    if (!is_sent) server_metrics_count_lost(one->server->metrics);
    if (one->stage != EXCHANGE_HAS_LINE) log_exchange(one, (double)(monotonic_now() - one->started) * 1e-9);
    connection_rests(one->server->connections, one->connection);
    pv_service_response_deinit(&one->response);
    free(one->body);
    free(one->target);
    free(one);
}
