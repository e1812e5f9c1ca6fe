/* answer_json.c - recommendations and explanations as the JSON of contract section 3. The order of the keys is part of
 * the contract: the same question gives the same bytes on every path. */
#include "service/answer_format.h"
#include "base/json_fields.h"

#include "base/failure.h"
#include "base/timestamp.h"
#include <math.h>

static const char *const mode_names[] = {
    [PV_MODE_DEFAULT] = "mixed", [PV_MODE_MIXED] = "mixed", [PV_MODE_NEW] = "new", [PV_MODE_REORDER] = "reorder"};
static const char *const kind_names[] = {[PV_KIND_NEW] = "new", [PV_KIND_REORDER] = "reorder"};

static void write_nearest(pv_json *json, const pv_nearest *nearest, int64_t count)
{
    pv_json_begin_array(json);
    for (int64_t k = 0; k < count; k++) {
        pv_json_begin_object(json);
        pv_json_text_field(json, "product", nearest[k].product);
        pv_json_text_field(json, "name", nearest[k].name);
        pv_json_number_field(json, "similarity", nearest[k].similarity);
        if (!isnan(nearest[k].if_removed)) {
            pv_json_key(json, "if_removed");
            pv_json_begin_object(json);
            pv_json_number_field(json, "score", nearest[k].if_removed);
            pv_json_end_object(json);
        }
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

static void write_facts(pv_json *json, const pv_reason *reason)
{
    pv_json_key(json, "facts");
    pv_json_begin_object(json);
    for (int64_t k = 0; k < reason->n_facts; k++) {
        const pv_fact *fact = &reason->facts[k];
        pv_json_key(json, fact->name);
        switch (fact->kind) {
        case PV_FACT_NULL:
            pv_json_null(json);
            break;
        case PV_FACT_INTEGER:
            pv_json_integer(json, fact->integer);
            break;
        case PV_FACT_NUMBER:
            pv_json_number(json, fact->number);
            break;
        case PV_FACT_TEXT:
            pv_json_text(json, fact->text);
            break;
        case PV_FACT_NEAREST:
            write_nearest(json, fact->nearest, fact->integer);
            break;
        }
    }
    pv_json_end_object(json);
}

static void write_evidence(pv_json *json, const pv_reason *reason)
{
    pv_json_key(json, "evidence");
    pv_json_begin_array(json);
    for (int64_t k = 0; k < reason->n_evidence; k++) {
        const pv_evidence *piece = &reason->evidence[k];
        pv_json_begin_object(json);
        if (piece->label.data != NULL)
            pv_json_text_field(json, "label", piece->label);
        else
            pv_json_text_field(json, "product", piece->product);
        if (piece->date.data != NULL) pv_json_text_field(json, "date", piece->date);
        pv_json_number_field(json, "contribution", piece->contribution);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
    pv_json_number_field(json, "evidence_other", reason->evidence_other);
}

static void write_reason(pv_json *json, const pv_reason *reason)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "code", reason->code);
    pv_json_number_field(json, "contribution", reason->contribution);
    pv_json_number_field(json, "share", reason->share);
    pv_json_key(json, "if_removed");
    pv_json_begin_object(json);
    pv_json_number_field(json, "score", reason->if_removed_score);
    pv_json_integer_from_field(json, "rank", reason->if_removed_rank, 1);
    pv_json_end_object(json);
    write_facts(json, reason);
    write_evidence(json, reason);
    pv_json_text_field(json, "text", reason->text);
    pv_json_end_object(json);
}

static void write_note(pv_json *json, const pv_reason *note)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "code", note->code);
    write_facts(json, note);
    pv_json_text_field(json, "text", note->text);
    pv_json_end_object(json);
}

static void write_product(pv_json *json, const pv_item *item)
{
    pv_json_key(json, "product");
    pv_json_begin_object(json);
    pv_json_text_field(json, "name", item->name);
    pv_json_text_field(json, "category", item->category);
    pv_json_number_field(json, "price", item->price);
    pv_json_number_field(json, "discount", item->discount);
    pv_json_end_object(json);
}

/* What the printed numbers add up to, in the order printed: the reader's own check, not a copy of the score. */
static double printed_sum(const pv_item *item)
{
    double sum = item->base + item->policy;
    for (int64_t k = 0; k < item->n_reasons; k++) sum += item->reasons[k].contribution;
    return sum + item->other_positive + item->negative;
}

void pv_item_kind_json_write(pv_json *json, const pv_item *item)
{
    pv_json_string_field(json, "kind", kind_names[item->kind]);
}

void pv_item_score_json_write(pv_json *json, const pv_item *item)
{
    pv_json_number_field(json, "score", item->score);
    pv_json_number_field(json, "base", item->base);
    pv_json_number_field(json, "policy", item->policy);
    if (item->moved_by) pv_json_string_field(json, "moved_by", item->moved_by);
    pv_json_number_field(json, "probability", item->probability);
    pv_json_integer_from_field(json, "horizon_days", item->horizon_days, 1);
    pv_json_key(json, "reasons");
    pv_json_begin_array(json);
    for (int64_t k = 0; k < item->n_reasons; k++) write_reason(json, &item->reasons[k]);
    pv_json_end_array(json);
    pv_json_key(json, "notes");
    pv_json_begin_array(json);
    for (int64_t k = 0; k < item->n_notes; k++) write_note(json, &item->notes[k]);
    pv_json_end_array(json);
    pv_json_number_field(json, "other_positive", item->other_positive);
    pv_json_number_field(json, "negative", item->negative);
    pv_json_key(json, "check");
    pv_json_begin_object(json);
    pv_json_number_field(json, "sum", printed_sum(item));
    pv_json_number_field(json, "shown_share", item->shown_share);
    pv_json_end_object(json);
}

static void write_item_body(pv_json *json, const pv_item *item)
{
    pv_item_kind_json_write(json, item);
    write_product(json, item);
    pv_item_score_json_write(json, item);
}

void pv_as_of_json_write(pv_json *json, int64_t as_of)
{
    char text[PV_TIMESTAMP_SIZE];
    if (as_of != PV_NO_TIME) pv_timestamp_print(text, as_of);
    pv_json_string_field(json, "as_of", as_of != PV_NO_TIME ? text : NULL);
}

void pv_mode_json_write(pv_json *json, pv_mode mode)
{
    pv_json_string_field(json, "mode", mode_names[mode]);
}

void pv_filtered_json_write(pv_json *json, const pv_filtered *filtered, int64_t n)
{
    pv_json_key(json, "filtered");
    pv_json_begin_object(json);
    for (int64_t k = 0; k < n; k++) pv_json_integer_field(json, filtered[k].gate, filtered[k].count);
    pv_json_end_object(json);
}

static void write_origin(pv_json *json, const pv_answer *answer)
{
    pv_json_string_field(json, "model", answer->model_id);
    pv_as_of_json_write(json, answer->as_of);
    pv_mode_json_write(json, answer->mode);
    pv_json_string_field(json, "source", answer->source);
    pv_json_text_field(json, "fallback", answer->fallback);
}

static void write_counts(pv_json *json, const pv_answer *answer)
{
    pv_json_integer_field(json, "requested", answer->requested);
    pv_json_integer_field(json, "returned", answer->n_items);
    pv_json_integer_field(json, "candidates", answer->candidates);
    pv_filtered_json_write(json, answer->filtered, answer->n_filtered);
}

void pv_answer_json_append(pv_buffer *out, const pv_answer *answer)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "user", answer->user);
    write_origin(&json, answer);
    write_counts(&json, answer);
    pv_json_key(&json, "items");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < answer->n_items; k++) {
        const pv_item *item = &answer->items[k];
        pv_json_begin_object(&json);
        pv_json_text_field(&json, "item", item->product);
        pv_json_integer_from_field(&json, "rank", item->rank, 1);
        write_item_body(&json, item);
        pv_json_end_object(&json);
    }
    pv_json_end_array(&json);
    pv_json_end_object(&json);
}

static void write_purchases(pv_json *json, const pv_item *item)
{
    pv_json_key(json, "purchases");
    pv_json_begin_array(json);
    for (int64_t k = 0; k < item->n_removals; k++) {
        const pv_removal *removal = &item->removals[k];
        pv_json_begin_object(json);
        pv_json_text_field(json, "item", removal->product);
        pv_json_number_field(json, "contribution", removal->contribution);
        pv_json_key(json, "if_removed");
        pv_json_begin_object(json);
        pv_json_number_field(json, "score", removal->score);
        pv_json_end_object(json);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

pv_status pv_answer_json(char **json, const pv_answer *answer, pv_error *error)
{
    pv_buffer out = {0};
    pv_answer_json_append(&out, answer);
    return pv_buffer_hand_over(json, &out, "an answer", error);
}

pv_status pv_explanation_json(char **text, const pv_answer *answer, pv_error *error)
{
    if (answer->n_items != 1) return pv_fail(error, PV_E_INTERNAL, "an explanation is about one product");
    const pv_item *item = &answer->items[0];
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "user", answer->user);
    pv_json_text_field(&json, "item", item->product);
    write_origin(&json, answer);
    pv_json_integer_from_field(&json, "rank", item->rank, 1);
    write_item_body(&json, item);
    pv_json_string_field(&json, "gate", item->gate);
    pv_json_number_field(&json, "gap", item->gap);
    write_purchases(&json, item);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
