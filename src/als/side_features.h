/* side_features.h - what users and products are known by beside purchases, as sparse rows of named features.
 *
 * Features are named "column: value" and stand in bytewise order:
 *   users     each value of a segment column                                                     1
 *   products  each value of a text column (brand and the shop's own)                             1
 *             the category and each of its ancestors, "category: A > B"                          1
 *             "price", log price less its mean, in standard deviations; "price: unknown"         z; 1
 *             each word of the name, "name: lamp"                                                1 / sqrt(words)
 * A value "A|B" is the two values A and B. Words are runs of letters, digits and bytes beyond ASCII, two bytes or
 * longer, ASCII in lower case. Kept is what can be learned from: a word of 5 rows with purchases, any other feature of
 * 2, and nothing that all of them share. Means and deviations are of the rows with purchases too.
 */
#ifndef PV_SIDE_FEATURES_H
#define PV_SIDE_FEATURES_H

#include "shop/shop.h"

typedef struct pv_side_features {
    int64_t n_rows, n_features;
    pv_text *names;    /* [n_features] */
    int64_t *offsets;  /* [n_rows + 1] */
    int32_t *features; /* [offsets[n_rows]], rising within a row */
    float *values;     /* the same */
    pv_arena *arena;   /* owns the names */
} pv_side_features;

/* Of all users or products of the shop, those without purchases too. deinit also after failure and on a zeroed struct.
 * Errors: PV_E_MEMORY. */
pv_status pv_side_features_of_users(pv_side_features *features, const pv_shop *shop, pv_error *error) PV_CHECKED;
pv_status pv_side_features_of_products(pv_side_features *features, const pv_shop *shop, pv_error *error) PV_CHECKED;
void pv_side_features_deinit(pv_side_features *features);

/* "column: value" in the arena; data NULL on no memory. */
pv_text pv_side_feature_name(pv_text column, pv_text value, pv_arena *arena);

#endif
