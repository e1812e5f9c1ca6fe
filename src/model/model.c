/* model.c - opening a model file and describing it. */
#include "model/model.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include "signals/als_signal.h"
#include <purvey/answer.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Warm and cold users are sorted each; `--all` goes through them as one sorted list. */
static pv_status order_users(pv_model *model, pv_error *error)
{
    const pv_ids *ids = &model->ranker->shop.users.ids;
    model->user_order = pv_allocate((size_t)ids->n, sizeof *model->user_order);
    if (!model->user_order) return pv_fail_memory(error, "users", (uint64_t)ids->n * sizeof *model->user_order);
    int64_t warm = 0, cold = ids->n_warm;
    for (int64_t k = 0; k < ids->n; k++) {
        const bool takes_warm =
            warm < ids->n_warm && (cold == ids->n || pv_text_compare(pv_ids_at(ids, warm), pv_ids_at(ids, cold)) < 0);
        model->user_order[k] = (int32_t)(takes_warm ? warm++ : cold++);
    }
    return PV_OK;
}

static pv_status check_format(const pv_safetensors *file, const char *path, pv_error *error)
{
    const char *format = pv_safetensors_metadata(file, "format_version");
    if (!format) return pv_fail(error, PV_E_INPUT, "%s: a safetensors file, but no model of purvey", path);
    if (strcmp(format, PV_MODEL_FORMAT) != 0)
        return pv_fail(
            error, PV_E_INPUT,
            "%s: model format %.20s, this version reads format %s: train it again or use the purvey that made it", path,
            format, PV_MODEL_FORMAT);
    return PV_OK;
}

static pv_status read_events_taken(pv_log_position *taken, const pv_safetensors *file, const char *path,
                                   pv_error *error)
{
    const char *text = pv_safetensors_metadata(file, "events_taken");
    if (text && !pv_log_position_parse(taken, text))
        return pv_fail(error, PV_E_INPUT, "%s: metadata events_taken is no position of an event log", path);
    return PV_OK;
}

static pv_status bind(pv_model *model, const char *path, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_safetensors_read(model->file, error));
    PV_TRY(check_format(model->file, path, error));
    PV_TRY(read_events_taken(&model->events_taken, model->file, path, error));
    PV_TRY(pv_ranker_create(&model->ranker, pv_safetensors_tensors(model->file), error));
    PV_TRY(order_users(model, error));
    const pv_als_bound *als = model->ranker->bound[PV_SIGNAL_ALS];
    PV_TRY(pv_shared_index_create(&model->scan_index, als->model.product_factors, als->n_scored,
                                  (size_t)als->model.settings.n_factors, error));
    memcpy(model->id, pv_safetensors_checksum(model->file), sizeof model->id - 1);
cleanup:
    return status;
}

/* --- opening with several threads -------------------------------------------------------------------------------- */

#define BYTES_PER_THREAD 4000000 /* of the file; fewer are not worth a thread */
#define THREADS_MOST 8           /* more do not read faster */

typedef struct opening {
    pv_model *model;
    const char *path;
    pv_status status; /* of binding */
    pv_error error;
} opening;

/* The first task binds, the others sum, and who has bound joins them: binding trusts nothing, so it need not wait. */
static void open_part(void *context, size_t task, unsigned thread)
{
    (void)thread;
    opening *in = context;
    if (task == 0) in->status = bind(in->model, in->path, &in->error);
    pv_safetensors_sum(in->model->file);
}

/* NULL, the calling thread alone, where others would not help or cannot be had. */
static pv_threads *start_threads(const pv_safetensors *file)
{
    pv_threads *threads = NULL;
    int64_t n = 1 + pv_safetensors_size(file) / BYTES_PER_THREAD;
    if (n > THREADS_MOST) n = THREADS_MOST;
    if (n > 1 && n > pv_threads_available()) n = pv_threads_available();
    return n > 1 && pv_threads_create(&threads, (unsigned)n, NULL) == PV_OK ? threads : NULL;
}

pv_status pv_model_open(pv_model **out, const char *path, pv_error *error)
{
    pv_status status;
    pv_threads *threads = NULL;
    opening in = {.model = calloc(1, sizeof *in.model), .path = path};
    if (!in.model) return pv_fail_memory(error, "the model", sizeof *in.model);
    PV_TRY(pv_safetensors_map(&in.model->file, path, error));
    threads = start_threads(in.model->file);
    pv_threads_run(threads, pv_threads_count(threads), open_part, &in);
    PV_TRY(pv_safetensors_verify(in.model->file, error));
    status = in.status;
    if (status != PV_OK) {
        if (error) *error = in.error;
        goto cleanup;
    }
    *out = in.model;
    in.model = NULL;
cleanup:
    pv_threads_free(threads);
    pv_model_free(in.model);
    return status;
}

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
