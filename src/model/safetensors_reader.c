/* safetensors_reader.c - opening a safetensors file. Nothing in the file is believed before it is checked.
 *
 * Order of the causes: what is missing (the size against the header), then what was altered (the checksum), then
 * whether the header, as its writer meant it, is one that we can use. A damaged file is so told from a strange one. */
#include "model/safetensors_file.h"
#include "base/failure.h"
#include "base/memory.h"
#include "model/block_checksum.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH_SIZE 8 /* bytes of the header length */

struct pv_safetensors {
    const unsigned char *bytes;
    size_t size;
    void *mapping; /* NULL when the bytes are borrowed */
    const char *header_text;
    size_t header_size;
    const unsigned char *data;
    size_t data_size;
    json_t *header; /* NULL when it is no JSON: `syntax` says why */
    json_error_t syntax;
    pv_block_checksum *running;
    pv_tensors tensors;
    char checksum[PV_CHECKSUM_DIGITS + 1]; /* as the header has it */
    char path[];                           /* for messages */
};

/* One tensor of the header, before it is sorted. */
typedef struct entry {
    pv_tensor tensor;
    size_t begin, end; /* in the data */
    size_t position;   /* in the header: the order of empty tensors at one place */
} entry;

static pv_status frame(pv_safetensors *file, pv_error *error)
{
    const char *path = file->path;
    const size_t size = file->size;
    uint64_t length = 0;
    if (size == 0) return pv_fail(error, PV_E_INPUT, "%s: no model: the file is empty", path);
    if (size <= LENGTH_SIZE) return pv_fail(error, PV_E_INPUT, "%s: no model: %zu bytes are no header", path, size);
    for (size_t i = 0; i < LENGTH_SIZE; i++) length |= (uint64_t)file->bytes[i] << (8 * i);
    if (length < 2 || length > PV_HEADER_LARGEST || file->bytes[LENGTH_SIZE] != '{') {
        return pv_fail(error, PV_E_INPUT, "%s: no model: not a safetensors header", path);
    }
    if (length > size - LENGTH_SIZE) {
        return pv_fail(error, PV_E_INPUT, "%s: cut short: its header alone has %" PRIu64 " bytes, the file %zu", path,
                       LENGTH_SIZE + length, size);
    }
    file->header_text = (const char *)file->bytes + LENGTH_SIZE;
    file->header_size = (size_t)length;
    file->data = file->bytes + LENGTH_SIZE + length;
    file->data_size = size - LENGTH_SIZE - (size_t)length;
    return PV_OK;
}

/* The end of the last tensor, as far as the header can be understood. */
static uint64_t claimed_data_size(json_t *header)
{
    json_int_t largest = 0;
    const char *name;
    json_t *value;
    json_object_foreach(header, name, value)
    {
        json_int_t end = json_integer_value(json_array_get(json_object_get(value, "data_offsets"), 1));
        if (end > largest) largest = end;
    }
    return (uint64_t)largest;
}

static pv_status check_size(const pv_safetensors *file, pv_error *error)
{
    uint64_t before_data = LENGTH_SIZE + file->header_size;
    uint64_t claimed = before_data + claimed_data_size(file->header);
    if (file->size == claimed) return PV_OK;
    return pv_fail(error, PV_E_INPUT, "%s: %s: header says %" PRIu64 " bytes, file has %zu", file->path,
                   file->size < claimed ? "cut short" : "too long", claimed, file->size);
}

static pv_status begin_checksum(pv_safetensors *file, pv_error *error)
{
    size_t position;
    if (!pv_checksum_find(&position, file->header_text, file->header_size)) {
        return pv_fail(error, PV_E_INPUT, "%s: no model, or an altered one: no checksum in its header", file->path);
    }
    memcpy(file->checksum, file->header_text + position, PV_CHECKSUM_DIGITS);
    file->running = pv_block_checksum_create(file->bytes, file->size, LENGTH_SIZE + position);
    return pv_check_memory(file->running != NULL, "checksum", error);
}

static pv_status check_metadata(const pv_safetensors *file, pv_error *error)
{
    json_t *metadata = json_object_get(file->header, "__metadata__");
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value)) {
            return pv_fail(error, PV_E_INPUT, "%s: metadata %s is no text", file->path, key);
        }
    }
    const char *checksum = json_string_value(json_object_get(metadata, "checksum"));
    if (!checksum || strcmp(checksum, file->checksum) != 0) {
        return pv_fail(error, PV_E_INPUT, "%s: no model: no checksum in its metadata", file->path);
    }
    return PV_OK;
}

static bool find_dtype(pv_dtype *dtype, const char *name)
{
    for (int each = PV_BOOL; each <= PV_F64; each++) {
        if (name && strcmp(pv_dtype_name((pv_dtype)each), name) == 0) {
            *dtype = (pv_dtype)each;
            return true;
        }
    }
    return false;
}

/* A JSON array of `least` to `most` sizes, each at least 0. */
static bool read_sizes(int64_t *sizes, const json_t *array, size_t least, size_t most)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count < least || count > most) return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *size = json_array_get(array, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0) return false;
        sizes[i] = json_integer_value(size);
    }
    return true;
}

/* What is wrong with the description of one tensor; NULL when nothing is. */
static const char *read_entry(entry *out, const char *name, const json_t *value, const pv_safetensors *file)
{
    pv_tensor *tensor = &out->tensor;
    size_t length = strlen(name);
    const json_t *shape = json_object_get(value, "shape");
    int64_t offsets[2], n_bytes;
    tensor->shape[1] = 1;
    if (length == 0 || length >= sizeof tensor->name) return "has a name that is empty or too long";
    if (!json_is_object(value) || json_object_size(value) != 3) return "is not dtype, shape and data_offsets";
    if (!find_dtype(&tensor->dtype, json_string_value(json_object_get(value, "dtype")))) return "has an unknown dtype";
    if (!read_sizes(tensor->shape, shape, 1, 2)) return "has a shape that is not one or two sizes";
    if (!read_sizes(offsets, json_object_get(value, "data_offsets"), 2, 2) || offsets[0] > offsets[1] ||
        (uint64_t)offsets[1] > file->data_size) {
        return "has offsets outside the file";
    }
    if (__builtin_mul_overflow(tensor->shape[0], tensor->shape[1], &n_bytes) ||
        __builtin_mul_overflow(n_bytes, (int64_t)pv_dtype_size(tensor->dtype), &n_bytes) ||
        n_bytes != offsets[1] - offsets[0]) {
        return "has a shape that does not fit its offsets";
    }
    memcpy(tensor->name, name, length + 1);
    tensor->rank = (int)json_array_size(shape);
    tensor->data = file->data + offsets[0];
    out->begin = (size_t)offsets[0];
    out->end = (size_t)offsets[1];
    return NULL;
}

static bool is_padding(const pv_tensor *tensor)
{
    return strncmp(tensor->name, PV_PADDING_PREFIX, strlen(PV_PADDING_PREFIX)) == 0;
}

/* What is wrong with the bytes of one tensor; NULL when nothing is. */
static const char *check_content(const entry *checked)
{
    const unsigned char *bytes = checked->tensor.data;
    if ((uintptr_t)bytes % PV_TENSOR_ALIGNMENT != 0) return "does not begin at a multiple of 64 bytes";
    if (checked->tensor.dtype != PV_BOOL) return NULL;
    unsigned char all = 0;
    for (size_t i = 0; i < checked->end - checked->begin; i++) all |= bytes[i];
    return all > 1 ? "is BOOL with bytes that are neither 0 nor 1" : NULL;
}

static int compare_entries(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

/* Add the sorted entries that are no padding; together they must cover the data. */
static pv_status add_entries(pv_safetensors *file, const entry *entries, size_t count, pv_error *error)
{
    size_t covered = 0;
    for (size_t i = 0; i < count; i++) {
        const pv_tensor *tensor = &entries[i].tensor;
        if (entries[i].begin != covered) {
            return pv_fail(error, PV_E_INPUT, "%s: tensor %s leaves a gap or overlaps another", file->path,
                           tensor->name);
        }
        covered = entries[i].end;
        if (is_padding(tensor)) continue;
        const char *cause = check_content(&entries[i]);
        if (cause) return pv_fail(error, PV_E_INPUT, "%s: tensor %s %s", file->path, tensor->name, cause);
        pv_status status = pv_tensors_add_view(&file->tensors, tensor, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status read_tensors(pv_safetensors *file, pv_error *error)
{
    pv_status status;
    size_t count = 0;
    entry *entries = pv_allocate(json_object_size(file->header), sizeof *entries);
    if (!entries) return pv_fail_memory(error, "model header", json_object_size(file->header) * sizeof *entries);
    const char *name;
    json_t *value;
    json_object_foreach(file->header, name, value)
    {
        if (strcmp(name, "__metadata__") == 0) continue;
        entries[count].position = count;
        const char *cause = read_entry(&entries[count++], name, value, file);
        if (!cause) continue;
        status = pv_fail(error, PV_E_INPUT, "%s: tensor %s %s", file->path, name, cause);
        goto cleanup;
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    status = add_entries(file, entries, count, error);
cleanup:
    pv_release(entries);
    return status;
}

static pv_status map(pv_safetensors *file, pv_error *error)
{
    pv_status status = PV_OK;
    const char *path = file->path;
    struct stat found;
    /* O_NONBLOCK: opening a pipe must not wait for its other end. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 || fstat(descriptor, &found) != 0) {
        status = pv_fail(error, PV_E_INPUT, "%s: cannot read: %s", path, strerror(errno));
    } else if (!S_ISREG(found.st_mode)) {
        status = pv_fail(error, PV_E_INPUT, "%s: no model: it is %s", path,
                         S_ISDIR(found.st_mode) ? "a folder" : "not a regular file");
    } else if (found.st_size > 0) { /* an empty file cannot be mapped; the checks name it */
        void *mapping = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (mapping == MAP_FAILED) {
            status = pv_fail(error, PV_E_INPUT, "%s: cannot map: %s", path, strerror(errno));
        } else {
            file->bytes = file->mapping = mapping;
            file->size = (size_t)found.st_size;
        }
    }
    if (descriptor >= 0) close(descriptor);
    return status;
}

static pv_safetensors *allocate(const char *path)
{
    const size_t length = strlen(path);
    pv_safetensors *file = pv_allocate(1, sizeof *file + length + 1);
    if (file) memcpy(file->path, path, length + 1);
    return file;
}

/* What can be told from the size and the header alone. */
static pv_status begin(pv_safetensors *file, pv_error *error)
{
    pv_status status = frame(file, error);
    if (status != PV_OK) return status;
    file->header = json_loadb(file->header_text, file->header_size, JSON_REJECT_DUPLICATES, &file->syntax);
    if (file->header) status = check_size(file, error);
    return status == PV_OK ? begin_checksum(file, error) : status;
}

pv_status pv_safetensors_map(pv_safetensors **file, const char *path, pv_error *error)
{
    pv_safetensors *mapped = allocate(path);
    if (!mapped) return pv_fail_memory(error, "model", sizeof *mapped);
    pv_status status = map(mapped, error);
    if (status == PV_OK) status = begin(mapped, error);
    if (status == PV_OK) {
        *file = mapped;
    } else {
        pv_safetensors_free(mapped);
    }
    return status;
}

void pv_safetensors_sum(pv_safetensors *file)
{
    pv_block_checksum_work(file->running);
}

pv_status pv_safetensors_read(pv_safetensors *file, pv_error *error)
{
    if (!file->header) {
        return pv_fail_at(error, PV_E_INPUT, file->syntax.position, "%s: no model: its header is wrong at byte %d: %s",
                          file->path, file->syntax.position, file->syntax.text);
    }
    const pv_status status = check_metadata(file, error);
    return status == PV_OK ? read_tensors(file, error) : status;
}

pv_status pv_safetensors_verify(const pv_safetensors *file, pv_error *error)
{
    char found[PV_CHECKSUM_DIGITS + 1];
    pv_block_checksum_print(found, file->running);
    if (memcmp(found, file->checksum, PV_CHECKSUM_DIGITS) == 0) return PV_OK;
    return pv_fail(error, PV_E_INPUT, "%s: altered: checksum is %s, content gives %s", file->path, file->checksum,
                   found);
}

/* The rest of it on this thread alone. */
static pv_status check(pv_safetensors *file, pv_error *error)
{
    pv_safetensors_sum(file);
    const pv_status status = pv_safetensors_verify(file, error);
    return status == PV_OK ? pv_safetensors_read(file, error) : status;
}

pv_status pv_safetensors_open(pv_safetensors **file, const char *path, pv_error *error)
{
    pv_safetensors *mapped = NULL;
    pv_status status = pv_safetensors_map(&mapped, path, error);
    if (status != PV_OK) return status;
    status = check(mapped, error);
    if (status == PV_OK) {
        *file = mapped;
    } else {
        pv_safetensors_free(mapped);
    }
    return status;
}

pv_status pv_safetensors_open_view(pv_safetensors **file, const void *bytes, size_t size, const char *path,
                                   pv_error *error)
{
    pv_safetensors *opened = allocate(path);
    if (!opened) return pv_fail_memory(error, "model", sizeof *opened);
    opened->bytes = bytes;
    opened->size = size;
    pv_status status = begin(opened, error);
    if (status == PV_OK) status = check(opened, error);
    if (status == PV_OK) {
        *file = opened;
    } else {
        pv_safetensors_free(opened);
    }
    return status;
}

void pv_safetensors_free(pv_safetensors *file)
{
    if (!file) return;
    pv_tensors_deinit(&file->tensors);
    json_decref(file->header);
    pv_block_checksum_free(file->running);
    if (file->mapping) munmap(file->mapping, file->size);
    pv_release(file);
}

const pv_tensors *pv_safetensors_tensors(const pv_safetensors *file)
{
    return &file->tensors;
}

const char *pv_safetensors_metadata(const pv_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

const char *pv_safetensors_checksum(const pv_safetensors *file)
{
    return file->checksum;
}

int64_t pv_safetensors_size(const pv_safetensors *file)
{
    return (int64_t)file->size;
}
