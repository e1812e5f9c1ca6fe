/* made_evaluation.c - see made_evaluation.h. */
#include "made_evaluation.h"

#include <math.h>

static const double recalls[MADE_CONTENDERS] = {0.2463, 0.1804, 0.2431, (double)NAN};

static pv_interval interval(double value, double half_width)
{
    return (pv_interval){value, value - half_width, value + half_width};
}

static pv_contender_score score_of(int contender)
{
    const double recall = recalls[contender], behind = recalls[0] - recall;
    pv_contender_score score;
    for (int k = 0; k < PV_LENGTH_COUNT; k++)
        for (int m = 0; m < PV_METRIC_COUNT; m++)
            score.metrics[k][m] = m == PV_METRIC_CATEGORY_DIVERSITY ? (double)NAN : recall;
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) {
        score.headline[h] = interval(recall, 0.01);
        score.against[h] = (pv_comparison){interval(behind, contender == 0 ? 0 : 0.005), interval(1, 0), 0.001, 0.003};
    }
    return score;
}

static void fill_task(pv_task_result *task, pv_contender_score *scores, int64_t users)
{
    *task = (pv_task_result){.users = users, .truth_size = 12.5, .repeat_share = 0.4, .reachable = 0.9};
    for (int k = 0; k < PV_LENGTH_COUNT; k++) task->ceiling[k] = 0.7;
    for (int c = 0; c < MADE_CONTENDERS; c++) scores[c] = score_of(c);
    task->contenders = scores;
}

static void fill_tasks(pv_task_result *tasks, pv_contender_score scores[PV_TASK_COUNT][MADE_CONTENDERS])
{
    fill_task(&tasks[PV_TASK_ALL], scores[PV_TASK_ALL], 1234);
    fill_task(&tasks[PV_TASK_REPEAT], scores[PV_TASK_REPEAT], 0);
    fill_task(&tasks[PV_TASK_NEW], scores[PV_TASK_NEW], 1);
}

static void fill_reliability(pv_reliability *reliability)
{
    *reliability = (pv_reliability){.brier = 0.16};
    for (int k = 0; k < PV_RELIABILITY_BINS; k++)
        reliability->bins[k] = (pv_reliability_bin){0, (double)NAN, (double)NAN};
    reliability->bins[1] = (pv_reliability_bin){300, 0.15, 0.1};
    reliability->bins[6] = (pv_reliability_bin){100, 0.65, 0.7};
    reliability->bins[9] = (pv_reliability_bin){2, 0.95, 1};
}

static void fill_slices(made_evaluation *made)
{
    static const struct {
        const char *group, *value;
        int64_t users;
    } slices[MADE_SLICES] = {{"orders", "under 3", 500}, {"orders", "over 10", 29}, {HOSTILE_TITLE, HOSTILE_VALUE, 0}};
    for (int k = 0; k < MADE_SLICES; k++) {
        made->slices[k] =
            (pv_slice){.group = slices[k].group, .value = slices[k].value, .scores = made->slice_scores[k]};
        for (int t = 0; t < PV_TASK_COUNT; t++) made->slices[k].users[t] = slices[k].users;
        for (int i = 0; i < PV_TASK_COUNT * MADE_CONTENDERS * PV_HEADLINE_COUNT; i++)
            made->slice_scores[k][i] = slices[k].users > 0 ? 0.111 * (k + 1) : (double)NAN;
    }
}

void made_evaluation_init(made_evaluation *made)
{
    const int64_t first = INT64_C(1275350400), day = 86400; /* 2010-06-01 */
    *made = (made_evaluation){
        .contenders = {{"purvey", "purvey"}, {"ease", "EASE"}, {"hostile", HOSTILE_TITLE}, {"item_knn", "item-kNN"}}};
    made->absent[0] = (pv_absence){{"absent", HOSTILE_TITLE}, "too <many> products", first};
    for (int w = 0; w < MADE_WINDOWS; w++) {
        made->windows[w] = (pv_window){.cutoff = first + w * 30 * day,
                                       .end = first + (w * 30 + 90) * day,
                                       .users_known = 2000,
                                       .products_known = 4006,
                                       .users_scored = 617,
                                       .users_idle = 100,
                                       .users_unknown = 7,
                                       .pairs = 15425,
                                       .pairs_unknown = 11};
        fill_tasks(made->windows[w].tasks, made->scores[w]);
        fill_reliability(&made->windows[w].reliability);
    }
    fill_slices(made);
    made->evaluation = (pv_evaluation){.n_contenders = MADE_CONTENDERS,
                                       .contenders = made->contenders,
                                       .n_absent = 1,
                                       .absent = made->absent,
                                       .n_windows = MADE_WINDOWS,
                                       .windows = made->windows,
                                       .n_slices = MADE_SLICES,
                                       .slices = made->slices,
                                       .companies = 321,
                                       .horizon_days = 90,
                                       .step_days = 30,
                                       .draws = 2000,
                                       .cutoffs_wanted = 4,
                                       .spend_basis = "quantity x price",
                                       .data_hash = "0123456789abcdef0123456789abcdef",
                                       .read = {.rows_read = 1234567, .rows_bad = 1, .first_bad = HOSTILE_VALUE}};
    fill_tasks(made->evaluation.pooled, made->scores[MADE_WINDOWS]);
    fill_reliability(&made->evaluation.pooled_reliability);
}
