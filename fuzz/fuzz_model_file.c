/* fuzz_model_file.c - opening a model file made of any bytes, as they are and with the checksum made right, which gets
 * behind the first check. Every tensor of a file that opens is read.
 *
 * Links:    base, model. */
#include "model/safetensors_file.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_tensors(const pv_safetensors *file)
{
    const pv_tensors *tensors = pv_safetensors_tensors(file);
    volatile unsigned char sum = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        const pv_tensor *tensor = &tensors->items[i];
        const unsigned char *bytes = tensor->data;
        size_t n_bytes = (size_t)tensor->shape[0] * (size_t)tensor->shape[1] * pv_dtype_size(tensor->dtype);
        for (size_t k = 0; k < n_bytes; k++) sum = (unsigned char)(sum + bytes[k]);
        if (pv_tensors_find(tensors, tensor->name) != tensor) abort();
    }
    pv_texts ids;
    if (pv_tensors_get_texts(&ids, tensors, "user_ids", -1, NULL) == PV_OK) {
        if (pv_texts_search(&ids, pv_text_of("17850")) >= ids.count) abort();
    }
}

static void open_and_read(const unsigned char *bytes, size_t size)
{
    pv_error error = {0};
    pv_safetensors *file = NULL;
    pv_status status = pv_safetensors_open_view(&file, bytes, size, "model", &error);
    if (status == PV_OK) {
        read_tensors(file);
    } else if (file || error.status != status || error.message[0] == '\0') {
        abort();
    }
    pv_safetensors_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t position;
    /* Aligned like a mapping; not pv_allocate(), whose rounding up would hide reads past the end from the sanitizers.
     */
    void *memory;
    if (posix_memalign(&memory, PV_TENSOR_ALIGNMENT, size > 0 ? size : 1) != 0) return 0;
    unsigned char *bytes = memory;
    if (size > 0) memcpy(bytes, data, size);
    open_and_read(bytes, size);
    if (pv_checksum_find(&position, (const char *)bytes, size)) {
        char digits[PV_CHECKSUM_DIGITS + 1];
        if (pv_checksum_compute(digits, bytes, size, position)) {
            memcpy(bytes + position, digits, PV_CHECKSUM_DIGITS);
            open_and_read(bytes, size);
        }
    }
    free(bytes);
    return 0;
}
