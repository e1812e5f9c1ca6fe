/* shop_lines.c - the purchase lines of all users: made from the rows, numbered as the shop does, added as tensors.
 *
 * A task is a run of users. Their lines lie in the arena of the thread that made them; where a line ends up is decided
 * by users and products alone.
 */
#include "shop/shop_tensors.h"

#include "shop/order_keys.h"
#include <stdlib.h>
#include <string.h>

#define USERS_PER_TASK 64

static size_t count_tasks(int64_t n_users)
{
    return ((size_t)n_users + USERS_PER_TASK - 1) / USERS_PER_TASK;
}

static int64_t end_of_task(size_t task, int64_t n_users)
{
    const int64_t end = ((int64_t)task + 1) * USERS_PER_TASK;
    return end < n_users ? end : n_users;
}

/* --- from rows to lines ------------------------------------------------------------------------------------------ */

typedef struct line_worker {
    pv_arena *scratch, *kept;
    bool *product_bought; /* [n_products] */
    bool failed;
} line_worker;

typedef struct line_making {
    pv_shop_tensors *b;
    const int64_t *offsets, *rows;
    pv_line_rules rules;
    line_worker *workers; /* [threads] */
} line_making;

/* The numbers of each user's rows in file order: rows[offsets[u] .. offsets[u + 1]), a stable counting sort. */
static bool group_rows(int64_t **offsets, int64_t **rows, const pv_shop_tensors *b)
{
    const pv_purchase_table *purchases = &b->tables->purchases;
    *offsets = pv_arena_allocate(b->arena, (size_t)b->n_users + 2, sizeof **offsets);
    *rows = pv_allocate((size_t)purchases->n, sizeof **rows);
    if (!*offsets || !*rows) return false;
    int64_t *next = *offsets + 1;
    for (int64_t r = 0; r < purchases->n; r++) next[purchases->user[r] + 1]++;
    for (int64_t u = 1; u <= b->n_users; u++) next[u] += next[u - 1];
    for (int64_t r = 0; r < purchases->n; r++) (*rows)[next[purchases->user[r]]++] = r;
    return true; /* next[u] has become the end of user u: offsets[u] is its beginning */
}

static void *copy_items(const void *items, int64_t n, size_t size, pv_arena *arena)
{
    void *copy = pv_arena_allocate(arena, (size_t)n, size);
    if (copy && n > 0) memcpy(copy, items, (size_t)n * size);
    return copy;
}

/* Move what was made in the scratch arena, next to much that is no longer needed, to the arena of the lines. */
static bool keep_lines(pv_user_lines *user, pv_arena *arena)
{
    user->lines = copy_items(user->lines, user->n_lines, sizeof *user->lines, arena);
    user->orders = copy_items(user->orders, user->n_orders, sizeof *user->orders, arena);
    user->settled = copy_items(user->settled, user->n_settled, sizeof *user->settled, arena);
    user->dislikes = copy_items(user->dislikes, user->n_dislikes, sizeof *user->dislikes, arena);
    return user->lines && user->orders && user->settled && user->dislikes;
}

/* The lines of user u. False on no memory. */
static bool make_user_lines(const line_making *making, int64_t u, line_worker *worker)
{
    pv_user_lines *user = &making->b->lines[u];
    const int64_t *numbers = making->rows + making->offsets[u], n = making->offsets[u + 1] - making->offsets[u];
    pv_arena_reset(worker->scratch);
    pv_purchase_row *rows = pv_arena_allocate(worker->scratch, (size_t)n, sizeof *rows);
    if (!rows) return false;
    for (int64_t r = 0; r < n; r++) rows[r] = pv_purchase_table_row(&making->b->tables->purchases, numbers[r]);
    if (pv_user_lines_make(user, rows, n, &making->rules, worker->scratch, NULL) != PV_OK) return false;
    if (!keep_lines(user, worker->kept)) return false;
    for (int64_t l = 0; l < user->n_lines; l++) worker->product_bought[user->lines[l].product] = true;
    return true;
}

static void make_lines_of_task(void *context, size_t task, unsigned thread)
{
    const line_making *making = context;
    line_worker *worker = &making->workers[thread];
    const int64_t end = end_of_task(task, making->b->n_users);
    for (int64_t u = (int64_t)task * USERS_PER_TASK; u < end && !worker->failed; u++)
        worker->failed = !make_user_lines(making, u, worker);
}

static bool start_workers(line_making *making, unsigned n_threads)
{
    pv_shop_tensors *b = making->b;
    making->workers = pv_arena_allocate(b->arena, n_threads, sizeof *making->workers);
    b->line_arenas = pv_arena_allocate(b->arena, n_threads, sizeof(pv_arena *));
    if (!making->workers || !b->line_arenas) return false;
    for (unsigned t = 0; t < n_threads; t++) {
        line_worker *worker = &making->workers[t];
        b->line_arenas[t] = worker->kept = pv_arena_create();
        worker->scratch = pv_arena_create();
        worker->product_bought = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof(bool));
        if (!worker->kept || !worker->scratch || !worker->product_bought) return false;
    }
    return true;
}

static bool fill_rules(pv_line_rules *rules, const pv_shop_tensors *b)
{
    const pv_tables *tables = b->tables;
    double *discounts = NULL;
    if (b->discount_is_current) {
        discounts = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *discounts);
        if (!discounts) return false;
        for (int64_t p = 0; p < b->n_products; p++) discounts[p] = tables->products[p].discount;
    }
    *rules = (pv_line_rules){.has_time = tables->has_time,
                             .has_order = tables->has_order,
                             .negative_is_dislike = b->negative_is_dislike,
                             .dislike_at = tables->dislike_at,
                             .default_time = PV_NO_TIME,
                             .product_discount = discounts};
    return true;
}

pv_status pv_shop_make_lines(pv_shop_tensors *b, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    const unsigned n_threads = pv_threads_count(b->threads);
    line_making making = {.b = b};
    int64_t *offsets = NULL, *rows = NULL;
    bool failed =
        !group_rows(&offsets, &rows, b) || !fill_rules(&making.rules, b) || !start_workers(&making, n_threads);
    PV_TRY(pv_check_memory(!failed, "purchase rows", error));
    making.offsets = offsets;
    making.rows = rows;
    pv_threads_run(b->threads, count_tasks(b->n_users), make_lines_of_task, &making);
    for (unsigned t = 0; t < n_threads; t++) {
        failed |= making.workers[t].failed;
        for (int64_t p = 0; p < b->n_products; p++) b->product_bought[p] |= making.workers[t].product_bought[p];
    }
    PV_TRY(pv_check_memory(!failed, "purchase lines", error));
    for (int64_t u = 0; u < b->n_users; u++) report->returns_unmatched += b->lines[u].returns_unmatched;
cleanup:
    for (unsigned t = 0; making.workers && t < n_threads; t++) pv_arena_free(making.workers[t].scratch);
    pv_release(rows);
    return status;
}

void pv_shop_free_lines(pv_shop_tensors *b)
{
    for (unsigned t = 0; b->line_arenas && t < pv_threads_count(b->threads); t++) pv_arena_free(b->line_arenas[t]);
}

/* --- from lines to tensors --------------------------------------------------------------------------------------- */

typedef struct line_columns {
    const pv_shop_tensors *b;
    pv_line **rooms; /* [threads], each for the lines of any user */
    int64_t *offsets, *time;
    int32_t *product, *order;
    double *count, *amount;
    uint8_t *discounted;
    int64_t *order_offsets;
    uint64_t *order_keys;
} line_columns;

static uint64_t key_of(const pv_shop_tensors *b, const pv_order_origin *origin)
{
    const pv_text none = {NULL, 0};
    return pv_order_key(origin->id >= 0 ? pv_interner_text(b->tables->order_ids, origin->id) : none, origin->time);
}

/* Warm user u: lines in the order of the shop's products, then by column. */
static void place_lines(const line_columns *columns, int64_t u, pv_line *room)
{
    const pv_shop_tensors *b = columns->b;
    const pv_user_lines *user = &b->lines[b->user_order[u]];
    for (int64_t l = 0; l < user->n_lines; l++) user->lines[l].product = b->product_rank[user->lines[l].product];
    pv_lines_sort(user->lines, room, user->n_lines);
    for (int64_t l = 0, to = columns->offsets[u]; l < user->n_lines; l++, to++) {
        const pv_line *line = &user->lines[l];
        columns->product[to] = line->product;
        columns->order[to] = line->order;
        if (columns->time) columns->time[to] = line->time;
        if (columns->count) columns->count[to] = line->count;
        if (columns->amount) columns->amount[to] = line->amount;
        if (columns->discounted) columns->discounted[to] = line->discounted;
    }
    for (int64_t o = 0; columns->order_keys && o < user->n_orders; o++)
        columns->order_keys[columns->order_offsets[u] + o] = key_of(b, &user->orders[o]);
}

static void place_lines_of_task(void *context, size_t task, unsigned thread)
{
    const line_columns *columns = context;
    const int64_t end = end_of_task(task, columns->b->n_warm_users);
    for (int64_t u = (int64_t)task * USERS_PER_TASK; u < end; u++) place_lines(columns, u, columns->rooms[thread]);
}

static bool make_rooms(line_columns *columns)
{
    const pv_shop_tensors *b = columns->b;
    const unsigned n_threads = pv_threads_count(b->threads);
    int64_t most = 0;
    for (int64_t u = 0; u < b->n_users; u++)
        if (b->lines[u].n_lines > most) most = b->lines[u].n_lines;
    columns->rooms = pv_arena_allocate(b->arena, n_threads, sizeof *columns->rooms);
    for (unsigned t = 0; columns->rooms && t < n_threads; t++) {
        columns->rooms[t] = pv_arena_allocate(b->arena, (size_t)most, sizeof **columns->rooms);
        if (!columns->rooms[t]) return false;
    }
    return columns->rooms != NULL;
}

static bool has_amounts(const pv_shop_tensors *b)
{
    for (int64_t u = 0; u < b->n_users; u++)
        for (int64_t l = 0; l < b->lines[u].n_lines; l++)
            if (b->lines[u].lines[l].amount != 1) return true;
    return false;
}

/* Orders of a simple shop have neither id nor time by which they could be known again. */
static pv_status add_order_keys(line_columns *c, const pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    PV_TRY(
        pv_tensors_add(&c->order_offsets, b->tensors, "purchases.order_offset", PV_I64, b->n_warm_users + 1, 0, error));
    for (int64_t u = 0; u < b->n_warm_users; u++)
        c->order_offsets[u + 1] = c->order_offsets[u] + b->lines[b->user_order[u]].n_orders;
    PV_TRY(pv_tensors_add(&c->order_keys, b->tensors, "purchases.order_key", PV_U64, c->order_offsets[b->n_warm_users],
                          0, error));
cleanup:
    return status;
}

static int compare_keys(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Rows that left no line, of all users: who sends one of them again must not count it again. */
static pv_status add_settled(const pv_shop_tensors *b, pv_error *error)
{
    int64_t n = 0;
    uint64_t *keys = NULL;
    for (int64_t u = 0; u < b->n_users; u++) n += b->lines[u].n_settled;
    const pv_status status = pv_tensors_add(&keys, b->tensors, "purchases.settled", PV_U64, n, 0, error);
    if (status != PV_OK) return status;
    int64_t next = 0;
    for (int64_t u = 0; u < b->n_users; u++) {
        for (int64_t s = 0; s < b->lines[u].n_settled; s++) {
            const pv_settled_row *row = &b->lines[u].settled[s];
            keys[next++] = pv_settled_key(pv_interner_text(b->tables->user_ids, u),
                                          pv_interner_text(b->tables->product_ids, row->product),
                                          key_of(b, &row->order), row->is_return);
        }
    }
    qsort(keys, (size_t)n, sizeof *keys, compare_keys);
    return PV_OK;
}

pv_status pv_shop_add_purchases(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    const bool is_simple = !b->tables->has_time && !b->tables->has_order;
    line_columns c = {.b = b};
    PV_TRY(pv_check_memory(make_rooms(&c), "purchase lines", error));
    PV_TRY(pv_tensors_add(&c.offsets, b->tensors, "purchases.offset", PV_I64, b->n_warm_users + 1, 0, error));
    for (int64_t u = 0; u < b->n_warm_users; u++) c.offsets[u + 1] = c.offsets[u] + b->lines[b->user_order[u]].n_lines;
    const int64_t n = c.offsets[b->n_warm_users];
    PV_TRY(pv_tensors_add(&c.product, b->tensors, "purchases.product", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&c.order, b->tensors, "purchases.order", PV_I32, n, 0, error));
    if (b->tables->has_time) PV_TRY(pv_tensors_add(&c.time, b->tensors, "purchases.time", PV_I64, n, 0, error));
    if (is_simple) PV_TRY(pv_tensors_add(&c.count, b->tensors, "purchases.count", PV_F64, n, 0, error));
    if (b->has_discounts)
        PV_TRY(pv_tensors_add(&c.discounted, b->tensors, "purchases.discounted", PV_BOOL, n, 0, error));
    if (has_amounts(b)) PV_TRY(pv_tensors_add(&c.amount, b->tensors, "purchases.amount", PV_F64, n, 0, error));
    if (!is_simple) PV_TRY(add_order_keys(&c, b, error));
    PV_TRY(add_settled(b, error));
    pv_threads_run(b->threads, count_tasks(b->n_warm_users), place_lines_of_task, &c);
cleanup:
    return status;
}
