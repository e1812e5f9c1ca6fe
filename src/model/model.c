/* model.c - what an opened model tells of itself. */
#include "model/model.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include <purvey/answer.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_model_free(pv_model *model)
{
    if (!model) return;
    pv_shared_index_free(model->scan_index);
    pv_ranker_free(model->ranker);
    pv_release(model->user_order);
    pv_safetensors_free(model->file);
    free(model);
}

const char *pv_model_id(const pv_model *model)
{
    return model->id;
}

int64_t pv_model_user_count(const pv_model *model)
{
    return model->ranker->shop.users.ids.n;
}

pv_text pv_model_user(const pv_model *model, int64_t index)
{
    return pv_ids_at(&model->ranker->shop.users.ids, model->user_order[index]);
}

bool pv_model_has_time(const pv_model *model)
{
    return model->ranker->shop.has_time;
}

/* --- info -------------------------------------------------------------------------------------------------------- */

static void write_metadata(pv_json *json, const pv_model *model, const char *key)
{
    pv_json_string_field(json, key, pv_safetensors_metadata(model->file, key));
}

/* Metadata that is JSON itself stands as such. */
static void write_metadata_json(pv_json *json, const pv_model *model, const char *key)
{
    const char *value = pv_safetensors_metadata(model->file, key);
    pv_json_key(json, key);
    pv_json_raw(json, value ? value : "null");
}

static void write_sizes(pv_json *json, const pv_shop *shop)
{
    pv_json_integer_field(json, "users", shop->users.ids.n_warm);
    pv_json_integer_field(json, "users_without_purchases", shop->users.ids.n - shop->users.ids.n_warm);
    pv_json_integer_field(json, "companies", shop->users.n_buying_parents);
    pv_json_integer_field(json, "products", shop->products.ids.n_warm);
    pv_json_integer_field(json, "products_never_bought", shop->products.ids.n - shop->products.ids.n_warm);
    pv_json_integer_field(json, "purchase_lines", shop->lines.n);
    pv_json_integer_field(json, "pairs", pv_shop_count_pairs(shop));
}

/* NaN where z may be any size. */
static double finite_most(const pv_weights *weights, pv_kind kind, int signal)
{
    const double most = weights->most[kind][signal];
    return most < PV_NO_MOST ? most : (double)NAN;
}

static void write_signals(pv_json *json, const pv_ranker *ranker)
{
    const pv_weights *weights = &ranker->weights;
    pv_json_key(json, "signals");
    pv_json_begin_array(json);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        pv_json_begin_object(json);
        pv_json_string_field(json, "code", pv_signals[s]->code);
        const double nothing = (double)NAN; /* prints as null */
        const bool is_used = weights->is_used[s];
        pv_json_number_field(json, "weight_new", is_used ? weights->weight[PV_KIND_NEW][s] : nothing);
        pv_json_number_field(json, "weight_reorder", is_used ? weights->weight[PV_KIND_REORDER][s] : nothing);
        pv_json_number_field(json, "most_new", is_used ? finite_most(weights, PV_KIND_NEW, s) : nothing);
        pv_json_number_field(json, "most_reorder", is_used ? finite_most(weights, PV_KIND_REORDER, s) : nothing);
        pv_json_number_field(json, "scale", is_used ? weights->scale[s] : nothing);
        pv_json_number_field(json, "power", is_used ? weights->power[s] : nothing);
        pv_json_string_field(json, "silent", is_used ? pv_signals[s]->silent(&ranker->shop) : "not among --signals");
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

static void write_tensors(pv_json *json, const pv_tensors *tensors)
{
    pv_json_key(json, "tensors");
    pv_json_begin_array(json);
    for (size_t t = 0; t < tensors->count; t++) {
        const pv_tensor *tensor = &tensors->items[t];
        pv_json_begin_object(json);
        pv_json_string_field(json, "name", tensor->name);
        pv_json_string_field(json, "dtype", pv_dtype_name(tensor->dtype));
        pv_json_key(json, "shape");
        pv_json_begin_array(json);
        for (int r = 0; r < tensor->rank; r++) pv_json_integer(json, tensor->shape[r]);
        pv_json_end_array(json);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

pv_status pv_model_info_json(char **out, const pv_model *model, pv_error *error)
{
    const pv_shop *shop = &model->ranker->shop;
    pv_buffer buffer = {0};
    pv_json json = {.out = &buffer};
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "model", model->id);
    write_metadata(&json, model, "format_version");
    pv_json_integer_field(&json, "bytes", pv_safetensors_size(model->file));
    pv_json_string_field(&json, "checksum", pv_safetensors_checksum(model->file));
    write_metadata(&json, model, "data_hash");
    char as_of[PV_TIMESTAMP_SIZE];
    if (shop->has_time) pv_timestamp_print(as_of, shop->as_of);
    pv_json_string_field(&json, "as_of", shop->has_time ? as_of : NULL);
    write_sizes(&json, shop);
    pv_json_integer_field(&json, "min_companies", model->ranker->min_companies);
    write_metadata_json(&json, model, "options");
    write_metadata_json(&json, model, "metrics");
    write_metadata_json(&json, model, "weights");
    write_metadata_json(&json, model, "weights_new");
    write_metadata_json(&json, model, "weights_reorder");
    write_signals(&json, model->ranker);
    write_tensors(&json, pv_safetensors_tensors(model->file));
    pv_json_end_object(&json);
    return pv_buffer_hand_over(out, &buffer, "the description of the model", error);
}
