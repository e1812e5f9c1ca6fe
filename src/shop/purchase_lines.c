/* purchase_lines.c - returns, dislikes and orders of one user.
 *
 * Rows are handled product by product in order of time (file order where times are equal): a purchase opens a line, a
 * return closes the newest open ones. Orders are numbered over what is left. Files are mostly in order of time and
 * order, so orders are looked for in file order, where there is little to sort, and lines are made in the order of
 * products, which is nearly theirs.
 */
#include "shop/purchase_lines.h"

#include "base/failure.h"
#include "shop/merge_sort.h"
#include <math.h>

pv_lines pv_lines_slice(const pv_lines *lines, int64_t first, int64_t n)
{
    return (pv_lines){.n = n,
                      .product = lines->product + first,
                      .order = lines->order + first,
                      .time = lines->time ? lines->time + first : NULL,
                      .count = lines->count ? lines->count + first : NULL,
                      .discounted = lines->discounted ? lines->discounted + first : NULL,
                      .amount = lines->amount ? lines->amount + first : NULL};
}

/* A row and what of it is still there. */
typedef struct open_line {
    const pv_purchase_row *row;
    int64_t position; /* in file order */
    int64_t time;
    double left; /* amount not yet taken back */
    int32_t product;
    int32_t order; /* number of its order, once that is known */
} open_line;

static double row_amount(const pv_purchase_row *row)
{
    if (!isnan(row->quantity)) return fabs(row->quantity);
    if (!isnan(row->purchase_count)) return fabs(row->purchase_count);
    return 1.0;
}

static bool is_dislike(const pv_purchase_row *row, const pv_line_rules *rules)
{
    if (row->cancelled) return false;
    if (!isnan(rules->dislike_at) && !isnan(row->rating) && row->rating <= rules->dislike_at) return true;
    return rules->negative_is_dislike && row->purchase_count < 0;
}

static bool is_return(const pv_purchase_row *row)
{
    return row->cancelled || row->quantity < 0 || row->purchase_count < 0;
}

static int compare_open_lines(const void *left, const void *right)
{
    const open_line *a = left, *b = right;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* Take `amount` back from the open lines [first, end), newest first; what could not be taken back is returned. */
static double take_back(open_line *open, int64_t first, int64_t end, double amount)
{
    for (int64_t i = end - 1; i >= first && amount > 0; i--) {
        const double taken = open[i].left < amount ? open[i].left : amount;
        open[i].left -= taken;
        amount -= taken;
    }
    return amount;
}

/* One product's rows [first, end): afterwards only purchases have something left. The dislikes are netted against
 * purchases whatever their order in time: an opinion has no date of its own. */
static double settle_product(open_line *open, int64_t first, int64_t end, const pv_line_rules *rules,
                             int64_t *returns_unmatched)
{
    double disliked = 0;
    for (int64_t i = first; i < end; i++) {
        const double amount = row_amount(open[i].row);
        if (is_dislike(open[i].row, rules)) {
            disliked +=
                rules->negative_is_dislike && open[i].row->purchase_count < 0 ? -open[i].row->purchase_count : 1;
            open[i].left = 0;
        } else if (is_return(open[i].row)) {
            open[i].left = 0;
            if (take_back(open, first, i, amount) > 0) (*returns_unmatched)++;
        } else {
            open[i].left = amount;
        }
    }
    return disliked > 0 ? take_back(open, first, end, disliked) : 0;
}

/* Same order: same order id; else same time; else (neither) each line alone, or all of them together in a history. */
static int compare_order_keys(const open_line *a, const open_line *b)
{
    if ((a->row->order >= 0) != (b->row->order >= 0)) return a->row->order >= 0 ? -1 : 1;
    if (a->row->order >= 0) return a->row->order < b->row->order ? -1 : a->row->order > b->row->order;
    return a->time < b->time ? -1 : a->time > b->time;
}

static int compare_by_order(const void *left, const void *right)
{
    const open_line *a = *(const open_line *const *)left, *b = *(const open_line *const *)right;
    const int key = compare_order_keys(a, b);
    return key ? key : a->position < b->position ? -1 : a->position > b->position;
}

static bool is_same_order(const open_line *a, const open_line *b, const pv_line_rules *rules)
{
    if (compare_order_keys(a, b) != 0) return false;
    return a->row->order >= 0 || a->time != PV_NO_TIME || rules->unordered_is_one_order;
}

typedef struct order_start {
    int64_t time, position;
    int64_t group;
} order_start;

static int compare_order_starts(const void *left, const void *right)
{
    const order_start *a = left, *b = right;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

_Static_assert(sizeof(order_start) <= sizeof(open_line) && sizeof(pv_line) <= sizeof(open_line),
               "one room serves every sort");

/* Groups of kept lines that are one order each, kept[n] being sorted by order. */
static int64_t start_orders(order_start *starts, open_line *const *kept, int64_t n, const pv_line_rules *rules)
{
    int64_t n_groups = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || !is_same_order(kept[i - 1], kept[i], rules)) {
            starts[n_groups] = (order_start){kept[i]->time, kept[i]->position, n_groups};
            n_groups++;
        } else if (kept[i]->time < starts[n_groups - 1].time) {
            starts[n_groups - 1].time = kept[i]->time;
        }
        kept[i]->order = (int32_t)(n_groups - 1);
    }
    return n_groups;
}

static pv_order_origin origin_of(const open_line *open)
{
    const int32_t id = open->row->order;
    return (pv_order_origin){id, id < 0 ? open->time : PV_NO_TIME};
}

/* Number the orders of kept[n], open lines in file order, by time. `room` holds n open lines. */
static bool number_orders(pv_user_lines *out, open_line **kept, int64_t n, const pv_line_rules *rules, open_line *room,
                          pv_arena *arena)
{
    order_start *starts = pv_arena_allocate(arena, (size_t)n, sizeof *starts);
    int32_t *number_of_group = pv_arena_allocate(arena, (size_t)n, sizeof *number_of_group);
    out->orders = pv_arena_allocate(arena, (size_t)n, sizeof *out->orders);
    if (!starts || !number_of_group || !out->orders) return false;
    pv_merge_sort(kept, room, (size_t)n, sizeof *kept, compare_by_order);
    const int64_t n_groups = start_orders(starts, kept, n, rules);
    pv_merge_sort(starts, room, (size_t)n_groups, sizeof *starts, compare_order_starts);
    for (int64_t g = 0; g < n_groups; g++) number_of_group[starts[g].group] = (int32_t)g;
    for (int64_t i = 0; i < n; i++) {
        kept[i]->order = number_of_group[kept[i]->order];
        out->orders[kept[i]->order] = origin_of(kept[i]);
    }
    out->n_orders = n_groups;
    return true;
}

static int compare_lines(const void *left, const void *right)
{
    const pv_line *a = left, *b = right;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->order != b->order) return a->order < b->order ? -1 : 1;
    return a->time < b->time ? -1 : a->time > b->time;
}

void pv_lines_sort(pv_line *lines, pv_line *room, int64_t n)
{
    pv_merge_sort(lines, room, (size_t)n, sizeof *lines, compare_lines);
}

static pv_line line_of(const open_line *open, const pv_line_rules *rules)
{
    const pv_purchase_row *row = open->row;
    const bool is_simple = !rules->has_time && !rules->has_order;
    const double share_left = open->left / row_amount(row);
    const double orders = isnan(row->purchase_count) ? 1.0 : row->purchase_count;
    const double discount = rules->product_discount ? rules->product_discount[row->product] : row->discount;
    return (pv_line){.product = row->product,
                     .order = open->order,
                     .time = open->time,
                     .count = is_simple ? orders * share_left : 1.0,
                     .amount = open->left,
                     .discounted = discount > 0};
}

/* The lines of what is left of open[n], which is sorted by product and time. `room` holds n open lines. */
static pv_status make_lines(pv_user_lines *out, open_line *open, int64_t n, const pv_line_rules *rules, open_line *room,
                            pv_arena *arena, pv_error *error)
{
    open_line **kept = pv_arena_allocate(arena, (size_t)n, sizeof *kept); /* by position, then without the gaps */
    int64_t n_kept = 0;
    if (!kept) return pv_fail_memory(error, "purchase lines", (uint64_t)n * sizeof *kept);
    for (int64_t i = 0; i < n; i++) kept[open[i].position] = &open[i];
    for (int64_t i = 0; i < n; i++)
        if (kept[i]->left > 0) kept[n_kept++] = kept[i];
    out->lines = pv_arena_allocate(arena, (size_t)n_kept, sizeof *out->lines);
    out->settled = pv_arena_allocate(arena, (size_t)(n - n_kept), sizeof *out->settled);
    if (!out->lines || !out->settled || !number_orders(out, kept, n_kept, rules, room, arena))
        return pv_fail_memory(error, "purchase lines", (uint64_t)n * sizeof *out->lines);
    for (int64_t i = 0; i < n; i++) {
        if (open[i].left > 0)
            out->lines[out->n_lines++] = line_of(&open[i], rules);
        else if (!is_dislike(open[i].row, rules))
            out->settled[out->n_settled++] =
                (pv_settled_row){open[i].product, is_return(open[i].row), origin_of(&open[i])};
    }
    pv_lines_sort(out->lines, (pv_line *)(void *)room, n_kept);
    return PV_OK;
}

pv_status pv_user_lines_make(pv_user_lines *out, const pv_purchase_row *rows, int64_t n, const pv_line_rules *rules,
                             pv_arena *arena, pv_error *error)
{
    open_line *open = pv_arena_allocate(arena, (size_t)n, sizeof *open);
    pv_user_lines made = {.dislikes = pv_arena_allocate(arena, (size_t)n, sizeof *made.dislikes)};
    open_line *room = pv_arena_allocate(arena, (size_t)n, sizeof *room);
    if (!open || !room || !made.dislikes) return pv_fail_memory(error, "purchase rows", (uint64_t)n * sizeof *open);
    for (int64_t i = 0; i < n; i++) {
        const int64_t time = rules->has_time && rows[i].time == PV_NO_TIME ? rules->default_time : rows[i].time;
        open[i] = (open_line){.row = &rows[i], .position = i, .time = time, .product = rows[i].product};
    }
    pv_merge_sort(open, room, (size_t)n, sizeof *open, compare_open_lines);
    for (int64_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && open[end].product == open[first].product;) end++;
        const double disliked = settle_product(open, first, end, rules, &made.returns_unmatched);
        if (disliked > 0) made.dislikes[made.n_dislikes++] = (pv_dislike){open[first].product, disliked};
    }
    const pv_status status = make_lines(&made, open, n, rules, room, arena, error);
    if (status == PV_OK) *out = made;
    return status;
}
