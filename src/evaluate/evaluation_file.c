/* evaluation_file.c - an evaluation as a file, in the form that the file's name asks for. */
#include <purvey/evaluate.h>

#include "base/failure.h"
#include "base/output_file.h"
#include <stdlib.h>
#include <string.h>

typedef pv_status report_maker(char **text, const pv_evaluation *evaluation, pv_error *error);

static const struct {
    const char *suffix;
    report_maker *make;
} forms[] = {{".json", pv_evaluation_json}, {".html", pv_evaluation_html}};

static report_maker *maker_of(const char *path)
{
    const size_t size = strlen(path);
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        const size_t suffix = strlen(forms[k].suffix);
        if (size > suffix && strcmp(path + size - suffix, forms[k].suffix) == 0) return forms[k].make;
    }
    return NULL;
}

pv_status pv_evaluation_check_path(const char *path, pv_error *error)
{
    if (maker_of(path)) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/output", "-o %.300s: expected a name that ends in .json or .html", path);
}

pv_status pv_evaluation_write(const char *path, const pv_evaluation *evaluation, pv_error *error)
{
    char *text = NULL;
    pv_output_file *file = NULL;
    pv_status status = pv_evaluation_check_path(path, error);
    if (status != PV_OK) return status;
    PV_TRY(maker_of(path)(&text, evaluation, error));
    PV_TRY(pv_output_file_create(&file, path, error));
    PV_TRY(pv_output_file_write(file, text, strlen(text), error));
    PV_TRY(pv_output_file_write(file, "\n", 1, error));
    status = pv_output_file_commit(file, error);
    file = NULL;
cleanup:
    pv_output_file_abandon(file);
    free(text);
    return status;
}
