/* audience_json.c - the audience of a product as JSON. */
#include <purvey/views.h>

#include "base/json_fields.h"
#include "service/answer_format.h"

static void write_user(pv_json *json, const pv_audience_user *user)
{
    pv_json_begin_object(json);
    pv_json_text_field(json, "user", user->user);
    pv_json_integer_field(json, "rank", user->rank);
    pv_json_integer_from_field(json, "own_rank", user->item.rank, 1);
    pv_item_kind_json_write(json, &user->item);
    pv_item_score_json_write(json, &user->item);
    pv_json_end_object(json);
}

pv_status pv_audience_json(char **text, const pv_audience *audience, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "item", audience->product);
    pv_json_text_field(&json, "name", audience->name);
    pv_json_string_field(&json, "model", audience->model_id);
    pv_as_of_json_write(&json, audience->as_of);
    pv_mode_json_write(&json, audience->mode);
    pv_json_string_field(&json, "search", audience->search);
    pv_json_integer_field(&json, "requested", audience->requested);
    pv_json_integer_field(&json, "returned", audience->n_users);
    pv_json_integer_field(&json, "considered", audience->considered);
    pv_json_integer_field(&json, "candidates", audience->candidates);
    pv_filtered_json_write(&json, audience->filtered, audience->n_filtered);
    pv_json_key(&json, "users");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < audience->n_users; k++) write_user(&json, &audience->users[k]);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
