/* search_space.c - see search_space.h. */
#include "tune/search_space.h"

#include "base/random.h"
#include "train/option_rules.h"
#include <math.h>

#define ATTEMPTS_PER_SETTING 100
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Two random numbers an option: whether it changes, and to what. */
typedef struct draw {
    uint64_t seed, stream, next;
} draw;

static double choose(draw *d, const double *values, size_t n, double given)
{
    const bool is_kept = pv_random_uniform(d->seed, d->stream, d->next++) < 0.5;
    const double place = pv_random_uniform(d->seed, d->stream, d->next++);
    return is_kept ? given : values[(size_t)(place * (double)n)];
}

static int32_t scaled(int32_t value, double factor, int32_t most)
{
    const double product = floor((double)value * factor + 0.5);
    if (product < 1) return value < 1 ? value : 1;
    return product > most ? most : (int32_t)product;
}

static pv_train_options draw_setting(const pv_train_options *given, uint64_t stream)
{
    static const double factors[] = {0.25, 0.5, 1, 1.5, 2}, passes[] = {0.5, 1, 1.5}, thirds[] = {0.1, 0.3, 1, 3, 10},
                        halves[] = {0.25, 0.5, 1, 2, 4}, companies[] = {1, 2, 4}, days[] = {0, 45, 90, 180, 365},
                        weightings[] = {PV_WEIGHT_LOG, PV_WEIGHT_LINEAR};
    draw d = {given->seed, stream, 0};
    pv_train_options setting = *given;
    setting.factors = scaled(given->factors, choose(&d, factors, COUNT(factors), 1), 1024);
    setting.iterations = scaled(given->iterations, choose(&d, passes, COUNT(passes), 1), 10000);
    setting.regularization = given->regularization * choose(&d, thirds, COUNT(thirds), 1);
    const double unobserved = choose(&d, halves, COUNT(halves), 1);
    setting.alpha = given->alpha * choose(&d, halves, COUNT(halves), 1);
    const double half_life = isnan(given->half_life_days) ? 0 : given->half_life_days;
    const double drawn_half_life = choose(&d, days, COUNT(days), half_life);
    setting.half_life_days = drawn_half_life > 0 ? drawn_half_life : (double)NAN;
    setting.min_companies = scaled(given->min_companies, choose(&d, companies, COUNT(companies), 1), INT32_MAX);
    const double weighting = choose(&d, weightings, COUNT(weightings), given->weighting);
    if (given->loss == PV_LOSS_IALSPP) {
        if (unobserved != 1) setting.unobserved_weight = pv_train_unobserved_weight(given) * unobserved;
        setting.weighting = weighting > 0 ? PV_WEIGHT_LINEAR : PV_WEIGHT_LOG;
    }
    return setting;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

bool pv_search_space_equal(const pv_train_options *a, const pv_train_options *b)
{
    return a->factors == b->factors && a->iterations == b->iterations && a->min_companies == b->min_companies &&
           a->weighting == b->weighting && same_number(a->regularization, b->regularization) &&
           same_number(a->unobserved_weight, b->unobserved_weight) && same_number(a->alpha, b->alpha) &&
           same_number(a->half_life_days, b->half_life_days);
}

static bool is_drawn_before(const pv_train_options *settings, int64_t n, const pv_train_options *setting)
{
    for (int64_t k = 0; k < n; k++)
        if (pv_search_space_equal(&settings[k], setting)) return true;
    return false;
}

int64_t pv_search_space_draw(pv_train_options *settings, int64_t n, const pv_train_options *given)
{
    int64_t drawn = 1;
    settings[0] = *given;
    for (int64_t attempt = 0; drawn < n && attempt < n * ATTEMPTS_PER_SETTING; attempt++) {
        const pv_train_options setting = draw_setting(given, (uint64_t)attempt);
        if (!is_drawn_before(settings, drawn, &setting)) settings[drawn++] = setting;
    }
    return drawn;
}
