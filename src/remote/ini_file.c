/* ini_file.c - see ini_file.h. */
#include "remote/ini_file.h"

#include "base/failure.h"
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static pv_text trimmed(pv_text text)
{
    while (text.size && is_blank(text.data[0])) text = (pv_text){text.data + 1, text.size - 1};
    while (text.size && is_blank(text.data[text.size - 1])) text.size--;
    return text;
}

/* Keys and secrets hold no blanks: what follows a blank and # or ; is a comment. */
static pv_text without_comment(pv_text value)
{
    for (size_t k = 1; k < value.size; k++)
        if (is_blank(value.data[k - 1]) && (value.data[k] == '#' || value.data[k] == ';'))
            return trimmed((pv_text){value.data, k});
    return value;
}

static pv_status read_section(pv_ini_line *at, const char *path, pv_text line, pv_error *error)
{
    const char *end = memchr(line.data, ']', line.size);
    if (!end)
        return pv_fail_at(error, PV_E_INPUT, at->line, "%s:%lld: expected ] after the section's name", path,
                          (long long)at->line);
    at->section = trimmed((pv_text){line.data + 1, (size_t)(end - line.data) - 1});
    return PV_OK;
}

/* No part of the line stands in a message: it may be a secret. */
static pv_status read_setting(pv_ini_line *at, const char *path, pv_text line, pv_error *error)
{
    const char *equals = memchr(line.data, '=', line.size);
    if (!equals)
        return pv_fail_at(error, PV_E_INPUT, at->line, "%s:%lld: expected [section], or name = value", path,
                          (long long)at->line);
    if (!at->section.data)
        return pv_fail_at(error, PV_E_INPUT, at->line, "%s:%lld: expected a [section] first", path,
                          (long long)at->line);
    at->name = trimmed((pv_text){line.data, (size_t)(equals - line.data)});
    at->value = without_comment(trimmed((pv_text){equals + 1, line.size - (size_t)(equals - line.data) - 1}));
    return PV_OK;
}

pv_status pv_ini_read(const char *path, pv_text text, pv_ini_visit *visit, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    pv_ini_line at = {.line = 0};
    if (text.size && memchr(text.data, '\0', text.size))
        return pv_fail(error, PV_E_INPUT, "%s: a NUL byte: expected a text file", path);
    while (text.size) {
        const char *end = memchr(text.data, '\n', text.size);
        const size_t size = end ? (size_t)(end - text.data) : text.size;
        const pv_text raw = {text.data, size}, line = trimmed(raw);
        text = (pv_text){text.data + size + (end ? 1 : 0), text.size - size - (end ? 1 : 0)};
        at.line++;
        if (line.size == 0 || line.data[0] == '#' || line.data[0] == ';') continue;
        if (line.data[0] == '[') {
            PV_TRY(read_section(&at, path, line, error));
        } else if (!is_blank(raw.data[0])) {
            PV_TRY(read_setting(&at, path, line, error));
            PV_TRY(visit(context, &at, error));
        }
    }
cleanup:
    return status;
}
