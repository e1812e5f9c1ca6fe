/* asked_product.c - see asked_product.h. */
#include "service/asked_product.h"

#include "base/failure.h"
#include <math.h>

#define ID_SHOWN 60 /* bytes of an id in a message */

pv_status pv_check_n(int64_t n, pv_error *error)
{
    if (n >= 1 && n <= PV_N_MAX) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/n", "n %lld: expected 1 to %d", (long long)n, PV_N_MAX);
}

pv_status pv_check_list_request(const pv_request *request, pv_error *error)
{
    if (request->offset < 0 || request->offset > PV_N_MAX)
        return pv_fail_field(error, PV_E_USAGE, "/offset", "offset %lld: expected 0 to %d", (long long)request->offset,
                             PV_N_MAX);
    if (request->mode > PV_MODE_REORDER)
        return pv_fail_field(error, PV_E_USAGE, "/mode", "mode: expected mixed, new or reorder");
    if (request->explain > PV_EXPLAIN_FULL)
        return pv_fail_field(error, PV_E_USAGE, "/explain", "explain: expected none, top3 or full");
    if (!isnan(request->new_share) && !(request->new_share >= 0 && request->new_share <= 1))
        return pv_fail_field(error, PV_E_USAGE, "/new_share", "new share %g: expected 0 to 1", request->new_share);
    return pv_check_n(request->n, error);
}

pv_status pv_find_asked_product(int32_t *product, const pv_shop *shop, pv_text id, pv_error *error)
{
    *product = (int32_t)pv_ids_find(&shop->products.ids, id);
    if (*product >= 0) return PV_OK;
    return pv_fail_field(error, PV_E_NOT_FOUND, "/product", "no product \"%.*s\" in this model",
                         (int)(id.size < ID_SHOWN ? id.size : ID_SHOWN), id.data);
}
