/* asked_product.c - see asked_product.h. */
#include "service/asked_product.h"

#include "base/failure.h"

#define ID_SHOWN 60 /* bytes of an id in a message */

pv_status pv_check_n(int64_t n, pv_error *error)
{
    if (n >= 1 && n <= PV_N_MAX) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/n", "n %lld: expected 1 to %d", (long long)n, PV_N_MAX);
}

pv_status pv_find_asked_product(int32_t *product, const pv_shop *shop, pv_text id, pv_error *error)
{
    *product = (int32_t)pv_ids_find(&shop->products.ids, id);
    if (*product >= 0) return PV_OK;
    return pv_fail_field(error, PV_E_NOT_FOUND, "/product", "no product \"%.*s\" in this model",
                         (int)(id.size < ID_SHOWN ? id.size : ID_SHOWN), id.data);
}
