/* event_supplement.c - see event_supplement.h. */
#include "events/event_supplement.h"

#include "base/failure.h"
#include "shop/shop_draft.h"

/* --- purchases and returns ---------------------------------------------------------------------------------------- */

static pv_added_row added_row(const pv_event_intake *intake, const pv_intake_row *row)
{
    return (pv_added_row){
        .user = pv_interner_text(intake->ids, row->user),
        .product = pv_interner_text(intake->ids, row->product),
        .order = row->order >= 0 ? pv_interner_text(intake->ids, row->order) : (pv_text){NULL, 0},
        .time = row->time,
        .quantity = row->quantity,
        .unit_price = row->unit_price,
        .discount = row->discount,
        .is_return = row->is_return,
    };
}

static void count_rows(const pv_event_supplement *s, const pv_addition *outcomes)
{
    const pv_event_intake *intake = s->intake;
    pv_events_report *report = s->report;
    for (size_t r = 0; r < intake->n_rows; r++) {
        const bool is_taken = outcomes[r] == PV_ADDITION_TAKEN, is_return = intake->rows[r].is_return;
        report->purchases += is_taken && !is_return;
        report->returns += is_taken && is_return;
        report->known += outcomes[r] == PV_ADDITION_KNOWN;
        report->skipped += outcomes[r] == PV_ADDITION_SKIPPED;
        if (outcomes[r] != PV_ADDITION_LATER) continue;
        if (report->later++ == 0) *s->taken = intake->rows[r].before;
    }
}

static pv_status add_rows(const pv_event_supplement *s, pv_shop_draft *draft, pv_error *error)
{
    const pv_event_intake *intake = s->intake;
    pv_status status = PV_OK;
    pv_added_row *rows = pv_allocate(intake->n_rows, sizeof *rows);
    pv_addition *outcomes = pv_allocate(intake->n_rows, sizeof *outcomes);
    PV_TRY(pv_check_memory(rows != NULL && outcomes != NULL, "events", error));
    for (size_t r = 0; r < intake->n_rows; r++) rows[r] = added_row(intake, &intake->rows[r]);
    PV_TRY(pv_shop_draft_add_rows(outcomes, draft, rows, intake->n_rows, error));
    count_rows(s, outcomes);
cleanup:
    pv_release(rows);
    pv_release(outcomes);
    return status;
}

/* --- the overlay -------------------------------------------------------------------------------------------------- */

static void count_value(pv_events_report *report, bool is_known)
{
    report->overlay += is_known;
    report->unknown += !is_known;
}

static pv_status add_products(const pv_event_supplement *s, pv_shop_draft *draft, pv_error *error)
{
    static const pv_product_number numbers[PV_CHANGE_COUNT] = {
        [PV_CHANGE_PRICE] = PV_PRODUCT_PRICE,
        [PV_CHANGE_DISCOUNT] = PV_PRODUCT_DISCOUNT,
        [PV_CHANGE_STOCK] = PV_PRODUCT_STOCK,
        [PV_CHANGE_DISCONTINUED] = PV_PRODUCT_DISCONTINUED,
        [PV_CHANGE_AVAILABLE_FROM] = PV_PRODUCT_AVAILABLE_FROM,
    };
    const pv_event_store *overlay = s->intake->overlay;
    for (int64_t i = 0; i < pv_event_store_item_count(overlay); i++) {
        const pv_change *changes = pv_event_store_item_state(overlay, i)->changes;
        const pv_text item = pv_event_store_item(overlay, i);
        for (int c = 0; c < PV_CHANGE_COUNT; c++) {
            bool is_known;
            if (changes[c].kind != PV_SET) continue;
            const pv_status status =
                pv_shop_draft_list_number(&is_known, draft, item, numbers[c], changes[c].value, error);
            if (status != PV_OK) return status;
            count_value(s->report, is_known);
        }
    }
    return PV_OK;
}

static pv_status add_company(const pv_event_supplement *s, pv_shop_draft *draft, pv_text id, pv_error *error)
{
    const pv_user_events *told = pv_event_store_user(s->intake->overlay, id);
    pv_status status = PV_OK;
    bool is_known;
    for (size_t v = 0; v < told->n_values; v++) {
        if (!told->values[v].value.data) continue;
        PV_TRY(pv_shop_draft_list_user(&is_known, draft, id, told->values[v].column, told->values[v].value, error));
        count_value(s->report, is_known);
    }
    if (told->parent.data) {
        PV_TRY(pv_shop_draft_list_parent(&is_known, draft, id, told->parent, error));
        count_value(s->report, is_known);
    }
cleanup:
    return status;
}

static pv_status add_companies(const pv_event_supplement *s, pv_shop_draft *draft, pv_error *error)
{
    const pv_interner *companies = s->intake->companies;
    for (int64_t c = 0; c < pv_interner_count(companies); c++) {
        const pv_status status = add_company(s, draft, pv_interner_text(companies, c), error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

/* The list as texts, in the arena. */
static pv_status list_of(pv_added_list *list, const pv_event_store *overlay, const pv_eligible_list *given,
                         pv_list_holder holder, pv_arena *arena, pv_error *error)
{
    pv_text *products = pv_arena_allocate(arena, (size_t)given->n_items, sizeof *products);
    if (!products) return pv_fail_memory(error, "eligibility", (uint64_t)given->n_items * sizeof *products);
    for (int64_t i = 0; i < given->n_items; i++) products[i] = pv_event_store_item(overlay, given->items[i]);
    *list = (pv_added_list){holder, products, given->n_items};
    return PV_OK;
}

static pv_status add_lists(const pv_event_supplement *s, pv_shop_draft *draft, pv_error *error)
{
    const pv_event_intake *intake = s->intake;
    pv_status status = PV_OK;
    pv_arena *arena = pv_arena_create();
    size_t n = 0, n_holders = 0;
    int64_t n_unknown = 0;
    for (int kind = 0; kind <= PV_ELIGIBLE_PRICE_LIST; kind++)
        n_holders += (size_t)pv_interner_count(intake->holders[kind]);
    pv_added_list *lists = arena ? pv_arena_allocate(arena, n_holders, sizeof *lists) : NULL;
    PV_TRY(pv_check_memory(lists != NULL, "eligibility", error));
    for (int kind = 0; kind <= PV_ELIGIBLE_PRICE_LIST; kind++) {
        for (int64_t h = 0; h < pv_interner_count(intake->holders[kind]); h++) {
            const pv_list_holder holder = {pv_interner_text(intake->holders[kind], h), (pv_eligibility_kind)kind};
            const pv_eligible_list *given = pv_event_store_list(intake->overlay, (pv_holder)kind, holder.id);
            if (given->is_set) PV_TRY(list_of(&lists[n++], intake->overlay, given, holder, arena, error));
        }
    }
    if (n > 0) PV_TRY(pv_shop_draft_give_lists(&n_unknown, draft, lists, n, error));
    s->report->overlay += (int64_t)n;
    s->report->unknown += n_unknown;
cleanup:
    pv_arena_free(arena);
    return status;
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static pv_status add(const pv_supplement *base, pv_shop_draft *draft, pv_table_kind kind, pv_error *error)
{
    const pv_event_supplement *s = (const pv_event_supplement *)base; /* its first member */
    const pv_log_position *end = &s->intake->end;
    switch (kind) {
    case PV_TABLE_PURCHASES:
        *s->report = (pv_events_report){.is_given = true, .in_log = s->intake->n_events};
        *s->taken = *end;
        pv_content_hash_add_number(draft->scan->hash, end->offset);
        pv_content_hash_add_number(draft->scan->hash, (int64_t)end->digest); /* of all lines before it */
        return add_rows(s, draft, error);
    case PV_TABLE_PRODUCTS:
        return s->has_overlay ? add_products(s, draft, error) : PV_OK;
    case PV_TABLE_USERS:
        return s->has_overlay ? add_companies(s, draft, error) : PV_OK;
    case PV_TABLE_ELIGIBILITY:
        return s->has_overlay ? add_lists(s, draft, error) : PV_OK;
    case PV_TABLE_COUNT:
        break;
    }
    return PV_OK;
}

pv_event_supplement pv_event_supplement_of(const pv_event_intake *intake, bool has_overlay, pv_events_report *report,
                                           pv_log_position *taken)
{
    return (pv_event_supplement){{add}, intake, has_overlay, report, taken};
}
