/* faithfulness_view.c - see faithfulness_view.h. */
#include "faithfulness_view.h"

#include "table.h"
#include "words.h"
#include <math.h>
#include <stdarg.h>

enum { DETAIL_SIZE = 192 };

/* How the value of a measure reads. */
typedef enum value_form { FORM_ERROR, FORM_SHARE, FORM_TIMES, FORM_COUNT } value_form;

typedef struct measure_words {
    value_form form;
    const char *counted; /* what it is taken over */
} measure_words;

static const measure_words words_of[PV_FAITHFULNESS_COUNT] = {
    [PV_FAITHFULNESS_ADDITIVITY] = {FORM_ERROR, "items"},
    [PV_FAITHFULNESS_REMOVAL] = {FORM_ERROR, "removals"},
    [PV_FAITHFULNESS_REMOVAL_SIGN] = {FORM_SHARE, "removals"},
    [PV_FAITHFULNESS_NECESSITY] = {FORM_TIMES, "items"},
    [PV_FAITHFULNESS_SUFFICIENCY] = {FORM_SHARE, "items"},
    [PV_FAITHFULNESS_COVERAGE] = {FORM_SHARE, "items"},
    [PV_FAITHFULNESS_COUNTERFACTUAL] = {FORM_SHARE, "sets"},
    [PV_FAITHFULNESS_STABILITY] = {FORM_SHARE, "items"},
    [PV_FAITHFULNESS_SANITY] = {FORM_SHARE, "items"},
    [PV_FAITHFULNESS_HONESTY] = {FORM_SHARE, "places"},
    [PV_FAITHFULNESS_PRIVACY] = {FORM_COUNT, "sentences and facts"},
};

/* --- cells -------------------------------------------------------------------------------------------------------- */

static void add_value(cli_table *table, value_form form, const char *rule, double value)
{
    if (isnan(value))
        table_add(table, "%s", "-");
    else if (isinf(value))
        table_add(table, "%sinfinite", rule);
    else if (form == FORM_ERROR)
        table_add(table, "%s%.2g", rule, value);
    else if (form == FORM_SHARE)
        table_add(table, "%s%.4g %%", rule, 100 * value);
    else if (form == FORM_TIMES)
        table_add(table, "%s%.3g x", rule, value);
    else
        table_add(table, "%s%.0f", rule, value);
}

static void add_gate(cli_table *table, value_form form, const pv_faithfulness_result *result)
{
    static const char *const rules[] = {[PV_RULE_NONE] = "",
                                        [PV_RULE_AT_MOST] = "at most ",
                                        [PV_RULE_AT_LEAST] = "at least ",
                                        [PV_RULE_ABOVE] = "above ",
                                        [PV_RULE_BELOW] = "below "};
    if (result->rule == PV_RULE_NONE)
        table_add(table, "%s", "");
    else
        add_value(table, form, rules[result->rule], result->gate);
}

static void add_row(cli_table *table, const pv_faithfulness *faithfulness, pv_faithfulness_criterion which)
{
    static const char *const verdicts[] = {[PV_CLAIM_NOT_MEASURED] = "nothing to measure",
                                           [PV_CLAIM_REPORTED] = "reported",
                                           [PV_CLAIM_PASSED] = "passed",
                                           [PV_CLAIM_FAILED] = "FAILED"};
    const pv_faithfulness_result *result = &faithfulness->results[which];
    const measure_words *words = &words_of[which];
    char counted[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", pv_faithfulness_title(which));
    add_value(table, words->form, "", result->value);
    add_gate(table, words->form, result);
    table_add(table, "%s", verdicts[result->verdict]);
    table_add(table, "%s %s", count_words(counted, result->counted), words->counted);
}

/* --- what stands below the rows ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void add_detail(cli_table *table, const char *format, ...)
{
    char text[DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_add_detail(table, STYLE_DIM, "", text_of(text));
}

static void add_sets(cli_table *table, const pv_counterfactual *sets)
{
    char found[WORDS_SIZE], items[WORDS_SIZE], itself[WORDS_SIZE];
    if (sets->items == 0) return;
    (void)count_words(found, sets->found);
    (void)count_words(items, sets->items);
    (void)count_words(itself, sets->itself);
    if (sets->found == 0)
        add_detail(table, "out of the first %d: none found for %s items", (int)sets->n, items);
    else
        add_detail(table, "out of the first %d: found for %s of %s items, median size %.1f; %s are the item itself",
                   (int)sets->n, found, items, sets->median_size, itself);
}

static void add_details(cli_table *table, const pv_faithfulness *f, pv_faithfulness_criterion which)
{
    if (f->results[which].verdict == PV_CLAIM_NOT_MEASURED) return;
    if (which == PV_FAITHFULNESS_NECESSITY)
        add_detail(table, "without the largest reasons %.1f ranks lost, without random others %.1f",
                   f->necessity_largest, f->necessity_random);
    if (which == PV_FAITHFULNESS_SUFFICIENCY)
        add_detail(table, "%.4g %% when all other products keep their whole scores", 100 * f->sufficiency_alone);
    if (which == PV_FAITHFULNESS_COVERAGE) add_detail(table, "mean %.4g %%", 100 * f->coverage_mean);
    if (which == PV_FAITHFULNESS_STABILITY) add_detail(table, "%.4g %% in the same place", 100 * f->stability_ordered);
    for (int k = 0; which == PV_FAITHFULNESS_COUNTERFACTUAL && k < PV_COUNTERFACTUAL_COUNT; k++)
        add_sets(table, &f->counterfactuals[k]);
}

bool print_faithfulness(FILE *out, const cli_terminal *terminal, const pv_faithfulness *faithfulness)
{
    static const table_column columns[] = {{"measure", false, false},
                                           {"value", true, false},
                                           {"gate", false, false},
                                           {"verdict", false, false},
                                           {"over", false, true}};
    char customers[WORDS_SIZE], words[WORDS_SIZE];
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    fprintf(out, "\nReasons of the first %d items of %s customers\n", (int)faithfulness->n,
            count_words(customers, faithfulness->customers));
    for (int c = 0; c < PV_FAITHFULNESS_COUNT; c++) {
        add_row(table, faithfulness, (pv_faithfulness_criterion)c);
        add_details(table, faithfulness, (pv_faithfulness_criterion)c);
    }
    const bool is_whole = table_print(table, out, terminal);
    table_free(table);
    if (is_whole) fprintf(out, "\nMeasured in %s.\n", duration_words(words, faithfulness->seconds));
    return is_whole;
}
