/* column_lookup.h - where the columns that we know stand in a table. */
#ifndef PV_COLUMN_LOOKUP_H
#define PV_COLUMN_LOOKUP_H

#include "shop/row_source.h"
#include "shop/shop_settings.h"

/* index[n_names] of the standard names, -1 for absent ones; the first n_required must be there. A name that `mappings`
 * (nullable) gives a column has that one; a column that was given to one name does not count under its own.
 * Errors: PV_E_INPUT naming the columns there are, with a hint when the delimiter looks wrong. */
pv_status pv_columns_find(int32_t *index, const pv_row_source *source, const char *const *names, int32_t n_names,
                          int32_t n_required, const pv_column_mappings *mappings, pv_error *error) PV_CHECKED;

/* Index of a column that `user` ("skip", "cancelled", ...) of shop.yaml names. Errors: PV_E_INPUT. */
pv_status pv_column_require(int32_t *index, const pv_row_source *source, pv_text column, const char *user,
                            pv_error *error) PV_CHECKED;

#endif
