/* generate.c - a seeded matrix of any size: users and products of power-law activity, with planted taste.
 *
 *     generate OUTPUT USERS PRODUCTS PAIRS SEED
 *
 * Users draw how much they buy from a shifted Pareto distribution, so that many buy little. Products are dealt out to
 * groups of taste; a user belongs to two groups. Seven of ten purchases come from these, the others from the whole
 * assortment, both in favour of what many buy. A weight is the number of orders: 1, or more for a product that is
 * bought again and again. Numbers of users and products tell nothing about how active or popular they are. Memory: 16
 * bytes a user and 8 a product; the pairs go to the file row by row.
 */
#include "base/memory.h"
#include "base/random.h"
#include "bench_arguments.h"
#include "matrix_file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { n_groups = 50, tries_per_pair = 30 };
/* Streams of random numbers beside those of the users, which begin at 16. */
enum { stream_activity, stream_products, stream_users = 16 };

typedef struct generator {
    int64_t n_users, n_products, n_pairs;
    uint64_t seed;
    int64_t *offsets;       /* [n_users + 1] */
    int32_t *product_names; /* [n_products] rank by popularity -> number of the product */
    uint8_t *is_taken;      /* [n_products] of the user at hand */
    int32_t *columns;       /* [n_products] of the user at hand */
    float *weights;         /* [n_products] */
} generator;

/* --- how much each user buys ------------------------------------------------------------------------------------- */

static double activity(const generator *g, int64_t user)
{
    return pow(1.0 - pv_random_uniform(g->seed, stream_activity, (uint64_t)user), -0.7) - 0.9;
}

static int64_t pairs_of(const generator *g, int64_t user, double scale)
{
    const int64_t most = g->n_products / 4;
    const double pairs = floor(scale * activity(g, user));
    return pairs<1 ? 1 : pairs>(double) most ? most : (int64_t)pairs;
}

/* The largest scale, nearly, at which all users together have no more than the pairs asked for. */
static double find_scale(const generator *g)
{
    double low = 0, high = (double)g->n_pairs;
    for (int step = 0; step < 60; step++) {
        const double middle = 0.5 * (low + high);
        int64_t total = 0;
        for (int64_t user = 0; user < g->n_users; user++) total += pairs_of(g, user, middle);
        if (total <= g->n_pairs)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The few pairs that rounding leaves over go to the first users that have room. */
static void fill_offsets(generator *g)
{
    const double scale = find_scale(g);
    const int64_t most = g->n_products / 4;
    int64_t left = g->n_pairs;
    for (int64_t user = 0; user < g->n_users; user++) left -= pairs_of(g, user, scale);
    for (int64_t user = 0; user < g->n_users; user++) {
        int64_t pairs = pairs_of(g, user, scale);
        if (left > 0 && pairs < most) {
            pairs++;
            left--;
        }
        g->offsets[user + 1] = g->offsets[user] + pairs;
    }
}

/* --- what each user buys ----------------------------------------------------------------------------------------- */

/* Draws of one user, in order. */
typedef struct draws {
    uint64_t seed, stream, next;
} draws;

static double draw(draws *d)
{
    return pv_random_uniform(d->seed, d->stream, d->next++);
}

/* A rank in [0, n) with probability about (rank + 10)^-0.8: the inverse of the integral. */
static int64_t draw_rank(draws *d, int64_t n)
{
    const double shift = 10, power = 0.2;
    const double low = pow(shift, power), high = pow((double)n + shift, power);
    const int64_t rank = (int64_t)(pow(low + draw(d) * (high - low), 1 / power) - shift);
    return rank < 0 ? 0 : rank >= n ? n - 1 : rank;
}

static int64_t draw_product(const generator *g, draws *d, const int64_t *groups)
{
    const double source = draw(d);
    if (source >= 0.7) return draw_rank(d, g->n_products);
    const int64_t group = groups[source < 0.45 ? 0 : 1];
    return draw_rank(d, g->n_products / n_groups) * n_groups + group;
}

static int compare_columns(const void *a, const void *b)
{
    const int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* Distinct products in rising order. A user who finds hardly anything new any more takes the next free product. */
static void draw_row(generator *g, int64_t user, int64_t n)
{
    draws d = {g->seed, stream_users + (uint64_t)user, 0};
    int64_t groups[2];
    for (int i = 0; i < 2; i++) groups[i] = (int64_t)(draw(&d) * (double)n_groups);
    for (int64_t k = 0; k < n; k++) {
        int64_t rank = draw_product(g, &d, groups);
        for (int i = 0; i < tries_per_pair && g->is_taken[g->product_names[rank]]; i++)
            rank = draw_product(g, &d, groups);
        while (g->is_taken[g->product_names[rank]]) rank = (rank + 1) % g->n_products;
        g->columns[k] = g->product_names[rank];
        g->is_taken[g->columns[k]] = 1;
    }
    qsort(g->columns, (size_t)n, sizeof *g->columns, compare_columns);
    for (int64_t k = 0; k < n; k++) {
        g->is_taken[g->columns[k]] = 0;
        g->weights[k] = 1 + floorf((float)(-0.7 * log(1.0 - draw(&d))));
    }
}

static void shuffle_products(generator *g)
{
    for (int64_t i = 0; i < g->n_products; i++) g->product_names[i] = (int32_t)i;
    for (int64_t i = g->n_products - 1; i > 0; i--) {
        const int64_t other = (int64_t)(pv_random_uniform(g->seed, stream_products, (uint64_t)i) * (double)(i + 1));
        const int32_t name = g->product_names[i];
        g->product_names[i] = g->product_names[other];
        g->product_names[other] = name;
    }
}

/* Two handles on one file: columns and weights lie apart in it, and both grow row by row. */
static bool write_rows(generator *g, FILE *columns, FILE *weights)
{
    bool is_ok = fseeko(columns, matrix_columns_at(g->n_users, 0), SEEK_SET) == 0 &&
                 fseeko(weights, matrix_weights_at(g->n_users, g->n_pairs, 0), SEEK_SET) == 0;
    for (int64_t user = 0; is_ok && user < g->n_users; user++) {
        const size_t n = (size_t)(g->offsets[user + 1] - g->offsets[user]);
        draw_row(g, user, (int64_t)n);
        is_ok = fwrite(g->columns, sizeof *g->columns, n, columns) == n &&
                fwrite(g->weights, sizeof *g->weights, n, weights) == n;
    }
    return is_ok;
}

static bool write_matrix(generator *g, const char *path)
{
    FILE *columns = fopen(path, "wb");
    if (!columns) return false;
    bool is_ok = matrix_write_offsets(columns, g->n_users, g->n_products, g->offsets) && fflush(columns) == 0;
    FILE *weights = is_ok ? fopen(path, "r+b") : NULL;
    is_ok = weights && write_rows(g, columns, weights);
    if (weights && fclose(weights) != 0) is_ok = false;
    return fclose(columns) == 0 && is_ok;
}

static bool generate(generator *g, const char *path)
{
    g->offsets = pv_allocate((size_t)g->n_users + 1, sizeof *g->offsets);
    g->product_names = pv_allocate((size_t)g->n_products, sizeof *g->product_names);
    g->is_taken = pv_allocate((size_t)g->n_products, sizeof *g->is_taken);
    g->columns = pv_allocate((size_t)g->n_products, sizeof *g->columns);
    g->weights = pv_allocate((size_t)g->n_products, sizeof *g->weights);
    bool is_ok = g->offsets && g->product_names && g->is_taken && g->columns && g->weights;
    if (is_ok) {
        shuffle_products(g);
        fill_offsets(g);
        is_ok = write_matrix(g, path);
    }
    pv_release(g->offsets);
    pv_release(g->product_names);
    pv_release(g->is_taken);
    pv_release(g->columns);
    pv_release(g->weights);
    return is_ok;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fputs("usage: generate OUTPUT USERS PRODUCTS PAIRS SEED\n", stderr);
        return 2;
    }
    generator g = {0};
    g.n_users = integer_argument(argv[2], "users", 1, INT32_MAX);
    g.n_products = integer_argument(argv[3], "products", 2 * n_groups, INT32_MAX);
    g.n_pairs = integer_argument(argv[4], "pairs", g.n_users, g.n_users * (g.n_products / 8));
    g.seed = (uint64_t)integer_argument(argv[5], "seed", 0, INT64_MAX);
    if (generate(&g, argv[1])) return 0;
    (void)fprintf(stderr, "generate: no memory, or cannot write %s\n", argv[1]);
    return 1;
}
