/* row_cells.h - the typed cells of a row, with the fault that makes it a bad row.
 *
 * Each returns false after it has filled `fault`.
 */
#ifndef PV_ROW_CELLS_H
#define PV_ROW_CELLS_H

#include "shop/cell_values.h"
#include "shop/row_source.h"

void pv_row_fault_set(pv_row_fault *fault, int32_t column, const char *format, ...) PV_PRINTF(3, 4);

/* Not empty and not only spaces. */
bool pv_row_id(pv_text *id, pv_row_fault *fault, const pv_row *row, int32_t column);

typedef struct pv_number_range {
    double low, high;
    const char *text; /* "|x| <= 1e9" */
} pv_number_range;

/* NaN when column is -1 or the cell empty. */
bool pv_row_number(double *value, pv_row_fault *fault, const pv_row *row, int32_t column, char decimal,
                   const pv_number_range *range);
/* PV_NO_TIME when column is -1 or the cell empty. */
bool pv_row_time(int64_t *time, pv_row_fault *fault, const pv_row *row, int32_t column, pv_time_reader *reader);

#endif
