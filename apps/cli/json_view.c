/* json_view.c - see json_view.h. It knows no keys: what the library adds to an object is shown without a change here.
 */
#include "json_view.h"

#include "table.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_COLUMNS_MAX 16
#define PATH_SIZE 512
#define TITLE_SIZE 64

/* "min_companies" -> "min companies" */
static void print_title(char *out, size_t size, const char *key)
{
    snprintf(out, size, "%s", key);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '_') *c = ' ';
}

/* The shortest of 15 to 17 digits that reads back the same; 8 are enough for people. */
static void print_real(char *out, size_t size, double value, bool is_exact)
{
    if (!is_exact) {
        snprintf(out, size, "%.8g", value);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, size, "%.*g", digits, value);
        if (strtod(out, NULL) == value) return;
    }
}

/* Text of a scalar, or of an array of scalars: `64 x 8`. Owned by the caller, NULL on no memory. */
static char *value_text(const json_t *value, bool is_exact)
{
    char number[64];
    switch (json_typeof(value)) {
    case JSON_STRING:
        return strndup(json_string_value(value), json_string_length(value));
    case JSON_TRUE:
        return strdup(is_exact ? "true" : "yes");
    case JSON_FALSE:
        return strdup(is_exact ? "false" : "no");
    case JSON_NULL:
        return strdup(is_exact ? "" : "-");
    case JSON_INTEGER:
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        print_real(number, sizeof number, json_real_value(value), is_exact);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(8));
    }
    return strdup(number);
}

/* An array is a list for people, of integers the shape of a tensor: "als, habit", "2469 x 64". */
static char *list_text(const json_t *array)
{
    char *text = NULL;
    size_t size = 0, index;
    json_t *element;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) return NULL;
    json_array_foreach(array, index, element)
    {
        char *part = value_text(element, false);
        bool is_shape = json_is_integer(element);
        if (part != NULL) fprintf(stream, "%s%s", index == 0 ? "" : is_shape ? " x " : ", ", part);
        free(part);
    }
    return fclose(stream) == 0 ? text : NULL;
}

static void add_value(cli_table *table, const json_t *value)
{
    char *text = json_is_array(value) ? list_text(value) : value_text(value, false);
    table_add(table, "%s", text != NULL ? text : "");
    free(text);
}

static bool holds_objects(const json_t *value)
{
    return json_is_array(value) && json_array_size(value) > 0 && json_is_object(json_array_get(value, 0));
}

static bool is_section(const json_t *value)
{
    return (json_is_object(value) && json_object_size(value) > 0) || holds_objects(value);
}

/* The columns are the keys of the first object. */
static bool print_objects(FILE *out, const cli_terminal *terminal, const json_t *array)
{
    char titles[TABLE_COLUMNS_MAX][TITLE_SIZE];
    const char *keys[TABLE_COLUMNS_MAX];
    table_column columns[TABLE_COLUMNS_MAX];
    size_t n_columns = 0, index;
    const char *key;
    json_t *first = json_array_get(array, 0), *value, *element;
    json_object_foreach(first, key, value)
    {
        if (n_columns == TABLE_COLUMNS_MAX) break;
        print_title(titles[n_columns], sizeof titles[0], key);
        keys[n_columns] = key;
        columns[n_columns] = (table_column){titles[n_columns], json_is_number(value), json_is_string(value)};
        n_columns++;
    }
    cli_table *table = table_create(columns, n_columns);
    if (table == NULL) return false;
    json_array_foreach(array, index, element)
    {
        table_begin_row(table);
        for (size_t c = 0; c < n_columns; c++) {
            const json_t *cell = json_object_get(element, keys[c]);
            if (cell != NULL)
                add_value(table, cell);
            else
                table_add(table, "%s", "");
        }
    }
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

/* Names and values of an object that are no sections of their own. */
static bool print_values(FILE *out, const cli_terminal *terminal, json_t *object)
{
    static const table_column columns[] = {{"", false, false}, {"", false, true}};
    const char *key;
    json_t *value;
    cli_table *table = table_create(columns, 2);
    if (table == NULL) return false;
    json_object_foreach(object, key, value)
    {
        if (is_section(value)) continue;
        char title[TITLE_SIZE];
        print_title(title, sizeof title, key);
        table_begin_row(table);
        table_add(table, "%s", title);
        add_value(table, value);
    }
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

static bool print_object(FILE *out, const cli_terminal *terminal, json_t *object)
{
    const char *key;
    json_t *value;
    if (!print_values(out, terminal, object)) return false;
    json_object_foreach(object, key, value)
    {
        if (!is_section(value)) continue;
        char title[TITLE_SIZE];
        print_title(title, sizeof title, key);
        fputc('\n', out);
        style_begin(out, terminal, STYLE_BOLD);
        fputs(title, out);
        style_end(out, terminal, STYLE_BOLD);
        fputc('\n', out);
        bool is_whole = json_is_array(value) ? print_objects(out, terminal, value) : print_object(out, terminal, value);
        if (!is_whole) return false;
    }
    return true;
}

bool print_json_sections(FILE *out, const cli_terminal *terminal, const char *json)
{
    json_t *root = json_loads(json, 0, NULL);
    bool is_whole = json_is_object(root) && print_object(out, terminal, root);
    json_decref(root);
    return is_whole;
}

static void print_csv_field(FILE *out, const char *text)
{
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (is_quoted) fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    if (is_quoted) fputc('"', out);
}

static bool print_csv_value(FILE *out, const char *path, json_t *value)
{
    char inner[PATH_SIZE];
    const char *separator = path[0] == '\0' ? "" : ".";
    if (json_is_object(value)) {
        const char *key;
        json_t *member;
        json_object_foreach(value, key, member)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, separator, key);
            if (!print_csv_value(out, inner, member)) return false;
        }
        return true;
    }
    if (json_is_array(value)) {
        size_t index;
        json_t *element;
        json_array_foreach(value, index, element)
        {
            snprintf(inner, sizeof inner, "%s%s%zu", path, separator, index);
            if (!print_csv_value(out, inner, element)) return false;
        }
        return true;
    }
    char *text = value_text(value, true);
    if (text == NULL) return false;
    print_csv_field(out, path);
    fputc(',', out);
    print_csv_field(out, text);
    fputc('\n', out);
    free(text);
    return true;
}

bool print_json_csv(FILE *out, const char *json)
{
    json_t *root = json_loads(json, 0, NULL);
    fputs("name,value\n", out);
    bool is_whole = json_is_object(root) && print_csv_value(out, "", root);
    json_decref(root);
    return is_whole;
}
