/* product_name.c - names of products for whoever shows an answer: evidence and removals carry ids alone. */
#include "service/session.h"

pv_text pv_model_product_name(const pv_model *model, pv_text product)
{
    const pv_shop *shop = &model->ranker->shop;
    const int64_t index = pv_ids_find(&shop->products.ids, product);
    return index < 0 ? (pv_text){0} : pv_shop_product_name(shop, index);
}
