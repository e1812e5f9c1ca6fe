/* Any bytes as JSON from outside: parsed, then walked with every reader at every node. */
#include "base/json_reader.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES_MAX = 64 };

/* A failure names a field of the document and says something, in one line of UTF-8; success says nothing. */
static void check(pv_status status, const pv_error *error)
{
    if (status == PV_OK) return;
    if (status != PV_E_USAGE || error->status != PV_E_USAGE) abort();
    if (error->message[0] == '\0' || strpbrk(error->message, "\r\n")) abort();
    if (!pv_text_is_utf8(pv_text_of(error->message)) || !pv_text_is_utf8(pv_text_of(error->field))) abort();
    if (error->field[0] != '\0' && error->field[0] != '/') abort();
}

static void read_numbers(const pv_json_node *node)
{
    pv_error error;
    int64_t integer;
    double number;
    pv_status status = pv_json_read_integer(&integer, node, -1000, INT64_MAX, &error);
    check(status, &error);
    if (status == PV_OK && integer < -1000) abort();
    const bool is_integer = status == PV_OK;
    status = pv_json_read_number(&number, node, -1000, 1e300, &error);
    check(status, &error);
    if (status == PV_OK && !(number >= -1000 && number <= 1e300)) abort();
    if (is_integer && (status != PV_OK || number != (double)integer)) abort();
}

static void read_texts(const pv_json_node *node)
{
    static const char *const choices[] = {"mixed", "new", "reorder"};
    pv_error error;
    pv_text text;
    int choice;
    bool is_true;
    const pv_status status = pv_json_read_text(&text, node, 0, SIZE_MAX, &error);
    check(status, &error);
    if ((status == PV_OK) != pv_json_is_text(node)) abort();
    if (status == PV_OK && (!pv_text_is_utf8(text) || (text.size > 0 && memchr(text.data, 0, text.size)))) abort();
    pv_text few_bytes;
    check(pv_json_read_text(&few_bytes, node, 2, 5, &error), &error);
    const pv_status chosen = pv_json_read_choice(&choice, node, choices, 3, &error);
    check(chosen, &error);
    if (chosen == PV_OK && (status != PV_OK || !pv_text_equal(text, pv_text_of(choices[choice])))) abort();
    check(pv_json_read_boolean(&is_true, node, &error), &error);
}

static void walk(const pv_json_node *node, int depth);

static void walk_object(const pv_json_node *object, int depth)
{
    static const char *const names[] = {"user", "n", "history"};
    pv_json_node fields[3], entries[ENTRIES_MAX];
    pv_error error;
    int64_t n;
    check(pv_json_object_fields(fields, object, names, 3, &error), &error);
    const pv_status status = pv_json_object_size(&n, object, ENTRIES_MAX, &error);
    check(status, &error);
    if (status != PV_OK) return;
    const pv_status listed = pv_json_object_entries(entries, object, n, &error);
    check(listed, &error);
    for (int64_t k = 0; listed == PV_OK && k < n; k++) walk(&entries[k], depth);
}

static void walk_array(const pv_json_node *array, int depth)
{
    pv_error error;
    int64_t n;
    const pv_status status = pv_json_array_size(&n, array, 4096, &error);
    check(status, &error);
    for (int64_t k = 0; status == PV_OK && k <= n; k++) { /* one behind the last is absent */
        const pv_json_node element = pv_json_array_element(array, k);
        if (pv_json_is_absent(&element) != (k == n)) abort();
        walk(&element, depth);
    }
}

static void walk(const pv_json_node *node, int depth)
{
    pv_error error;
    if (depth > PV_JSON_DEPTH_MAX + 1) abort();
    check(pv_json_fail(&error, node, "%s", "a fault"), &error);
    read_numbers(node);
    read_texts(node);
    if (pv_json_is_object(node)) walk_object(node, depth + 1);
    if (pv_json_is_array(node)) walk_array(node, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_json_document *document = NULL;
    pv_error error;
    const pv_status status = pv_json_document_parse(&document, (pv_text){(const char *)data, size}, &error);
    check(status, &error);
    if ((status == PV_OK) != (document != NULL)) abort();
    if (status != PV_OK) return 0;
    const pv_json_node root = pv_json_document_root(document);
    walk(&root, 0);
    pv_json_document_free(document);
    return 0;
}
