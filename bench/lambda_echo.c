/* lambda_echo.c - a program for AWS Lambda that answers each event with itself: what the emulator alone costs. */
#include "runtime_api.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    pv_error error;
    pv_endpoint endpoint;
    runtime_api *api = NULL;
    runtime_invocation invocation;
    char address[300];
    const char *host = getenv("AWS_LAMBDA_RUNTIME_API");
    (void)snprintf(address, sizeof address, "http://%s", host ? host : "");
    if (pv_endpoint_parse(&endpoint, NULL, address, &error) != PV_OK) return 1;
    if (runtime_api_create(&api, &endpoint, &error) != PV_OK) return 1;
    while (runtime_api_next(&invocation, api, &error) == PV_OK)
        if (runtime_api_respond(api, &invocation, (pv_text){invocation.event, invocation.size}, &error) != PV_OK) break;
    runtime_api_free(api);
    return 1;
}
