/* matrix_file.c - reading and writing the matrices of the benchmark. */
#include "matrix_file.h"

#include "base/failure.h"
#include "base/memory.h"
#include <string.h>

static const char magic[8] = {'P', 'V', 'M', 'A', 'T', 'R', 'I', 'X'};

typedef struct header {
    char magic[8];
    int64_t n_rows, n_columns, n_pairs;
} header;

pv_pairs matrix_pairs(const matrix *pairs)
{
    return (pv_pairs){.n_rows = pairs->n_rows,
                      .n_columns = pairs->n_columns,
                      .row_offsets = pairs->offsets,
                      .columns = pairs->columns,
                      .weights = pairs->weights};
}

static bool read_array(void **array, int64_t count, size_t size, FILE *file)
{
    *array = pv_allocate((size_t)count, size);
    return *array && fread(*array, size, (size_t)count, file) == (size_t)count;
}

pv_status matrix_read(matrix *out, const char *path, pv_error *error)
{
    pv_status status = PV_OK;
    header head;
    void *offsets = NULL, *columns = NULL, *weights = NULL;
    FILE *file = fopen(path, "rb");
    if (!file || fread(&head, sizeof head, 1, file) != 1 || memcmp(head.magic, magic, sizeof magic) != 0)
        PV_TRY(pv_fail(error, PV_E_INPUT, "%s: not a matrix file", path));
    const bool is_whole = read_array(&offsets, head.n_rows + 1, sizeof(int64_t), file) &&
                          read_array(&columns, head.n_pairs, sizeof(int32_t), file) &&
                          read_array(&weights, head.n_pairs, sizeof(float), file);
    if (!is_whole) PV_TRY(pv_fail(error, PV_E_INPUT, "%s: cut short, or larger than the memory", path));
    *out = (matrix){head.n_rows, head.n_columns, head.n_pairs, offsets, columns, weights};
    offsets = columns = weights = NULL;
cleanup:
    if (file) (void)fclose(file);
    pv_release(offsets);
    pv_release(columns);
    pv_release(weights);
    return status;
}

void matrix_free(matrix *pairs)
{
    pv_release(pairs->offsets);
    pv_release(pairs->columns);
    pv_release(pairs->weights);
    *pairs = (matrix){0};
}

bool matrix_write_offsets(FILE *file, int64_t n_rows, int64_t n_columns, const int64_t *offsets)
{
    header head = {.n_rows = n_rows, .n_columns = n_columns, .n_pairs = offsets[n_rows]};
    memcpy(head.magic, magic, sizeof magic);
    const size_t count = (size_t)n_rows + 1;
    return fwrite(&head, sizeof head, 1, file) == 1 && fwrite(offsets, sizeof *offsets, count, file) == count;
}

int64_t matrix_columns_at(int64_t n_rows, int64_t first)
{
    return (int64_t)sizeof(header) + (n_rows + 1) * (int64_t)sizeof(int64_t) + first * (int64_t)sizeof(int32_t);
}

int64_t matrix_weights_at(int64_t n_rows, int64_t n_pairs, int64_t first)
{
    return matrix_columns_at(n_rows, n_pairs) + first * (int64_t)sizeof(float);
}
