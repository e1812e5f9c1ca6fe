/* text_neighbours.c - see text_neighbours.h. */
#include "signals/text_neighbours.h"

#include "base/failure.h"
#include "signals/text_index.h"
#include "topk/topk.h"
#include <stdlib.h>
#include <string.h>

#define PRODUCTS_OF_TERM_MAX 2000
#define PRODUCTS_WITH_NGRAMS_MAX 50000
#define PRODUCTS_PER_TASK 32

/* Scratch of one thread. */
typedef struct similarity_scratch {
    double *similarity; /* [n_products] to the product at hand; 0 outside of a row */
    int32_t *reached;   /* [n_products + 1] those with a term in common */
} similarity_scratch;

typedef struct similarity_rows {
    const pv_text_index *index;
    similarity_scratch *scratch; /* [threads] */
    int32_t *products;           /* [n_products x 64] */
    float *similarity;           /* [n_products x 64] */
    int64_t *n;                  /* [n_products] */
} similarity_rows;

/* Similarity of product i to all with which it shares a term; their number. */
static int64_t reach(const similarity_scratch *scratch, const pv_text_index *index, int64_t i)
{
    int64_t n_reached = 0;
    for (int64_t k = index->offsets[i]; k < index->offsets[i + 1]; k++) {
        const int64_t first = index->list_first[index->terms[k]], end = index->list_first[index->terms[k] + 1];
        const double weight = (double)index->weights[k];
        if (end - first > PRODUCTS_OF_TERM_MAX) continue;
        for (int64_t m = first; m < end; m++) {
            double *sum = &scratch->similarity[index->list_products[m]];
            scratch->reached[n_reached] = index->list_products[m]; /* kept the first time; no branch to be foreseen */
            n_reached += *sum == 0;
            *sum += weight * (double)index->list_weights[m];
        }
    }
    return n_reached;
}

static bool by_id(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

static int by_product(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void fill_row(const similarity_rows *rows, const similarity_scratch *scratch, int64_t i)
{
    int32_t *best = rows->products + i * PV_TEXT_NEIGHBOURS_MAX;
    int64_t n_reached = reach(scratch, rows->index, i), n_others = 0;
    for (int64_t k = 0; k < n_reached; k++) {
        const int32_t product = scratch->reached[k];
        if (product == i)
            scratch->similarity[product] = 0;
        else
            scratch->reached[n_others++] = product;
    }
    const int64_t n =
        pv_topk_select(best, PV_TEXT_NEIGHBOURS_MAX, scratch->similarity, scratch->reached, n_others, by_id, NULL);
    qsort(best, (size_t)n, sizeof *best, by_product);
    for (int64_t k = 0; k < n; k++)
        rows->similarity[i * PV_TEXT_NEIGHBOURS_MAX + k] = (float)scratch->similarity[best[k]];
    for (int64_t k = 0; k < n_others; k++) scratch->similarity[scratch->reached[k]] = 0;
    rows->n[i] = n;
}

static void fill_rows(void *context, size_t task, unsigned thread)
{
    const similarity_rows *rows = context;
    const int64_t first = (int64_t)task * PRODUCTS_PER_TASK, n = rows->index->n_products;
    const int64_t end = first + PRODUCTS_PER_TASK < n ? first + PRODUCTS_PER_TASK : n;
    for (int64_t i = first; i < end; i++) fill_row(rows, &rows->scratch[thread], i);
}

static pv_status allocate_rows(similarity_rows *rows, pv_arena *arena, unsigned n_threads, pv_error *error)
{
    const size_t n = (size_t)rows->index->n_products;
    rows->products = pv_arena_allocate(arena, n, PV_TEXT_NEIGHBOURS_MAX * sizeof *rows->products);
    rows->similarity = pv_arena_allocate(arena, n, PV_TEXT_NEIGHBOURS_MAX * sizeof *rows->similarity);
    rows->n = pv_arena_allocate(arena, n, sizeof *rows->n);
    rows->scratch = pv_arena_allocate(arena, n_threads, sizeof *rows->scratch);
    bool has_memory = rows->products && rows->similarity && rows->n && rows->scratch;
    for (unsigned t = 0; has_memory && t < n_threads; t++) {
        rows->scratch[t].similarity = pv_arena_allocate(arena, n, sizeof *rows->scratch[t].similarity);
        rows->scratch[t].reached = pv_arena_allocate(arena, n + 1, sizeof *rows->scratch[t].reached);
        has_memory = rows->scratch[t].similarity && rows->scratch[t].reached;
    }
    return has_memory ? PV_OK : pv_fail_memory(error, "similar texts", 0);
}

static pv_status add_rows(pv_tensors *tensors, const similarity_rows *rows, pv_error *error)
{
    pv_status status;
    int64_t *offsets = NULL, total = 0;
    int32_t *products = NULL;
    float *similarity = NULL;
    const int64_t n_products = rows->index->n_products;
    for (int64_t i = 0; i < n_products; i++) total += rows->n[i];
    PV_TRY(pv_tensors_add(&offsets, tensors, "text.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "text.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_add(&similarity, tensors, "text.similarity", PV_F32, total, 0, error));
    for (int64_t i = 0; i < n_products; i++) {
        const size_t n = (size_t)rows->n[i];
        memcpy(products + offsets[i], rows->products + i * PV_TEXT_NEIGHBOURS_MAX, n * sizeof *products);
        memcpy(similarity + offsets[i], rows->similarity + i * PV_TEXT_NEIGHBOURS_MAX, n * sizeof *similarity);
        offsets[i + 1] = offsets[i] + rows->n[i];
    }
cleanup:
    return status;
}

pv_status pv_text_neighbours_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error)
{
    pv_status status;
    pv_text_index index = {0};
    similarity_rows rows = {.index = &index};
    const int64_t n = shop->products.ids.n;
    pv_arena *arena = pv_arena_create();
    if (!arena) PV_TRY(pv_fail_memory(error, "similar texts", 0));
    PV_TRY(pv_text_index_build(&index, shop, n <= PRODUCTS_WITH_NGRAMS_MAX, error));
    PV_TRY(allocate_rows(&rows, arena, pv_threads_count(settings->threads), error));
    pv_threads_run(settings->threads, (size_t)((n + PRODUCTS_PER_TASK - 1) / PRODUCTS_PER_TASK), fill_rows, &rows);
    PV_TRY(add_rows(tensors, &rows, error));
cleanup:
    pv_text_index_free(&index);
    pv_arena_free(arena);
    return status;
}
