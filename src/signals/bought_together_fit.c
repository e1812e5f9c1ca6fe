/* bought_together_fit.c - counting pairs of products over companies.
 *
 * A task is a product: the counters of its neighbours, those that are associated with it, the strongest of these.
 */
#include "signals/bought_together_fit.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/bought_together.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define G2_MIN 10.8
#define ENTROPY_ERROR 1e-12 /* far above nine roundings, each of at most n log n */

static double plogp(double count, double expected)
{
    return count > 0 ? count * pv_log(count / expected) : 0;
}

/* G2 of the two-by-two table of buying i and j. */
static double log_likelihood_ratio(double both, double n_i, double n_j, double n)
{
    const double only_i = n_i - both, only_j = n_j - both, neither = n - n_i - n_j + both;
    return 2 * (plogp(both, n_i * n_j / n) + plogp(only_i, n_i * (n - n_j) / n) + plogp(only_j, n_j * (n - n_i) / n) +
                plogp(neither, (n - n_i) * (n - n_j) / n));
}

typedef struct neighbour {
    int32_t product, companies;
    double association;
} neighbour;

/* Companies by product and products by company, each pair once. */
typedef struct baskets {
    int64_t *company_offsets, *product_offsets;
    int32_t *products, *companies;
} baskets;

typedef struct counting {
    const pv_shop *shop;
    const baskets *baskets;
    int32_t min_companies;
    double *entropy;        /* [companies + 1], k log k */
    double *margin;         /* [n_products], the part of G2 that one product alone decides */
    int32_t **counters;     /* [thread][n_products], zero between tasks */
    neighbour **candidates; /* [thread][n_products] */
    double **strengths;     /* [thread][n_products] */
    int32_t **reached;      /* [thread][n_products], products with enough companies */
    neighbour **kept;       /* [product], malloc */
    int32_t *n_kept;        /* [product] */
    bool *failed;           /* [product] */
} counting;

/* G2 > G2_MIN. G2 is twice a sum of k log k over the cells, margins and total of the table (Dunning 1993), all of them
 * looked up; where their rounding could decide, the ratio itself does. */
static bool is_associated(const counting *c, int32_t both, int32_t this, int32_t past)
{
    const int32_t n_i = c->shop->products.buyers[this], n_j = c->shop->products.buyers[past];
    const int64_t n = c->shop->users.n_buying_parents;
    const double cells =
        c->entropy[both] + c->entropy[n_i - both] + c->entropy[n_j - both] + c->entropy[n - n_i - n_j + both];
    const double excess = 2 * (cells - c->margin[this] - c->margin[past] + c->entropy[n]) - G2_MIN;
    if (fabs(excess) > ENTROPY_ERROR * (1 + c->entropy[n])) return excess > 0;
    return log_likelihood_ratio(both, n_i, n_j, (double)n) > G2_MIN;
}

/* The companies that a product shares with each other product, into zeroed counters. */
static void count_companies(int32_t *counter, const counting *c, int32_t past)
{
    const baskets *b = c->baskets;
    for (int64_t k = b->product_offsets[past]; k < b->product_offsets[past + 1]; k++) {
        const int32_t company = b->companies[k];
        for (int64_t l = b->company_offsets[company]; l < b->company_offsets[company + 1]; l++)
            counter[b->products[l]]++;
    }
}

/* The products that reach the least number of companies, rising. No branch: which ones do is hard to guess. */
static int64_t list_reached(int32_t *reached, const int32_t *counter, int64_t n_products, int32_t least)
{
    int64_t n = 0;
    for (int32_t i = 0; i < (int32_t)n_products; i++) {
        reached[n] = i;
        n += counter[i] >= least;
    }
    return n;
}

/* The products that the buyers of `past` bought, as candidates; the counters are zero before and after. */
static int64_t count_neighbours(neighbour *candidates, int32_t *counter, int32_t *reached, const counting *c,
                                int32_t past)
{
    const pv_shop *shop = c->shop;
    const int64_t n_products = shop->products.ids.n_warm;
    const double companies = (double)shop->users.n_buying_parents, buyers_past = shop->products.buyers[past];
    count_companies(counter, c, past);
    const int64_t n_reached = list_reached(reached, counter, n_products, c->min_companies);
    int64_t n = 0;
    for (int64_t k = 0; k < n_reached; k++) {
        const int32_t i = reached[k], both = counter[i];
        if (i == past) continue;
        /* a_ij (n_j + m), and n_j is the same for all of them */
        const double strength = both - buyers_past * (shop->products.buyers[i] / companies);
        if (strength > 0 && is_associated(c, both, i, past)) candidates[n++] = (neighbour){i, both, strength};
    }
    memset(counter, 0, (size_t)n_products * sizeof *counter);
    return n;
}

/* The value at `rank` from the largest (0) on, by Hoare's selection; the values change places. */
static double select_largest(double *values, int64_t n, int64_t rank)
{
    for (int64_t low = 0, high = n - 1; low < high;) {
        const double pivot = values[low + (high - low) / 2];
        int64_t left = low, right = high;
        while (left <= right) {
            while (values[left] > pivot) left++;
            while (values[right] < pivot) right--;
            if (left > right) break;
            const double swapped = values[left];
            values[left++] = values[right];
            values[right--] = swapped;
        }
        if (rank > right && rank < left) break;
        if (rank <= right) high = right;
        if (rank >= left) low = left;
    }
    return values[rank];
}

/* The strongest PV_NEIGHBOURS_MAX of more than that, still by product; of equal ones the first. */
static int64_t keep_strongest(neighbour *candidates, int64_t n, double *strengths)
{
    int64_t n_equal = PV_NEIGHBOURS_MAX, kept = 0;
    for (int64_t i = 0; i < n; i++) strengths[i] = candidates[i].association;
    const double least = select_largest(strengths, n, PV_NEIGHBOURS_MAX - 1);
    for (int64_t i = 0; i < n; i++) n_equal -= candidates[i].association > least;
    for (int64_t i = 0; i < n; i++) {
        if (candidates[i].association < least || (candidates[i].association == least && n_equal-- <= 0)) continue;
        candidates[kept++] = candidates[i];
    }
    return kept;
}

static void keep_neighbours(void *context, size_t task, unsigned thread)
{
    counting *c = context;
    neighbour *candidates = c->candidates[thread];
    int64_t n = count_neighbours(candidates, c->counters[thread], c->reached[thread], c, (int32_t)task);
    if (n > PV_NEIGHBOURS_MAX) n = keep_strongest(candidates, n, c->strengths[thread]);
    c->kept[task] = n ? malloc((size_t)n * sizeof *candidates) : NULL;
    c->failed[task] = n && !c->kept[task];
    c->n_kept[task] = c->failed[task] ? 0 : (int32_t)n;
    if (c->n_kept[task]) memcpy(c->kept[task], candidates, (size_t)n * sizeof *candidates);
}

/* Distinct products of each parent company, rising, and the transposed lists. */
static pv_status make_baskets(baskets *b, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_users *users = &shop->users;
    const int64_t n_products = shop->products.ids.n_warm;
    const size_t room = (size_t)shop->lines.n;
    int64_t *last = pv_allocate((size_t)n_products, sizeof *last), n = 0;
    b->company_offsets = pv_allocate((size_t)users->n_parents + 1, sizeof *b->company_offsets);
    b->product_offsets = pv_allocate((size_t)n_products + 2, sizeof *b->product_offsets);
    b->products = pv_allocate(room, sizeof *b->products);
    b->companies = pv_allocate(room, sizeof *b->companies);
    if (!last || !b->company_offsets || !b->product_offsets || !b->products || !b->companies)
        PV_TRY(pv_fail_memory(error, "baskets", room * 8));
    for (int64_t p = 0; p < users->n_parents; p++) {
        for (int64_t m = users->parent_offsets[p]; m < users->parent_offsets[p + 1]; m++) {
            const int32_t user = users->parent_members[m];
            if (user >= users->ids.n_warm) break;
            for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
                const int32_t product = shop->lines.product[l];
                if (last[product] == p + 1) continue;
                last[product] = p + 1;
                b->products[n++] = product;
                b->product_offsets[product + 2]++;
            }
        }
        b->company_offsets[p + 1] = n;
    }
    for (int64_t i = 0; i < n_products; i++) b->product_offsets[i + 2] += b->product_offsets[i + 1];
    for (int64_t p = 0; p < users->n_parents; p++)
        for (int64_t k = b->company_offsets[p]; k < b->company_offsets[p + 1]; k++)
            b->companies[b->product_offsets[b->products[k] + 1]++] = (int32_t)p;
cleanup:
    pv_release(last);
    return status;
}

static void free_baskets(baskets *b)
{
    pv_release(b->company_offsets);
    pv_release(b->product_offsets);
    pv_release(b->products);
    pv_release(b->companies);
}

static pv_status add_table(pv_tensors *tensors, const counting *c, pv_error *error)
{
    pv_status status;
    const int64_t n_products = c->shop->products.ids.n_warm;
    int64_t total = 0, *offsets = NULL;
    int32_t *products = NULL, *companies = NULL;
    for (int64_t j = 0; j < n_products; j++) {
        total += c->n_kept[j];
        if (c->failed[j]) return pv_fail_memory(error, "the table of products bought together", 0);
    }
    PV_TRY(pv_tensors_add(&offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_add(&companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    for (int64_t j = 0, next = 0; j < n_products; j++) {
        for (int32_t k = 0; k < c->n_kept[j]; k++, next++) {
            products[next] = c->kept[j][k].product;
            companies[next] = c->kept[j][k].companies;
        }
        offsets[j + 1] = next;
    }
cleanup:
    return status;
}

static void fill_entropy(counting *c, int64_t n_products)
{
    const int64_t companies = c->shop->users.n_buying_parents;
    for (int64_t k = 1; k <= companies; k++) c->entropy[k] = (double)k * pv_log((double)k);
    for (int64_t i = 0; i < n_products; i++) {
        const int32_t buyers = c->shop->products.buyers[i];
        c->margin[i] = c->entropy[buyers] + c->entropy[companies - buyers];
    }
}

/* Per-thread scratch and per-product results. False on no memory. */
static bool counting_init(counting *c, int64_t n_products, unsigned n_threads)
{
    const size_t n = (size_t)n_products;
    c->entropy = pv_allocate((size_t)c->shop->users.n_buying_parents + 1, sizeof *c->entropy);
    c->margin = pv_allocate(n, sizeof *c->margin);
    c->strengths = pv_allocate(n_threads, sizeof *c->strengths);
    c->counters = pv_allocate(n_threads, sizeof *c->counters);
    c->reached = pv_allocate(n_threads, sizeof *c->reached);
    c->candidates = pv_allocate(n_threads, sizeof *c->candidates);
    c->kept = pv_allocate(n, sizeof *c->kept);
    c->n_kept = pv_allocate(n, sizeof *c->n_kept);
    c->failed = pv_allocate(n, sizeof *c->failed);
    bool good = c->entropy && c->margin && c->strengths && c->counters && c->reached && c->candidates && c->kept &&
                c->n_kept && c->failed;
    for (unsigned t = 0; good && t < n_threads; t++) {
        c->counters[t] = pv_allocate(n, sizeof **c->counters);
        c->candidates[t] = pv_allocate(n, sizeof **c->candidates);
        c->strengths[t] = pv_allocate(n, sizeof **c->strengths);
        c->reached[t] = pv_allocate(n, sizeof **c->reached);
        good = c->counters[t] && c->candidates[t] && c->strengths[t] && c->reached[t];
    }
    if (good) fill_entropy(c, n_products);
    return good;
}

static void counting_deinit(counting *c, int64_t n_products, unsigned n_threads)
{
    for (unsigned t = 0; t < n_threads; t++) {
        if (c->counters) pv_release(c->counters[t]);
        if (c->candidates) pv_release(c->candidates[t]);
        if (c->strengths) pv_release(c->strengths[t]);
        if (c->reached) pv_release(c->reached[t]);
    }
    for (int64_t j = 0; c->kept && j < n_products; j++) free(c->kept[j]);
    pv_release(c->entropy);
    pv_release(c->margin);
    pv_release(c->strengths);
    pv_release(c->counters);
    pv_release(c->reached);
    pv_release(c->candidates);
    pv_release(c->kept);
    pv_release(c->n_kept);
    pv_release(c->failed);
}

pv_status pv_bought_together_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm;
    const unsigned n_threads = pv_threads_count(settings->threads);
    baskets b = {0};
    counting c = {.shop = shop, .baskets = &b, .min_companies = settings->min_companies};
    PV_TRY(make_baskets(&b, shop, error));
    if (!counting_init(&c, n_products, n_threads)) PV_TRY(pv_fail_memory(error, "pairs of products", 0));
    pv_threads_run(settings->threads, (size_t)n_products, keep_neighbours, &c);
    PV_TRY(add_table(tensors, &c, error));
cleanup:
    counting_deinit(&c, n_products, n_threads);
    free_baskets(&b);
    return status;
}
