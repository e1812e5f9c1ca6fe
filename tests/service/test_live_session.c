/* Events folded in at once: an answer over a live view is the answer to the same purchases given as a history. Random
 * shops of every kind, random events; what must come out is told by the rows of the case alone. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "service/session.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/answer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS_N = 10, PRODUCTS_N = 12, ROWS_MAX = 400, EVENTS_MAX = 40, CODES_MAX = 40, EVENT_BYTES = 100 };
#define DAY ((int64_t)PV_SECONDS_PER_DAY)
#define FIRST_DAY (INT64_C(18262) * DAY) /* 2020-01-01 */
#define NONE ((double)NAN)

/* --- random numbers ----------------------------------------------------------------------------------------------- */

static uint64_t seed, drawn;

static int draw(int n)
{
    return (int)(pv_random_bits(seed, 1, drawn++) % (uint64_t)n);
}

/* --- shops -------------------------------------------------------------------------------------------------------- */

typedef struct shop_kind {
    bool has_time, has_order, has_quantity, has_discount, is_current_discount;
} shop_kind;

static const shop_kind kinds[] = {
    {true, true, true, true, false},   {true, true, false, false, false},   {true, false, true, true, false},
    {true, false, false, false, true}, {false, true, true, true, false},    {false, true, false, false, false},
    {false, false, true, false, true}, {false, false, false, false, false},
};

/* A row of the case: what the shop's file holds, or what an event tells. */
typedef struct row {
    char user[16], product[16], order[24]; /* order "": none */
    int64_t time;
    double count, quantity, discount; /* 0: not told */
    bool is_return;
} row;

static row rows[ROWS_MAX + EVENTS_MAX];
static int n_rows;
static char times[ROWS_MAX + EVENTS_MAX][PV_TIMESTAMP_SIZE];
static purchase_case lines[ROWS_MAX + EVENTS_MAX];
static product_case products[PRODUCTS_N];
static user_case users[USERS_N];
static char product_ids[PRODUCTS_N][16], user_ids[USERS_N][16];

static void name_all(const shop_kind *kind)
{
    for (int p = 0; p < PRODUCTS_N; p++) {
        (void)snprintf(product_ids[p], sizeof product_ids[p], "P%02d", p);
        products[p] = (product_case){.id = product_ids[p],
                                     .category = p % 3 ? "Tools" : "Paint",
                                     .brand = p % 2 ? "Acme" : "Best",
                                     .price = 1 + p,
                                     .discount = kind->is_current_discount && p % 3 == 0 ? 0.2 : 0};
    }
    for (int u = 0; u < USERS_N; u++) {
        (void)snprintf(user_ids[u], sizeof user_ids[u], "u%02d", u);
        /* H is a company of which only branches are listed */
        users[u] = (user_case){.id = user_ids[u], .parent = u < 3 ? "H" : NULL, .country = u % 2 ? "FR" : "DE"};
    }
}

static row *add_row(const char *user, const char *order, int64_t time)
{
    row *r = &rows[n_rows++];
    *r = (row){.time = time};
    (void)snprintf(r->user, sizeof r->user, "%.15s", user);
    (void)snprintf(r->order, sizeof r->order, "%.23s", order);
    return r;
}

static void draw_row(row *r, const shop_kind *kind)
{
    (void)snprintf(r->product, sizeof r->product, "P%02d", draw(PRODUCTS_N - 2)); /* the last two are only listed */
    r->quantity = kind->has_quantity ? 1 + draw(5) : 0;
    r->discount = kind->has_discount && draw(3) == 0 ? 0.1 : 0;
    r->count = !kind->has_time && !kind->has_order ? 1 + draw(3) : 0;
    r->is_return = draw(6) == 0;
}

/* Users 0 to 7 buy; 8 and 9 are only listed. Rows are in order of time, those of an order together; without order ids
 * nobody orders twice at one time. */
static void draw_rows(const shop_kind *kind)
{
    n_rows = 0;
    for (int u = 0; u < 8; u++) {
        int64_t time = FIRST_DAY + draw(30) * DAY;
        for (int o = 0; o < 2 + draw(4); o++) {
            char order[24];
            (void)snprintf(order, sizeof order, "o%d-%d", u, o);
            if (kind->has_time && draw(4) == 0) order[0] = '\0';
            for (int k = 0; k < 1 + draw(4); k++) draw_row(add_row(user_ids[u], order, time), kind);
            time += draw(3) && kind->has_order ? draw(3) * DAY : (1 + draw(40)) * DAY;
        }
    }
    draw_row(add_row("u00", "first", FIRST_DAY), kind); /* never a shop without a purchase */
    rows[n_rows - 1].is_return = false;
}

static shop_case case_of_rows(const shop_kind *kind)
{
    for (int r = 0; r < n_rows; r++) {
        const row *from = &rows[r];
        pv_timestamp_print(times[r], from->time);
        lines[r] = (purchase_case){.user = from->user,
                                   .product = from->product,
                                   .time = kind->has_time ? times[r] : NULL,
                                   .order = kind->has_order && from->order[0] ? from->order : NULL,
                                   .count = from->is_return ? -from->count : from->count,
                                   .quantity = from->quantity,
                                   .discount = from->discount,
                                   .is_cancelled = from->is_return};
    }
    return (shop_case){.purchases = lines, .n_purchases = (size_t)n_rows, PRODUCTS(products), USERS(users)};
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static row events[EVENTS_MAX];
static int n_events, n_taken; /* the first n_taken were there when the model was trained */

/* A purchase at that time would have met a return of the files, had it come in time: where it takes its place is told
 * in history_rows.h. */
static bool comes_before_return(const row *event)
{
    for (int r = 0; r < n_rows; r++)
        if (rows[r].is_return && rows[r].time > event->time && strcmp(rows[r].user, event->user) == 0 &&
            strcmp(rows[r].product, event->product) == 0)
            return true;
    return false;
}

/* Most after the shop's last purchase, some at times that the shop has, some with its orders, some again. */
static void draw_event(row *event, const char *user, const shop_kind *kind, int64_t end)
{
    *event = (row){.time = end + draw(20) * DAY + draw(3)};
    if (draw(3) == 0) event->time = FIRST_DAY + draw(100) * DAY;
    (void)snprintf(event->user, sizeof event->user, "%.15s", user);
    draw_row(event, kind);
    event->count = 0;
    event->is_return = draw(3) == 0;
    if (draw(3)) (void)snprintf(event->order, sizeof event->order, "o%c-%d", strlen(user) > 2 ? user[2] : 'x', draw(7));
    if (draw(10) == 0) (void)snprintf(event->product, sizeof event->product, "%s", draw(2) ? "P10" : "no such");
    const row *known = &rows[draw(n_rows)];
    if (draw(5) == 0 && strcmp(known->user, user) == 0) {
        *event = *known;
        event->count = 0;
    }
    if (n_events > 0 && draw(8) == 0) *event = events[draw(n_events)];
}

static void draw_events(const char *user, const shop_kind *kind, int64_t end)
{
    const int n = 1 + draw(EVENTS_MAX / 2);
    n_events = n_taken = 0;
    while (n_events < n) {
        draw_event(&events[n_events], user, kind, end);
        n_events += !kind->has_time || events[n_events].is_return || !comes_before_return(&events[n_events]);
    }
}

static pv_text text_of(const char *text)
{
    return text[0] ? pv_text_of(text) : (pv_text){NULL, 0};
}

static double told(double value)
{
    return value == 0 ? NONE : value;
}

static void take_in(pv_event_store *store, const row *r, int number)
{
    char id[16];
    (void)snprintf(id, sizeof id, "e%d", number);
    const pv_text product = pv_text_of(r->product);
    const pv_event event = {.type = r->is_return ? PV_EVENT_RETURN : PV_EVENT_PURCHASE,
                            .event_id = pv_text_of(id),
                            .user = pv_text_of(r->user),
                            .order = text_of(r->order),
                            .time = r->time,
                            .quantity = told(r->quantity),
                            .unit_price = NONE,
                            .discount = told(r->discount),
                            .items = &product,
                            .n_items = 1};
    assert_int_equal(pv_event_store_prepare(store, &event, NULL), PV_OK);
    pv_event_store_apply(store, &event, (int64_t)number * EVENT_BYTES);
}

/* --- what must come out ------------------------------------------------------------------------------------------- */

static bool is_same_line(const row *a, const row *b)
{
    return strcmp(a->user, b->user) == 0 && strcmp(a->product, b->product) == 0 && a->is_return == b->is_return;
}

/* By the order ids where the data has them, by the times otherwise. */
static bool is_same_order(const row *a, const row *b, bool has_order)
{
    const bool a_has_id = has_order && a->order[0], b_has_id = has_order && b->order[0];
    if (a_has_id != b_has_id) return false;
    return a_has_id ? strcmp(a->order, b->order) == 0 : a->time == b->time;
}

/* The shop's files of a kind know their orders by id or time; a simple shop knows none. */
static bool is_in_files(const row *event, const shop_kind *kind)
{
    for (int r = 0; r < n_rows; r++) {
        const bool has_key = kind->has_time || (kind->has_order && rows[r].order[0]);
        if (has_key && is_same_line(event, &rows[r]) && is_same_order(event, &rows[r], kind->has_order)) return true;
    }
    return false;
}

/* The user's rows of the files, then the events that count. */
static int expected_history(row *out, const char *user, const shop_kind *kind)
{
    int n = 0;
    for (int r = 0; r < n_rows; r++)
        if (strcmp(rows[r].user, user) == 0) out[n++] = rows[r];
    for (int e = 0; e < n_events; e++) {
        bool is_known = e < n_taken || is_in_files(&events[e], kind);
        for (int b = 0; b < e; b++)
            is_known |= is_same_line(&events[b], &events[e]) && is_same_order(&events[b], &events[e], true);
        if (!is_known) out[n++] = events[e];
        /* without time, lines of no order would all be one in a history */
        if (!is_known && !kind->has_time && kind->has_order && !events[e].order[0])
            (void)snprintf(out[n - 1].order, sizeof out->order, "at %lld", (long long)events[e].time);
    }
    return n;
}

/* --- models and answers ------------------------------------------------------------------------------------------- */

typedef struct live_case {
    scratch_folder folder;
    model_case learned;
    pv_model *model;
    pv_event_store *store;
    pv_live_view *view;
    pv_session *live, *plain;
} live_case;

static void open_case(live_case *c, const shop_case *shop, const char *signals)
{
    assert_true(scratch_folder_create(&c->folder));
    model_case_init(&c->learned, shop, signals, 2);
    c->model = model_file_open(&c->folder, &c->learned);
    assert_int_equal(pv_session_create(&c->live, c->model, NULL), PV_OK);
    assert_int_equal(pv_session_create(&c->plain, c->model, NULL), PV_OK);
}

static void close_case(live_case *c)
{
    pv_session_free(c->live);
    pv_session_free(c->plain);
    pv_model_free(c->model);
    model_case_deinit(&c->learned);
    scratch_folder_remove(&c->folder);
}

static void begin_events(live_case *c)
{
    assert_int_equal(pv_event_store_create(&c->store, NULL), PV_OK);
    for (int e = 0; e < n_events; e++) take_in(c->store, &events[e], e);
    assert_int_equal(pv_live_view_create(&c->view, c->model, c->store, (int64_t)n_taken * EVENT_BYTES, NULL), PV_OK);
    c->live->live = c->view;
}

static void end_events(live_case *c)
{
    c->live->live = NULL;
    pv_live_view_free(c->view);
    pv_event_store_free(c->store);
}

typedef struct product_answer {
    bool is_shown;
    pv_kind kind;
    double score;
    int n_reasons;
    const char *codes[CODES_MAX];
    double contributions[CODES_MAX];
    int64_t n_evidence[CODES_MAX];
} product_answer;

typedef struct full_answer {
    const char *source;
    char fallback[200];
    int64_t as_of, n_items;
    product_answer products[PRODUCTS_N];
} full_answer;

static void recommend_all(full_answer *out, pv_session *session, pv_request *request)
{
    const pv_answer *answer = NULL;
    pv_error error = {.message = ""};
    request->n = PRODUCTS_N;
    request->mode = PV_MODE_MIXED;
    request->explain = PV_EXPLAIN_FULL;
    if (pv_recommend(&answer, session, request, &error) != PV_OK) fail_msg("%s", error.message);
    *out = (full_answer){.source = answer->source, .as_of = answer->as_of, .n_items = answer->n_items};
    (void)snprintf(out->fallback, sizeof out->fallback, "%.*s", (int)answer->fallback.size,
                   answer->fallback.data ? answer->fallback.data : "");
    for (int64_t i = 0; i < answer->n_items; i++) {
        const pv_item *item = &answer->items[i];
        product_answer *product =
            &out->products[pv_ids_find(&session->model->ranker->shop.products.ids, item->product)];
        *product = (product_answer){.is_shown = true, .kind = item->kind, .score = item->score};
        for (int64_t r = 0; r < item->n_reasons && r < CODES_MAX; r++, product->n_reasons++) {
            product->codes[r] = item->reasons[r].code;
            product->contributions[r] = item->reasons[r].contribution;
            product->n_evidence[r] = item->reasons[r].n_evidence;
        }
    }
}

static double contribution_of(const product_answer *product, const char *code)
{
    for (int r = 0; r < product->n_reasons; r++)
        if (strcmp(product->codes[r], code) == 0) return product->contributions[r];
    return 0;
}

static void assert_near(double a, double b, double tolerance, int product, const char *what)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("seed %llu: product %d, %s: %.17g is not %.17g", (unsigned long long)seed, product, what, a, b);
}

static void assert_same_answer(const full_answer *live, const full_answer *told_all, double tolerance)
{
    assert_string_equal(live->source, told_all->source);
    assert_int_equal(live->n_items, told_all->n_items);
    for (int p = 0; p < PRODUCTS_N; p++) {
        const product_answer *a = &live->products[p], *b = &told_all->products[p];
        assert_int_equal(a->is_shown, b->is_shown);
        assert_int_equal(a->kind, b->kind);
        assert_near(a->score, b->score, tolerance, p, "score");
        for (int r = 0; r < a->n_reasons; r++)
            assert_near(a->contributions[r], contribution_of(b, a->codes[r]), tolerance, p, a->codes[r]);
        for (int r = 0; r < b->n_reasons; r++)
            assert_near(contribution_of(a, b->codes[r]), b->contributions[r], tolerance, p, b->codes[r]);
    }
}

static pv_history_file *history_of(const live_case *c, const row *history, int n, const shop_kind *kind)
{
    static const char *const header = "product_id,time,order_id,purchase_count,quantity,discount\n";
    char path[SCRATCH_PATH_SIZE];
    pv_buffer out = {0};
    pv_history_file *file = NULL;
    pv_error error = {.message = ""};
    pv_buffer_append_string(&out, header);
    for (int r = 0; r < n; r++) {
        const double sign = history[r].is_return ? -1 : 1, count = history[r].count;
        char time[PV_TIMESTAMP_SIZE] = "";
        if (kind->has_time) pv_timestamp_print(time, history[r].time);
        pv_buffer_print(&out, "%s,%s,%s,", history[r].product, time, history[r].order);
        if (count != 0) pv_buffer_print(&out, "%g", sign * count);
        pv_buffer_append_string(&out, ",");
        if (history[r].quantity != 0 || count == 0)
            pv_buffer_print(&out, "%g", sign * (history[r].quantity != 0 ? history[r].quantity : 1));
        pv_buffer_append_string(&out, ",");
        if (history[r].discount != 0) pv_buffer_print(&out, "%g", history[r].discount);
        pv_buffer_append_string(&out, "\n");
    }
    scratch_path(path, &c->folder, "history.csv");
    assert_true(scratch_write(path, out.data, out.size));
    pv_buffer_deinit(&out);
    if (pv_history_file_read(&file, path, 0.5, NULL, &error) != PV_OK) fail_msg("%s", error.message);
    return file;
}

/* The history in the form in which a request brings it. */
static int64_t request_lines(pv_history_line *out, const row *history, int n)
{
    for (int r = 0; r < n; r++)
        out[r] = (pv_history_line){.product = pv_text_of(history[r].product),
                                   .order = text_of(history[r].order),
                                   .time = history[r].time,
                                   .quantity = told(history[r].quantity),
                                   .discount = told(history[r].discount),
                                   .is_return = history[r].is_return};
    return n;
}

static int64_t events_end(void)
{
    int64_t end = PV_NO_TIME;
    for (int e = 0; e < n_events; e++)
        if (events[e].time + 1 > end) end = events[e].time + 1;
    return end;
}

static int n_folded, n_without_history, n_unchanged;

/* Ask about `user`, whose events are those drawn, and ask the same with all of it as a history. */
static void compare(live_case *c, const char *user, const shop_kind *kind)
{
    row expected[ROWS_MAX + EVENTS_MAX];
    pv_history_line given[ROWS_MAX + EVENTS_MAX];
    full_answer live, told_all, told_lines;
    char as_of[PV_TIMESTAMP_SIZE];
    pv_request request, same;
    const pv_shop *shop = &c->model->ranker->shop;
    const int32_t number = (int32_t)pv_ids_find(&shop->users.ids, pv_text_of(user));
    const int n = expected_history(expected, user, kind);
    pv_request_init(&request);
    request.user = pv_text_of(user);
    recommend_all(&live, c->live, &request);
    if (kind->has_time) assert_int_equal(live.as_of, events_end() > shop->as_of ? events_end() : shop->as_of);
    same = request;
    if (kind->has_time) {
        pv_timestamp_print(as_of, live.as_of);
        same.as_of = as_of;
    }
    pv_live_user found = pv_live_view_user(c->view, request.user, number);
    assert_int_equal(pv_live_view_find_rows(&found, c->view, c->live->arena, NULL), PV_OK);
    if (found.n_rows == 0 && number >= 0 && number < shop->users.ids.n_warm) { /* nothing that counts: as it was */
        recommend_all(&told_all, c->plain, &same);
        assert_same_answer(&live, &told_all, 0);
        n_unchanged++;
        return;
    }
    pv_history_file *file = history_of(c, expected, n, kind);
    same.history = file;
    recommend_all(&told_all, c->plain, &same);
    pv_history_file_free(file);
    const bool is_empty = strncmp(live.source, "personal", 8) != 0;
    if (is_empty) { /* all of it was returned: whoever has bought nothing gets the popular list, and is told */
        assert_true(strlen(live.fallback) > 0);
        for (int p = 0; p < PRODUCTS_N; p++) assert_int_equal(told_all.products[p].kind, PV_KIND_NEW);
        n_without_history++;
        return;
    }
    assert_same_answer(&live, &told_all, 1e-9);
    n_folded++;
    if (!kind->has_time && !kind->has_order) return; /* counts have no place in a request's lines */
    same.history = NULL;
    same.has_lines = true;
    same.lines = given;
    same.n_lines = request_lines(given, expected, n);
    recommend_all(&told_lines, c->plain, &same);
    assert_same_answer(&live, &told_lines, 1e-9);
}

static const char *draw_user(void)
{
    static const char *const others[] = {"nobody", "H"};
    const int u = draw(USERS_N + 2);
    return u < USERS_N ? user_ids[u] : others[u - USERS_N];
}

static void events_count_as_the_same_rows_in_the_history(void **state)
{
    (void)state;
    n_folded = n_without_history = n_unchanged = 0;
    for (int k = 0; k < (int)(sizeof kinds / sizeof *kinds); k++) {
        for (int s = 0; s < 2; s++) {
            live_case c = {0};
            seed = (uint64_t)(100 * k + s);
            drawn = 0;
            name_all(&kinds[k]);
            draw_rows(&kinds[k]);
            const shop_case shop = case_of_rows(&kinds[k]);
            open_case(&c, &shop, NULL);
            const int64_t end = kinds[k].has_time ? c.learned.shop->as_of : FIRST_DAY + 200 * DAY;
            for (int t = 0; t < 40; t++) {
                const char *user = draw_user();
                draw_events(user, &kinds[k], end);
                begin_events(&c);
                compare(&c, user, &kinds[k]);
                end_events(&c);
            }
            close_case(&c);
        }
    }
    assert_in_range(n_folded, 400, 640); /* the case is about something */
    assert_in_range(n_without_history, 5, 100);
    assert_in_range(n_unchanged, 1, 100);
}

/* Put the first half of the events into the files, as the next training does. What is left of the others that comes
 * before a return which is now in the files is left out. */
static void train_with_half(const char *user, const shop_kind *kind)
{
    row history[ROWS_MAX + EVENTS_MAX];
    int n_files = 0, n_kept = 0;
    const int n_all = n_events;
    for (int r = 0; r < n_rows; r++) n_files += strcmp(rows[r].user, user) == 0;
    n_events = n_all / 2;
    const int n = expected_history(history, user, kind);
    for (int h = n_files; h < n; h++)
        if (strcmp(history[h].product, "no such") != 0) rows[n_rows++] = history[h];
    n_taken = n_kept = n_events;
    for (int e = n_taken; e < n_all; e++)
        if (!kind->has_time || events[e].is_return || !comes_before_return(&events[e])) events[n_kept++] = events[e];
    n_events = n_kept;
}

static void events_that_the_training_took_count_once(void **state)
{
    (void)state;
    n_folded = n_without_history = n_unchanged = 0;
    for (int k = 0; k < (int)(sizeof kinds / sizeof *kinds); k++) {
        for (int s = 0; s < 6; s++) {
            live_case c = {0};
            seed = (uint64_t)(1000 + 100 * k + s);
            drawn = 0;
            name_all(&kinds[k]);
            draw_rows(&kinds[k]);
            const char *user = draw_user();
            draw_events(user, &kinds[k], FIRST_DAY + 200 * DAY);
            train_with_half(user, &kinds[k]);
            const shop_case shop = case_of_rows(&kinds[k]);
            open_case(&c, &shop, NULL);
            begin_events(&c);
            compare(&c, user, &kinds[k]);
            end_events(&c);
            close_case(&c);
        }
    }
    assert_in_range(n_folded, 24, 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_count_as_the_same_rows_in_the_history),
        cmocka_unit_test(events_that_the_training_took_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
