/* side_features.c - see side_features.h. Mentions are collected row by row; then the features that enough rows mention
 * get their numbers. */
#include "als/side_features.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "shop/dictionary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROWS = 2, LEAST_WORD_ROWS = 5, SHORTEST_WORD = 2 };

/* One feature of one row. */
typedef struct mention {
    pv_text name;
    int64_t row;
    int32_t feature;
    float value;
    bool is_word; /* its value follows from the other words of the row */
} mention;

typedef struct collector {
    mention *mentions;
    size_t n, capacity;
    pv_dictionary *names;
    pv_arena *arena;
    bool failed; /* no memory */
} collector;

pv_text pv_side_feature_name(pv_text column, pv_text value, pv_arena *arena)
{
    const size_t size = column.size + 2 + value.size;
    char *name = pv_arena_allocate(arena, size, 1);
    if (!name) return (pv_text){NULL, 0};
    memcpy(name, column.data, column.size);
    memcpy(name + column.size, ": ", 2);
    if (value.size) memcpy(name + column.size + 2, value.data, value.size);
    return (pv_text){name, size};
}

/* --- what rows mention ------------------------------------------------------------------------------------------- */

static void mention_name(collector *c, int64_t row, pv_text name, float value, bool is_word)
{
    if (c->failed || !name.data || !pv_dictionary_add(c->names, name) ||
        !pv_reserve((void **)&c->mentions, &c->capacity, c->n + 1, sizeof *c->mentions)) {
        c->failed = true;
        return;
    }
    c->mentions[c->n++] = (mention){.name = name, .row = row, .value = value, .is_word = is_word};
}

static void mention_value(collector *c, int64_t row, pv_text column, pv_text value)
{
    mention_name(c, row, pv_side_feature_name(column, value, c->arena), 1.0f, false);
}

/* Each part of "A|B", without the spaces around it. */
static void mention_parts(collector *c, int64_t row, pv_text column, pv_text text)
{
    for (size_t first = 0; first <= text.size;) {
        size_t end = first;
        while (end < text.size && text.data[end] != '|') end++;
        size_t from = first, to = end;
        while (from < to && text.data[from] == ' ') from++;
        while (to > from && text.data[to - 1] == ' ') to--;
        if (to > from) mention_value(c, row, column, (pv_text){text.data + from, to - from});
        first = end + 1;
    }
}

static void mention_columns(collector *c, const pv_text_columns *columns)
{
    for (int64_t column = 0; column < columns->n_columns; column++) {
        const pv_text name = pv_texts_at(&columns->names, column);
        if (pv_text_equal(name, pv_text_of("category"))) continue; /* a path, taken apart elsewhere */
        for (int64_t row = 0; row < columns->n_rows; row++) {
            const int32_t code = columns->codes[column * columns->n_rows + row];
            if (code >= 0) mention_parts(c, row, name, pv_texts_at(&columns->values, code));
        }
    }
}

static void mention_categories(collector *c, const pv_products *products)
{
    for (int64_t row = 0; row < products->ids.n; row++)
        for (int32_t k = products->category[row]; k >= 0; k = products->categories.parent[k])
            mention_value(c, row, pv_text_of("category"), pv_texts_at(&products->categories.paths, k));
}

static void mention_prices(collector *c, const pv_products *products)
{
    double n = 0, sum = 0, squares = 0;
    for (int64_t row = 0; row < products->ids.n_warm; row++) {
        if (!(products->price[row] > 0)) continue;
        const double value = pv_log(products->price[row]);
        n++;
        sum += value;
        squares += value * value;
    }
    const double mean = sum / n, deviation = sqrt(squares / n - mean * mean);
    if (!(deviation > 1e-6)) return; /* no prices, or one for all */
    for (int64_t row = 0; row < products->ids.n; row++) {
        const double price = products->price[row];
        if (price > 0)
            mention_name(c, row, pv_text_of("price"), (float)((pv_log(price) - mean) / deviation), false);
        else
            mention_value(c, row, pv_text_of("price"), pv_text_of("unknown"));
    }
}

static bool is_of_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (unsigned char)byte >= 0x80;
}

static void mention_word(collector *c, int64_t row, const char *word, size_t size)
{
    const pv_text name = pv_side_feature_name(pv_text_of("name"), (pv_text){word, size}, c->arena);
    char *lower = name.data ? (char *)(uintptr_t)name.data : NULL; /* made above, of this collector's arena */
    for (size_t i = name.size - size; lower && i < name.size; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] - 'A' + 'a');
    mention_name(c, row, name, 0.0f, true);
}

static void mention_words(collector *c, const pv_products *products)
{
    for (int64_t row = 0; row < products->ids.n; row++) {
        const pv_text text = pv_texts_at(&products->names, row);
        for (size_t first = 0; first < text.size;) {
            size_t end = first;
            while (end < text.size && is_of_word(text.data[end])) end++;
            if (end - first >= SHORTEST_WORD) mention_word(c, row, text.data + first, end - first);
            first = end + 1;
        }
    }
}

/* --- from mentions to features ----------------------------------------------------------------------------------- */

static int compare_mentions(const void *left, const void *right)
{
    const mention *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return (a->feature > b->feature) - (a->feature < b->feature);
}

/* Sorted by row and feature, each once. */
static void sort_mentions(collector *c)
{
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++) c->mentions[k].feature = pv_dictionary_code(c->names, c->mentions[k].name);
    if (c->n) qsort(c->mentions, c->n, sizeof *c->mentions, compare_mentions);
    for (size_t k = 0; k < c->n; k++)
        if (n == 0 || compare_mentions(&c->mentions[n - 1], &c->mentions[k]) != 0) c->mentions[n++] = c->mentions[k];
    c->n = n;
}

/* numbers[code] = the feature's number among those kept, -1: left out. Returns how many are kept. */
static int64_t number_features(int32_t *numbers, const collector *c, int64_t n_warm)
{
    const int64_t n_names = pv_dictionary_count(c->names);
    int32_t n_kept = 0;
    for (size_t k = 0; k < c->n; k++) numbers[c->mentions[k].feature] += c->mentions[k].row < n_warm;
    for (size_t k = 0; k < c->n; k++)
        if (c->mentions[k].is_word && numbers[c->mentions[k].feature] < LEAST_WORD_ROWS)
            numbers[c->mentions[k].feature] = 0;
    for (int64_t name = 0; name < n_names; name++) {
        const bool is_price = pv_text_equal(pv_dictionary_texts(c->names)[name], pv_text_of("price"));
        const bool is_kept = numbers[name] >= LEAST_ROWS && (numbers[name] < n_warm || is_price);
        numbers[name] = is_kept ? n_kept++ : -1;
    }
    return n_kept;
}

static pv_status allocate_features(pv_side_features *out, const collector *c, int64_t n_rows, int64_t n_features,
                                   pv_error *error)
{
    out->n_rows = n_rows;
    out->n_features = n_features;
    out->names = pv_arena_allocate(c->arena, (size_t)n_features, sizeof *out->names);
    out->offsets = pv_allocate((size_t)n_rows + 1, sizeof *out->offsets);
    out->features = pv_allocate(c->n, sizeof *out->features);
    out->values = pv_allocate(c->n, sizeof *out->values);
    return pv_check_memory(out->names && out->offsets && out->features && out->values, "features", error);
}

static void fill_names(pv_side_features *out, const collector *c, const int32_t *numbers)
{
    for (size_t k = 0; k < c->n; k++)
        if (numbers[c->mentions[k].feature] >= 0) out->names[numbers[c->mentions[k].feature]] = c->mentions[k].name;
}

static void fill_rows(pv_side_features *out, const collector *c, const int32_t *numbers)
{
    int64_t n = 0;
    for (size_t k = 0, end = 0; k < c->n; k = end) {
        const int64_t row = c->mentions[k].row;
        double words = 0;
        for (; end < c->n && c->mentions[end].row == row; end++)
            words += c->mentions[end].is_word && numbers[c->mentions[end].feature] >= 0;
        for (size_t l = k; l < end; l++) {
            const mention *m = &c->mentions[l];
            if (numbers[m->feature] < 0) continue;
            out->features[n] = numbers[m->feature];
            out->values[n++] = m->is_word ? (float)(1.0 / sqrt(words)) : m->value;
        }
        out->offsets[row + 1] = n;
    }
    for (int64_t row = 0; row < out->n_rows; row++) /* rows that mention nothing */
        if (out->offsets[row + 1] == 0) out->offsets[row + 1] = out->offsets[row];
}

static pv_status make_features(pv_side_features *out, collector *c, const pv_ids *ids, pv_error *error)
{
    pv_status status;
    int32_t *numbers = NULL;
    PV_TRY(pv_check_memory(!c->failed && pv_dictionary_sort(c->names), "features", error));
    numbers = pv_allocate((size_t)pv_dictionary_count(c->names), sizeof *numbers);
    PV_TRY(pv_check_memory(numbers != NULL, "features", error));
    sort_mentions(c);
    PV_TRY(allocate_features(out, c, ids->n, number_features(numbers, c, ids->n_warm), error));
    fill_names(out, c, numbers);
    fill_rows(out, c, numbers);
cleanup:
    pv_release(numbers);
    return status;
}

static pv_status collector_init(collector *c, pv_side_features *out, pv_error *error)
{
    *out = (pv_side_features){.arena = pv_arena_create()};
    *c = (collector){.names = pv_dictionary_create(), .arena = out->arena};
    return pv_check_memory(c->names && c->arena, "features", error);
}

static void collector_deinit(collector *c)
{
    pv_dictionary_free(c->names);
    free(c->mentions);
}

pv_status pv_side_features_of_users(pv_side_features *features, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    collector c;
    PV_TRY(collector_init(&c, features, error));
    mention_columns(&c, &shop->users.segments);
    PV_TRY(make_features(features, &c, &shop->users.ids, error));
cleanup:
    collector_deinit(&c);
    return status;
}

pv_status pv_side_features_of_products(pv_side_features *features, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    collector c;
    PV_TRY(collector_init(&c, features, error));
    mention_columns(&c, &shop->products.columns);
    mention_categories(&c, &shop->products);
    mention_prices(&c, &shop->products);
    mention_words(&c, &shop->products);
    PV_TRY(make_features(features, &c, &shop->products.ids, error));
cleanup:
    collector_deinit(&c);
    return status;
}

void pv_side_features_deinit(pv_side_features *features)
{
    pv_arena_free(features->arena);
    pv_release(features->offsets);
    pv_release(features->features);
    pv_release(features->values);
}
