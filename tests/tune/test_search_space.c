/* Settings drawn around those given. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tune/search_space.h"
#include <math.h>

#define SETTINGS 64

static void settings_differ_and_the_first_is_the_given(void **state)
{
    (void)state;
    pv_train_options given, settings[SETTINGS];
    pv_train_options_init(&given);
    assert_int_equal(pv_search_space_draw(settings, SETTINGS, &given), SETTINGS);
    assert_true(pv_search_space_equal(&settings[0], &given));
    for (int a = 0; a < SETTINGS; a++)
        for (int b = 0; b < a; b++) assert_false(pv_search_space_equal(&settings[a], &settings[b]));
}

static void more_settings_begin_with_the_same(void **state)
{
    (void)state;
    pv_train_options given, few[8], many[SETTINGS];
    pv_train_options_init(&given);
    assert_int_equal(pv_search_space_draw(few, 8, &given), 8);
    assert_int_equal(pv_search_space_draw(many, SETTINGS, &given), SETTINGS);
    for (int k = 0; k < 8; k++) assert_true(pv_search_space_equal(&few[k], &many[k]));
    given.seed++;
    assert_int_equal(pv_search_space_draw(few, 8, &given), 8);
    int n_same = 0;
    for (int k = 1; k < 8; k++) n_same += pv_search_space_equal(&few[k], &many[k]);
    assert_true(n_same < 7);
}

static void every_option_is_searched_within_its_range(void **state)
{
    (void)state;
    int changed[8] = {0};
    pv_train_options given, settings[SETTINGS];
    pv_train_options_init(&given);
    given.min_companies = 3;
    given.factors = 900;
    assert_int_equal(pv_search_space_draw(settings, SETTINGS, &given), SETTINGS);
    for (int k = 0; k < SETTINGS; k++) {
        const pv_train_options *s = &settings[k];
        assert_true(s->factors >= 1 && s->factors <= 1024);
        assert_true(s->iterations >= 1);
        assert_true(s->min_companies >= given.min_companies);
        assert_true(isnan(s->half_life_days) || s->half_life_days > 0);
        changed[0] += s->factors != given.factors;
        changed[1] += s->iterations != given.iterations;
        changed[2] += s->min_companies != given.min_companies;
        changed[3] += s->weighting != given.weighting;
        changed[4] += s->regularization != given.regularization;
        changed[5] += s->unobserved_weight != given.unobserved_weight && !isnan(s->unobserved_weight);
        changed[6] += s->alpha != given.alpha;
        changed[7] += !isnan(s->half_life_days);
    }
    for (int k = 0; k < 8; k++) assert_true(changed[k] > 0 && changed[k] < SETTINGS - 1);
}

static void hkv_keeps_what_its_reading_depends_on(void **state)
{
    (void)state;
    pv_train_options given, settings[SETTINGS];
    pv_train_options_init(&given);
    given.loss = PV_LOSS_HKV;
    assert_int_equal(pv_search_space_draw(settings, SETTINGS, &given), SETTINGS);
    for (int k = 0; k < SETTINGS; k++) {
        assert_true(isnan(settings[k].unobserved_weight));
        assert_int_equal(settings[k].weighting, PV_WEIGHT_LOG);
        assert_int_equal(settings[k].loss, PV_LOSS_HKV);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_differ_and_the_first_is_the_given),
        cmocka_unit_test(more_settings_begin_with_the_same),
        cmocka_unit_test(every_option_is_searched_within_its_range),
        cmocka_unit_test(hkv_keeps_what_its_reading_depends_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
