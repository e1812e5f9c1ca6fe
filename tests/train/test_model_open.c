/* Opening a model: tensors that cannot be are refused although the checksum is right. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include <purvey/answer.h>
#include <math.h>
#include <string.h>

static scratch_folder folder;
static model_case m;

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&m, generated_shop(), NULL, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

static void assert_refused(const char *part)
{
    char path[SCRATCH_PATH_SIZE];
    pv_model *model = NULL;
    pv_error error = {.message = ""};
    model_file_write(&folder, "model", &m);
    scratch_path(path, &folder, "model");
    assert_int_equal(pv_model_open(&model, path, &error), PV_E_INPUT);
    assert_null(model);
    if (!strstr(error.message, part)) fail_msg("\"%s\" does not name \"%s\"", error.message, part);
}

static void a_sound_model_opens_and_lists_its_users_in_bytewise_order(void **state)
{
    (void)state;
    pv_model *model = model_file_open(&folder, &m);
    assert_int_equal(pv_model_user_count(model), 40);
    for (int64_t u = 1; u < 40; u++)
        assert_true(pv_text_compare(pv_model_user(model, u - 1), pv_model_user(model, u)) < 0);
    assert_true(pv_model_has_time(model));
    assert_int_equal(strlen(pv_model_id(model)), 8);
    assert_text(pv_model_product_name(model, pv_text_of("P01")), "Product 1");
    assert_text(pv_model_product_name(model, pv_text_of("P00")), NULL);
    assert_text(pv_model_product_name(model, pv_text_of("none")), NULL);
    pv_model_free(model);
}

static void altered_indices_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"purchases.product", "users.parent", "parents.member", "products.category",
                                        "categories.parent"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        int32_t *data = tensor_data(&m.built.tensors, names[k]);
        const int32_t kept = data[1];
        data[1] = 100000;
        assert_refused(names[k]);
        data[1] = kept;
    }
}

static void altered_tables_of_signals_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *tensor, *part;
    } cases[] = {{"bought_together.product", "bought_together"},
                 {"popularity.segment_product", "popularity"},
                 {"popularity.segment", "popularity"}};
    for (size_t k = 0; k < 3; k++) {
        int32_t *data = tensor_data(&m.built.tensors, cases[k].tensor);
        const int32_t kept = data[0];
        data[0] = 100000;
        assert_refused(cases[k].part);
        data[0] = kept;
    }
    double *weight = tensor_data(&m.built.tensors, "weights.weight");
    weight[0] = (double)NAN;
    assert_refused("weight");
}

static void altered_numbers_are_refused(void **state)
{
    (void)state;
    float *factors = tensor_data(&m.built.tensors, "product_factors");
    int64_t *times = tensor_data(&m.built.tensors, "purchases.time");
    const float factor = factors[3];
    const int64_t time = times[0];
    factors[3] = (float)NAN;
    assert_refused("product_factors");
    factors[3] = factor;
    times[0] = INT64_MIN;
    assert_refused("purchases.time");
    times[0] = time;
    *(int64_t *)tensor_data(&m.built.tensors, "weights.min_companies") = 0;
    assert_refused("weights.min_companies");
}

static void a_tensor_left_out_is_refused(void **state)
{
    (void)state;
    pv_tensors *tensors = &m.built.tensors;
    for (size_t t = 0; t < tensors->count; t++) {
        const pv_tensor kept = tensors->items[t];
        if (strncmp(kept.name, "parents.id", 10) == 0) continue; /* names of companies are never read */
        if (strncmp(kept.name, "dislikes.", 9) == 0 || strncmp(kept.name, "assortments.", 12) == 0) continue;
        if (strcmp(kept.name, "rebuy.coefficient") == 0 || strcmp(kept.name, "rebuy.mean") == 0)
            continue;                                                 /* without it the customer's constant is 0 */
        if (strncmp(kept.name, "discount.recent", 15) == 0) continue; /* a shop with discounts of today has none */
        if (strcmp(kept.name, "purchases.order_key") == 0 || strcmp(kept.name, "purchases.settled") == 0 ||
            strcmp(kept.name, "purchases.amount") == 0 || strcmp(kept.name, "users.price_list") == 0)
            continue; /* models made before events have none */
        tensors->items[t].name[0] = '~';
        assert_refused("model: ");
        tensors->items[t] = kept;
    }
}

static void another_format_and_another_program_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        pv_metadata_pair metadata;
        const char *part;
    } cases[] = {{{"format_version", "3"}, "model format 3, this version reads format 2"},
                 {{"made_by", "someone"}, "no model of purvey"}};
    for (size_t k = 0; k < 2; k++) {
        char path[SCRATCH_PATH_SIZE], checksum[PV_CHECKSUM_DIGITS + 1];
        pv_model *model = NULL;
        pv_error error = {.message = ""};
        scratch_path(path, &folder, "other");
        assert_int_equal(pv_safetensors_write(path, &m.built.tensors, &cases[k].metadata, 1, checksum, NULL, NULL),
                         PV_OK);
        assert_int_equal(pv_model_open(&model, path, &error), PV_E_INPUT);
        assert_non_null(strstr(error.message, path));
        assert_non_null(strstr(error.message, cases[k].part));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_sound_model_opens_and_lists_its_users_in_bytewise_order),
        TEST(altered_indices_are_refused),
        TEST(altered_tables_of_signals_are_refused),
        TEST(altered_numbers_are_refused),
        TEST(a_tensor_left_out_is_refused),
        TEST(another_format_and_another_program_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
