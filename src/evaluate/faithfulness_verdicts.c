/* faithfulness_verdicts.c - see faithfulness_verdicts.h. */
#include "evaluate/faithfulness_verdicts.h"

#include <math.h>
#include <stdlib.h>

/* --- names and gates ---------------------------------------------------------------------------------------------- */

typedef struct criterion {
    const char *code, *title;
    pv_gate_rule rule;
    double gate;
} criterion;

static const criterion criteria[PV_FAITHFULNESS_COUNT] = {
    [PV_FAITHFULNESS_ADDITIVITY] = {"additivity", "additivity", PV_RULE_AT_MOST, 1e-9},
    [PV_FAITHFULNESS_REMOVAL] = {"removal", "removal truth", PV_RULE_AT_MOST, 1e-6},
    [PV_FAITHFULNESS_REMOVAL_SIGN] = {"removal_sign", "sign of removals", PV_RULE_AT_LEAST, 1},
    [PV_FAITHFULNESS_NECESSITY] = {"necessity", "necessity", PV_RULE_ABOVE, 2},
    [PV_FAITHFULNESS_SUFFICIENCY] = {"sufficiency", "sufficiency", PV_RULE_AT_LEAST, 0.9},
    [PV_FAITHFULNESS_COVERAGE] = {"coverage", "coverage", PV_RULE_AT_LEAST, 0.7},
    [PV_FAITHFULNESS_COUNTERFACTUAL] = {"counterfactual", "counterfactual sets", PV_RULE_AT_LEAST, 1},
    [PV_FAITHFULNESS_STABILITY] = {"stability", "stability", PV_RULE_AT_LEAST, 0.9},
    [PV_FAITHFULNESS_SANITY] = {"sanity", "shuffled weights", PV_RULE_BELOW, 0.7},
    [PV_FAITHFULNESS_HONESTY] = {"honesty", "list honesty", PV_RULE_NONE, 0},
    [PV_FAITHFULNESS_PRIVACY] = {"privacy", "privacy", PV_RULE_AT_MOST, 0},
};

const char *pv_faithfulness_code(pv_faithfulness_criterion which)
{
    return criteria[which].code;
}

const char *pv_faithfulness_title(pv_faithfulness_criterion which)
{
    return criteria[which].title;
}

const char *pv_gate_rule_code(pv_gate_rule rule)
{
    static const char *const codes[] = {[PV_RULE_NONE] = NULL,
                                        [PV_RULE_AT_MOST] = "at_most",
                                        [PV_RULE_AT_LEAST] = "at_least",
                                        [PV_RULE_ABOVE] = "above",
                                        [PV_RULE_BELOW] = "below"};
    return codes[rule];
}

const char *pv_claim_verdict_code(pv_claim_verdict verdict)
{
    static const char *const codes[] = {[PV_CLAIM_NOT_MEASURED] = "not_measured",
                                        [PV_CLAIM_REPORTED] = "reported",
                                        [PV_CLAIM_PASSED] = "passed",
                                        [PV_CLAIM_FAILED] = "failed"};
    return codes[verdict];
}

const char *pv_faithfulness_failed(const pv_faithfulness *faithfulness)
{
    for (int c = 0; c < PV_FAITHFULNESS_COUNT; c++)
        if (faithfulness->results[c].verdict == PV_CLAIM_FAILED) return criteria[c].title;
    return NULL;
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

static void add_mean(pv_mean_sum *sum, const pv_mean_sum *part)
{
    sum->sum += part->sum;
    sum->n += part->n;
}

static void add_counterfactuals(pv_faithfulness_tally *sum, const pv_faithfulness_tally *part)
{
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        sum->counterfactuals[k].items += part->counterfactuals[k].items;
        sum->counterfactuals[k].valid += part->counterfactuals[k].valid;
        sum->counterfactuals[k].itself += part->counterfactuals[k].itself;
        for (int size = 0; size <= PV_SET_SIZE_MOST; size++)
            sum->counterfactuals[k].sizes[size] += part->counterfactuals[k].sizes[size];
    }
}

void pv_faithfulness_sums_add(pv_faithfulness_sums *sums, const pv_faithfulness_tally *part)
{
    pv_faithfulness_tally *sum = &sums->tally;
    sum->items += part->items;
    sum->additivity = pv_larger_error(sum->additivity, part->additivity);
    sum->removal = pv_larger_error(sum->removal, part->removal);
    sum->removals += part->removals;
    sum->signs += part->signs;
    sum->signs_right += part->signs_right;
    add_mean(&sum->drop_largest, &part->drop_largest);
    add_mean(&sum->drop_random, &part->drop_random);
    sum->sufficient += part->sufficient;
    sum->sufficient_alone += part->sufficient_alone;
    sum->honest += part->honest;
    for (int64_t k = 0; k < part->n_coverage; k++) {
        sums->coverage[sum->n_coverage++] = part->coverage[k];
        sums->coverage_sum += part->coverage[k];
    }
    add_counterfactuals(sum, part);
    add_mean(&sum->stability, &part->stability);
    add_mean(&sum->stability_ordered, &part->stability_ordered);
    add_mean(&sum->sanity, &part->sanity);
    sum->texts += part->texts;
    sum->facts += part->facts;
    sum->small_counts += part->small_counts;
    sum->told_ids += part->told_ids;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static double share(int64_t part, int64_t whole)
{
    return ratio((double)part, (double)whole);
}

static double mean(const pv_mean_sum *sum)
{
    return ratio(sum->sum, (double)sum->n);
}

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int64_t n)
{
    if (n == 0) return (double)NAN;
    qsort(values, (size_t)n, sizeof *values, compare_numbers);
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

/* Position `rank` (from 0) among sets ordered by size. */
static double size_at(const int64_t sizes[PV_SET_SIZE_MOST + 1], int64_t rank)
{
    int size = 0;
    while (size < PV_SET_SIZE_MOST && rank >= sizes[size]) rank -= sizes[size++];
    return size;
}

static pv_counterfactual conclude_counterfactual(const pv_counterfactual_tally *tally, int index)
{
    pv_counterfactual result = {.n = pv_counterfactual_length(index),
                                .items = tally->items,
                                .valid = tally->valid,
                                .itself = tally->itself,
                                .median_size = (double)NAN};
    for (int size = 0; size <= PV_SET_SIZE_MOST; size++) result.found += tally->sizes[size];
    if (result.found > 0)
        result.median_size =
            0.5 * (size_at(tally->sizes, (result.found - 1) / 2) + size_at(tally->sizes, result.found / 2));
    result.share_without = share(result.items - result.found, result.items);
    return result;
}

/* How many times more ranks the largest cost: infinite when random ones cost none, NaN when neither does. */
static double necessity_of(double largest, double random)
{
    return random > 0 || isnan(random) ? largest / random : largest > 0 ? (double)INFINITY : (double)NAN;
}

pv_claim_verdict pv_claim_judge(double value, pv_gate_rule rule, double gate)
{
    bool holds = false;
    if (isnan(value)) return PV_CLAIM_NOT_MEASURED;
    switch (rule) {
    case PV_RULE_NONE:
        return PV_CLAIM_REPORTED;
    case PV_RULE_AT_MOST:
        holds = value <= gate;
        break;
    case PV_RULE_AT_LEAST:
        holds = value >= gate;
        break;
    case PV_RULE_ABOVE:
        holds = value > gate;
        break;
    case PV_RULE_BELOW:
        holds = value < gate;
        break;
    }
    return holds ? PV_CLAIM_PASSED : PV_CLAIM_FAILED;
}

static void set(pv_faithfulness *faithfulness, pv_faithfulness_criterion which, double value, int64_t counted)
{
    pv_faithfulness_result *result = &faithfulness->results[which];
    const pv_gate_rule rule = criteria[which].rule;
    double gate = rule == PV_RULE_NONE ? (double)NAN : criteria[which].gate;
    if (which == PV_FAITHFULNESS_SANITY) gate = fmin(gate, faithfulness->results[PV_FAITHFULNESS_STABILITY].value);
    *result = (pv_faithfulness_result){value, rule, gate, counted, pv_claim_judge(value, rule, gate)};
    if (result->verdict == PV_CLAIM_FAILED) faithfulness->is_passed = false;
}

/* An error that could not be told from NaN must fail: it counts as infinite. */
static double error_of(double largest, int64_t counted)
{
    if (counted == 0) return (double)NAN;
    return isnan(largest) ? (double)INFINITY : largest;
}

static void conclude_sets(pv_faithfulness *faithfulness, const pv_faithfulness_tally *tally)
{
    int64_t found = 0, valid = 0;
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        faithfulness->counterfactuals[k] = conclude_counterfactual(&tally->counterfactuals[k], k);
        found += faithfulness->counterfactuals[k].found;
        valid += faithfulness->counterfactuals[k].valid;
    }
    set(faithfulness, PV_FAITHFULNESS_COUNTERFACTUAL, share(valid, found), found);
}

void pv_faithfulness_conclude(pv_faithfulness *f, pv_faithfulness_sums *sums)
{
    const pv_faithfulness_tally *tally = &sums->tally;
    f->is_passed = true;
    f->items = tally->items;
    f->necessity_largest = mean(&tally->drop_largest);
    f->necessity_random = mean(&tally->drop_random);
    f->sufficiency_alone = share(tally->sufficient_alone, tally->items);
    f->coverage_mean = ratio(sums->coverage_sum, (double)tally->n_coverage);
    f->stability_ordered = mean(&tally->stability_ordered);
    f->texts = tally->texts;
    f->facts = tally->facts;
    f->small_counts = tally->small_counts;
    f->told_ids = tally->told_ids;
    set(f, PV_FAITHFULNESS_ADDITIVITY, error_of(tally->additivity, tally->items), tally->items);
    set(f, PV_FAITHFULNESS_REMOVAL, error_of(tally->removal, tally->removals), tally->removals);
    set(f, PV_FAITHFULNESS_REMOVAL_SIGN, share(tally->signs_right, tally->signs), tally->signs);
    set(f, PV_FAITHFULNESS_NECESSITY, necessity_of(f->necessity_largest, f->necessity_random), tally->drop_largest.n);
    set(f, PV_FAITHFULNESS_SUFFICIENCY, share(tally->sufficient, tally->items), tally->items);
    set(f, PV_FAITHFULNESS_COVERAGE, median(sums->coverage, tally->n_coverage), tally->n_coverage);
    conclude_sets(f, tally);
    set(f, PV_FAITHFULNESS_STABILITY, mean(&tally->stability), tally->stability.n);
    set(f, PV_FAITHFULNESS_SANITY, mean(&tally->sanity), tally->sanity.n);
    set(f, PV_FAITHFULNESS_HONESTY, share(tally->honest, tally->items), tally->items);
    set(f, PV_FAITHFULNESS_PRIVACY,
        tally->texts + tally->facts > 0 ? (double)(tally->small_counts + tally->told_ids) : (double)NAN,
        tally->texts + tally->facts);
}
