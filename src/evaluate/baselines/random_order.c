/* random_order.c - what knowing nothing gives. */
#include "base/failure.h"
#include "base/random.h"
#include "evaluate/baselines/baselines.h"

typedef struct random_state {
    int64_t n_products;
    uint64_t seed;
} random_state;

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    random_state *made = pv_allocate(1, sizeof *made);
    *state = made;
    if (!made) return pv_fail_memory(error, "a random order", sizeof *made);
    *made = (random_state){.n_products = input->shop->products.ids.n, .seed = input->seed};
    return PV_OK;
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)history, (void)arena, (void)error;
    const random_state *random = state;
    for (int64_t i = 0; i < random->n_products; i++)
        scores[i] = pv_random_uniform(random->seed, (uint64_t)user, (uint64_t)i);
    return PV_OK;
}

const pv_baseline pv_random_order = {
    .code = "random", .title = "random", .create = create, .free = pv_release, .score = score};
