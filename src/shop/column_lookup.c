#include "shop/column_lookup.h"
#include "base/failure.h"
#include "shop/cell_values.h"
#include <stdio.h>
#include <string.h>

#define LISTED_SIZE 300

/* "a, b, c", cut with "..." where it gets long. */
static const char *list_columns(char out[LISTED_SIZE], const pv_row_source *source)
{
    size_t size = 0;
    out[0] = '\0';
    for (int32_t i = 0; i < source->n_columns; i++) {
        char quoted[PV_QUOTED_SIZE];
        pv_cell_quote(quoted, source->columns[i]);
        bool is_too_long = size + strlen(quoted) + 8 > LISTED_SIZE;
        int added = is_too_long ? snprintf(out + size, LISTED_SIZE - size, ", ...")
                                : snprintf(out + size, LISTED_SIZE - size, "%s%.*s", i > 0 ? ", " : "",
                                           (int)strlen(quoted) - 2, quoted + 1);
        if (is_too_long) break;
        size += (size_t)added;
    }
    return out;
}

/* The delimiter that the header seems to have instead of ours, NULL when none does. */
static const char *other_delimiter(const char **in_yaml, const pv_row_source *source)
{
    static const char *const shown[] = {"';'", "tab", "'|'", "','"};
    static const char *const yaml[] = {";", "\\t", "|", ","};
    static const char bytes[] = ";\t|,";
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        for (int32_t column = 0; bytes[i] != source->delimiter && column < source->n_columns; column++) {
            if (memchr(source->columns[column].data, bytes[i], source->columns[column].size) == NULL) continue;
            *in_yaml = yaml[i];
            return shown[i];
        }
    }
    return NULL;
}

static pv_status fail_missing(const pv_row_source *source, const char *name, bool has_settings, pv_error *error)
{
    char listed[LISTED_SIZE];
    const char *in_yaml = NULL;
    const char *other = other_delimiter(&in_yaml, source);
    if (other != NULL && has_settings) {
        return pv_fail_at(error, PV_E_INPUT, 1,
                          "%s: no column %s; the header looks %s-separated, say `delimiter: \"%s\"` in shop.yaml",
                          source->file, name, other, in_yaml);
    }
    if (other != NULL) {
        return pv_fail_at(error, PV_E_INPUT, 1, "%s: no column %s; the header looks %s-separated, a comma was expected",
                          source->file, name, other);
    }
    return pv_fail_at(error, PV_E_INPUT, 1, "%s: no column %s; its columns are %s", source->file, name,
                      list_columns(listed, source));
}

pv_status pv_column_require(int32_t *index, const pv_row_source *source, pv_text column, const char *user,
                            pv_error *error)
{
    char listed[LISTED_SIZE], quoted[PV_QUOTED_SIZE];
    *index = pv_row_source_find(source, column);
    if (*index >= 0) return PV_OK;
    return pv_fail_at(error, PV_E_INPUT, 1, "%s: no column %s, which `%s` of shop.yaml names; its columns are %s",
                      source->file, pv_cell_quote(quoted, column), user, list_columns(listed, source));
}

static bool is_mapped(const pv_column_mappings *mappings, pv_text column)
{
    for (int32_t i = 0; mappings != NULL && i < mappings->count; i++) {
        if (pv_text_equal(mappings->items[i].column, column)) return true;
    }
    return false;
}

pv_status pv_columns_find(int32_t *index, const pv_row_source *source, const char *const *names, int32_t n_names,
                          int32_t n_required, const pv_column_mappings *mappings, pv_error *error)
{
    for (int32_t n = 0; n < n_names; n++) {
        const pv_text name = pv_text_of(names[n]);
        index[n] = is_mapped(mappings, name) ? -1 : pv_row_source_find(source, name);
        for (int32_t i = 0; mappings != NULL && i < mappings->count; i++) {
            if (!pv_text_equal(mappings->items[i].name, name)) continue;
            pv_status status = pv_column_require(&index[n], source, mappings->items[i].column, "columns", error);
            if (status != PV_OK) return status;
        }
    }
    for (int32_t n = 0; n < n_required; n++) {
        if (index[n] < 0) return fail_missing(source, names[n], mappings != NULL, error);
    }
    return PV_OK;
}
