/* similar_json.c - the answer of `similar` as JSON (contract section 3). */
#include "service/answer_format.h"
#include "base/json_fields.h"

static void write_item(pv_json *json, const pv_similar_item *item, int64_t rank)
{
    pv_json_begin_object(json);
    pv_json_text_field(json, "item", item->product);
    pv_json_integer_field(json, "rank", rank);
    pv_json_text_field(json, "name", item->name);
    pv_json_number_field(json, "similarity", item->similarity);
    pv_json_integer_from_field(json, "buyers", item->buyers, 0);
    pv_json_integer_from_field(json, "also", item->also, 0);
    pv_json_boolean_field(json, "substitute", item->is_substitute);
    pv_json_end_object(json);
}

pv_status pv_similar_json(char **text, const pv_similar *similar, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "product", similar->product);
    pv_json_text_field(&json, "name", similar->name);
    pv_json_string_field(&json, "model", similar->model_id);
    pv_json_key(&json, "items");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < similar->n_items; k++) write_item(&json, &similar->items[k], k + 1);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
