/* answer_csv.c - answers as CSV: one line an item, a signal or a similar product. */
#include "service/answer_format.h"

#include "service/csv_writer.h"
#include "base/failure.h"
#include "base/text.h"

const char pv_answer_csv_header[] = "user_id,product_id,rank,score,kind,name,reason\n";

/* Sentence of the largest contribution; none without reasons. */
static pv_text main_reason(const pv_item *item)
{
    const pv_reason *largest = NULL;
    for (int64_t k = 0; k < item->n_reasons; k++)
        if (largest == NULL || item->reasons[k].contribution > largest->contribution) largest = &item->reasons[k];
    return largest == NULL ? (pv_text){0} : largest->text;
}

void pv_answer_csv_append(pv_buffer *out, const pv_answer *answer)
{
    pv_csv csv = {.out = out};
    for (int64_t k = 0; k < answer->n_items; k++) {
        const pv_item *item = &answer->items[k];
        pv_csv_text(&csv, answer->user);
        pv_csv_text(&csv, item->product);
        pv_csv_integer(&csv, item->rank);
        pv_csv_number(&csv, item->score);
        pv_csv_string(&csv, item->kind == PV_KIND_REORDER ? "reorder" : "new");
        pv_csv_text(&csv, item->name);
        pv_csv_text(&csv, main_reason(item));
        pv_csv_end_line(&csv);
    }
}

pv_status pv_answer_csv(char **text, const pv_answer *answer, pv_error *error)
{
    pv_buffer out = {0};
    pv_buffer_append_string(&out, pv_answer_csv_header);
    pv_answer_csv_append(&out, answer);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

pv_status pv_explanation_csv(char **text, const pv_answer *answer, pv_error *error)
{
    if (answer->n_items != 1) return pv_fail(error, PV_E_INTERNAL, "an explanation is about one product");
    const pv_item *item = &answer->items[0];
    pv_buffer out = {0};
    pv_csv csv = {.out = &out};
    pv_buffer_append_string(&out, "code,contribution,share,score_without,text\n");
    for (int64_t k = 0; k < item->n_reasons; k++) {
        const pv_reason *reason = &item->reasons[k];
        pv_csv_string(&csv, reason->code);
        pv_csv_number(&csv, reason->contribution);
        pv_csv_number(&csv, reason->share);
        pv_csv_number(&csv, reason->if_removed_score);
        pv_csv_text(&csv, reason->text);
        pv_csv_end_line(&csv);
    }
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

/* A count that is not known (-1) is an empty field. */
static void write_count(pv_csv *csv, int64_t count)
{
    if (count >= 0)
        pv_csv_integer(csv, count);
    else
        pv_csv_string(csv, "");
}

pv_status pv_similar_csv(char **text, const pv_similar *similar, pv_error *error)
{
    pv_buffer out = {0};
    pv_csv csv = {.out = &out};
    pv_buffer_append_string(&out, "product_id,rank,name,similarity,buyers,also,substitute\n");
    for (int64_t k = 0; k < similar->n_items; k++) {
        const pv_similar_item *item = &similar->items[k];
        pv_csv_text(&csv, item->product);
        pv_csv_integer(&csv, k + 1);
        pv_csv_text(&csv, item->name);
        pv_csv_number(&csv, item->similarity);
        write_count(&csv, item->buyers);
        write_count(&csv, item->also);
        pv_csv_integer(&csv, item->is_substitute);
        pv_csv_end_line(&csv);
    }
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
