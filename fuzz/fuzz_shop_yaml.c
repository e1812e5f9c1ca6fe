/* Any bytes as shop.yaml. */
#include "shop/shop_settings.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_shop_settings *settings = NULL;
    pv_error error;
    pv_status status = pv_shop_settings_read(&settings, (pv_text){(const char *)data, size}, &error);
    if ((status == PV_OK) != (settings != NULL)) abort();
    if (status == PV_E_INPUT && error.message[0] == '\0') abort();
    pv_shop_settings_free(settings);
    return 0;
}
