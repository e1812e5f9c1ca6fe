/* routes.c - which call answers which method and path. */
#include "service/call.h"

#include <string.h>

static const pv_route routes[] = {
    {"POST", "/v1/recommend", PV_SERVICE_RECOMMEND, pv_call_recommend, false},
    {"GET", "/v1/users/{id}/recommendations", PV_SERVICE_USER_RECOMMENDATIONS, pv_call_user_recommendations, true},
    {"POST", "/v1/rank", PV_SERVICE_RANK, pv_call_rank, false},
    {"POST", "/v1/explain", PV_SERVICE_EXPLAIN, pv_call_explain, false},
    {"GET", "/v1/items/{id}/similar", PV_SERVICE_SIMILAR, pv_call_similar, true},
    {"GET", "/v1/items/{id}/bought-together", PV_SERVICE_BOUGHT_TOGETHER, pv_call_bought_together, true},
    {"GET", "/v1/items/{id}/substitutes", PV_SERVICE_SUBSTITUTES, pv_call_substitutes, true},
    {"GET", "/v1/items/{id}/audience", PV_SERVICE_AUDIENCE, pv_call_audience, true},
    {"GET", "/v1/users/{id}/peers", PV_SERVICE_PEERS, pv_call_peers, true},
    {"POST", "/v1/events", PV_SERVICE_EVENTS, pv_call_events, false},
    {"GET", "/v1/events/pending", PV_SERVICE_EVENTS_PENDING, pv_call_events_pending, false},
    {"PUT", "/v1/items:batch", PV_SERVICE_ITEMS_BATCH, pv_call_items_batch, false},
    {"PUT", "/v1/users:batch", PV_SERVICE_USERS_BATCH, pv_call_users_batch, false},
    {"PUT", "/v1/eligibility:batch", PV_SERVICE_ELIGIBILITY_BATCH, pv_call_eligibility_batch, false},
    {"GET", "/v1/models", PV_SERVICE_MODELS, pv_call_models, false},
    {"GET", "/v1/models/{id}/card", PV_SERVICE_MODEL_CARD, pv_call_model_card, true},
    {"GET", "/v1/health/live", PV_SERVICE_HEALTH_LIVE, pv_call_health_live, false},
    {"GET", "/v1/health/ready", PV_SERVICE_HEALTH_READY, pv_call_health_ready, false},
    {"GET", "/v1/openapi.json", PV_SERVICE_OPENAPI, pv_call_openapi, true},
};
enum { N_ROUTES = sizeof routes / sizeof *routes };

/* True when the segments fit the path, {id} taking any one that is not empty. */
static bool fits(const char *path, const pv_text *segments, int n)
{
    for (int s = 0; s < n; s++) {
        if (*path != '/') return false;
        path++;
        const size_t size = strcspn(path, "/");
        const bool is_id = size == 4 && memcmp(path, "{id}", 4) == 0;
        const bool is_same = segments[s].size == size && memcmp(segments[s].data, path, size) == 0;
        if (is_id ? segments[s].size == 0 : !is_same) return false;
        path += size;
    }
    return *path == '\0';
}

/* GET also answers HEAD: the transport leaves the body out. */
static bool takes(const pv_route *route, pv_text method)
{
    return pv_text_equal(method, pv_text_of(route->method)) ||
           (strcmp(route->method, "GET") == 0 && pv_text_equal(method, pv_text_of("HEAD")));
}

const pv_route *pv_route_find(const char **allow, const pv_call *call)
{
    *allow = NULL;
    for (int r = 0; r < N_ROUTES; r++) {
        if (!fits(routes[r].path, call->segments, call->n_segments)) continue;
        if (takes(&routes[r], call->request->method)) return &routes[r];
        *allow = strcmp(routes[r].method, "GET") == 0 ? "GET, HEAD" : routes[r].method; /* a path has one method */
    }
    return NULL;
}
