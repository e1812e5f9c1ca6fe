/* safetensors_writer.c - pv_safetensors_write(): the header first without and then with the checksum's digits. */
#include "model/safetensors_file.h"
#include "base/failure.h"
#include "base/json_writer.h"
#include "base/output_file.h"
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are stored as they stand in memory: little-endian");

#define LENGTH_SIZE 8 /* bytes of the header length */

static const unsigned char zeros[PV_TENSOR_ALIGNMENT];

static size_t tensor_size(const pv_tensor *tensor)
{
    return (size_t)tensor->shape[0] * (size_t)tensor->shape[1] * pv_dtype_size(tensor->dtype);
}

static size_t bytes_to_alignment(size_t offset)
{
    return (PV_TENSOR_ALIGNMENT - offset % PV_TENSOR_ALIGNMENT) % PV_TENSOR_ALIGNMENT;
}

static pv_status check_names(const pv_tensors *tensors, const pv_metadata_pair *metadata, int64_t n_metadata,
                             pv_error *error)
{
    for (size_t i = 0; i < tensors->count; i++) {
        const char *name = tensors->items[i].name;
        if (strcmp(name, "__metadata__") == 0 || strncmp(name, PV_PADDING_PREFIX, strlen(PV_PADDING_PREFIX)) == 0) {
            return pv_fail(error, PV_E_INTERNAL, "tensor name %s belongs to the file format", name);
        }
    }
    for (int64_t i = 0; i < n_metadata; i++) {
        bool is_taken = strcmp(metadata[i].key, "checksum") == 0;
        for (int64_t j = 0; j < i; j++) is_taken = is_taken || strcmp(metadata[i].key, metadata[j].key) == 0;
        if (is_taken) return pv_fail(error, PV_E_INTERNAL, "metadata key %s is taken", metadata[i].key);
    }
    return PV_OK;
}

static void append_metadata(pv_json *json, const pv_metadata_pair *metadata, int64_t n_metadata)
{
    pv_json_key(json, "__metadata__");
    pv_json_begin_object(json);
    pv_json_key(json, "checksum");
    pv_json_string(json, PV_CHECKSUM_ZERO);
    for (int64_t i = 0; i < n_metadata; i++) {
        pv_json_key(json, metadata[i].key);
        pv_json_string(json, metadata[i].value);
    }
    pv_json_end_object(json);
}

/* One entry at *offset, which moves behind the tensor. */
static void append_tensor(pv_json *json, const pv_tensor *tensor, size_t *offset)
{
    size_t end = *offset + tensor_size(tensor);
    pv_json_key(json, tensor->name);
    pv_json_begin_object(json);
    pv_json_key(json, "dtype");
    pv_json_string(json, pv_dtype_name(tensor->dtype));
    pv_json_key(json, "shape");
    pv_json_begin_array(json);
    for (int i = 0; i < tensor->rank; i++) pv_json_integer(json, tensor->shape[i]);
    pv_json_end_array(json);
    pv_json_key(json, "data_offsets");
    pv_json_begin_array(json);
    pv_json_integer(json, (int64_t)*offset);
    pv_json_integer(json, (int64_t)end);
    pv_json_end_array(json);
    pv_json_end_object(json);
    *offset = end;
}

static void append_tensors(pv_json *json, const pv_tensors *tensors)
{
    size_t offset = 0, n_paddings = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        size_t gap = bytes_to_alignment(offset);
        if (gap > 0) {
            pv_tensor padding = {.dtype = PV_U8, .rank = 1, .shape = {(int64_t)gap, 1}};
            snprintf(padding.name, sizeof padding.name, PV_PADDING_PREFIX "%zu", n_paddings++);
            append_tensor(json, &padding, &offset);
        }
        append_tensor(json, &tensors->items[i], &offset);
    }
}

/* Header length and header, the checksum's digits all 0. */
static pv_status make_header(pv_buffer *header, const pv_tensors *tensors, const pv_metadata_pair *metadata,
                             int64_t n_metadata, pv_error *error)
{
    pv_json json = {.out = header};
    pv_buffer_append(header, zeros, LENGTH_SIZE);
    pv_json_begin_object(&json);
    append_metadata(&json, metadata, n_metadata);
    append_tensors(&json, tensors);
    pv_json_end_object(&json);
    for (size_t gap = bytes_to_alignment(header->size); gap > 0; gap--) pv_buffer_append(header, " ", 1);
    if (header->failed) return pv_fail_memory(error, "model header", header->size);
    uint64_t length = header->size - LENGTH_SIZE;
    if (length > PV_HEADER_LARGEST) return pv_fail(error, PV_E_INTERNAL, "model header is too large");
    memcpy(header->data, &length, LENGTH_SIZE);
    return PV_OK;
}

static pv_status compute_checksum(char digits[PV_CHECKSUM_DIGITS + 1], const pv_buffer *header,
                                  const pv_tensors *tensors, pv_error *error)
{
    pv_checksum *checksum = pv_checksum_create();
    if (!checksum) return pv_fail_memory(error, "checksum", sizeof checksum);
    pv_checksum_update(checksum, header->data, header->size);
    size_t offset = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        size_t gap = bytes_to_alignment(offset), size = tensor_size(&tensors->items[i]);
        pv_checksum_update(checksum, zeros, gap);
        pv_checksum_update(checksum, tensors->items[i].data, size);
        offset += gap + size;
    }
    pv_checksum_print(digits, checksum);
    pv_checksum_free(checksum);
    return PV_OK;
}

/* *size becomes that of the data. */
static pv_status write_data(size_t *size, pv_output_file *output, const pv_tensors *tensors, pv_error *error)
{
    pv_status status = PV_OK;
    size_t offset = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        size_t gap = bytes_to_alignment(offset), bytes = tensor_size(&tensors->items[i]);
        PV_TRY(pv_output_file_write(output, zeros, gap, error));
        PV_TRY(pv_output_file_write(output, tensors->items[i].data, bytes, error));
        offset += gap + bytes;
    }
    *size = offset;
cleanup:
    return status;
}

pv_status pv_safetensors_write(const char *path, const pv_tensors *tensors, const pv_metadata_pair *metadata,
                               int64_t n_metadata, char checksum[PV_CHECKSUM_DIGITS + 1], int64_t *bytes,
                               pv_error *error)
{
    pv_status status;
    pv_buffer header = {0};
    pv_output_file *output = NULL;
    char digits[PV_CHECKSUM_DIGITS + 1];
    size_t position, data_size;

    PV_TRY(check_names(tensors, metadata, n_metadata, error));
    PV_TRY(make_header(&header, tensors, metadata, n_metadata, error));
    PV_TRY(compute_checksum(digits, &header, tensors, error));
    if (!pv_checksum_find(&position, header.data, header.size)) {
        status = pv_fail(error, PV_E_INTERNAL, "model header has no place for the checksum");
        goto cleanup;
    }
    memcpy(header.data + position, digits, PV_CHECKSUM_DIGITS);

    PV_TRY(pv_output_file_create(&output, path, error));
    PV_TRY(pv_output_file_write(output, header.data, header.size, error));
    PV_TRY(write_data(&data_size, output, tensors, error));
    status = pv_output_file_commit(output, error);
    output = NULL;
    if (status != PV_OK) goto cleanup;
    memcpy(checksum, digits, sizeof digits);
    if (bytes) *bytes = (int64_t)(header.size + data_size);
cleanup:
    pv_output_file_abandon(output);
    pv_buffer_deinit(&header);
    return status;
}
