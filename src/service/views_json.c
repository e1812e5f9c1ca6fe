/* views_json.c - the views of one product and the peers of a customer as JSON. */
#include <purvey/views.h>

#include "base/json_fields.h"
#include "service/answer_format.h"

static void begin_related(pv_json *json, const pv_related *related, bool has_category)
{
    pv_json_begin_object(json);
    pv_json_text_field(json, "item", related->product);
    pv_json_text_field(json, "name", related->name);
    if (has_category) pv_json_text_field(json, "category", related->category);
    pv_json_string_field(json, "model", related->model_id);
    pv_json_string_field(json, "source", related->source);
    pv_json_text_field(json, "fallback", related->fallback);
    pv_json_integer_field(json, "requested", related->requested);
    pv_json_integer_field(json, "returned", related->n_items);
    pv_json_key(json, "items");
    pv_json_begin_array(json);
}

static void begin_item(pv_json *json, const pv_related_item *item, int64_t rank)
{
    pv_json_begin_object(json);
    pv_json_text_field(json, "item", item->product);
    pv_json_integer_field(json, "rank", rank);
    pv_json_text_field(json, "name", item->name);
}

static void end_list(pv_json *json)
{
    pv_json_end_array(json);
    pv_json_end_object(json);
}

pv_status pv_bought_together_json(char **text, const pv_related *related, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    begin_related(&json, related, false);
    for (int64_t k = 0; k < related->n_items; k++) {
        const pv_related_item *item = &related->items[k];
        begin_item(&json, item, k + 1);
        pv_json_number_field(&json, "weight", item->weight);
        pv_json_integer_from_field(&json, "buyers", item->buyers, 0);
        pv_json_integer_from_field(&json, "also", item->also, 0);
        pv_json_number_field(&json, "rate", item->rate);
        pv_json_number_field(&json, "base_rate", item->base_rate);
        pv_json_string_field(&json, "gate", item->gate);
        pv_json_end_object(&json);
    }
    end_list(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

pv_status pv_substitutes_json(char **text, const pv_related *related, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    begin_related(&json, related, true);
    for (int64_t k = 0; k < related->n_items; k++) {
        begin_item(&json, &related->items[k], k + 1);
        pv_json_number_field(&json, "similarity", related->items[k].similarity);
        pv_json_string_field(&json, "gate", related->items[k].gate);
        pv_json_end_object(&json);
    }
    end_list(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

static void write_segments(pv_json *json, const pv_peer *peer)
{
    pv_json_key(json, "segments");
    pv_json_begin_array(json);
    for (int64_t s = 0; s < peer->n_segments; s++) {
        pv_json_begin_object(json);
        pv_json_text_field(json, "column", peer->segments[s].column);
        pv_json_text_field(json, "value", peer->segments[s].value);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

static void write_peer(pv_json *json, const pv_peer *peer, int64_t rank)
{
    pv_json_begin_object(json);
    pv_json_text_field(json, "company", peer->company);
    pv_json_integer_field(json, "rank", rank);
    pv_json_integer_field(json, "users", peer->n_users);
    pv_json_number_field(json, "similarity", peer->similarity);
    pv_json_integer_field(json, "products", peer->products);
    pv_json_integer_field(json, "common", peer->common);
    write_segments(json, peer);
    pv_json_end_object(json);
}

pv_status pv_peers_json(char **text, const pv_peers *peers, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "user", peers->user);
    pv_json_string_field(&json, "model", peers->model_id);
    pv_as_of_json_write(&json, peers->as_of);
    pv_json_string_field(&json, "source", peers->source);
    pv_json_text_field(&json, "fallback", peers->fallback);
    pv_json_integer_field(&json, "requested", peers->requested);
    pv_json_integer_field(&json, "returned", peers->n_items);
    pv_json_integer_field(&json, "candidates", peers->candidates);
    pv_json_integer_field(&json, "products", peers->products);
    pv_json_key(&json, "items");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < peers->n_items; k++) write_peer(&json, &peers->items[k], k + 1);
    end_list(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
