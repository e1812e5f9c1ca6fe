/* ini_file.h - AWS's files of profiles: sections of "name = value" lines.
 *
 * Source:   what botocore reads, which is Python's configparser: '=' or ':' between name and value, sections and
 *           settings may be indented alike, lines indented deeper than the setting above belong to it. Besides, as the
 *           AWS SDKs and Tools Reference Guide has it, a comment may follow a value.
 */
#ifndef PV_INI_FILE_H
#define PV_INI_FILE_H

#include "base/text.h"

/* A section's head, or a setting in it. */
typedef struct pv_ini_line {
    pv_text section; /* without brackets and surrounding blanks */
    pv_text name;    /* data NULL: the head */
    pv_text value;
    int64_t line; /* number, from 1 */
} pv_ini_line;

/* A failure ends the reading and is handed on. Texts are borrowed from the file's. */
typedef pv_status pv_ini_visit(void *context, const pv_ini_line *line, pv_error *error);

/* Visit every section and setting of `text`, in order. Comments begin with # or ; at the start of a line, or after a
 * blank behind a value; what belongs to a setting ("s3 =") is left out. Errors, none of which quotes the file:
 * PV_E_INPUT with path and line (no section, no '=', no name, an unclosed bracket, NUL), those of `visit`. */
pv_status pv_ini_read(const char *path, pv_text text, pv_ini_visit *visit, void *context, pv_error *error) PV_CHECKED;

#endif
