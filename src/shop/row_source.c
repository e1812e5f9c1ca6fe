#include "shop/row_source.h"

const char *pv_table_kind_name(pv_table_kind kind)
{
    static const char *const names[PV_TABLE_COUNT] = {"purchases", "products", "users", "eligibility"};
    return names[kind];
}

int32_t pv_row_source_find(const pv_row_source *source, pv_text column)
{
    for (int32_t i = 0; i < source->n_columns; i++) {
        if (pv_text_equal(source->columns[i], column)) return i;
    }
    return -1;
}
