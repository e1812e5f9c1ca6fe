/* Any bytes as an answer of S3: an error, and a page of a listing. */
#include "base/timestamp.h"
#include "remote/s3_xml.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One line that a terminal survives. */
static void check_line(const char *text, size_t capacity)
{
    if (strlen(text) >= capacity || !pv_text_is_utf8(pv_text_of(text))) abort();
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) abort();
    }
}

static void read_fault(pv_text xml)
{
    pv_s3_fault fault;
    pv_s3_fault_read(&fault, xml);
    check_line(fault.code, sizeof fault.code);
    check_line(fault.message, sizeof fault.message);
    check_line(fault.region, sizeof fault.region);
}

static void check_listing(const pv_s3_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        const pv_s3_listed *object = &listing->objects[i];
        if (!object->key || !pv_text_is_utf8(pv_text_of(object->key)) || object->size < 0) abort();
        if (object->modified < PV_TIME_FIRST || object->modified >= PV_TIME_END) abort();
        check_line(object->etag, sizeof object->etag);
    }
}

static void read_page(pv_text xml)
{
    pv_s3_listing listing = {0};
    pv_buffer next = {0};
    pv_error error = {0};
    const pv_status status = pv_s3_page_read(&listing, &next, xml, &error);
    if (status != PV_OK && status != PV_E_INPUT) abort();
    if ((status == PV_OK) != (error.message[0] == '\0')) abort();
    check_listing(&listing);
    pv_s3_listing_deinit(&listing);
    pv_buffer_deinit(&next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pv_text xml = {(const char *)data, size};
    read_fault(xml);
    read_page(xml);
    return 0;
}
