/* signal.h - the one small interface of every signal: learn, bind, prepare for a question, score, show evidence, speak.
 *
 * Holds:    pv_signal (the interface), pv_question (who asks, with which history, as of when), pv_signals (all of
 * them). Threads:  bound state is read-only and shared; prepared state lives in the question's arena. Math:
 * docs/math.md, "Signals". A signal's value phi(user, product) is 0 without evidence and in a fixed unit; the ranker
 * turns it into a contribution, weight x z (ranker/weights.h). Add one:  write NAME.c with a `const pv_signal`, list
 * it in signals.c and give it a default weight in ranker/weights.c.
 */
#ifndef PV_SIGNAL_H
#define PV_SIGNAL_H

#include "als/als.h"
#include "als/side_information.h"
#include "base/memory.h"
#include "base/tensors.h"
#include "shop/company.h"
#include "shop/history.h"
#include "shop/shop.h"
#include <purvey/answer.h>
#include <stdint.h>

/* What fitting may use. */
typedef struct pv_fit_settings {
    pv_threads *threads;
    int32_t min_companies; /* the k rule */
    pv_als_settings als;
    double alpha, half_life_days; /* half-life NaN: none */
    pv_weighting weighting;
    pv_als_iteration_done *iteration_done; /* nullable */
    void *context;
} pv_fit_settings;

/* Scratch for solving a customer's row: with all orders as the model was trained, and with recent orders weighing more.
 */
typedef struct pv_als_rows {
    pv_als_row *plain, *recent;
} pv_als_rows;

/* A product that was shown to the asking customer and not taken up since: neither clicked, put into the cart nor
 * bought. */
typedef struct pv_shown {
    int32_t product;
    int64_t times; /* > 0 */
    int64_t first, last;
} pv_shown;

/* Who asks what: everything a signal may look at. Borrowed, read-only, but for the arena and the row solver, which
 * belong to the session. */
typedef struct pv_question {
    const pv_shop *shop;
    const pv_history *history;
    const pv_company *company; /* the asking company's own training purchases */
    int64_t as_of;             /* PV_NO_TIME when the shop has no time */
    int32_t user;              /* -1: nobody known */
    int32_t min_companies;
    const pv_side_value *metadata; /* what is told of a company that the shop does not list */
    int64_t n_metadata;
    const pv_shown *shown; /* rising by product, each once */
    int64_t n_shown;
    int64_t segment_list;   /* popularity within this list instead of among all; -1: among all */
    bool is_stored_history; /* the history is the one the user's stored factors were solved from */
    pv_als_rows als_rows;   /* scratch of the session */
    pv_arena *arena;
} pv_question;

/* Value code of the asking customer in a segment column: from what the question tells, else from users.csv; -1: none.
 */
int32_t pv_question_segment(const pv_question *question, int64_t column);

/* One piece that a signal sums for a product: by far the most pieces are past purchases. */
typedef struct pv_piece {
    int32_t product; /* -1: the piece is no purchase, its label says what it is */
    int64_t time;    /* PV_NO_TIME when the piece has no date */
    double phi;
    pv_text label; /* data NULL for a purchase; in the model or the arena */
} pv_piece;
static inline pv_piece pv_piece_of_purchase(int32_t product, int64_t time, double phi)
{
    return (pv_piece){.product = product, .time = time, .phi = phi};
}
typedef struct pv_pieces {
    pv_piece *items; /* in the arena */
    int64_t n;
} pv_pieces;

/* phi of all products in a short form: 0 where nothing is said. Views. */
typedef struct pv_phi {
    const double *values;
    int64_t n;               /* of them */
    const int32_t *products; /* values[k] is phi of products[k], each product once; NULL: of product k */
    const int32_t *groups;   /* [n products] values[groups[i]] is phi of product i, 0 for group -1; NULL: no groups */
} pv_phi;

/* What a signal has to say about a product: facts, and a sentence in which each number is one of them. */
typedef struct pv_statement {
    pv_fact *facts; /* in the arena */
    int64_t n_facts;
    pv_text text; /* data NULL: nothing to say */
} pv_statement;

/* How phi becomes z, the number that a weight multiplies; s is the signal's scale for this customer. */
typedef enum pv_signal_form {
    PV_FORM_LINEAR, /* z = phi / s */
    PV_FORM_ROOT    /* z = sqrt(phi / s), 0 for phi below 0: sums over a history, ten times as much says less than ten
                       times */
} pv_signal_form;
/* What the scale follows. */
typedef enum pv_signal_level {
    PV_LEVEL_HISTORY, /* phi grows with the history: s = c n^p, n = distinct products of the history */
    PV_LEVEL_PRODUCT  /* phi tells of the product alone: s = c */
} pv_signal_level;
/* Products that a signal may speak for; phi is 0 for the others. */
typedef enum pv_signal_kinds {
    PV_SPEAKS_FOR_NEW = 1,
    PV_SPEAKS_FOR_REORDER = 2,
    PV_SPEAKS_FOR_ALL = 3
} pv_signal_kinds;

typedef struct pv_signal {
    const char *code;
    pv_signal_form form;
    pv_signal_level level;
    pv_signal_kinds kinds;
    bool is_rule; /* the weight is never learned: the documented one stands in every model */
    /* Learn from the shop as of its date; append tensors named `code.*`. NULL: nothing to learn. */
    pv_status (*fit)(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error);
    /* The signal whose bound state this one uses too, in place of bind(); NULL: none. */
    const struct pv_signal *bound_by;
    /* Point into the tensors, everything checked. *bound is freed with pv_release(). */
    pv_status (*bind)(void **bound, const pv_tensors *tensors, const pv_shop *shop, pv_error *error);
    /* False where phi is 0 for every product, so that the question is spared the signal; NULL: it may always speak. */
    bool (*applies)(const pv_question *question);
    /* What the question needs once. *prepared lives in the question's arena. */
    pv_status (*prepare)(void **prepared, const void *bound, const pv_question *question, pv_error *error);
    /* phi of every product, [n products] zeroed before; NULL for a signal that speaks for reorders alone. */
    void (*score)(double *phi, const void *prepared);
    /* What score() gives for the products that are not in the history (those in it may have anything), in less time
     * than that takes; NULL for a signal without a short form. It lies in the prepared state or in the rooms, [n
     * products + 1] with anything in them. */
    void (*brief)(pv_phi *phi, double *room, int32_t *products, const void *prepared);
    /* phi of one product, bit for bit what score() gives. */
    double (*score_one)(const void *prepared, int32_t product);
    /* The pieces of one product; they sum to phi (to rounding) unless the header of the signal says otherwise. */
    pv_status (*evidence)(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error);
    /* Facts and sentence. `is_reason`: phi is in the score; otherwise it is a note beside the sum, and a signal that
     * has nothing true and useful to say leaves text.data NULL. */
    pv_status (*state)(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error);
    /* Why the signal is silent for this shop, or NULL when it speaks. */
    const char *(*silent)(const pv_shop *shop);
} pv_signal;

/* What several signals answer: evidence of a signal that is about others, whose purchases are never shown; silence. */
pv_status pv_signal_no_evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error);
/* The k rule of a model, for what is known before a question comes with it; 0 when the tensors do not tell. */
int32_t pv_signal_fewest(const pv_tensors *tensors);
/* True when the asking company's products [n] are all in the question's history, so that no new product differs from
 * what holds for everybody. */
bool pv_signal_own_are_past(const pv_question *question, const int32_t *products, int64_t n);
const char *pv_signal_silent_without_time(const pv_shop *shop);
const char *pv_signal_never_silent(const pv_shop *shop);

/* All signals in the order of the sum. */
typedef enum pv_signal_number {
    PV_SIGNAL_ALS,
    PV_SIGNAL_ALS_RECENT,
    PV_SIGNAL_BOUGHT_TOGETHER,
    PV_SIGNAL_TEXT,
    PV_SIGNAL_PEERS,
    PV_SIGNAL_SEGMENT,
    PV_SIGNAL_CATEGORY,
    PV_SIGNAL_BRAND,
    PV_SIGNAL_DISCOUNT,
    PV_SIGNAL_PRICE_FIT,
    PV_SIGNAL_POPULARITY,
    PV_SIGNAL_TREND,
    PV_SIGNAL_AGE,
    PV_SIGNAL_SEASON,
    PV_SIGNAL_LAST_SOLD,
    PV_SIGNAL_HABIT,
    PV_SIGNAL_REBUY_RATE,
    PV_SIGNAL_REORDER_DUE,
    PV_SIGNAL_REBUY,
    PV_SIGNAL_SUBSTITUTE,
    PV_SIGNAL_FATIGUE,
    PV_SIGNAL_COUNT
} pv_signal_number;
extern const pv_signal *const pv_signals[PV_SIGNAL_COUNT];
/* Index of a code in pv_signals, -1 when there is none. */
int pv_signal_find(pv_text code);

#endif
