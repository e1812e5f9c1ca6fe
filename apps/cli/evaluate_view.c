/* evaluate_view.c - see evaluate_view.h. */
#include "evaluate_view.h"

#include "table.h"
#include "words.h"
#include <inttypes.h>
#include <math.h>

#define LONGEST (PV_LENGTH_COUNT - 1)

static const char *const task_words[PV_TASK_COUNT] = {
    [PV_TASK_ALL] = "All products", [PV_TASK_REPEAT] = "Bought before", [PV_TASK_NEW] = "Not bought before"};

/* Print and free. */
static bool finish(cli_table *table, FILE *out, const cli_terminal *terminal)
{
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

static void add_score(cli_table *table, double score)
{
    if (isnan(score))
        table_add(table, "-");
    else
        table_add(table, "%.4f", score);
}

static void add_interval(cli_table *table, const pv_interval *interval)
{
    if (isnan(interval->low))
        table_add(table, "%s", "");
    else
        table_add(table, "%.4f to %.4f", interval->low, interval->high);
}

static void add_ahead(cli_table *table, const pv_interval *difference)
{
    if (isnan(difference->low))
        table_add(table, "%s", "");
    else
        table_add(table, "%+.4f (%+.4f to %+.4f)", difference->value, difference->low, difference->high);
}

/* The contender beside purvey with the most recall; 0 when there is none. */
static int64_t best_other(const pv_task_result *task, int64_t n_contenders)
{
    int64_t best = 0;
    for (int64_t c = 1; c < n_contenders; c++) {
        const double recall = task->contenders[c].headline[PV_HEADLINE_RECALL].value;
        if (!isnan(recall) && (best == 0 || recall > task->contenders[best].headline[PV_HEADLINE_RECALL].value))
            best = c;
    }
    return best;
}

/* --- the three tasks --------------------------------------------------------------------------------------------- */

static void print_task_heading(FILE *out, const pv_evaluation *evaluation, pv_rank_task task)
{
    char users[WORDS_SIZE];
    const pv_task_result *result = &evaluation->pooled[task];
    fprintf(out, "\n%s: %s %s bought %.1f on average", task_words[task], count_words(users, result->users),
            evaluation->n_windows > 1 ? "times a customer" : "customers", result->truth_size);
    if (task == PV_TASK_ALL) fprintf(out, ", %.0f %% of it before", 100 * result->repeat_share);
    fprintf(out, "; no list of %d can reach more than %.4f\n", PV_LENGTH_LONGEST, result->ceiling[LONGEST]);
}

static void add_contender(cli_table *table, const pv_evaluation *evaluation, pv_rank_task task, int64_t contender)
{
    const pv_contender_score *score = &evaluation->pooled[task].contenders[contender];
    table_begin_row(table);
    table_add(table, "%s", evaluation->contenders[contender].title);
    add_score(table, score->headline[PV_HEADLINE_RECALL].value);
    add_interval(table, &score->headline[PV_HEADLINE_RECALL]);
    add_score(table, score->headline[PV_HEADLINE_NDCG].value);
    add_interval(table, &score->headline[PV_HEADLINE_NDCG]);
    if (contender > 0) add_ahead(table, &score->against[PV_HEADLINE_RECALL].difference);
}

static bool print_task(FILE *out, const cli_terminal *terminal, const pv_evaluation *evaluation, pv_rank_task task)
{
    static const table_column columns[] = {{"contender", false, true}, {"recall@20", true, false},
                                           {"95 %", false, false},     {"NDCG@20", true, false},
                                           {"95 %", false, false},     {"purvey's recall is ahead by", false, false}};
    if (evaluation->pooled[task].users == 0) return true;
    print_task_heading(out, evaluation, task);
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    for (int64_t c = 0; c < evaluation->n_contenders; c++) add_contender(table, evaluation, task, c);
    return finish(table, out, terminal);
}

/* --- the dates --------------------------------------------------------------------------------------------------- */

static void add_window(cli_table *table, const pv_window *window, const pv_evaluation *evaluation)
{
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", time_words(words, window->cutoff));
    table_add(table, "%s", time_words(words, window->end));
    table_add(table, "%s", count_words(words, window->users_scored));
    table_add(table, "%s", count_words(words, window->users_idle));
    table_add(table, "%s", count_words(words, window->users_unknown));
    table_add(table, "%s", count_words(words, window->products_known));
    table_add(table, "%s", count_words(words, window->pairs));
    table_add(table, "%s", count_words(words, window->pairs_unknown));
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const pv_task_result *task = &window->tasks[t];
        const int64_t other = best_other(task, evaluation->n_contenders);
        if (task->users == 0)
            table_add(table, "-");
        else
            table_add(table, "%.4f / %.4f", task->contenders[0].headline[PV_HEADLINE_RECALL].value,
                      task->contenders[other].headline[PV_HEADLINE_RECALL].value);
    }
}

static bool print_windows(FILE *out, const cli_terminal *terminal, const pv_evaluation *evaluation)
{
    static const table_column columns[] = {{"known until", false, false},
                                           {"truth until", false, false},
                                           {"customers", true, false},
                                           {"idle", true, false},
                                           {"new", true, false},
                                           {"products", true, false},
                                           {"purchases", true, false},
                                           {"of new products", true, false},
                                           {"all: purvey / best other", true, false},
                                           {"repeat", true, false},
                                           {"new", true, false}};
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    fprintf(out, "\nDates (recall@20)\n");
    for (int64_t w = 0; w < evaluation->n_windows; w++) add_window(table, &evaluation->windows[w], evaluation);
    return finish(table, out, terminal);
}

/* --- parts of the customers -------------------------------------------------------------------------------------- */

/* purvey's recall beside that of the contender which is the best other one over all customers. */
static void add_slice(cli_table *table, const pv_slice *slice, const pv_evaluation *evaluation)
{
    const int64_t n = evaluation->n_contenders;
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", slice->group);
    table_add(table, "%s", slice->value);
    table_add(table, "%s", count_words(words, slice->users[PV_TASK_ALL]));
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const int64_t other = best_other(&evaluation->pooled[t], n);
        if (slice->users[t] == 0)
            table_add(table, "-");
        else
            table_add(table, "%.4f / %.4f", pv_slice_score(slice, n, (pv_rank_task)t, 0, PV_HEADLINE_RECALL),
                      pv_slice_score(slice, n, (pv_rank_task)t, other, PV_HEADLINE_RECALL));
    }
}

static bool print_slices(FILE *out, const cli_terminal *terminal, const pv_evaluation *evaluation)
{
    static const table_column columns[] = {{"part", false, false},     {"", false, true},
                                           {"customers", true, false}, {"all: purvey / best other", true, false},
                                           {"repeat", true, false},    {"new", true, false}};
    if (evaluation->n_slices == 0) return true;
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    fprintf(out, "\nParts of the customers (recall@20)\n");
    for (int64_t k = 0; k < evaluation->n_slices; k++) add_slice(table, &evaluation->slices[k], evaluation);
    return finish(table, out, terminal);
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static void print_notes(FILE *out, const pv_evaluation *evaluation)
{
    char words[WORDS_SIZE];
    fputc('\n', out);
    if (evaluation->cutoffs_wanted > evaluation->n_windows)
        fprintf(out, "The purchases reach back far enough for %" PRId64 " of %d dates.\n", evaluation->n_windows,
                (int)evaluation->cutoffs_wanted);
    for (int64_t k = 0; k < evaluation->n_absent; k++)
        fprintf(out, "%s is left out: %s.\n", evaluation->absent[k].contender.title, evaluation->absent[k].cause);
    fprintf(out, "Intervals: bootstrap over %s companies, %d draws. ", count_words(words, evaluation->companies),
            (int)evaluation->draws);
    fprintf(out, "Done in %s.\n", duration_words(words, evaluation->total_time.seconds));
}

bool print_evaluation(FILE *out, const cli_terminal *terminal, const pv_evaluation *evaluation)
{
    fprintf(out, "Lists of %d from %" PRId64 " %s against the purchases of the %d days after\n", PV_LENGTH_LONGEST,
            evaluation->n_windows, evaluation->n_windows == 1 ? "date" : "dates", (int)evaluation->horizon_days);
    for (int t = 0; t < PV_TASK_COUNT; t++)
        if (!print_task(out, terminal, evaluation, (pv_rank_task)t)) return false;
    if (!print_windows(out, terminal, evaluation) || !print_slices(out, terminal, evaluation)) return false;
    print_notes(out, evaluation);
    return true;
}
