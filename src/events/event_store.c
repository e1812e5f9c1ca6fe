/* event_store.c - events by user, product states and lists: arrays beside interners of the ids. */
#include "events/event_store.h"

#include "base/failure.h"
#include "shop/order_keys.h"
#include <stdlib.h>
#include <string.h>

enum { ID_UNKNOWN, ID_PREPARED, ID_TAKEN };

typedef struct list_slot {
    pv_eligible_list list;
    int32_t **prepared; /* [n_prepared] copies that wait for their apply, in order */
    size_t n_prepared, capacity;
} list_slot;

struct pv_event_store {
    pv_interner *event_ids, *users, *items, *texts, *holders;
    pv_interner *orders;     /* user number and order key */
    pv_interner *lines;      /* pv_settled_key() of purchases and returns */
    pv_interner *place_keys; /* what is under a name of a user: a column, or a product that was shown */
    int32_t *places;         /* by number of the key: 1 + index in the user's array, 0: not there yet */
    size_t n_places, places_capacity;
    bool *line_is_taken; /* by number of the line */
    size_t n_lines, lines_capacity;
    uint8_t *id_states; /* by number of the event id */
    size_t n_id_states, id_states_capacity;
    pv_user_events *user_events; /* by number of the user */
    size_t n_user_events, user_events_capacity;
    pv_item_state *item_states; /* by number of the item */
    size_t n_item_states, item_states_capacity;
    list_slot *lists; /* by number of the holder */
    size_t n_lists, lists_room;
    pv_event_counts counts;
    int64_t end_time, last_offset;
};

pv_status pv_event_store_create(pv_event_store **out, pv_error *error)
{
    pv_event_store *store = calloc(1, sizeof *store);
    if (!store) return pv_fail_memory(error, "events", sizeof *store);
    store->end_time = PV_NO_TIME;
    store->last_offset = -1;
    store->event_ids = pv_interner_create();
    store->users = pv_interner_create();
    store->items = pv_interner_create();
    store->texts = pv_interner_create();
    store->holders = pv_interner_create();
    store->place_keys = pv_interner_create();
    store->orders = pv_interner_create();
    store->lines = pv_interner_create();
    if (!store->event_ids || !store->users || !store->items || !store->texts || !store->holders || !store->place_keys ||
        !store->orders || !store->lines) {
        pv_event_store_free(store);
        return pv_fail_memory(error, "events", 0);
    }
    *out = store;
    return PV_OK;
}

void pv_event_store_free(pv_event_store *store)
{
    if (!store) return;
    for (size_t u = 0; u < store->n_user_events; u++) {
        free(store->user_events[u].rows);
        free(store->user_events[u].shown);
        free(store->user_events[u].values);
    }
    for (size_t l = 0; l < store->n_lists; l++) {
        for (size_t p = 0; p < store->lists[l].n_prepared; p++) free(store->lists[l].prepared[p]);
        free(store->lists[l].prepared);
        free(store->lists[l].list.items);
    }
    pv_interner_free(store->place_keys);
    free(store->places);
    free(store->line_is_taken);
    free(store->id_states);
    free(store->user_events);
    free(store->item_states);
    free(store->lists);
    pv_interner_free(store->event_ids);
    pv_interner_free(store->users);
    pv_interner_free(store->items);
    pv_interner_free(store->texts);
    pv_interner_free(store->holders);
    pv_interner_free(store->orders);
    pv_interner_free(store->lines);
    free(store);
}

/* --- finding memory ----------------------------------------------------------------------------------------------- */

/* Number of `text` in an interner that has one zeroed element of an array beside each text; -1 on no memory. */
static int64_t number_of(pv_interner *interner, pv_text text, void **array, size_t *n, size_t *capacity, size_t size)
{
    const int64_t number = pv_interner_add(interner, text);
    if (number < 0 || number >= INT32_MAX || !pv_reserve(array, capacity, (size_t)number + 1, size)) return -1;
    if ((size_t)number >= *n) {
        memset((char *)*array + *n * size, 0, ((size_t)number + 1 - *n) * size);
        *n = (size_t)number + 1;
    }
    return number;
}

static pv_user_events *user_of(pv_event_store *store, pv_text id)
{
    void *users = store->user_events;
    const int64_t number = number_of(store->users, id, &users, &store->n_user_events, &store->user_events_capacity,
                                     sizeof *store->user_events);
    store->user_events = users;
    return number < 0 ? NULL : &store->user_events[number];
}

enum { PLACE_OF_VALUE, PLACE_OF_SHOWN };

/* Where the user has what stands under a name, a column or the id of a product; NULL when it was never prepared, or
 * when there is no memory and it `adds`. */
static int32_t *place_of(pv_event_store *store, pv_text user, int kind, pv_text name, bool adds)
{
    char key[sizeof(int64_t) + 1 + PV_ID_BYTES_MAX];
    const int64_t user_number = pv_interner_find(store->users, user);
    if (name.size > PV_ID_BYTES_MAX) return NULL;
    memcpy(key, &user_number, sizeof user_number);
    key[sizeof user_number] = (char)kind;
    if (name.size > 0) memcpy(key + sizeof user_number + 1, name.data, name.size);
    const pv_text text = {key, sizeof user_number + 1 + name.size};
    int64_t number = -1;
    if (adds) {
        void *places = store->places;
        number = number_of(store->place_keys, text, &places, &store->n_places, &store->places_capacity,
                           sizeof *store->places);
        store->places = places;
    } else {
        number = pv_interner_find(store->place_keys, text);
    }
    return number >= 0 && (size_t)number < store->n_places ? &store->places[number] : NULL;
}

static bool has_room_for_item(pv_event_store *store, pv_text id)
{
    void *items = store->item_states;
    const int64_t number = number_of(store->items, id, &items, &store->n_item_states, &store->item_states_capacity,
                                     sizeof *store->item_states);
    store->item_states = items;
    return number >= 0;
}

/* A user and a price list of the same name are different holders. -1: unknown, or no memory when it `adds`. */
static int64_t holder_number(const pv_event_store *store, pv_holder holder, pv_text id, bool adds)
{
    char key[1 + PV_ID_BYTES_MAX];
    if (id.size > PV_ID_BYTES_MAX) return -1;
    key[0] = (char)('0' + holder);
    if (id.size > 0) memcpy(key + 1, id.data, id.size);
    const pv_text text = {key, 1 + id.size};
    return adds ? pv_interner_add(store->holders, text) : pv_interner_find(store->holders, text);
}

static bool prepare_list(pv_event_store *store, const pv_event *event)
{
    const int64_t number = holder_number(store, event->holder, event->holder_id, true);
    void *lists = store->lists;
    if (number < 0 || !pv_reserve(&lists, &store->lists_room, (size_t)number + 1, sizeof *store->lists)) return false;
    store->lists = lists;
    for (; store->n_lists <= (size_t)number; store->n_lists++) store->lists[store->n_lists] = (list_slot){0};
    list_slot *slot = &store->lists[number];
    void *prepared = slot->prepared;
    if (!pv_reserve(&prepared, &slot->capacity, slot->n_prepared + 1, sizeof *slot->prepared)) return false;
    slot->prepared = prepared;
    const size_t n = event->n_items > 0 ? (size_t)event->n_items : 0;
    int32_t *items = malloc((n + 1) * sizeof *items);
    if (!items) return false;
    for (size_t i = 0; i < n; i++) items[i] = (int32_t)pv_interner_find(store->items, event->items[i]);
    slot->prepared[slot->n_prepared++] = items;
    return true;
}

/* Number of the event's order: orders of different users are different, whatever they are called. */
static int64_t order_number(pv_event_store *store, const pv_event *event)
{
    const uint64_t parts[] = {(uint64_t)pv_interner_find(store->users, event->user),
                              pv_order_key(event->order, event->time)};
    return pv_interner_add(store->orders, (pv_text){(const char *)parts, sizeof parts});
}

/* Whether the product of that order is in the store already; NULL on no memory. */
static bool *line_flag(pv_event_store *store, const pv_event *event)
{
    const uint64_t key = pv_settled_key(event->user, event->items[0], pv_order_key(event->order, event->time),
                                        event->type == PV_EVENT_RETURN);
    void *flags = store->line_is_taken;
    const int64_t number = number_of(store->lines, (pv_text){(const char *)&key, sizeof key}, &flags, &store->n_lines,
                                     &store->lines_capacity, sizeof *store->line_is_taken);
    store->line_is_taken = flags;
    return number < 0 ? NULL : &store->line_is_taken[number];
}

static bool prepare_row(pv_event_store *store, pv_user_events *user, const pv_event *event)
{
    void *rows = user->rows;
    const int64_t order = order_number(store, event);
    if (order < 0 || order >= INT32_MAX || !line_flag(store, event)) return false;
    if (!pv_reserve(&rows, &user->rows_capacity, user->n_rows + user->rows_prepared + 1, sizeof *user->rows))
        return false;
    user->rows = rows;
    user->rows_prepared++;
    return true;
}

static bool prepare_shown(pv_event_store *store, pv_user_events *user, const pv_event *event)
{
    void *shown = user->shown;
    const size_t n = (size_t)event->n_items;
    if (!pv_reserve(&shown, &user->shown_capacity, user->n_shown + user->shown_prepared + n, sizeof *user->shown))
        return false;
    user->shown = shown;
    for (size_t i = 0; i < n; i++)
        if (!place_of(store, event->user, PLACE_OF_SHOWN, event->items[i], true)) return false;
    user->shown_prepared += n;
    return true;
}

static bool prepare_values(pv_event_store *store, pv_user_events *user, const pv_event *event)
{
    void *values = user->values;
    const size_t n = (size_t)event->n_values;
    if (!pv_reserve(&values, &user->values_capacity, user->n_values + user->values_prepared + n, sizeof *user->values))
        return false;
    user->values = values;
    for (size_t v = 0; v < n; v++) {
        if (!place_of(store, event->user, PLACE_OF_VALUE, event->values[v].column, true)) return false;
        if (pv_interner_add(store->texts, event->values[v].column) < 0) return false;
        if (event->values[v].value.data && pv_interner_add(store->texts, event->values[v].value) < 0) return false;
    }
    if (event->parent.data && pv_interner_add(store->texts, event->parent) < 0) return false;
    user->values_prepared += n;
    return true;
}

/* Memory of the user that the event is about; true for one that is about none. */
static bool prepare_user(pv_event_store *store, const pv_event *event)
{
    if (event->type == PV_EVENT_PRODUCT || event->type == PV_EVENT_ELIGIBILITY) return true;
    pv_user_events *user = user_of(store, event->user);
    if (!user) return false;
    switch (event->type) {
    case PV_EVENT_PURCHASE:
    case PV_EVENT_RETURN:
        return prepare_row(store, user, event);
    case PV_EVENT_SHOWN:
        return prepare_shown(store, user, event);
    case PV_EVENT_COMPANY:
        return prepare_values(store, user, event);
    default:
        return true;
    }
}

/* State of the event's id; NULL when it has none, or when there is no memory and `adds`. */
static uint8_t *id_state(pv_event_store *store, const pv_event *event, bool adds)
{
    if (!event->event_id.data) return NULL;
    if (!adds) return &store->id_states[pv_interner_find(store->event_ids, event->event_id)];
    void *states = store->id_states;
    const int64_t number =
        number_of(store->event_ids, event->event_id, &states, &store->n_id_states, &store->id_states_capacity, 1);
    store->id_states = states;
    return number < 0 ? NULL : &store->id_states[number];
}

pv_status pv_event_store_prepare(pv_event_store *store, const pv_event *event, pv_error *error)
{
    bool succeeded = true;
    for (int64_t i = 0; succeeded && i < event->n_items; i++) succeeded = has_room_for_item(store, event->items[i]);
    uint8_t *state = succeeded ? id_state(store, event, true) : NULL;
    succeeded = succeeded && (state || !event->event_id.data) && prepare_user(store, event) &&
                (event->type != PV_EVENT_ELIGIBILITY || prepare_list(store, event));
    if (!succeeded) return pv_fail_memory(error, "events", 0);
    if (state) *state = ID_PREPARED;
    return PV_OK;
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

static void take_row(pv_event_store *store, pv_user_events *user, const pv_event *event, int64_t offset)
{
    bool *is_taken = line_flag(store, event); /* memory was found by prepare */
    user->rows_prepared--;
    user->rows[user->n_rows++] = (pv_event_row){.item = (int32_t)pv_interner_find(store->items, event->items[0]),
                                                .is_return = event->type == PV_EVENT_RETURN,
                                                .is_repeated = *is_taken,
                                                .order = (int32_t)order_number(store, event),
                                                .time = event->time,
                                                .order_key = pv_order_key(event->order, event->time),
                                                .quantity = event->quantity,
                                                .discount = event->discount,
                                                .offset = offset};
    *is_taken = true;
    if (event->time + 1 > store->end_time) store->end_time = event->time + 1;
}

static void take_shown(pv_event_store *store, pv_user_events *user, const pv_event *event)
{
    user->shown_prepared -= (size_t)event->n_items;
    for (int64_t i = 0; i < event->n_items; i++) {
        int32_t *place = place_of(store, event->user, PLACE_OF_SHOWN, event->items[i], false);
        if (*place == 0) {
            user->shown[user->n_shown++] =
                (pv_event_shown){.item = (int32_t)pv_interner_find(store->items, event->items[i])};
            *place = (int32_t)user->n_shown;
        }
        pv_event_shown *shown = &user->shown[*place - 1];
        if (shown->times == 0 || event->time < shown->first) shown->first = event->time;
        if (shown->times == 0 || event->time > shown->last) shown->last = event->time;
        shown->times++;
    }
}

/* Whoever takes up what was shown is not tired of it. */
static void take_up(pv_event_store *store, const pv_user_events *user, const pv_event *event)
{
    const int32_t *place = place_of(store, event->user, PLACE_OF_SHOWN, event->items[0], false);
    if (!place || *place == 0) return;
    pv_event_shown *shown = &user->shown[*place - 1];
    if (event->time >= shown->last) shown->times = 0;
}

/* The store's own copy of a text that was interned before. */
static pv_text own_text(const pv_event_store *store, pv_text text)
{
    return text.data ? pv_interner_text(store->texts, pv_interner_find(store->texts, text)) : text;
}

static void take_values(pv_event_store *store, pv_user_events *user, const pv_event *event)
{
    user->values_prepared -= (size_t)event->n_values;
    for (int64_t v = 0; v < event->n_values; v++) {
        const pv_event_value told = {own_text(store, event->values[v].column), own_text(store, event->values[v].value)};
        int32_t *place = place_of(store, event->user, PLACE_OF_VALUE, event->values[v].column, false);
        if (*place == 0) *place = (int32_t)++user->n_values;
        user->values[*place - 1] = told;
    }
    if (event->parent.data) user->parent = own_text(store, event->parent);
}

static void take_changes(pv_event_store *store, const pv_event *event)
{
    pv_item_state *state = &store->item_states[pv_interner_find(store->items, event->items[0])];
    for (int c = 0; c < PV_CHANGE_COUNT; c++)
        if (event->changes[c].kind != PV_UNCHANGED) state->changes[c] = event->changes[c];
}

/* The oldest of the prepared copies of the event's holder. */
static int32_t *next_prepared(pv_event_store *store, const pv_event *event, list_slot **slot)
{
    *slot = &store->lists[holder_number(store, event->holder, event->holder_id, false)];
    int32_t *items = (*slot)->prepared[0];
    (*slot)->n_prepared--;
    memmove((*slot)->prepared, (*slot)->prepared + 1, (*slot)->n_prepared * sizeof *(*slot)->prepared);
    return items;
}

static void take_list(pv_event_store *store, const pv_event *event)
{
    list_slot *slot;
    int32_t *items = next_prepared(store, event, &slot);
    free(slot->list.items);
    slot->list = (pv_eligible_list){event->n_items >= 0, items, event->n_items > 0 ? event->n_items : 0};
}

void pv_event_store_apply(pv_event_store *store, const pv_event *event, int64_t offset)
{
    uint8_t *state = id_state(store, event, false);
    const bool is_about_user = event->type != PV_EVENT_PRODUCT && event->type != PV_EVENT_ELIGIBILITY;
    pv_user_events *user = is_about_user ? &store->user_events[pv_interner_find(store->users, event->user)] : NULL;
    if (state) *state = ID_TAKEN;
    store->last_offset = offset;
    store->counts.happenings[event->type]++;
    switch (event->type) {
    case PV_EVENT_PURCHASE:
        take_up(store, user, event);
        take_row(store, user, event, offset);
        break;
    case PV_EVENT_RETURN:
        take_row(store, user, event, offset);
        break;
    case PV_EVENT_SHOWN:
        take_shown(store, user, event);
        break;
    case PV_EVENT_CLICK:
    case PV_EVENT_CART:
        take_up(store, user, event);
        break;
    case PV_EVENT_COMPANY:
        take_values(store, user, event);
        break;
    case PV_EVENT_PRODUCT:
        take_changes(store, event);
        break;
    case PV_EVENT_ELIGIBILITY:
        take_list(store, event);
        break;
    case PV_EVENT_DISMISS: /* kept in the log for the next training */
    case PV_EVENT_TYPE_COUNT:
        break;
    }
}

void pv_event_store_withdraw(pv_event_store *store, const pv_event *event)
{
    uint8_t *state = id_state(store, event, false);
    if (state) *state = ID_UNKNOWN;
    if (event->type == PV_EVENT_PRODUCT) return;
    if (event->type == PV_EVENT_ELIGIBILITY) {
        list_slot *slot = &store->lists[holder_number(store, event->holder, event->holder_id, false)];
        free(slot->prepared[--slot->n_prepared]);
        return;
    }
    pv_user_events *user = &store->user_events[pv_interner_find(store->users, event->user)];
    if (event->type == PV_EVENT_PURCHASE || event->type == PV_EVENT_RETURN) user->rows_prepared--;
    if (event->type == PV_EVENT_SHOWN) user->shown_prepared -= (size_t)event->n_items;
    if (event->type == PV_EVENT_COMPANY) user->values_prepared -= (size_t)event->n_values;
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

bool pv_event_store_has(const pv_event_store *store, pv_text event_id)
{
    const int64_t number = pv_interner_find(store->event_ids, event_id);
    return number >= 0 && (size_t)number < store->n_id_states && store->id_states[number] != ID_UNKNOWN;
}

int64_t pv_event_store_item_count(const pv_event_store *store)
{
    return (int64_t)store->n_item_states;
}

pv_text pv_event_store_item(const pv_event_store *store, int64_t item)
{
    return pv_interner_text(store->items, item);
}

const pv_item_state *pv_event_store_item_state(const pv_event_store *store, int64_t item)
{
    return &store->item_states[item];
}

int64_t pv_event_store_find_item(const pv_event_store *store, pv_text id)
{
    const int64_t number = pv_interner_find(store->items, id);
    return number < (int64_t)store->n_item_states ? number : -1;
}

const pv_user_events *pv_event_store_user(const pv_event_store *store, pv_text user)
{
    const int64_t number = pv_interner_find(store->users, user);
    return number < 0 || (size_t)number >= store->n_user_events ? NULL : &store->user_events[number];
}

const pv_eligible_list *pv_event_store_list(const pv_event_store *store, pv_holder holder, pv_text id)
{
    const int64_t number = holder_number(store, holder, id, false);
    return number < 0 || (size_t)number >= store->n_lists ? NULL : &store->lists[number].list;
}

int64_t pv_event_store_end_time(const pv_event_store *store)
{
    return store->end_time;
}

int64_t pv_event_store_last_offset(const pv_event_store *store)
{
    return store->last_offset;
}

const pv_event_counts *pv_event_store_counts(const pv_event_store *store)
{
    return &store->counts;
}
