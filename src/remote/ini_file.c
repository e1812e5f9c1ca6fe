/* ini_file.c - see ini_file.h. */
#include "remote/ini_file.h"

#include "base/failure.h"
#include <string.h>

typedef struct ini_reader {
    const char *path;
    pv_text rest;
    pv_ini_line at;
    size_t indent; /* of the section's head or the setting that was read last */
} ini_reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t indent_of(pv_text line)
{
    size_t n = 0;
    while (n < line.size && is_blank(line.data[n])) n++;
    return n;
}

static pv_text trimmed(pv_text text)
{
    const size_t indent = indent_of(text);
    text = (pv_text){text.data + indent, text.size - indent};
    while (text.size && is_blank(text.data[text.size - 1])) text.size--;
    return text;
}

static pv_text without_comment(pv_text value)
{
    for (size_t k = 0; k < value.size; k++)
        if ((value.data[k] == '#' || value.data[k] == ';') && (k == 0 || is_blank(value.data[k - 1])))
            return trimmed((pv_text){value.data, k});
    return value;
}

static pv_status fail_at(const ini_reader *reader, const char *expected, pv_error *error)
{
    return pv_fail_at(error, PV_E_INPUT, reader->at.line, "%s:%lld: expected %s", reader->path,
                      (long long)reader->at.line, expected);
}

static pv_status read_section(ini_reader *reader, pv_text line, pv_error *error)
{
    const char *end = memchr(line.data, ']', line.size);
    if (!end) return fail_at(reader, "] behind the section's name", error);
    reader->at.section = trimmed((pv_text){line.data + 1, (size_t)(end - line.data) - 1});
    reader->at.name = reader->at.value = (pv_text){NULL, 0};
    return PV_OK;
}

static pv_status read_setting(ini_reader *reader, pv_text line, pv_error *error)
{
    size_t k = 0;
    while (k < line.size && line.data[k] != '=' && line.data[k] != ':') k++;
    if (k == line.size || k == 0) return fail_at(reader, "[section], or name = value", error);
    if (!reader->at.section.data) return fail_at(reader, "a [section] first", error);
    reader->at.name = trimmed((pv_text){line.data, k});
    reader->at.value = without_comment(trimmed((pv_text){line.data + k + 1, line.size - k - 1}));
    return PV_OK;
}

static pv_text next_line(ini_reader *reader)
{
    const pv_text rest = reader->rest;
    const char *end = memchr(rest.data, '\n', rest.size);
    const size_t size = end ? (size_t)(end - rest.data) : rest.size, used = end ? size + 1 : size;
    reader->rest = (pv_text){rest.data + used, rest.size - used};
    reader->at.line++;
    return (pv_text){rest.data, size};
}

pv_status pv_ini_read(const char *path, pv_text text, pv_ini_visit *visit, void *context, pv_error *error)
{
    ini_reader reader = {.path = path, .rest = text};
    if (text.size && memchr(text.data, '\0', text.size))
        return pv_fail(error, PV_E_INPUT, "%s: a NUL byte: expected a text file", path);
    while (reader.rest.size) {
        const pv_text raw = next_line(&reader), line = trimmed(raw);
        const size_t indent = indent_of(raw);
        if (line.size == 0 || line.data[0] == '#' || line.data[0] == ';') continue;
        if (reader.at.name.data && indent > reader.indent) continue; /* belongs to the setting above */
        reader.indent = indent;
        pv_status status =
            line.data[0] == '[' ? read_section(&reader, line, error) : read_setting(&reader, line, error);
        if (status == PV_OK) status = visit(context, &reader.at, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}
