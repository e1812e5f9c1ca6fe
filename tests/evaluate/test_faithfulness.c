/* The measures over whole shops: sound ones pass, planted faults are found, and the number of threads changes nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/faithfulness_run.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/model.h>

static model_case m;

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    return 0;
}

/* Measure all customers of the case; recomputed NULL: as served. */
static pv_faithfulness measured(const pv_ranker *recomputed, unsigned n_threads)
{
    pv_faithfulness faithfulness = {.as_of = m.shop->as_of};
    pv_faithfulness_study study = {.seed = 42, .served = m.ranker, .recomputed = recomputed ? recomputed : m.ranker};
    pv_threads *threads = NULL;
    pv_error error = {0};
    pv_faithfulness_settings_init(&study.settings);
    assert_int_equal(pv_threads_create(&threads, n_threads, NULL), PV_OK);
    if (pv_faithfulness_run(&faithfulness, &study, threads, NULL, NULL, &error) != PV_OK) fail_msg("%s", error.message);
    pv_threads_free(threads);
    return faithfulness;
}

static pv_claim_verdict verdict(const pv_faithfulness *faithfulness, pv_faithfulness_criterion which)
{
    return faithfulness->results[which].verdict;
}

static void a_sound_model_keeps_what_it_claims(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    const pv_faithfulness f = measured(NULL, 2);
    assert_int_equal(f.customers, 39); /* u39 has bought nothing */
    assert_int_equal(f.items, 390);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_ADDITIVITY), PV_CLAIM_PASSED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_REMOVAL), PV_CLAIM_PASSED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_REMOVAL_SIGN), PV_CLAIM_PASSED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_COUNTERFACTUAL), PV_CLAIM_PASSED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_SANITY), PV_CLAIM_PASSED);
    assert_true(f.results[PV_FAITHFULNESS_REMOVAL].counted > f.items);
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        assert_int_equal(f.counterfactuals[k].items, 39 * f.counterfactuals[k].n);
        assert_int_equal(f.counterfactuals[k].valid, f.counterfactuals[k].found);
        assert_true(f.counterfactuals[k].found > 0 && f.counterfactuals[k].median_size >= 1);
    }
}

static void a_removal_with_a_wrong_weight_is_found(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    pv_ranker wrong = *m.ranker;
    wrong.weights.weight[PV_KIND_NEW][PV_SIGNAL_CATEGORY] *= 1.001;
    const pv_faithfulness f = measured(&wrong, 2);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_ADDITIVITY), PV_CLAIM_PASSED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_REMOVAL), PV_CLAIM_FAILED);
    assert_false(f.is_passed);
}

static void effects_of_the_other_sign_and_sets_that_do_not_hold_are_found(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    pv_ranker wrong = *m.ranker;
    wrong.weights.base[PV_KIND_NEW] += 10; /* whatever is removed, what was not bought gains */
    const pv_faithfulness f = measured(&wrong, 2);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_REMOVAL_SIGN), PV_CLAIM_FAILED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_COUNTERFACTUAL), PV_CLAIM_FAILED);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    char *one = NULL, *three = NULL;
    model_case_init(&m, generated_shop(), NULL, 2);
    const pv_faithfulness by_one = measured(NULL, 1), by_three = measured(NULL, 3);
    assert_int_equal(pv_faithfulness_json(&one, &by_one, NULL), PV_OK);
    assert_int_equal(pv_faithfulness_json(&three, &by_three, NULL), PV_OK);
    assert_string_equal(one, three);
    pv_free(one);
    pv_free(three);
}

static void popularity_alone_explains_all_and_no_purchase_changes_it(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), "popularity", 2);
    for (int kind = 0; kind < PV_KIND_COUNT;
         kind++) { /* so that a removal which changes the kind changes nothing else */
        m.ranker->weights.weight[kind][PV_SIGNAL_POPULARITY] = 0.1;
        m.ranker->weights.most[kind][PV_SIGNAL_POPULARITY] = PV_NO_MOST;
        m.ranker->weights.base[kind] = 0;
    }
    const pv_faithfulness f = measured(NULL, 2);
    assert_close(f.results[PV_FAITHFULNESS_COVERAGE].value, 1);
    assert_close(f.results[PV_FAITHFULNESS_SUFFICIENCY].value, 1);
    assert_close(f.results[PV_FAITHFULNESS_STABILITY].value, 1);
    assert_int_equal(f.results[PV_FAITHFULNESS_REMOVAL_SIGN].counted, 0);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_NECESSITY), PV_CLAIM_NOT_MEASURED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_SANITY), PV_CLAIM_NOT_MEASURED);
    assert_int_equal(verdict(&f, PV_FAITHFULNESS_COUNTERFACTUAL), PV_CLAIM_NOT_MEASURED);
    assert_close(f.counterfactuals[0].share_without, 1);
}

/* A company that ordered bolts three times, nuts twice and pins once. */
static const purchase_case orders[] = {
    LINE("firm", "bolt", .time = "2020-01-01", .order = "1"), LINE("firm", "bolt", .time = "2020-01-02", .order = "2"),
    LINE("firm", "bolt", .time = "2020-01-03", .order = "3"), LINE("firm", "nut", .time = "2020-01-01", .order = "1"),
    LINE("firm", "nut", .time = "2020-01-02", .order = "2"),  LINE("firm", "pin", .time = "2020-01-03", .order = "3")};

static void a_habit_falls_without_its_own_purchase(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(orders)};
    model_case_init(&m, &c, "habit", 2);
    const pv_faithfulness f = measured(NULL, 1);
    assert_int_equal(f.items, 3);
    assert_int_equal(f.counterfactuals[0].items, 1); /* the bolt is first; lists of 5 and 10 there are none */
    assert_int_equal(f.counterfactuals[0].found, 1);
    assert_int_equal(f.counterfactuals[0].itself, 1);
    assert_close(f.counterfactuals[0].median_size, 1);
    assert_int_equal(f.counterfactuals[1].items, 0);
}

/* --- from files --------------------------------------------------------------------------------------------------- */

static void a_shop_is_trained_and_measured(void **state)
{
    (void)state;
    scratch_folder shop;
    pv_faithfulness *f = NULL;
    pv_train_options options;
    pv_faithfulness_settings settings;
    model_case_init(&m, generated_shop(), NULL, 2); /* what tear_down() takes away */
    assert_true(scratch_folder_create(&shop));
    shop_files_write(&shop, generated_shop());
    pv_train_options_init(&options);
    options.factors = 4;
    options.iterations = 3;
    options.min_companies = 2;
    pv_faithfulness_settings_init(&settings);
    settings.customers = 10;
    settings.n = 5;
    assert_int_equal(pv_faithfulness_measure(&f, shop.path, &options, &settings, NULL), PV_OK);
    assert_int_equal(f->customers, 10);
    assert_int_equal(f->items, 50);
    assert_int_equal(f->min_companies, 2);
    assert_int_equal(verdict(f, PV_FAITHFULNESS_ADDITIVITY), PV_CLAIM_PASSED);
    assert_int_equal(verdict(f, PV_FAITHFULNESS_REMOVAL), PV_CLAIM_PASSED);
    assert_int_equal(verdict(f, PV_FAITHFULNESS_COUNTERFACTUAL), PV_CLAIM_PASSED);
    pv_faithfulness_free(f);
    settings.customers = 0;
    assert_int_equal(pv_faithfulness_measure(&f, shop.path, &options, &settings, NULL), PV_E_USAGE);
    scratch_folder_remove(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_sound_model_keeps_what_it_claims, tear_down),
        cmocka_unit_test_teardown(a_removal_with_a_wrong_weight_is_found, tear_down),
        cmocka_unit_test_teardown(effects_of_the_other_sign_and_sets_that_do_not_hold_are_found, tear_down),
        cmocka_unit_test_teardown(any_number_of_threads_gives_the_same_bytes, tear_down),
        cmocka_unit_test_teardown(popularity_alone_explains_all_and_no_purchase_changes_it, tear_down),
        cmocka_unit_test_teardown(a_habit_falls_without_its_own_purchase, tear_down),
        cmocka_unit_test_teardown(a_shop_is_trained_and_measured, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
