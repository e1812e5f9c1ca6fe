/* The list of signals and their weights, as an option and in a model. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "ranker/weights.h"
#include "support/shop_case.h"
#include <math.h>
#include <string.h>

static void without_a_list_every_signal_counts(void **state)
{
    (void)state;
    pv_weights weights;
    assert_int_equal(pv_weights_default(&weights, NULL, NULL), PV_OK);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        assert_true(weights.is_used[s]);
        assert_true(weights.weight[PV_KIND_NEW][s] >= 0 && weights.weight[PV_KIND_REORDER][s] >= 0);
        assert_close(weights.scale[s], 1);
        assert_close(weights.power[s], 0);
    }
}

static void a_list_chooses_signals(void **state)
{
    (void)state;
    pv_weights weights;
    assert_int_equal(pv_weights_default(&weights, "habit,als", NULL), PV_OK);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        assert_int_equal(weights.is_used[s], s == PV_SIGNAL_ALS || s == PV_SIGNAL_HABIT);
}

static void the_factor_model_alone_counts_as_it_is(void **state)
{
    (void)state;
    pv_weights weights;
    assert_int_equal(pv_weights_default(&weights, "als", NULL), PV_OK);
    assert_close(weights.weight[PV_KIND_NEW][PV_SIGNAL_ALS], 1);
    assert_close(weights.weight[PV_KIND_REORDER][PV_SIGNAL_ALS], 1);
    assert_true(pv_weights_is_als_alone(&weights));
}

#define ALL_SIGNALS                                                                                                    \
    "als, als_recent, bought_together, text, peers, segment, category, brand, discount, price_fit, popularity, "       \
    "trend, "                                                                                                          \
    "age, season, last_sold, habit, rebuy_rate, reorder_due, rebuy, substitute, fatigue"

static void a_list_that_is_wrong_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *list, *message;
    } cases[] = {
        {"als,magic", "--signals: no signal \"magic\" (" ALL_SIGNALS ")"},
        {"", "--signals: no signal \"\" (" ALL_SIGNALS ")"},
        {"als,", "--signals: no signal \"\" (" ALL_SIGNALS ")"},
        {"als, habit", "--signals: no signal \" habit\" (" ALL_SIGNALS ")"},
        {"Als", "--signals: no signal \"Als\" (" ALL_SIGNALS ")"},
        {"habit,als,habit", "--signals: habit is named twice"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_weights weights, before;
        pv_error error;
        memset(&weights, 7, sizeof weights);
        before = weights;
        assert_int_equal(pv_weights_default(&weights, cases[k].list, &error), PV_E_USAGE);
        assert_string_equal(error.message, cases[k].message);
        assert_string_equal(error.field, "/signals");
        assert_memory_equal(&weights, &before, sizeof weights);
    }
}

static void weights_come_back_from_a_model_as_they_were(void **state)
{
    (void)state;
    pv_weights weights, back;
    pv_tensors tensors = {0};
    assert_int_equal(pv_weights_default(&weights, "popularity,discount", NULL), PV_OK);
    assert_int_equal(pv_weights_put(&tensors, &weights, NULL), PV_OK);
    assert_int_equal(pv_weights_bind(&back, &tensors, NULL), PV_OK);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        assert_int_equal(back.is_used[s], weights.is_used[s]);
        if (!back.is_used[s]) continue;
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) assert_close(back.weight[kind][s], weights.weight[kind][s]);
        assert_close(back.scale[s], weights.scale[s]);
        assert_close(back.power[s], weights.power[s]);
    }
    pv_tensors_deinit(&tensors);
}

static void weights_that_cannot_be_are_refused(void **state)
{
    (void)state;
    pv_weights weights, back;
    pv_tensors tensors = {0};
    pv_error error;
    assert_int_equal(pv_weights_default(&weights, "als,habit", NULL), PV_OK);
    assert_int_equal(pv_weights_put(&tensors, &weights, NULL), PV_OK);
    double *weight = pv_tensors_find(&tensors, "weights.weight")->owned;
    double *scale = pv_tensors_find(&tensors, "weights.scale")->owned;
    char *codes = pv_tensors_find(&tensors, "weights.code_bytes")->owned;
    const double bad_weights[] = {-1, (double)NAN, (double)INFINITY},
                 bad_scales[] = {0, -1, (double)NAN, (double)INFINITY};
    for (size_t k = 0; k < 3; k++) {
        weight[1] = bad_weights[k];
        assert_int_equal(pv_weights_bind(&back, &tensors, &error), PV_E_INPUT);
        assert_non_null(strstr(error.message, "habit"));
    }
    weight[1] = 1;
    for (size_t k = 0; k < 4; k++) {
        scale[1] = bad_scales[k];
        assert_int_equal(pv_weights_bind(&back, &tensors, &error), PV_E_INPUT);
        assert_non_null(strstr(error.message, "habit"));
    }
    scale[1] = 1;
    codes[0] = 'x';
    assert_int_equal(pv_weights_bind(&back, &tensors, &error), PV_E_INPUT);
    codes[0] = 'a';
    assert_int_equal(pv_weights_bind(&back, &tensors, &error), PV_OK);
    pv_tensors_deinit(&tensors);
}

static void a_signal_twice_in_a_model_is_refused(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_weights back;
    double *numbers = NULL;
    const pv_text codes[] = {pv_text_of("als"), pv_text_of("als")};
    assert_int_equal(pv_tensors_add_texts(&tensors, "weights.code", codes, 2, NULL), PV_OK);
    assert_int_equal(pv_tensors_add(&numbers, &tensors, "weights.weight", PV_F64, 2, 2, NULL), PV_OK);
    for (int k = 0; k < 4; k++) numbers[k] = 1;
    assert_int_equal(pv_tensors_add(&numbers, &tensors, "weights.scale", PV_F64, 2, 2, NULL), PV_OK);
    for (int k = 0; k < 4; k++) numbers[k] = 1;
    assert_int_equal(pv_tensors_add(&numbers, &tensors, "weights.base", PV_F64, 3, 0, NULL), PV_OK);
    assert_int_equal(pv_weights_bind(&back, &tensors, NULL), PV_E_INPUT);
    pv_tensors_deinit(&tensors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_every_signal_counts),
        cmocka_unit_test(a_list_chooses_signals),
        cmocka_unit_test(the_factor_model_alone_counts_as_it_is),
        cmocka_unit_test(a_list_that_is_wrong_is_refused_by_name),
        cmocka_unit_test(weights_come_back_from_a_model_as_they_were),
        cmocka_unit_test(weights_that_cannot_be_are_refused),
        cmocka_unit_test(a_signal_twice_in_a_model_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
