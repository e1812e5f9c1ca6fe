/* generate_shop.c - a seeded shop of any size with all columns, for models that are as large as is wanted.
 *
 *     generate_shop FOLDER USERS PRODUCTS LINES SEED
 *
 * Writes products.csv, users.csv and user_purchases.csv into FOLDER, which is there. Every user places orders of ten
 * lines over two years, mostly from the three categories it prefers, in favour of what many buy; half of an order
 * repeats an earlier one, so that reorders and rebuy gaps have something to learn from. Memory: none that grows.
 */
#include "base/random.h"
#include "bench_arguments.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { n_categories = 200, n_brands = 300, n_trades = 20, lines_an_order = 10, n_days = 730, n_own_categories = 3 };
enum { name_words = 8 };
static const char *const colours[name_words] = {"red", "blue", "green", "black", "white", "grey", "yellow", "brown"};
static const char *const things[name_words] = {"bolt", "nut", "washer", "hinge", "screw", "clamp", "hook", "bracket"};

typedef struct shop {
    const char *folder;
    int64_t n_users, n_products, n_lines;
    uint64_t seed;
} shop;

/* Draws of one user, in order. */
typedef struct draws {
    uint64_t seed, user, next;
} draws;

static int64_t draw_below(draws *d, int64_t n)
{
    const int64_t drawn = (int64_t)(pv_random_uniform(d->seed, d->user, d->next++) * (double)n);
    return drawn < n ? drawn : n - 1;
}

/* Low numbers are drawn more often: the density falls with the root. */
static int64_t draw_popular(draws *d, int64_t n)
{
    const double share = pv_random_uniform(d->seed, d->user, d->next++);
    const int64_t drawn = (int64_t)(share * share * (double)n);
    return drawn < n ? drawn : n - 1;
}

/* --- tables ------------------------------------------------------------------------------------------------------ */

static double price_of(int64_t product)
{
    return 0.5 + (double)(product * 7919 % 9973) / 100;
}

/* Every tenth product is reduced. */
static double discount_of(int64_t product)
{
    return product % 10 == 0 ? 0.15 : 0;
}

static void write_products(FILE *file, const shop *s)
{
    (void)fputs("product_id,name,category,price,discount,brand\n", file);
    for (int64_t p = 0; p < s->n_products; p++)
        (void)fprintf(file, "p%07" PRId64 ",%s %s %" PRId64 " size %" PRId64 ",C%" PRId64 ",%.2f,%.2f,B%" PRId64 "\n",
                      p, colours[p % name_words], things[p / name_words % name_words], p / 64, p % 37, p % n_categories,
                      price_of(p), discount_of(p), p % n_brands);
}

static void write_users(FILE *file, const shop *s)
{
    (void)fputs("user_id,trade\n", file);
    for (int64_t u = 0; u < s->n_users; u++) (void)fprintf(file, "u%07" PRId64 ",t%" PRId64 "\n", u, u % n_trades);
}

/* One of a user's categories, in favour of its best sellers; one line of five from the whole assortment. */
static int64_t draw_product(draws *d, const shop *s, const int64_t *categories)
{
    if (draw_below(d, 5) == 0) return draw_popular(d, s->n_products);
    const int64_t category = categories[draw_below(d, n_own_categories)];
    return draw_popular(d, s->n_products / n_categories) * n_categories + category;
}

static void write_line(FILE *file, int64_t user, int64_t product, int64_t day, int64_t order, int64_t quantity)
{
    const int64_t month = day / 28 % 12 + 1, year = 2022 + day / 336;
    (void)fprintf(file,
                  "u%07" PRId64 ",p%07" PRId64 ",%" PRId64 "-%02" PRId64 "-%02" PRId64 ",o%" PRId64 "-%" PRId64
                  ",%" PRId64 ",%.2f,%.2f\n",
                  user, product, year, month, day % 28 + 1, user, order, quantity, price_of(product),
                  discount_of(product));
}

static void write_orders(FILE *file, const shop *s, int64_t user, int64_t n)
{
    draws d = {s->seed, (uint64_t)user, 0};
    int64_t categories[n_own_categories], last[lines_an_order] = {0};
    for (int i = 0; i < n_own_categories; i++) categories[i] = draw_below(&d, n_categories);
    const int64_t n_orders = (n + lines_an_order - 1) / lines_an_order;
    for (int64_t k = 0; k < n; k++) {
        const int64_t order = k / lines_an_order, place = k % lines_an_order;
        const bool repeats = order > 0 && draw_below(&d, 2) == 0;
        if (!repeats) last[place] = draw_product(&d, s, categories);
        write_line(file, user, last[place], (order * n_days + user % n_days) / n_orders, order, 1 + draw_below(&d, 9));
    }
}

static void write_purchases(FILE *file, const shop *s)
{
    (void)fputs("user_id,product_id,time,order_id,quantity,unit_price,discount\n", file);
    for (int64_t u = 0; u < s->n_users; u++)
        write_orders(file, s, u, s->n_lines * (u + 1) / s->n_users - s->n_lines * u / s->n_users);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static bool write_table(const shop *s, const char *name, void (*write)(FILE *file, const shop *s))
{
    char path[4096];
    const int length = snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "w") : NULL;
    if (file) write(file, s);
    const bool is_ok = file && !ferror(file);
    if ((!file || fclose(file) == 0) && is_ok) return true;
    (void)fprintf(stderr, "generate_shop: cannot write %s\n", path);
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fputs("usage: generate_shop FOLDER USERS PRODUCTS LINES SEED\n", stderr);
        return 2;
    }
    shop s = {.folder = argv[1]};
    s.n_users = integer_argument(argv[2], "users", 1, 9999999);
    s.n_products = integer_argument(argv[3], "products", n_categories, 9999999);
    s.n_lines = integer_argument(argv[4], "lines", s.n_users, INT64_C(1000000000));
    s.seed = (uint64_t)integer_argument(argv[5], "seed", 0, INT64_MAX);
    const bool is_ok = write_table(&s, "products.csv", write_products) && write_table(&s, "users.csv", write_users) &&
                       write_table(&s, "user_purchases.csv", write_purchases);
    return is_ok ? 0 : 1;
}
