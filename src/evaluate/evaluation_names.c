/* evaluation_names.c - the words and lengths that reports share. */
#include <purvey/evaluate.h>

int32_t pv_list_length(int index)
{
    static const int32_t lengths[PV_LENGTH_COUNT] = {5, 10, PV_LENGTH_LONGEST};
    return lengths[index];
}

const char *pv_task_code(pv_rank_task task)
{
    static const char *const codes[PV_TASK_COUNT] = {
        [PV_TASK_ALL] = "all", [PV_TASK_REPEAT] = "repeat", [PV_TASK_NEW] = "new"};
    return codes[task];
}

const char *pv_metric_code(pv_metric metric)
{
    static const char *const codes[PV_METRIC_COUNT] = {
        [PV_METRIC_RECALL] = "recall",
        [PV_METRIC_NDCG] = "ndcg",
        [PV_METRIC_MAP] = "map",
        [PV_METRIC_MRR] = "mrr",
        [PV_METRIC_HIT_RATE] = "hit_rate",
        [PV_METRIC_SPEND_RECALL] = "spend_recall",
        [PV_METRIC_REPEAT_SHARE] = "repeat_share",
        [PV_METRIC_TIE_SHARE] = "tie_share",
        [PV_METRIC_NOVELTY] = "novelty",
        [PV_METRIC_CATEGORY_DIVERSITY] = "category_diversity",
        [PV_METRIC_CATEGORY_DIVERGENCE] = "category_divergence",
        [PV_METRIC_COVERAGE] = "coverage",
        [PV_METRIC_GINI] = "gini",
    };
    return codes[metric];
}
