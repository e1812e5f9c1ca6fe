/* reply.c - see reply.h. */
#include "reply.h"

#include "admission.h"
#include "compression.h"
#include "monotonic_clock.h"
#include <purvey/model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_header(reply *out, const char *name, const char *value)
{
    out->headers[out->n_headers++] = (reply_header){name, value};
}

static void drop_body(reply *out)
{
    if (out->body != NULL) out->release(out->body);
    out->body = NULL;
    out->size = 0;
}

static void compress(reply *out)
{
    size_t size = 0;
    char *compressed = gzip_compress(&size, out->body, out->size);
    if (compressed == NULL) return;
    drop_body(out);
    out->body = compressed;
    out->size = size;
    out->release = free;
    add_header(out, "Content-Encoding", "gzip");
}

/* The answer that the client may have already; true when it has. */
static bool is_known_to_client(reply *out, const exchange *one, bool is_compressed)
{
    if (!one->response.is_cacheable || out->status != 200) return false;
    entity_tag_make(out->tag, out->body, out->size, is_compressed);
    add_header(out, "ETag", out->tag);
    /* To be asked for each time: only the server knows whether the answer still holds. */
    add_header(out, "Cache-Control", "private, no-cache");
    return entity_tag_is_named(http_header(one, "If-None-Match"), out->tag);
}

static void set_body(reply *out, const exchange *one)
{
    out->has_variants = out->size > COMPRESSION_SIZE_MIN;
    bool is_compressed = out->has_variants && accepts_gzip(http_header(one, "Accept-Encoding"));
    if (is_known_to_client(out, one, is_compressed)) {
        out->status = 304;
        drop_body(out);
        return;
    }
    bool is_metrics = one->call == SERVER_CALL_METRICS && out->status == 200;
    add_header(out, "Content-Type", is_metrics ? "text/plain; version=0.0.4; charset=utf-8" : "application/json");
    if (is_compressed) compress(out);
}

/* The service knows GET and its own methods; HEAD and OPTIONS are the server's. */
static void set_allow(reply *out, const exchange *one)
{
    bool has_get = strstr(one->response.allow, "GET") != NULL;
    snprintf(out->allow, sizeof out->allow, "%s%s, OPTIONS", one->response.allow, has_get ? ", HEAD" : "");
    add_header(out, "Allow", out->allow);
    if (strcmp(one->method, "OPTIONS") != 0) return;
    out->status = 204;
    drop_body(out);
}

static void add_origin_headers(reply *out, const exchange *one)
{
    const char *origin = http_header(one, "Origin");
    if (!is_allowed_origin(one->server->options, origin)) return;
    add_header(out, "Access-Control-Allow-Origin", origin);
    if (!one->is_preflight) {
        add_header(out, "Access-Control-Expose-Headers",
                   "ETag, Retry-After, Server-Timing, X-Purvey-Model, X-Recommendation-Id, X-Request-Id");
        return;
    }
    if (out->allow[0] != '\0') add_header(out, "Access-Control-Allow-Methods", out->allow);
    add_header(out, "Access-Control-Allow-Headers",
               "Authorization, Content-Type, If-None-Match, X-API-Key, X-Request-Id");
    add_header(out, "Access-Control-Max-Age", "600");
}

static void add_vary(reply *out, const exchange *one)
{
    bool by_origin = one->server->options->n_origins > 0;
    if (by_origin && out->has_variants)
        add_header(out, "Vary", "Accept-Encoding, Origin");
    else if (by_origin || out->has_variants)
        add_header(out, "Vary", by_origin ? "Origin" : "Accept-Encoding");
}

static void add_retry_headers(reply *out, const exchange *one)
{
    if (out->status == 401) add_header(out, "WWW-Authenticate", "Bearer realm=\"purvey\"");
    if (one->response.retry_after == 0) return;
    snprintf(out->retry_after, sizeof out->retry_after, "%d", one->response.retry_after);
    add_header(out, "Retry-After", out->retry_after);
}

static void add_identity_headers(reply *out, const exchange *one, double seconds)
{
    snprintf(out->timing, sizeof out->timing, "total;dur=%.3f", seconds * 1e3);
    add_header(out, "X-Request-Id", one->request_id);
    add_header(out, "Server-Timing", out->timing);
    if (one->response.model[0] != '\0') add_header(out, "X-Purvey-Model", one->response.model);
    if (one->response.recommendation_id[0] != '\0')
        add_header(out, "X-Recommendation-Id", one->response.recommendation_id);
}

void reply_make(reply *out, exchange *one)
{
    *out = (reply){.status = one->response.status,
                   .body = one->response.body,
                   .size = one->response.size,
                   .release = one->call == SERVER_CALL_METRICS && one->response.status == 200 ? free : pv_free};
    one->response.body = NULL;
    if (one->response.allow != NULL) set_allow(out, one);
    if (out->body != NULL) set_body(out, one);
    add_origin_headers(out, one);
    add_vary(out, one);
    add_retry_headers(out, one);
    double seconds = (double)(monotonic_now() - one->started) * 1e-9;
    add_identity_headers(out, one, seconds);
    if (atomic_load_explicit(&one->server->is_stopping, memory_order_relaxed)) add_header(out, "Connection", "close");
    server_metrics_count(one->server->metrics, one->call, out->status, seconds, one->response.is_fallback);
    one->sent_status = out->status;
    one->sent_bytes = strcmp(one->method, "HEAD") == 0 ? 0 : (int64_t)out->size;
}
