/* asked_product.h - what every call checks before it asks the model: the numbers of the request, the product named. */
#ifndef PV_ASKED_PRODUCT_H
#define PV_ASKED_PRODUCT_H

#include "shop/shop.h"
#include <purvey/answer.h>

/* n of an answer. Errors: PV_E_USAGE, field "/n". */
pv_status pv_check_n(int64_t n, pv_error *error) PV_CHECKED;
/* n, offset, mode, explain and new_share. Errors: PV_E_USAGE with the field. */
pv_status pv_check_list_request(const pv_request *request, pv_error *error) PV_CHECKED;
/* Number of the product with this id. Errors: PV_E_NOT_FOUND, field "/product". */
pv_status pv_find_asked_product(int32_t *product, const pv_shop *shop, pv_text id, pv_error *error) PV_CHECKED;

#endif
