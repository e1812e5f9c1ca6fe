/* published_report.c - published models as the commands print them for programs. */
#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include "registry/model_pointer.h"

pv_status pv_published_models_json(char **text, const pv_published_model *models, int64_t count, int64_t current,
                                   pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_key(&json, "models");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < count; k++) {
        pv_json_begin_object(&json);
        pv_json_boolean_field(&json, "in_use", k == current);
        pv_published_model_print_fields(&json, &models[k]);
        pv_json_end_object(&json);
    }
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "the models", error);
}

pv_status pv_published_models_csv(char **text, const pv_published_model *models, int64_t count, int64_t current,
                                  pv_error *error)
{
    char as_of[PV_TIMESTAMP_SIZE], published_at[PV_TIMESTAMP_SIZE];
    pv_buffer out = {0};
    pv_buffer_append_string(&out, "model,in_use,as_of,published_at,size,sha256\n");
    for (int64_t k = 0; k < count; k++) {
        const pv_published_model *model = &models[k];
        as_of[0] = '\0';
        if (model->as_of != PV_NO_TIME) pv_timestamp_print(as_of, model->as_of);
        pv_timestamp_print(published_at, model->published_at);
        pv_buffer_print(&out, "%s,%s,%s,%s,%lld,%s\n", model->model, k == current ? "true" : "false", as_of,
                        published_at, (long long)model->size, model->sha256);
    }
    return pv_buffer_hand_over(text, &out, "the models", error);
}

static void print_or_null(pv_json *json, const char *key, const pv_published_model *model)
{
    pv_json_key(json, key);
    if (!model->model[0]) {
        pv_json_null(json);
        return;
    }
    pv_json_begin_object(json);
    pv_published_model_print_fields(json, model);
    pv_json_end_object(json);
}

pv_status pv_model_in_use_json(char **text, const pv_published_model *in_use, const pv_published_model *before,
                               pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    print_or_null(&json, "in_use", in_use);
    print_or_null(&json, "before", before);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "the model", error);
}
