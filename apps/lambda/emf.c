/* emf.c - see emf.h. */
#include "emf.h"

#include "base/json_fields.h"
#include <math.h>

#if defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "x86_64"
#endif

static const struct {
    const char *name, *unit;
} descriptions[METRIC_COUNT] = {
    [METRIC_REQUESTS] = {"Requests", "Count"},
    [METRIC_ERRORS_4XX] = {"Errors4xx", "Count"},
    [METRIC_ERRORS_5XX] = {"Errors5xx", "Count"},
    [METRIC_COLD_START] = {"ColdStart", "Count"},
    [METRIC_RECOMMEND_MS] = {"RecommendMs", "Milliseconds"},
    [METRIC_ITEMS] = {"Items", "Count"},
    [METRIC_FALLBACK] = {"Fallback", "Count"},
    [METRIC_UNKNOWN_USER] = {"UnknownUser", "Count"},
    [METRIC_RELOAD_OK] = {"ReloadOk", "Count"},
    [METRIC_RELOAD_FAILED] = {"ReloadFailed", "Count"},
    [METRIC_MODEL_LOAD_MS] = {"ModelLoadMs", "Milliseconds"},
    [METRIC_S3_GET_MS] = {"S3GetMs", "Milliseconds"},
    [METRIC_MODEL_BYTES] = {"ModelBytes", "Bytes"},
    [METRIC_MODEL_AGE_SECONDS] = {"ModelAgeSeconds", "Seconds"},
    [METRIC_PEAK_RSS_MB] = {"PeakRssMB", "Megabytes"},
};

const char *metric_name(metric which)
{
    return descriptions[which].name;
}

void metric_put(metric_set *metrics, metric which, double value)
{
    if (!isfinite(value)) return;
    metrics->values[which] = value;
    metrics->is_set[which] = true;
}

static void append_directive(pv_json *json, const metric_set *metrics, const char *metrics_namespace)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "Namespace", metrics_namespace);
    pv_json_key(json, "Dimensions");
    pv_json_raw(json, "[[\"Service\"]]");
    pv_json_key(json, "Metrics");
    pv_json_begin_array(json);
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!metrics->is_set[m]) continue;
        pv_json_begin_object(json);
        pv_json_string_field(json, "Name", descriptions[m].name);
        pv_json_string_field(json, "Unit", descriptions[m].unit);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
    pv_json_end_object(json);
}

/* Whole numbers without a point: most are counts. Microseconds are fine enough for times. */
static void append_value(pv_json *json, double value)
{
    const double rounded = round(value * 1000) / 1000;
    if (rounded == floor(rounded) && fabs(rounded) < 1e15)
        pv_json_integer(json, (int64_t)rounded);
    else
        pv_json_number(json, rounded);
}

void emf_append_members(pv_json *json, const metric_set *metrics, const emf_labels *labels, int64_t milliseconds)
{
    pv_json_key(json, "_aws");
    pv_json_begin_object(json);
    pv_json_integer_field(json, "Timestamp", milliseconds);
    pv_json_key(json, "CloudWatchMetrics");
    pv_json_begin_array(json);
    append_directive(json, metrics, labels->metrics_namespace);
    pv_json_end_array(json);
    pv_json_end_object(json);
    pv_json_string_field(json, "Service", labels->service);
    pv_json_string_field(json, "Arch", ARCHITECTURE);
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!metrics->is_set[m]) continue;
        pv_json_key(json, descriptions[m].name);
        append_value(json, metrics->values[m]);
    }
}
