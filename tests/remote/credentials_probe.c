/* For test_credential_endpoints.py: what pv_credentials_find() finds in the environment, once for each line on standard
 * input: "SOURCE ACCESS_KEY SECRET_KEY TOKEN EXPIRES", or "error STATUS MESSAGE". */
#include "remote/credentials.h"
#include <stdio.h>

int main(void)
{
    int c;
    while ((c = getchar()) != EOF) {
        pv_error error = {0};
        pv_credentials found;
        if (c != '\n') continue;
        if (pv_credentials_find(&found, pv_deadline_in(20), &error) == PV_OK)
            (void)printf("%s %s %s %s %lld\n", found.source, found.access_key, found.secret_key,
                         found.session_token ? found.session_token : "-", (long long)found.expires);
        else
            (void)printf("error %d %s\n", (int)error.status, error.message);
        (void)fflush(stdout);
        pv_credentials_deinit(&found);
    }
    return 0;
}
