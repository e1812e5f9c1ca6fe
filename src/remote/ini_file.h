/* ini_file.h - AWS's files of profiles: sections of "name = value" lines. */
#ifndef PV_INI_FILE_H
#define PV_INI_FILE_H

#include "base/text.h"

typedef struct pv_ini_line {
    pv_text section; /* without brackets and surrounding blanks */
    pv_text name, value;
    int64_t line; /* number, from 1 */
} pv_ini_line;

/* One setting, in order. A failure ends the reading and is handed on. Texts are borrowed from the file's. */
typedef pv_status pv_ini_visit(void *context, const pv_ini_line *line, pv_error *error);

/* Visit every setting of `text`. Comments begin with # or ; at the start of a line, or after a blank inside a value;
 * indented lines are settings of a setting ("s3 =") and left out. Errors: PV_E_INPUT with file and line (no section, no
 * '=', an unclosed bracket, NUL), those of `visit`. */
pv_status pv_ini_read(const char *path, pv_text text, pv_ini_visit *visit, void *context, pv_error *error) PV_CHECKED;

#endif
