/* faithfulness_json.c - the measures of reasons as one JSON object: numbers unrounded, codes as keys. */
#include "evaluate/faithfulness_json.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"

static void begin_object_field(pv_json *json, const char *key)
{
    pv_json_key(json, key);
    pv_json_begin_object(json);
}

static void write_as_of(pv_json *json, int64_t as_of)
{
    char text[PV_TIMESTAMP_SIZE];
    if (as_of != PV_NO_TIME) pv_timestamp_print(text, as_of);
    pv_json_string_field(json, "as_of", as_of != PV_NO_TIME ? text : NULL);
}

static void write_counterfactuals(pv_json *json, const pv_faithfulness *faithfulness)
{
    pv_json_key(json, "lengths");
    pv_json_begin_array(json);
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        const pv_counterfactual *sets = &faithfulness->counterfactuals[k];
        pv_json_begin_object(json);
        pv_json_integer_field(json, "n", sets->n);
        pv_json_integer_field(json, "items", sets->items);
        pv_json_integer_field(json, "found", sets->found);
        pv_json_integer_field(json, "valid", sets->valid);
        pv_json_integer_field(json, "itself", sets->itself);
        pv_json_number_field(json, "median_size", sets->median_size);
        pv_json_number_field(json, "share_without", sets->share_without);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

/* What is told of a measure beside its value. */
static void write_details(pv_json *json, const pv_faithfulness *f, pv_faithfulness_criterion which)
{
    switch (which) {
    case PV_FAITHFULNESS_NECESSITY:
        pv_json_number_field(json, "largest", f->necessity_largest);
        pv_json_number_field(json, "random", f->necessity_random);
        break;
    case PV_FAITHFULNESS_SUFFICIENCY:
        pv_json_number_field(json, "alone", f->sufficiency_alone);
        break;
    case PV_FAITHFULNESS_COVERAGE:
        pv_json_number_field(json, "mean", f->coverage_mean);
        break;
    case PV_FAITHFULNESS_COUNTERFACTUAL:
        write_counterfactuals(json, f);
        break;
    case PV_FAITHFULNESS_STABILITY:
        pv_json_number_field(json, "ordered", f->stability_ordered);
        break;
    case PV_FAITHFULNESS_PRIVACY:
        pv_json_integer_field(json, "texts", f->texts);
        pv_json_integer_field(json, "facts", f->facts);
        pv_json_integer_field(json, "small_counts", f->small_counts);
        pv_json_integer_field(json, "told_ids", f->told_ids);
        break;
    default:
        break;
    }
}

void pv_faithfulness_write(pv_json *json, const pv_faithfulness *f)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "data_hash", f->data_hash);
    write_as_of(json, f->as_of);
    pv_json_integer_field(json, "customers", f->customers);
    pv_json_integer_field(json, "items", f->items);
    pv_json_integer_field(json, "n", f->n);
    pv_json_integer_field(json, "purchases", f->purchases);
    pv_json_integer_field(json, "set_size", f->set_size);
    pv_json_integer_field(json, "min_companies", f->min_companies);
    pv_json_boolean_field(json, "passed", f->is_passed);
    begin_object_field(json, "measures");
    for (int c = 0; c < PV_FAITHFULNESS_COUNT; c++) {
        const pv_faithfulness_result *result = &f->results[c];
        begin_object_field(json, pv_faithfulness_code((pv_faithfulness_criterion)c));
        pv_json_number_field(json, "value", result->value);
        pv_json_string_field(json, "rule", pv_gate_rule_code(result->rule));
        pv_json_number_field(json, "gate", result->gate);
        pv_json_integer_field(json, "counted", result->counted);
        pv_json_string_field(json, "verdict", pv_claim_verdict_code(result->verdict));
        write_details(json, f, (pv_faithfulness_criterion)c);
        pv_json_end_object(json);
    }
    pv_json_end_object(json);
    pv_json_end_object(json);
}

pv_status pv_faithfulness_json(char **out, const pv_faithfulness *faithfulness, pv_error *error)
{
    pv_buffer buffer = {0};
    pv_json json = {.out = &buffer};
    pv_faithfulness_write(&json, faithfulness);
    return pv_buffer_hand_over(out, &buffer, "measures of reasons", error);
}
