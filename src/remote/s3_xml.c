/* s3_xml.c - see s3_xml.h.
 *
 * expat calls back; an element without children is handed on with its path ("/Error/Code") when it ends. What an answer
 * of S3 never has is refused before it can cost anything: a DOCTYPE (and with it entities), deep nesting, long names,
 * long texts. */
#include "remote/s3_xml.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MOST ((size_t)16 << 20)
#define DEPTH_MOST 8
#define PATH_MOST 256
#define TEXT_MOST 8192

typedef struct reader {
    XML_Parser parser;
    char path[PATH_MOST + 1];
    size_t path_size;
    int depth;
    pv_buffer text; /* of the element that was opened last */
    pv_status (*element)(void *context, const char *path, pv_text text, pv_error *error);
    void *context;
    pv_status status;
    pv_error *error;
} reader;

static void refuse(reader *read, const char *what)
{
    if (read->status == PV_OK) read->status = pv_fail(read->error, PV_E_INPUT, "the XML of the answer has %s", what);
    XML_StopParser(read->parser, XML_FALSE);
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    reader *read = context;
    const size_t size = strlen(name);
    (void)attributes;
    read->text.size = 0;
    if (++read->depth > DEPTH_MOST || size + 1 > PATH_MOST - read->path_size) {
        refuse(read, "too many levels");
        return;
    }
    read->path[read->path_size] = '/';
    memcpy(read->path + read->path_size + 1, name, size + 1);
    read->path_size += size + 1;
}

static void XMLCALL on_end(void *context, const char *name)
{
    reader *read = context;
    if (read->status == PV_OK && !read->text.failed) {
        const pv_text text = {read->text.size ? read->text.data : "", read->text.size};
        read->status = read->element(read->context, read->path, text, read->error);
    }
    if (read->text.failed) read->status = pv_fail_memory(read->error, "XML", TEXT_MOST);
    if (read->status != PV_OK) {
        XML_StopParser(read->parser, XML_FALSE);
        return;
    }
    read->text.size = 0;
    read->depth--;
    read->path_size -= strlen(name) + 1;
    read->path[read->path_size] = '\0';
}

static void XMLCALL on_text(void *context, const char *text, int size)
{
    reader *read = context;
    if ((size_t)size > TEXT_MOST - read->text.size) {
        refuse(read, "a text that is too long");
        return;
    }
    pv_buffer_append(&read->text, text, (size_t)size);
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system, const char *public, int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    refuse(context, "a DOCTYPE");
}

static pv_status read_xml(reader *read, pv_text xml)
{
    if (xml.size > SIZE_MOST) return pv_fail(read->error, PV_E_INPUT, "the XML of the answer is too large");
    read->parser = XML_ParserCreate("UTF-8"); /* whatever the document declares: S3 sends nothing else */
    if (!read->parser) return pv_fail_memory(read->error, "XML", 0);
    XML_SetUserData(read->parser, read);
    XML_SetElementHandler(read->parser, on_start, on_end);
    XML_SetCharacterDataHandler(read->parser, on_text);
    XML_SetStartDoctypeDeclHandler(read->parser, on_doctype);
    if (XML_Parse(read->parser, xml.data ? xml.data : "", (int)xml.size, XML_TRUE) != XML_STATUS_OK &&
        read->status == PV_OK) {
        const enum XML_Error fault = XML_GetErrorCode(read->parser);
        read->status = fault == XML_ERROR_NO_MEMORY
                           ? pv_fail_memory(read->error, "XML", 0)
                           : pv_fail(read->error, PV_E_INPUT, "the answer is no XML: %s", XML_ErrorString(fault));
    }
    XML_ParserFree(read->parser);
    pv_buffer_deinit(&read->text);
    return read->status;
}

/* Copy to a field of `capacity` bytes, cut at a whole character, with '?' for control characters. */
static void copy_line(char *field, size_t capacity, pv_text text)
{
    size_t size = 0;
    while (size < text.size) {
        const size_t length = pv_text_character((pv_text){text.data + size, text.size - size});
        if (length == 0 || size + length >= capacity) break;
        memcpy(field + size, text.data + size, length);
        if ((unsigned char)field[size] < 0x20 || field[size] == 0x7f) field[size] = '?';
        size += length;
    }
    field[size] = '\0';
}

static pv_status take_fault(void *context, const char *path, pv_text text, pv_error *error)
{
    pv_s3_fault *fault = context;
    (void)error;
    if (strcmp(path, "/Error/Code") == 0) copy_line(fault->code, sizeof fault->code, text);
    if (strcmp(path, "/Error/Message") == 0) copy_line(fault->message, sizeof fault->message, text);
    if (strcmp(path, "/Error/Region") == 0) copy_line(fault->region, sizeof fault->region, text);
    return PV_OK;
}

void pv_s3_fault_read(pv_s3_fault *fault, pv_text xml)
{
    *fault = (pv_s3_fault){0};
    reader read = {.element = take_fault, .context = fault};
    if (xml.size == 0 || read_xml(&read, xml) != PV_OK) *fault = (pv_s3_fault){0};
}

typedef struct page {
    pv_s3_listing *listing;
    pv_buffer *next;
    pv_s3_listed object; /* the one being read */
    bool has_size, is_listing, is_truncated;
} page;

static pv_status read_size(int64_t *size, pv_text text, pv_error *error)
{
    int64_t value = 0;
    bool is_number = text.size > 0;
    for (size_t i = 0; i < text.size && is_number; i++) {
        const char digit = text.data[i];
        is_number = digit >= '0' && digit <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
                    !__builtin_add_overflow(value, digit - '0', &value);
    }
    if (!is_number) return pv_fail(error, PV_E_INPUT, "the listing has a size that is no number");
    *size = value;
    return PV_OK;
}

static pv_status read_key(char **key, pv_text text, pv_error *error)
{
    pv_buffer copy = {0};
    pv_buffer_append_text(&copy, text);
    free(*key);
    *key = NULL;
    return pv_buffer_hand_over(key, &copy, "key", error);
}

/* The end of <Contents>: the object moves into the listing. */
static pv_status take_object(page *read, pv_error *error)
{
    pv_s3_listing *listing = read->listing;
    if (!read->object.key || !read->has_size) {
        return pv_fail(error, PV_E_INPUT, "the listing has an object without key or size");
    }
    void *objects = listing->objects;
    if (!pv_reserve(&objects, &listing->capacity, listing->count + 1, sizeof *listing->objects)) {
        return pv_fail_memory(error, "listing", 0);
    }
    listing->objects = objects;
    listing->objects[listing->count++] = read->object;
    read->object = (pv_s3_listed){0};
    read->has_size = false;
    return PV_OK;
}

static pv_status take_object_field(page *read, const char *field, pv_text text, pv_error *error)
{
    pv_s3_listed *object = &read->object;
    if (strcmp(field, "/Key") == 0) return read_key(&object->key, text, error);
    if (strcmp(field, "/Size") == 0) {
        read->has_size = true;
        return read_size(&object->size, text, error);
    }
    if (strcmp(field, "/LastModified") == 0 && !pv_timestamp_parse(&object->modified, text)) {
        return pv_fail(error, PV_E_INPUT, "the listing has a time that is none");
    }
    if (strcmp(field, "/ETag") == 0 && text.size < sizeof object->etag) {
        copy_line(object->etag, sizeof object->etag, text);
    }
    return PV_OK;
}

static pv_status take_listing(void *context, const char *path, pv_text text, pv_error *error)
{
    static const char root[] = "/ListBucketResult", contents[] = "/ListBucketResult/Contents";
    page *read = context;
    if (strcmp(path, root) == 0) read->is_listing = true;
    if (strcmp(path, contents) == 0) return take_object(read, error);
    if (strncmp(path, contents, sizeof contents - 1) == 0) {
        return take_object_field(read, path + sizeof contents - 1, text, error);
    }
    if (strcmp(path, "/ListBucketResult/IsTruncated") == 0) {
        read->is_truncated = pv_text_equal(text, pv_text_of("true"));
    }
    if (strcmp(path, "/ListBucketResult/NextContinuationToken") == 0) {
        read->next->size = 0;
        pv_buffer_append_text(read->next, text);
        return pv_check_memory(!read->next->failed, "listing", error);
    }
    return PV_OK;
}

pv_status pv_s3_page_read(pv_s3_listing *listing, pv_buffer *next, pv_text xml, pv_error *error)
{
    page taken = {.listing = listing, .next = next};
    reader read = {.element = take_listing, .context = &taken, .error = error};
    next->size = 0;
    pv_status status = read_xml(&read, xml);
    free(taken.object.key);
    if (status != PV_OK) return status;
    if (!taken.is_listing) return pv_fail(error, PV_E_INPUT, "the answer is no listing of a bucket");
    if (!taken.is_truncated) next->size = 0;
    if (taken.is_truncated && next->size == 0) {
        return pv_fail(error, PV_E_INPUT, "the listing goes on, but does not say where");
    }
    return PV_OK;
}
