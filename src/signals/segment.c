/* segment.c - how much more a product is bought in the customer's segments than by everybody. */
#include "signals/segment.h"

#include "base/array_checks.h"
#include "base/elementary.h"
#include "base/failure.h"
#include "base/sorted.h"
#include "signals/own_products.h"
#include "signals/segment_fit.h"
#include "signals/statement.h"
#include <math.h>
#include <string.h>

#define SMOOTHING 20.0 /* m */

/* --- bind -------------------------------------------------------------------------------------------------------- */

/* One list: companies of a value of a column. */
typedef struct list_key {
    int32_t column; /* in bound_segments.columns */
    int32_t value, companies;
} list_key;

typedef struct bound_segments {
    int64_t n_columns, n_lists;
    const int32_t *columns; /* [n_columns] column of the shop, or PV_SEGMENT_*_SIZE */
    const double *edges;    /* [2 x 4] */
    const int32_t *tiers;   /* [2 x n_warm users] */
    const list_key *keys;   /* [n_lists] */
    const int64_t *offsets; /* [n_lists + 1] */
    const int32_t *products, *buyers;
    int32_t fewest; /* the k rule of what follows: terms of phi above 0, for an asking company that counts in the list
                       and did not buy the product */
    int64_t *told_offsets; /* [n_lists + 1] */
    double *told_gains;
    int32_t *told_products; /* rising within a list */
} bound_segments;
_Static_assert(sizeof(list_key) == 3 * sizeof(int32_t), "a key is a row of segment.list");

/* log(rate_c / p) where that is above 0: `buyers` of `others` companies in the list, share `usual` of all. */
static double gain_of(double buyers, double others, double usual)
{
    const double lift = (buyers + SMOOTHING * usual) / ((others + SMOOTHING) * usual);
    return lift > 1 ? pv_log(lift) : 0;
}

/* In a list two small numbers decide a gain, and few pairs of them stand behind most entries: a logarithm is taken once
 * for many of them. */
typedef struct known_gain {
    int32_t buyers, all_buyers; /* of the list, of the shop; 0: not known yet */
    double gain;
} known_gain;
enum { KNOWN_GAINS = 1024 };

static double gain_once(known_gain *known, int32_t buyers, int32_t all_buyers, double others, double all_others)
{
    known_gain *same = &known[((uint32_t)buyers * 61 + (uint32_t)all_buyers) % KNOWN_GAINS];
    if (same->buyers != buyers || same->all_buyers != all_buyers)
        *same = (known_gain){buyers, all_buyers, gain_of(buyers, others, all_buyers / all_others)};
    return same->gain;
}

/* The terms that do not depend on who asks. */
static void fill_told(bound_segments *bound, const pv_shop *shop)
{
    const double all_others = (double)shop->users.n_buying_parents - 1;
    int64_t n = 0;
    for (int64_t l = 0; l < bound->n_lists; l++) {
        known_gain known[KNOWN_GAINS] = {{0}};
        for (int64_t e = bound->offsets[l]; e < bound->offsets[l + 1]; e++) {
            const int32_t product = bound->products[e];
            if (bound->buyers[e] < bound->fewest) continue;
            const double gain = gain_once(known, bound->buyers[e], shop->products.buyers[product],
                                          bound->keys[l].companies - 1, all_others);
            if (!(gain > 0)) continue;
            bound->told_products[n] = product;
            bound->told_gains[n++] = gain;
        }
        bound->told_offsets[l + 1] = n;
    }
}

static int64_t values_of(const pv_shop *shop, int32_t column)
{
    return column >= 0 ? shop->users.segments.values.count : PV_SEGMENT_TIERS;
}

static bool columns_are_sound(const bound_segments *bound, const pv_shop *shop)
{
    bool good = bound->n_columns <= PV_SEGMENT_COLUMNS;
    for (int64_t c = 0; good && c < bound->n_columns; c++)
        good = bound->columns[c] >= PV_SEGMENT_HISTORY_SIZE && bound->columns[c] < shop->users.segments.n_columns;
    return good && pv_all_within(bound->tiers, 2 * shop->users.ids.n_warm, 0, PV_SEGMENT_TIERS - 1);
}

static bool list_is_sound(const bound_segments *bound, const pv_shop *shop, int64_t list)
{
    const list_key key = bound->keys[list];
    const int64_t first = bound->offsets[list], n = bound->offsets[list + 1] - first;
    return key.column >= 0 && key.column < bound->n_columns && key.value >= 0 &&
           key.value < values_of(shop, bound->columns[key.column]) && key.companies > 0 &&
           pv_all_within(bound->products + first, n, 0, (int32_t)(shop->products.ids.n_warm - 1)) &&
           pv_all_rise(bound->products + first, n) && pv_all_within(bound->buyers + first, n, 1, key.companies);
}

static pv_status check(const bound_segments *bound, const pv_shop *shop, int64_t entries, pv_error *error)
{
    if (!columns_are_sound(bound, shop))
        return pv_fail(error, PV_E_INPUT, "model: tensors segment: columns or tiers are out of range");
    bool good = pv_offsets_rise(bound->offsets, bound->n_lists, entries);
    for (int64_t l = 0; good && l < bound->n_lists; l++) good = list_is_sound(bound, shop, l);
    return good ? PV_OK : pv_fail(error, PV_E_INPUT, "model: the lists segment are not in order");
}

static int64_t rows_of(const pv_tensors *tensors, const char *name)
{
    const pv_tensor *tensor = pv_tensors_find(tensors, name);
    return tensor ? tensor->shape[0] : 0;
}

static pv_status get_lists(bound_segments *lists, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->users.ids.n_warm, entries = rows_of(tensors, "segment.product");
    *lists = (bound_segments){.n_columns = rows_of(tensors, "segment.column"),
                              .n_lists = rows_of(tensors, "segment.list"),
                              .fewest = pv_signal_fewest(tensors)};
    PV_TRY(pv_tensors_get(&lists->columns, tensors, "segment.column", PV_I32, lists->n_columns, 0, error));
    PV_TRY(pv_tensors_get(&lists->edges, tensors, "segment.edge", PV_F64, 2, PV_SEGMENT_TIERS - 1, error));
    PV_TRY(pv_tensors_get(&lists->tiers, tensors, "segment.tier", PV_I32, 2, n, error));
    PV_TRY(pv_tensors_get(&lists->keys, tensors, "segment.list", PV_I32, lists->n_lists, 3, error));
    PV_TRY(pv_tensors_get(&lists->offsets, tensors, "segment.offset", PV_I64, lists->n_lists + 1, 0, error));
    PV_TRY(pv_tensors_get(&lists->products, tensors, "segment.product", PV_I32, entries, 0, error));
    PV_TRY(pv_tensors_get(&lists->buyers, tensors, "segment.buyers", PV_I32, entries, 0, error));
    PV_TRY(check(lists, shop, entries, error));
cleanup:
    return status;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    bound_segments lists;
    size_t n_told = 0;
    const pv_status status = get_lists(&lists, tensors, shop, error);
    if (status != PV_OK) return status;
    for (int64_t e = 0; e < lists.offsets[lists.n_lists]; e++) n_told += lists.buyers[e] >= lists.fewest;
    const size_t size = sizeof lists + ((size_t)lists.n_lists + 1) * sizeof *lists.told_offsets +
                        n_told * (sizeof *lists.told_gains + sizeof *lists.told_products);
    bound_segments *bound = pv_allocate(1, size);
    if (!bound) return pv_fail_memory(error, "segments", size);
    *bound = lists;
    bound->told_offsets = (int64_t *)(bound + 1);
    bound->told_gains = (double *)(bound->told_offsets + lists.n_lists + 1);
    bound->told_products = (int32_t *)(bound->told_gains + n_told);
    fill_told(bound, shop);
    *out = bound;
    return PV_OK;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_segments {
    const bound_segments *bound;
    const pv_question *question;
    int64_t n;                           /* segments of the customer */
    int64_t lists[PV_SEGMENT_COLUMNS];   /* [n] */
    bool is_counted[PV_SEGMENT_COLUMNS]; /* [n] the asking company counts in the list */
    double others[PV_SEGMENT_COLUMNS];   /* [n] companies in the list, without the asking one */
    double all_others;                   /* all companies with purchases, without the asking one */
    pv_own_products own_products;        /* of the asking company */
    const uint32_t *own;                 /* [own_products.n] bit s: it counts as a buyer in lists[s] */
    const double *phi_of_others;         /* [n_warm products] for who did not buy them */
} prepared_segments;

static int32_t value_of_asker(const bound_segments *bound, const pv_question *question, int32_t column)
{
    if (column >= 0) return pv_question_segment(question, column);
    return pv_segment_tier(pv_segment_size(question->history, column),
                           bound->edges + pv_segment_tier_row(column) * (PV_SEGMENT_TIERS - 1));
}

/* Value of a user as it was counted. */
static int32_t value_of_user(const bound_segments *bound, const pv_shop *shop, int32_t column, int32_t user)
{
    const pv_text_columns *segments = &shop->users.segments;
    if (column >= 0) return segments->codes[column * segments->n_rows + user];
    return bound->tiers[pv_segment_tier_row(column) * shop->users.ids.n_warm + user];
}

static void find_lists(prepared_segments *p)
{
    const bound_segments *bound = p->bound;
    for (int32_t c = 0; c < (int32_t)bound->n_columns; c++) {
        const int32_t value = value_of_asker(bound, p->question, bound->columns[c]);
        for (int64_t l = 0; value >= 0 && l < bound->n_lists; l++) {
            if (bound->keys[l].column != c || bound->keys[l].value != value) continue;
            p->others[p->n] = bound->keys[l].companies;
            p->lists[p->n++] = l;
            break;
        }
    }
}

/* Where the asking company was counted itself. */
static pv_status take_company_out(prepared_segments *p, pv_error *error)
{
    const pv_shop *shop = p->question->shop;
    const pv_users *users = &shop->users;
    if (p->question->company->n_members == 0) return PV_OK;
    uint32_t *own = pv_arena_allocate(p->question->arena, (size_t)p->own_products.n, sizeof *own);
    if (!own) return pv_fail_memory(error, "a question", 0);
    uint32_t inside = 0;
    const int32_t parent = p->question->company->parent;
    for (int64_t m = users->parent_offsets[parent]; m < users->parent_offsets[parent + 1]; m++) {
        const int32_t user = users->parent_members[m];
        uint32_t segments = 0;
        if (user >= users->ids.n_warm) continue;
        for (int64_t s = 0; s < p->n; s++) {
            const list_key key = p->bound->keys[p->lists[s]];
            if (value_of_user(p->bound, shop, p->bound->columns[key.column], user) == key.value)
                segments |= UINT32_C(1) << s;
        }
        for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++)
            own[pv_sorted_find(p->own_products.products, p->own_products.n, shop->lines.product[l])] |= segments;
        inside |= segments;
    }
    for (int64_t s = 0; s < p->n; s++) {
        p->is_counted[s] = inside >> s & 1;
        p->others[s] -= p->is_counted[s];
    }
    p->all_others -= 1;
    p->own = own;
    return PV_OK;
}

/* Bit s: the asking company counts as a buyer of the product in segment s. */
static uint32_t own_of(const prepared_segments *p, int32_t product)
{
    const int64_t k = pv_own_products_find(&p->own_products, p->question->company, product);
    return k >= 0 ? p->own[k] : 0;
}

/* Buyers of a product among the others of segment s, from the entry of its list. */
static int32_t other_buyers(const prepared_segments *p, int64_t s, int64_t entry, uint32_t own)
{
    return p->bound->buyers[entry] - (int32_t)(own >> s & 1);
}

static double usual_rate(const prepared_segments *p, int32_t product)
{
    const double buyers =
        p->question->shop->products.buyers[product] - pv_company_bought(p->question->company, product);
    return buyers / p->all_others;
}

/* Term of phi of an entry of segment s; 0 below k. */
static double gain_at(const prepared_segments *p, int64_t s, int64_t entry, uint32_t own)
{
    const int32_t buyers = other_buyers(p, s, entry, own);
    if (buyers < p->question->min_companies) return 0;
    return gain_of(buyers, p->others[s], usual_rate(p, p->bound->products[entry]));
}

/* Entry of a product in the list of segment s, -1: not there. */
static int64_t entry_of(const prepared_segments *p, int64_t s, int32_t product)
{
    const int64_t first = p->bound->offsets[p->lists[s]], end = p->bound->offsets[p->lists[s] + 1];
    const int64_t found = pv_sorted_find(p->bound->products + first, end - first, product);
    return found >= 0 ? first + found : -1;
}

/* Term of phi of a product; 0 where the list does not have it. */
static double gain_in(const prepared_segments *p, int64_t s, int32_t product, uint32_t own)
{
    const int64_t entry = entry_of(p, s, product);
    return entry >= 0 ? gain_at(p, s, entry, own) : 0;
}

static void add_list(double *phi, const prepared_segments *p, int64_t s)
{
    const bound_segments *bound = p->bound;
    const int64_t list = p->lists[s];
    if (p->is_counted[s] && p->question->min_companies == bound->fewest) {
        for (int64_t t = bound->told_offsets[list]; t < bound->told_offsets[list + 1]; t++)
            phi[bound->told_products[t]] += bound->told_gains[t];
        return;
    }
    for (int64_t e = bound->offsets[list]; e < bound->offsets[list + 1]; e++)
        phi[bound->products[e]] += gain_at(p, s, e, own_of(p, bound->products[e]));
}

/* What was computed when binding holds but for the products that the asking company bought: those are asked about one
 * by one. */
static pv_status fill_phi(prepared_segments *p, pv_error *error)
{
    double *phi = pv_arena_allocate(p->question->arena, (size_t)p->question->shop->products.ids.n_warm, sizeof *phi);
    if (!phi) return pv_fail_memory(error, "a question", 0);
    for (int64_t s = 0; s < p->n; s++) add_list(phi, p, s);
    p->phi_of_others = phi;
    return PV_OK;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status;
    prepared_segments *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    p->bound = state;
    p->question = question;
    p->all_others = (double)question->shop->users.n_buying_parents;
    find_lists(p);
    PV_TRY(pv_check_memory(pv_own_products_make(&p->own_products, question->company, question->arena), "a question",
                           error));
    PV_TRY(take_company_out(p, error));
    PV_TRY(fill_phi(p, error));
    *out = p;
cleanup:
    return status;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_segments *p = prepared;
    if (product >= p->question->shop->products.ids.n_warm) return 0;
    if (!pv_company_bought(p->question->company, product)) return p->phi_of_others[product];
    const uint32_t own = own_of(p, product);
    double phi = 0;
    for (int64_t s = 0; s < p->n; s++) phi += gain_in(p, s, product, own);
    return phi;
}

static void score(double *phi, const void *prepared)
{
    const prepared_segments *p = prepared;
    if (p->n == 0) return;
    memcpy(phi, p->phi_of_others, (size_t)p->question->shop->products.ids.n_warm * sizeof *phi);
    for (int64_t k = 0; k < p->own_products.n; k++)
        phi[p->own_products.products[k]] = score_one(prepared, p->own_products.products[k]);
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_segments *p = prepared;
    const bool is_known = pv_signal_own_are_past(p->question, p->own_products.products, p->own_products.n);
    *phi = (pv_phi){.values = is_known ? p->phi_of_others : room,
                    .n = p->n > 0 ? p->question->shop->products.ids.n_warm : 0};
    if (!is_known) score(room, prepared);
}

/* --- speaking ---------------------------------------------------------------------------------------------------- */

static pv_text column_name(const prepared_segments *p, int64_t s)
{
    const int32_t column = p->bound->columns[p->bound->keys[p->lists[s]].column];
    if (column == PV_SEGMENT_ORDER_SIZE) return pv_text_of("order size");
    if (column == PV_SEGMENT_HISTORY_SIZE) return pv_text_of("history size");
    return pv_texts_at(&p->question->shop->users.segments.names, column);
}

static pv_text value_name(const prepared_segments *p, int64_t s)
{
    static const char *const tiers[PV_SEGMENT_TIERS] = {"tier 1 of 5", "tier 2 of 5", "tier 3 of 5", "tier 4 of 5",
                                                        "tier 5 of 5"};
    const list_key key = p->bound->keys[p->lists[s]];
    if (p->bound->columns[key.column] < 0) return pv_text_of(tiers[key.value]);
    return pv_texts_at(&p->question->shop->users.segments.values, key.value);
}

/* "country = France" */
static bool label_of(pv_text *label, const prepared_segments *p, int64_t s)
{
    const pv_text column = column_name(p, s), value = value_name(p, s);
    const char *text = pv_arena_print(p->question->arena, "%.*s = %.*s", PV_SPREAD(column), PV_SPREAD(value));
    *label = pv_text_of(text ? text : "");
    return text != NULL;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_segments *p = prepared;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)p->n, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    const uint32_t own = own_of(p, product);
    for (int64_t s = 0; s < p->n; s++) {
        const double gain = gain_in(p, s, product, own);
        if (!(gain > 0)) continue;
        pv_piece *piece = &pieces->items[pieces->n++];
        *piece = (pv_piece){.product = -1, .time = PV_NO_TIME, .phi = gain};
        if (!label_of(&piece->label, p, s)) return pv_fail_memory(error, "evidence", 0);
    }
    return PV_OK;
}

/* The segment that says most about the product; -1: none says anything. */
static int64_t strongest(const prepared_segments *p, int32_t product)
{
    const uint32_t own = own_of(p, product);
    int64_t best = -1;
    double most = 0;
    for (int64_t s = 0; s < p->n; s++) {
        const double gain = gain_in(p, s, product, own);
        if (!(gain > most)) continue;
        most = gain;
        best = s;
    }
    return best;
}

/* "Bought by 12 of 40 other customers with country France (30 %, against 4 % of all)." */
static bool say(pv_statement *statement, const prepared_segments *p, int64_t s, int32_t buyers, double usual)
{
    const int32_t column = p->bound->columns[p->bound->keys[p->lists[s]].column];
    const double share = buyers / p->others[s];
    char buyers_text[PV_SPOKEN_SIZE], of[PV_SPOKEN_SIZE], share_text[PV_SPOKEN_SIZE], usual_text[PV_SPOKEN_SIZE];
    pv_text words[] = {pv_text_of(" with "), column_name(p, s), pv_text_of(" "), value_name(p, s)};
    if (column < 0) {
        words[0] = pv_text_of(column == PV_SEGMENT_ORDER_SIZE ? " with orders as large as yours"
                                                              : " with as many different products as you");
        words[1] = words[2] = words[3] = pv_text_of("");
    }
    return pv_statement_say(
        statement, p->question->arena, "Bought by {} of {} other customers{}{}{}{} ({}, against {} of all).",
        (const pv_text[]){pv_spoken_integer(buyers_text, buyers), pv_spoken_integer(of, (int64_t)p->others[s]),
                          words[0], words[1], words[2], words[3], pv_spoken_percent(share_text, share),
                          pv_spoken_percent(usual_text, usual)});
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    const prepared_segments *p = prepared;
    const int64_t s = strongest(p, product);
    *statement = (pv_statement){0};
    if (s < 0) return PV_OK;
    /* beside the score only what the shop itself calls a segment is worth a line */
    if (!is_reason && p->bound->columns[p->bound->keys[p->lists[s]].column] < 0) return PV_OK;
    const int32_t buyers = other_buyers(p, s, entry_of(p, s, product), own_of(p, product));
    const double usual = usual_rate(p, product);
    if (!pv_statement_begin(statement, 6, p->question->arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_text(statement, "segment", column_name(p, s));
    pv_statement_text(statement, "value", value_name(p, s));
    pv_statement_integer(statement, "buyers", buyers);
    pv_statement_integer(statement, "of", (int64_t)p->others[s]);
    pv_statement_number(statement, "share", buyers / p->others[s]);
    pv_statement_number(statement, "usual_share", usual);
    return say(statement, p, s, buyers, usual) ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    return shop->users.n_buying_parents > 1 ? NULL : "there is only one customer with purchases";
}

const pv_signal pv_segment_signal = {.code = "segment",
                                     .form = PV_FORM_LINEAR,
                                     .level = PV_LEVEL_PRODUCT,
                                     .kinds = PV_SPEAKS_FOR_ALL,
                                     .fit = pv_segment_fit,
                                     .bind = bind,
                                     .prepare = prepare,
                                     .score = score,
                                     .brief = brief,
                                     .score_one = score_one,
                                     .evidence = evidence,
                                     .state = state,
                                     .silent = silent};
