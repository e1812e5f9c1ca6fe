/* Any JSON as an event of every call: what is taken has one printed form, which a log gives back unchanged. */
#include "events/event.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define END_TIME INT64_C(4102444800) /* 2100-01-01 */

/* Read `text` as an event and print it; false when it is none. */
static bool read_and_print(pv_buffer *printed, pv_text text, pv_event_call call, int64_t end_time)
{
    pv_json_document *document = NULL;
    pv_arena *arena = pv_arena_create();
    pv_event event;
    pv_error error;
    bool is_read = false;
    if (arena && pv_json_document_parse(&document, text, &error) == PV_OK) {
        const pv_json_node root = pv_json_document_root(document);
        is_read = pv_event_read(&event, &root, call, end_time, arena, &error) == PV_OK;
    }
    if (is_read) pv_event_print(printed, &event);
    pv_json_document_free(document);
    pv_arena_free(arena);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pv_text text = {(const char *)data, size};
    for (int call = PV_CALL_EVENTS; call <= PV_CALL_LOG; call++) {
        pv_buffer printed = {0}, again = {0};
        if (read_and_print(&printed, text, (pv_event_call)call, END_TIME)) {
            const pv_text line = {printed.data, printed.size};
            if (printed.failed || memchr(line.data, '\n', line.size)) abort();
            if (!read_and_print(&again, line, PV_CALL_LOG, INT64_MAX)) abort();
            if (!pv_text_equal(line, (pv_text){again.data, again.size})) abort();
        }
        pv_buffer_deinit(&printed);
        pv_buffer_deinit(&again);
    }
    return 0;
}
