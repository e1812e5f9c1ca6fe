/* status.c - the four views of status.def, and the version. */
#include <purvey/status.h>

typedef struct outcome {
    const char *json_code;
    int exit_code, http_status;
    const char *text;
} outcome;

static const outcome outcomes[PV_STATUS_COUNT] = {
#define PV_STATUS(name, json_code, exit_code, http_status, text) [name] = {json_code, exit_code, http_status, text},
#include <purvey/status.def>
#undef PV_STATUS
};

/* A number that is no status (a caller's bug) reads as an internal error. */
static const outcome *outcome_of(pv_status status)
{
    return &outcomes[(unsigned)status < PV_STATUS_COUNT ? status : PV_E_INTERNAL];
}

const char *pv_status_text(pv_status status)
{
    return outcome_of(status)->text;
}

const char *pv_status_json_code(pv_status status)
{
    return outcome_of(status)->json_code;
}

int pv_status_exit_code(pv_status status)
{
    return outcome_of(status)->exit_code;
}

int pv_status_http(pv_status status)
{
    return outcome_of(status)->http_status;
}

const char *pv_version(void)
{
    return PURVEY_VERSION;
}
