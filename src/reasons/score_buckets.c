/* score_buckets.c - see score_buckets.h. A counting sort by bucket, of the candidates alone that ranks can reach. */
#include "reasons/score_buckets.h"

#include "base/failure.h"
#include <float.h>
#include <math.h>
#include <purvey/answer.h>

/* Of few candidates all are looked at. */
enum {
    BUCKETS = 1024,
    SAMPLE_STEP = 16,
    LIMIT_FROM = 3 * PV_RANK_MAX,
    SAMPLE_ENOUGH = PV_RANK_MAX / SAMPLE_STEP * 3 / 2
};

/* The candidates that are looked at further. */
typedef struct kept_candidates {
    int32_t *products; /* rising */
    double *scores;
    int64_t n;
} kept_candidates;

static int64_t count_at_least(const double *scores, int64_t n, double limit)
{
    int64_t count = 0;
    for (int64_t k = 0; k < n; k++) count += scores[k] >= limit;
    return count;
}

/* A score that somewhat more candidates reach than ranks are counted to, to go by a sample: so many standard deviations
 * above the mean. It decides how much is looked at, not what comes of it. sample: room for every SAMPLE_STEP-th. */
static double guess_limit(double *sample, const double *scores, const int32_t *candidates, int64_t n)
{
    double sum = 0, squares = 0;
    int64_t count = 0;
    for (int64_t c = 0; c < n; c += SAMPLE_STEP) {
        const double score = scores[candidates[c]];
        sample[count++] = score;
        sum += score;
        squares += score * score;
    }
    const double mean = sum / (double)count, variance = squares / (double)count - mean * mean;
    const double deviation = variance > 0 ? sqrt(variance) : 0;
    for (double times = 4; times > 0; times -= 0.5)
        if (count_at_least(sample, count, mean + times * deviation) >= SAMPLE_ENOUGH) return mean + times * deviation;
    return mean;
}

/* Those that score at least `limit`, as many as `room` takes. No branch tells them apart: which they are cannot be
 * foreseen. kept->n is `room` where it did not take all. */
static pv_status keep(kept_candidates *kept, const double *scores, const int32_t *candidates, int64_t n, double limit,
                      int64_t room, pv_arena *arena, pv_error *error)
{
    *kept = (kept_candidates){.products = pv_arena_allocate(arena, (size_t)room, sizeof *kept->products),
                              .scores = pv_arena_allocate(arena, (size_t)room, sizeof *kept->scores)};
    if (!kept->products || !kept->scores) return pv_fail_memory(error, "ranks", (uint64_t)room * sizeof *kept->scores);
    for (int64_t c = 0; c < n && kept->n < room; c++) {
        const double score = scores[candidates[c]];
        kept->products[kept->n] = candidates[c];
        kept->scores[kept->n] = score;
        kept->n += score >= limit;
    }
    return PV_OK;
}

/* Never falls where scores rise, which is all that counting needs: subtraction and product round that way. */
static int64_t bucket_of(const pv_score_buckets *buckets, double score)
{
    const double place = (score - buckets->low) * buckets->per_score;
    if (!(place > 0)) return 0;
    return place < (double)BUCKETS ? (int64_t)place : BUCKETS - 1;
}

/* Ranges of equal width from the least to the greatest score. */
static void divide(pv_score_buckets *buckets, const kept_candidates *kept)
{
    double low = DBL_MAX, high = -DBL_MAX;
    for (int64_t k = 0; k < kept->n; k++) {
        low = kept->scores[k] < low ? kept->scores[k] : low;
        high = kept->scores[k] > high ? kept->scores[k] : high;
    }
    const double width = high - low;
    buckets->low = low;
    buckets->per_score = width > DBL_MIN && width < DBL_MAX ? (double)BUCKETS / width : 0; /* 0: all in one */
}

/* Turn counts into ends, best bucket first, as far down as ranks are counted; what is below keeps its count. Returns
 * the lowest bucket that has an end. */
static int64_t add_up(int32_t *counts)
{
    int32_t sum = 0;
    int64_t b = BUCKETS;
    for (; b > 0 && sum <= PV_RANK_MAX; b--) {
        sum += counts[b - 1];
        counts[b - 1] = sum;
    }
    return b;
}

static pv_status sort_by_bucket(pv_score_buckets *buckets, const kept_candidates *kept, pv_arena *arena,
                                pv_error *error)
{
    int32_t *ends = pv_arena_allocate(arena, BUCKETS + 1, sizeof *ends); /* nothing ends above the best */
    int32_t next[BUCKETS];
    if (!ends) return pv_fail_memory(error, "ranks", 0);
    for (int64_t k = 0; k < kept->n; k++) ends[bucket_of(buckets, kept->scores[k])]++;
    const int64_t lowest = add_up(ends);
    const size_t n = (size_t)ends[lowest];
    int32_t *products = pv_arena_allocate(arena, n, sizeof *products);
    double *scores = pv_arena_allocate(arena, n, sizeof *scores);
    if (!products || !scores) return pv_fail_memory(error, "ranks", n * sizeof *scores);
    for (int64_t b = lowest; b < BUCKETS; b++) next[b] = ends[b + 1];
    for (int64_t k = 0; k < kept->n; k++) {
        const int64_t b = bucket_of(buckets, kept->scores[k]);
        if (b < lowest) continue;
        products[next[b]] = kept->products[k];
        scores[next[b]++] = kept->scores[k];
    }
    buckets->lowest = lowest;
    buckets->ends = ends;
    buckets->products = products;
    buckets->scores = scores;
    return PV_OK;
}

pv_status pv_score_buckets_make(pv_score_buckets *buckets, const double *scores, const int32_t *candidates, int64_t n,
                                pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    kept_candidates kept = {0};
    const int64_t room = 2 * PV_RANK_MAX + n / 16;
    *buckets = (pv_score_buckets){.limit = -(double)INFINITY};
    if (n >= LIMIT_FROM) {
        double *sample = pv_arena_allocate(arena, (size_t)n / SAMPLE_STEP + 1, sizeof *sample);
        PV_TRY(pv_check_memory(sample != NULL, "ranks", error));
        buckets->limit = guess_limit(sample, scores, candidates, n);
        PV_TRY(keep(&kept, scores, candidates, n, buckets->limit, room, arena, error));
    }
    if (kept.n <= PV_RANK_MAX || kept.n == room) { /* the guess does not serve */
        buckets->limit = -(double)INFINITY;
        PV_TRY(keep(&kept, scores, candidates, n, buckets->limit, n, arena, error));
    }
    divide(buckets, &kept);
    PV_TRY(sort_by_bucket(buckets, &kept, arena, error));
cleanup:
    return status;
}

bool pv_score_buckets_range(int64_t *first, int64_t *end, const pv_score_buckets *buckets, double score)
{
    const int64_t b = bucket_of(buckets, score);
    if (score < buckets->limit || b < buckets->lowest) return false;
    *first = buckets->ends[b + 1];
    *end = buckets->ends[b];
    return true;
}
