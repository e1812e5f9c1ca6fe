/* answer.h - questions to a model and its answers: recommend, explain, similar, rank.
 *
 * Holds:    pv_request, pv_session, pv_answer and the calls that fill it, JSON of every answer.
 * Threads:  one pv_session per thread; the model is shared.
 * Memory:   an answer belongs to its session and is valid until the session's next call; texts point into it or into
 *           the model.
 */
#ifndef PURVEY_ANSWER_H
#define PURVEY_ANSWER_H

#include <purvey/model.h>
#include <purvey/status.h>
#include <purvey/text.h>
#include <purvey/train.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PV_N_MAX 1000000
#define PV_RANK_MAX 1000 /* ranks of if_removed beyond it are not counted */

typedef enum pv_mode { PV_MODE_DEFAULT, PV_MODE_MIXED, PV_MODE_NEW, PV_MODE_REORDER } pv_mode;
typedef enum pv_explain { PV_EXPLAIN_NONE, PV_EXPLAIN_TOP3, PV_EXPLAIN_FULL } pv_explain;
typedef enum pv_kind { PV_KIND_NEW, PV_KIND_REORDER } pv_kind;

/* A customer's purchases given with the question, read once, used by any number of calls. */
typedef struct pv_history_file pv_history_file;
/* CSV with the columns of user_purchases.csv without user_id. report nullable. */
PV_API pv_status pv_history_file_read(pv_history_file **file, const char *path, double max_bad_rows,
                                      pv_read_report *report, pv_error *error) PV_CHECKED;
PV_API void pv_history_file_free(pv_history_file *file);

typedef struct pv_filter {
    pv_text column, value; /* column of products.csv, "category" also matches what lies below it */
} pv_filter;

/* What is known of a company: a column of users.csv and its value. */
typedef struct pv_metadata {
    pv_text column, value;
} pv_metadata;

/* A purchase or return that comes with the question. */
typedef struct pv_history_line {
    pv_text product, order; /* order data NULL: none */
    int64_t time;           /* seconds since 1970 UTC; INT64_MIN: just before the as-of date */
    double quantity;        /* > 0; NaN: one */
    double discount;        /* fraction; NaN: none */
    bool is_return;         /* takes back earlier lines of the product */
} pv_history_line;

/* pv_request_init() sets the defaults. Everything is borrowed. */
typedef struct pv_request {
    pv_text user;                   /* data NULL: nobody named */
    const pv_history_file *history; /* NULL: the user's own purchases */
    bool has_lines;                 /* ... or these, in its place: */
    const pv_history_line *lines;   /* [n_lines] */
    int64_t n_lines;
    const pv_text
        *cart; /* [n_cart] ids: an order just before the as-of date, and not shown again; unknown ones ignored */
    int64_t n_cart;
    const pv_metadata *metadata; /* of a company that the shop does not list, or in place of what it lists */
    int64_t n_metadata;
    int64_t n;                /* 1 to PV_N_MAX, 5 */
    int64_t offset;           /* items left out at the beginning of the list, 0 to PV_N_MAX; ranks stay */
    pv_mode mode;             /* default: mixed, or new when the data has neither time nor order */
    pv_explain explain;       /* PV_EXPLAIN_TOP3 */
    const pv_filter *filters; /* all must hold; the same column twice: either */
    int64_t n_filters;
    const pv_text *exclude; /* ids, unknown ones ignored */
    int64_t n_exclude;
    const char *as_of; /* date, time, "now"; NULL: see contract 2 */
    double new_share;  /* 0 to 1: wished share of new products in a mixed list; NaN: as the scores have it */
    bool is_strict;    /* an unknown user is PV_E_NOT_FOUND, not a fallback */
    bool is_bulk;      /* ranks of if_removed are left out unless explain is full */
} pv_request;
PV_API void pv_request_init(pv_request *request);

/* A named fact of a reason or note; every number of a sentence is one. */
typedef enum pv_fact_kind { PV_FACT_NULL, PV_FACT_INTEGER, PV_FACT_NUMBER, PV_FACT_TEXT, PV_FACT_NEAREST } pv_fact_kind;
typedef struct pv_nearest {
    pv_text product, name; /* name data NULL when it has none */
    double similarity;     /* cosine of the product factors */
    double if_removed;     /* explain only: the score without this purchase; NaN otherwise */
} pv_nearest;
typedef struct pv_fact {
    const char *name;
    pv_fact_kind kind;
    int64_t integer;
    double number;
    pv_text text;
    const pv_nearest *nearest; /* [integer] when kind is PV_FACT_NEAREST */
} pv_fact;

/* One piece that a signal sums. */
typedef struct pv_evidence {
    pv_text product; /* a past purchase; data NULL when the piece is none */
    pv_text label;   /* what it is instead, "country = France"; data NULL for a purchase */
    pv_text date;    /* data NULL when the piece has none */
    double contribution;
} pv_evidence;

typedef struct pv_reason {
    const char *code;
    double contribution; /* weight x signal; 0 in a note */
    double share;        /* of the positive contributions; NaN (null) when not positive */
    double if_removed_score;
    int64_t if_removed_rank; /* 0: null */
    const pv_fact *facts;
    int64_t n_facts;
    const pv_evidence *evidence; /* largest first; at most 3, all of them in explain */
    int64_t n_evidence;
    double evidence_other; /* what is not listed */
    pv_text text;
} pv_reason;

/* Explain only: one distinct product of the history. */
typedef struct pv_removal {
    pv_text product;
    double contribution; /* what its pieces of evidence add up to */
    double score;        /* the score had it never been bought */
} pv_removal;

typedef struct pv_item {
    pv_text product, name, category; /* data NULL: none */
    double price, discount;          /* NaN: none */
    int64_t rank;                    /* 1, 2, ...; explain: among all candidates of the mode, 0 when gated */
    pv_kind kind;
    double score, base, policy;
    const char *moved_by; /* rule after the score that put it into the list ("new_share"); NULL: none */
    double probability;   /* to be bought within horizon_days; NaN where the model is not calibrated */
    int64_t horizon_days; /* 0 without a probability */
    const pv_reason *reasons;
    int64_t n_reasons;
    const pv_reason *notes; /* true facts beside the sum */
    int64_t n_notes;
    double other_positive, negative; /* contributions not shown */
    double shown_share;              /* of the positive part */
    const char *gate;                /* explain: what hides it, NULL when nothing does */
    double gap; /* explain: score of the last product that a list of `requested` shows, minus this score; 0 when this
                   one is shown, NaN when it is gated */
    const pv_removal *removals; /* explain only */
    int64_t n_removals;
} pv_item;

typedef struct pv_filtered {
    const char *gate;
    int64_t count;
} pv_filtered;

typedef struct pv_answer {
    pv_text user; /* data NULL when nobody was named */
    const char *model_id;
    int64_t as_of; /* seconds, INT64_MIN: null */
    pv_mode mode;
    const char *source;   /* "personal", "popular_in_segment", "popular" */
    pv_text fallback;     /* why it is not personal; data NULL when it is */
    bool is_unknown_user; /* a user was named whom the model does not know, and brought no history */
    int64_t requested, candidates;
    const pv_filtered *filtered;
    int64_t n_filtered;
    const pv_item *items; /* recommend: best first; explain: one */
    int64_t n_items;
} pv_answer;

typedef struct pv_similar_item {
    pv_text product, name;
    double similarity; /* cosine of the product factors, NaN (null) when one has none */
    int64_t buyers,
        also;           /* bought together: companies with the asked product, of these with this one too; -1: unknown */
    bool is_substitute; /* similar, of the same category, and not among the pairs bought together */
} pv_similar_item;
typedef struct pv_similar {
    pv_text product, name;
    const char *model_id;
    const pv_similar_item *items;
    int64_t n_items;
} pv_similar;

typedef struct pv_session pv_session;
PV_API pv_status pv_session_create(pv_session **session, const pv_model *model, pv_error *error) PV_CHECKED;
PV_API void pv_session_free(pv_session *session);

/* Errors: PV_E_USAGE (n, mode, as-of; error->field names the request field), PV_E_MEMORY. An unknown user is no error.
 */
PV_API pv_status pv_recommend(const pv_answer **answer, pv_session *session, const pv_request *request,
                              pv_error *error) PV_CHECKED;
/* One product for one user: every signal, every piece of evidence, removals. Errors: also PV_E_NOT_FOUND. */
PV_API pv_status pv_explain_item(const pv_answer **answer, pv_session *session, const pv_request *request,
                                 pv_text product, pv_error *error) PV_CHECKED;
PV_API pv_status pv_similar_items(const pv_similar **similar, pv_session *session, pv_text product, int64_t n,
                                  pv_error *error) PV_CHECKED;
/* The score recommend would serve, gates ignored. *unknown: no such product (score 0). The session keeps the prepared
 * question for the next call: while it does, the `history` and `as_of` it was given must stay as they are. */
PV_API pv_status pv_rank_pair(double *score, bool *unknown, pv_session *session, const pv_request *request,
                              pv_text product, pv_error *error) PV_CHECKED;

/* Users of `--all`: every user of users.csv and of the purchases, in bytewise order. */
PV_API int64_t pv_model_user_count(const pv_model *model);
PV_API pv_text pv_model_user(const pv_model *model, int64_t index);
/* Name of a product of the model; data NULL when it has none or is not known. Borrowed from the model. */
PV_API pv_text pv_model_product_name(const pv_model *model, pv_text product);
/* True when the data has a time column; `--as-of` is an error otherwise. */
PV_API bool pv_model_has_time(const pv_model *model);

/* JSON of contract 3, one object without a newline. *json is owned by the caller: pv_free(). */
PV_API pv_status pv_answer_json(char **json, const pv_answer *answer, pv_error *error) PV_CHECKED;
PV_API pv_status pv_explanation_json(char **json, const pv_answer *answer, pv_error *error) PV_CHECKED;
PV_API pv_status pv_similar_json(char **json, const pv_similar *similar, pv_error *error) PV_CHECKED;

/* The same as CSV with a header line, RFC 4180, lines end with LF. *csv is owned by the caller: pv_free().
 *
 * answer       user_id,product_id,rank,score,kind,name,reason: reason is the sentence of the largest contribution
 * explanation  code,contribution,share,score_without,text: one line a signal
 * similar      product_id,rank,name,similarity,buyers,also,substitute */
PV_API pv_status pv_answer_csv(char **csv, const pv_answer *answer, pv_error *error) PV_CHECKED;
PV_API pv_status pv_explanation_csv(char **csv, const pv_answer *answer, pv_error *error) PV_CHECKED;
PV_API pv_status pv_similar_csv(char **csv, const pv_similar *similar, pv_error *error) PV_CHECKED;

/* --- bulk: files in, files out, all threads, bounded memory ---------------------------------------------------- */

typedef enum pv_bulk_format { PV_BULK_CSV, PV_BULK_JSONL } pv_bulk_format;
typedef struct pv_bulk_report {
    pv_part_time read_time, score_time, write_time, total_time;
    int64_t users, rows_returned, pairs_unknown;
    pv_read_report read;
} pv_bulk_report;

/* Recommend for every user (users_path NULL) or those of a CSV file with a column user_id, streamed to `output`
 * (replaced only when complete), in the order asked. `request` gives n, mode, explain, filters, exclude and as-of. */
PV_API pv_status pv_recommend_bulk(const pv_model *model, const char *users_path, const char *output,
                                   pv_bulk_format format, const pv_request *request, unsigned threads,
                                   pv_progress *progress, void *progress_context, pv_bulk_report *report,
                                   pv_error *error) PV_CHECKED;
/* `purvey rank`: CSV user_id, product_id in; user_id,product_id,score,unknown out, line for line. */
PV_API pv_status pv_rank_bulk(const pv_model *model, const char *pairs_path, const char *output,
                              const pv_request *request, unsigned threads, pv_progress *progress,
                              void *progress_context, pv_bulk_report *report, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
