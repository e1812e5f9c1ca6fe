#include "shop/row_cells.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void pv_row_fault_set(pv_row_fault *fault, int32_t column, const char *format, ...)
{
    va_list arguments;
    fault->column = column;
    va_start(arguments, format);
    vsnprintf(fault->cause, sizeof fault->cause, format, arguments);
    va_end(arguments);
}

bool pv_row_id(pv_text *id, pv_row_fault *fault, const pv_row *row, int32_t column)
{
    *id = row->fields[column];
    if (id->size > 0 && (id->data[0] > ' ' || pv_cell_trim(*id).size > 0)) return true;
    pv_row_fault_set(fault, column, "empty id");
    return false;
}

bool pv_row_number(double *value, pv_row_fault *fault, const pv_row *row, int32_t column, char decimal,
                   const pv_number_range *range)
{
    char quoted[PV_QUOTED_SIZE];
    *value = (double)NAN;
    if (column < 0) return true;
    pv_text cell = pv_cell_trim(row->fields[column]);
    if (cell.size == 0) return true;
    if (!pv_number_parse(value, cell, decimal)) {
        pv_row_fault_set(fault, column, "%s is no number", pv_cell_quote(quoted, cell));
        return false;
    }
    if (*value < range->low || *value > range->high) {
        pv_row_fault_set(fault, column, "%s is out of range (%s)", pv_cell_quote(quoted, cell), range->text);
        return false;
    }
    return true;
}

bool pv_row_time(int64_t *time, pv_row_fault *fault, const pv_row *row, int32_t column, pv_time_reader *reader)
{
    char quoted[PV_QUOTED_SIZE];
    *time = PV_NO_TIME;
    if (column < 0) return true;
    pv_text cell = pv_cell_trim(row->fields[column]);
    if (cell.size == 0 || pv_time_read(time, reader, cell)) return true;
    pv_row_fault_set(fault, column, "%s is no date (expected %s)", pv_cell_quote(quoted, cell),
                     reader->format != NULL ? reader->format : "YYYY-MM-DD or ISO 8601");
    return false;
}
