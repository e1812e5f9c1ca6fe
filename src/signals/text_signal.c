/* text_signal.c - see text_signal.h. */
#include "signals/text_signal.h"

#include "base/array_checks.h"
#include "base/failure.h"
#include "base/sorted.h"
#include "signals/statement.h"
#include "signals/text_index.h"
#include "signals/text_neighbours.h"
#include "signals/text_terms.h"

#define WORDS_SAID_MAX 5

typedef struct bound_neighbours {
    const int64_t *offsets;  /* [n products + 1] */
    const int32_t *products; /* rising within a row */
    const float *similarity; /* 0 to 1 */
} bound_neighbours;

static bool rows_are_sound(const bound_neighbours *rows, int64_t n_products, int64_t total)
{
    bool good = pv_offsets_rise(rows->offsets, n_products, total) &&
                pv_all_within(rows->products, total, 0, (int32_t)(n_products - 1)) &&
                pv_floats_within(rows->similarity, total, 0, 1.001F);
    for (int64_t j = 0; good && j < n_products; j++) {
        const int64_t first = rows->offsets[j], n = rows->offsets[j + 1] - first;
        good = n <= PV_TEXT_NEIGHBOURS_MAX && pv_all_rise(rows->products + first, n) &&
               pv_sorted_find(rows->products + first, n, (int32_t)j) < 0;
    }
    return good;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n;
    const pv_tensor *products = pv_tensors_find(tensors, "text.product");
    const int64_t total = products ? products->shape[0] : 0;
    bound_neighbours *rows = pv_allocate(1, sizeof *rows);
    if (!rows) return pv_fail_memory(error, "similar texts", sizeof *rows);
    PV_TRY(pv_tensors_get(&rows->offsets, tensors, "text.offset", PV_I64, n + 1, 0, error));
    PV_TRY(pv_tensors_get(&rows->products, tensors, "text.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_get(&rows->similarity, tensors, "text.similarity", PV_F32, total, 0, error));
    if (!rows_are_sound(rows, n, total)) PV_TRY(pv_fail(error, PV_E_INPUT, "model: the table text is not in order"));
    *out = rows;
    rows = NULL;
cleanup:
    pv_release(rows);
    return status;
}

typedef struct prepared_text {
    const bound_neighbours *rows;
    const pv_question *question;
    int32_t found; /* the product that these are of, -1: none yet */
    int64_t most_similar;
    double similarity;
} prepared_text;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    prepared_text *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_text){.rows = bound, .question = question, .found = -1};
    *out = p;
    return PV_OK;
}

/* The position in the history of the most similar past product, -1 without one; *phi its similarity. */
static int64_t search_history(double *phi, const prepared_text *p, int32_t product)
{
    const pv_history *history = p->question->history;
    int64_t best = -1;
    *phi = 0;
    if (pv_history_find(history, product) >= 0) return -1;
    for (int64_t h = 0; h < history->n_products; h++) {
        const int64_t first = p->rows->offsets[history->products[h]], end = p->rows->offsets[history->products[h] + 1];
        const int64_t k = pv_sorted_find(p->rows->products + first, end - first, product);
        if (k < 0 || !((double)p->rows->similarity[first + k] > *phi)) continue;
        *phi = (double)p->rows->similarity[first + k];
        best = h;
    }
    return best;
}

/* The same. Score, evidence and sentence of a product ask one after the other: it is searched for once. */
static int64_t find_most_similar(double *phi, const prepared_text *prepared, int32_t product)
{
    prepared_text *p = (prepared_text *)(uintptr_t)prepared; /* remembering does not change any answer */
    if (p->found != product) p->most_similar = search_history(&p->similarity, p, product);
    p->found = product;
    *phi = p->similarity;
    return p->most_similar;
}

static double score_one(const void *prepared, int32_t product)
{
    double phi;
    find_most_similar(&phi, prepared, product);
    return phi;
}

/* The row of a product is on its way while those before it are read: the table is larger than caches. */
static void fetch_row(const bound_neighbours *rows, int64_t product)
{
    enum { LINE = 64 / sizeof(int32_t) };
    for (int64_t k = rows->offsets[product]; k < rows->offsets[product + 1]; k += LINE) {
        __builtin_prefetch(rows->products + k);
        __builtin_prefetch(rows->similarity + k);
    }
}

static void score(double *phi, const void *prepared)
{
    enum { AHEAD = 4 };
    const prepared_text *p = prepared;
    const pv_history *history = p->question->history;
    for (int64_t h = 0; h < history->n_products; h++) {
        const int64_t j = history->products[h];
        if (h + AHEAD < history->n_products) fetch_row(p->rows, history->products[h + AHEAD]);
        for (int64_t k = p->rows->offsets[j]; k < p->rows->offsets[j + 1]; k++) {
            const double similarity = (double)p->rows->similarity[k];
            double *most = &phi[p->rows->products[k]];
            *most = similarity > *most ? similarity : *most; /* no branch: which it is cannot be foreseen */
        }
    }
    for (int64_t h = 0; h < history->n_products; h++) phi[history->products[h]] = 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_text *p = prepared;
    const pv_history *history = p->question->history;
    double phi;
    const int64_t h = find_most_similar(&phi, p, product);
    *pieces = (pv_pieces){0};
    if (h < 0) return PV_OK;
    pieces->items = pv_arena_allocate(p->question->arena, 1, sizeof *pieces->items);
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    pieces->items[pieces->n++] = pv_piece_of_purchase(history->products[h], pv_history_last_time(history, h), phi);
    return PV_OK;
}

/* "In name like WHITE METAL LANTERN, which you bought last on 2010-08-01 (in common: white, lantern)." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_text *p = prepared;
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    double phi;
    const int64_t h = find_most_similar(&phi, p, product);
    *statement = (pv_statement){0};
    if (h < 0) return PV_OK;
    const int32_t past = p->question->history->products[h];
    const int64_t last = pv_history_last_time(p->question->history, h);
    const pv_text own = pv_text_of_product(shop, product, arena), other = pv_text_of_product(shop, past, arena);
    pv_text common, date = pv_text_of("");
    if (!own.data || !other.data || !pv_text_common_words(&common, own, other, WORDS_SAID_MAX, arena) ||
        !pv_statement_begin(statement, 4, arena))
        return pv_fail_memory(error, "a reason", 0);
    pv_statement_product(statement, shop, past);
    if (common.size)
        pv_statement_text(statement, "words", common);
    else
        pv_statement_null(statement, "words");
    if (!pv_statement_date(statement, "last_date", last, arena)) return pv_fail_memory(error, "a reason", 0);
    if (last != PV_NO_TIME) date = statement->facts[statement->n_facts - 1].text;
    const pv_text parts[] = {pv_shop_product_label(shop, past),
                             pv_text_of(date.size ? " last on " : ""),
                             date,
                             pv_text_of(common.size ? " (in common: " : ""),
                             common,
                             pv_text_of(common.size ? ")" : "")};
    const bool said = pv_statement_say(statement, arena, "In name like {}, which you bought{}{}{}{}{}.", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    const pv_texts *names = &shop->products.names;
    return names->offsets[names->count] > 0 ? NULL : "products have no names";
}

const pv_signal pv_text_signal = {.code = "text",
                                  .form = PV_FORM_ROOT,
                                  .level = PV_LEVEL_HISTORY,
                                  .kinds = PV_SPEAKS_FOR_NEW,
                                  .fit = pv_text_neighbours_fit,
                                  .bind = bind,
                                  .prepare = prepare,
                                  .score = score,
                                  .score_one = score_one,
                                  .evidence = evidence,
                                  .state = state,
                                  .silent = silent};
