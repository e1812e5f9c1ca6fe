/* truth.h - what known customers bought in the window after a cut-off, in the numbers of the shop as of the cut-off.
 *
 * The shop is read again as of the end of the window; lines that were returned by then are gone, as in training. What
 * happened at or after the end is not looked at.
 */
#ifndef PV_TRUTH_H
#define PV_TRUTH_H

#include "base/threads.h"
#include "shop/interner.h"
#include "shop/shop.h"
#include <purvey/evaluate.h>

typedef struct pv_truth {
    int64_t n_users;         /* warm users of the shop as of the cut-off */
    const int64_t *offsets;  /* [n_users + 1] */
    const int32_t *products; /* distinct, known at the cut-off, rising within a user */
    const double *spend; /* what the pair is worth in spend recall (spend_basis), bought in the window before returns */
    const double *spend_before; /* [n_users] the same of everything before the cut-off */
    const int32_t *company;     /* [n_users] number of the parent in `companies` */
    int64_t users_unknown;      /* bought in the window, nothing before */
    int64_t products_unknown;   /* distinct products of known users that were not known at the cut-off */
    int64_t pairs_unknown;      /* pairs of known users with those */
    const char *spend_basis;    /* static text */
    char data_hash[33];
    pv_arena *arena; /* owns the arrays */
} pv_truth;

typedef struct pv_truth_reading {
    const char *shop_path;
    const pv_shop *shop; /* as of the cut-off */
    int64_t end;         /* of the window */
    bool negative_is_dislike;
    const pv_train_options *options; /* for reading: max_bad_rows, progress */
    pv_threads *threads;             /* nullable */
} pv_truth_reading;

/* companies  names of parents, the same for all cut-offs; new ones are added.
 * Errors: as pv_tables_read(), pv_fail_no_time(). */
pv_status pv_truth_read(pv_truth **truth, const pv_truth_reading *reading, pv_interner *companies,
                        pv_read_report *report, pv_error *error) PV_CHECKED;
void pv_truth_free(pv_truth *truth); /* accepts NULL */

/* True when somebody could have known the product then: bought or announced before the shop's date. */
bool pv_product_was_known(const pv_shop *shop, int64_t product);

#endif
