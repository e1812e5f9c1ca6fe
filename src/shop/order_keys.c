/* order_keys.c - keys of orders: hashes of what makes them one. */
#include "shop/order_keys.h"

#include "base/timestamp.h"
#include <endian.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* An id and a time of the same bytes are different orders. */
enum { SEED_ID = 1, SEED_TIME = 2, SEED_PURCHASE = 3, SEED_RETURN = 4 };

/* No key of an order is the one that says that there is none. */
static uint64_t some_key(uint64_t hash)
{
    return hash == PV_NO_ORDER_KEY ? 1 : hash;
}

uint64_t pv_order_key(pv_text order, int64_t time)
{
    if (order.data && order.size) return some_key(XXH3_64bits_withSeed(order.data, order.size, SEED_ID));
    if (time == PV_NO_TIME) return PV_NO_ORDER_KEY;
    const uint64_t bytes = htole64((uint64_t)time);
    return some_key(XXH3_64bits_withSeed(&bytes, sizeof bytes, SEED_TIME));
}

uint64_t pv_settled_key(pv_text user, pv_text product, uint64_t order_key, bool is_return)
{
    const uint64_t user_hash = XXH3_64bits_withSeed(user.data, user.size, is_return ? SEED_RETURN : SEED_PURCHASE);
    const uint64_t parts[] = {htole64(user_hash), htole64(XXH3_64bits(product.data, product.size)), htole64(order_key)};
    return some_key(XXH3_64bits(parts, sizeof parts));
}
