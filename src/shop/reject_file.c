#include "shop/reject_file.h"
#include "base/failure.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool needs_quotes(pv_text field)
{
    for (size_t i = 0; i < field.size; i++) {
        if (strchr(",\"\r\n", field.data[i]) != NULL) return true; /* NUL too */
    }
    return false;
}

/* `text` as it stands within quotes, doubled once for each level of quoting. */
static void append_doubled(pv_buffer *line, pv_text text, int times)
{
    for (size_t i = 0; i < text.size; i++) {
        for (int n = text.data[i] == '"' ? times : 1; n > 0; n--) pv_buffer_append(line, &text.data[i], 1);
    }
}

static void append_field(pv_buffer *line, pv_text field)
{
    if (!needs_quotes(field)) {
        pv_buffer_append_text(line, field);
        return;
    }
    pv_buffer_append_string(line, "\"");
    append_doubled(line, field, 2);
    pv_buffer_append_string(line, "\"");
}

/* The fields in CSV form, quoted once more as the one field that they are here. */
static void append_row(pv_buffer *line, const pv_row *row)
{
    pv_buffer_append_string(line, "\"");
    for (int32_t i = 0; i < row->n_fields; i++) {
        bool is_quoted = needs_quotes(row->fields[i]);
        if (i > 0) pv_buffer_append_string(line, ",");
        if (is_quoted) pv_buffer_append_string(line, "\"\"");
        append_doubled(line, row->fields[i], is_quoted ? 4 : 2);
        if (is_quoted) pv_buffer_append_string(line, "\"\"");
    }
    pv_buffer_append_string(line, "\"\n");
}

pv_status pv_reject_file_add(pv_reject_file *rejects, const pv_row_source *source, const pv_row *row,
                             const pv_row_fault *fault, pv_error *error)
{
    pv_buffer *line = &rejects->line;
    if (rejects->path == NULL) return PV_OK;
    line->size = 0;
    if (rejects->file == NULL) {
        pv_status status = pv_output_file_create(&rejects->file, rejects->path, error);
        if (status != PV_OK) return status;
        pv_buffer_append_string(line, "file,line,column,cause,row\n");
    }
    append_field(line, pv_text_of(source->file));
    pv_buffer_print(line, ",%lld,", (long long)row->line);
    if (fault->column >= 0) append_field(line, source->columns[fault->column]);
    pv_buffer_append_string(line, ",");
    append_field(line, pv_text_of(fault->cause));
    pv_buffer_append_string(line, ",");
    append_row(line, row);
    if (line->failed) return pv_fail_memory(error, "rejected row", line->size);
    return pv_output_file_write(rejects->file, line->data, line->size, error);
}

pv_status pv_reject_file_commit(pv_reject_file *rejects, pv_error *error)
{
    if (rejects->file != NULL) {
        pv_output_file *file = rejects->file;
        rejects->file = NULL;
        return pv_output_file_commit(file, error);
    }
    struct stat facts;
    if (rejects->path != NULL && lstat(rejects->path, &facts) == 0 && S_ISREG(facts.st_mode)) unlink(rejects->path);
    return PV_OK;
}

void pv_reject_file_deinit(pv_reject_file *rejects)
{
    pv_output_file_abandon(rejects->file);
    pv_buffer_deinit(&rejects->line);
}
