/* views.h - one product or one customer seen from the side: bought together, substitutes, audience, peers.
 *
 * Holds:    the four views and their JSON. pv_similar_items() of answer.h is their sibling.
 * Threads:  one pv_session per thread, as in answer.h.
 * Memory:   a view belongs to its session and is valid until the session's next call; texts point into it or into the
 *           model.
 * Privacy:  pv_audience() and pv_peers() name customers: they are for the shop's own staff and never for a customer's
 *           eyes. Reasons name no other customer in any view.
 * Requests: every view takes a pv_request and reads the fields that it names. Errors of all: PV_E_USAGE (n, mode,
 *           as-of, metadata; error->field names the request field), PV_E_NOT_FOUND (no such product or user),
 *           PV_E_MEMORY.
 */
#ifndef PURVEY_VIEWS_H
#define PURVEY_VIEWS_H

#include <purvey/answer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- products seen from a product -------------------------------------------------------------------------------- */

/* Companies are parent companies with a purchase before the model's as-of date; all of them count, nobody is asking.
 * Counts below the k rule of the model are not shown. */
typedef struct pv_related_item {
    pv_text product, name; /* name data NULL: none */
    double weight;         /* bought together: of a past purchase of the asked product; NaN otherwise */
    double similarity;     /* substitutes: cosine of the product factors; NaN otherwise */
    int64_t buyers, also;  /* companies that bought the asked product, of these this one too; -1: not shown */
    double rate;           /* also / buyers; NaN: not shown */
    double base_rate;      /* companies that bought this one / all companies; NaN: not shown */
    const char *gate;      /* what would hide it from the request's user as of now, NULL when nothing does */
} pv_related_item;

typedef struct pv_related {
    pv_text product, name, category; /* the asked product; data NULL: none */
    const char *model_id;
    const char *source; /* "bought_together", "substitute"; NULL when the model cannot tell */
    pv_text fallback;   /* why it cannot; data NULL when it can */
    int64_t requested;
    const pv_related_item *items;
    int64_t n_items;
} pv_related;

/* Products that companies bought together with `product`.
 *
 * request  n; user, as_of, filters and exclude decide the gates alone, which are told and hide nothing
 * Order:   falling by the model's weight of the pair, w_ji of signals/bought_together.h with j = product: what a past
 *          purchase of `product` adds to the prediction that its buyer buys the other one. It is learned beside all
 *          other purchases, so a pair of popular products may have many companies and little weight. Ties bytewise.
 * k rule:  pairs that fewer than k companies bought both of are left out.
 * None:    without the signal bought_together in the model the list is empty, source NULL and fallback the cause.
 * Cost:    that of preparing a question, and one look at each of at most 256 pairs. */
PV_API pv_status pv_bought_together_items(const pv_related **related, pv_session *session, const pv_request *request,
                                          pv_text product, pv_error *error) PV_CHECKED;

/* Products that may stand in for `product`: what the signal substitute calls its equivalents. They have the same leaf
 * category and a cosine of product factors of 0.8 or more, and neither stands in the other's table of products bought
 * together; at most the 16 most alike, by falling similarity, ties bytewise. buyers and also are not shown: that there
 * is no such pair is the point.
 *
 * The column `substitute` of pv_similar_items() is the wider of the two: it marks a similarity above 0.5 already and
 * looks at the table of the asked product alone. Each item of this view that stands in that list is marked there.
 *
 * request, cost: as pv_bought_together_items(). A substitute can be sold out itself: see gate.
 * None:    without the signal substitute in the model the list is empty, source NULL and fallback the cause. */
PV_API pv_status pv_substitute_items(const pv_related **related, pv_session *session, const pv_request *request,
                                     pv_text product, pv_error *error) PV_CHECKED;

/* {"item","name","model","source","fallback","requested","returned","items":[...]}; substitutes have "category" after
 * "name". *json is owned by the caller: pv_free().
 *
 * bought together  item, rank, name, weight, buyers, also, rate, base_rate, gate
 * substitutes      item, rank, name, similarity, gate */
PV_API pv_status pv_bought_together_json(char **json, const pv_related *related, pv_error *error) PV_CHECKED;
PV_API pv_status pv_substitutes_json(char **json, const pv_related *related, pv_error *error) PV_CHECKED;

/* --- customers seen from a product ------------------------------------------------------------------------------- */

/* Up to so many users every one is asked: a second of one core, 0.2 ms each on Online Retail. Above, as many candidates
 * as PV_AUDIENCE_CANDIDATES: those whom the factor model gives the highest score by its stored factors, which are
 * faded by the age of the user's purchases; half of them had bought the product before the model's date and half had
 * not, or all are of the kind that the mode asks for. Users without purchases are no candidates then. */
#define PV_AUDIENCE_EXACT_USERS 5000
#define PV_AUDIENCE_CANDIDATES 2000

typedef struct pv_audience_user {
    pv_text user;
    int64_t rank; /* 1, 2, ... in the audience */
    pv_item item; /* the product for this customer, as pv_recommend() has it; item.rank its rank in the customer's own
                     list of this mode, 0 beyond PV_RANK_MAX and with PV_EXPLAIN_NONE */
} pv_audience_user;

typedef struct pv_audience {
    pv_text product, name;
    const char *model_id;
    int64_t as_of; /* seconds, INT64_MIN: null */
    pv_mode mode;
    const char *search; /* "all": every user was asked; "factors": the candidates of the factor model */
    int64_t requested;
    int64_t considered;          /* users that were asked: candidates and filtered together */
    int64_t candidates;          /* users that no gate kept out: those that were scored */
    const pv_filtered *filtered; /* the others by gate; "no_purchases": users that recommend gives the popular list,
                                    whose scores compare with nobody else's */
    int64_t n_filtered;
    const pv_audience_user *users;
    int64_t n_users;
} pv_audience;

/* Which customers to offer this product to: the users with the highest served score of it, best first, ties bytewise
 * by user. Every score is the one that pv_recommend() serves to that user for the same request, bit for bit,
 * promotions included.
 *
 * request  n, mode, as_of, filters, exclude and explain: none leaves reasons and the ranks in the customers' own lists
 *          out and is the cheapest. user and offset are not looked at; history, lines, cart, metadata and new_share are
 *          PV_E_USAGE.
 * Cost:    one prepared question for each considered user, as many scores of a whole catalogue as users are listed
 *          (none with PV_EXPLAIN_NONE), and, where this product is promoted, one for each user that is scored, since a
 *          promotion is capped by the scores of all products. */
PV_API pv_status pv_audience_of(const pv_audience **audience, pv_session *session, const pv_request *request,
                                pv_text product, pv_error *error) PV_CHECKED;
/* {"item","name","model","as_of","mode","search","requested","returned","considered","candidates","filtered","users"};
 * a user is {"user","rank","own_rank","kind","score",...}, the rest as in an item of recommend without "product". */
PV_API pv_status pv_audience_json(char **json, const pv_audience *audience, pv_error *error) PV_CHECKED;

/* --- customers seen from a customer ------------------------------------------------------------------------------ */

/* A segment column in which both have the same value. */
typedef struct pv_shared_segment {
    pv_text column, value;
} pv_shared_segment;

typedef struct pv_peer {
    pv_text company;                   /* its parent_id, or the id of the user that is its own company */
    int64_t n_users;                   /* of the company */
    double similarity;                 /* cosine of the profiles, in (0, 1] */
    int64_t products;                  /* different products that the company bought */
    int64_t common;                    /* of these, those in the customer's history */
    const pv_shared_segment *segments; /* columns in which a user of the company has the customer's value */
    int64_t n_segments;
} pv_peer;

typedef struct pv_peers {
    pv_text user;
    const char *model_id;
    int64_t as_of;      /* seconds, INT64_MIN: null */
    const char *source; /* "peers"; NULL when the model cannot tell */
    pv_text fallback;   /* why it cannot, or why there is nobody; data NULL otherwise */
    int64_t requested;
    int64_t products;   /* different products of the customer's history */
    int64_t candidates; /* companies with a similarity above 0 */
    const pv_peer *items;
    int64_t n_items;
} pv_peers;

/* The companies whose purchases are most like those of a user, by the similarity of the signal peers (s_uv of
 * signals/peers.h: the cosine of profiles in which a product weighs less the longer ago it was last bought), falling,
 * ties in the order of the companies. The first PV_PEERS_COUNT of them are the ones that the signal speaks of. The
 * user's own company is left out.
 *
 * request  user, n, as_of, history, metadata as for recommend: the profile is that of the question's history
 * Errors:  PV_E_NOT_FOUND for a user that the model does not know, PV_E_USAGE for none.
 * None:    without the signal peers in the model the list is empty, source NULL and fallback the cause.
 * Cost:    that of preparing a question, twice the signal's. */
PV_API pv_status pv_peer_companies(const pv_peers **peers, pv_session *session, const pv_request *request,
                                   pv_error *error) PV_CHECKED;
/* {"user","model","as_of","source","fallback","requested","returned","candidates","products","items":[{"company",
 * "rank","users","similarity","products","common","segments":[{"column","value"}]}]} */
PV_API pv_status pv_peers_json(char **json, const pv_peers *peers, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
