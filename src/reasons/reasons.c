/* reasons.c - choosing and wording the reasons of one item. */
#include "reasons/reasons.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Signals that a customer is told about wherever the data has them, in the score or beside it (contract section 3). */
static const int noted_signals[] = {PV_SIGNAL_ALS, PV_SIGNAL_BOUGHT_TOGETHER, PV_SIGNAL_SEGMENT, PV_SIGNAL_CATEGORY,
                                    PV_SIGNAL_DISCOUNT};

bool pv_product_order(const void *context, int32_t a, int32_t b)
{
    const pv_ids *ids = &((const pv_shop *)context)->products.ids;
    if ((a < ids->n_warm) == (b < ids->n_warm)) return a < b; /* each part is in bytewise order */
    return pv_text_compare(pv_ids_at(ids, a), pv_ids_at(ids, b)) < 0;
}

/* Entries [first, end) that stand before `product` if it had this score. Counted in two sums, as scores of a crowded
 * bucket are many and equal ones few. */
static int64_t count_before(const pv_shop *shop, const pv_score_buckets *ranks, int64_t first, int64_t end,
                            int32_t product, double score)
{
    int64_t before = 0, equal = 0;
    for (int64_t e = first; e < end; e++) {
        before += ranks->scores[e] > score;
        equal += ranks->scores[e] == score;
    }
    for (int64_t e = first; equal > 0 && e < end; e++)
        before += ranks->scores[e] == score && ranks->products[e] != product &&
                  pv_product_order(shop, ranks->products[e], product);
    return before;
}

int64_t pv_rank_among(const pv_ranking *ranking, const pv_reasons_rules *rules, int32_t product, double score)
{
    int64_t first = 0, end = 0;
    if (!pv_score_buckets_range(&first, &end, rules->ranks, score)) return 0;
    const bool counts_itself =
        ranking->scores[product] > score && pv_sorted_find(rules->candidates, rules->n_candidates, product) >= 0;
    const int64_t before = first + count_before(&ranking->ranker->shop, rules->ranks, first, end, product, score) -
                           (counts_itself ? 1 : 0);
    return before < PV_RANK_MAX ? before + 1 : 0;
}

pv_status pv_reasons_rank_among(pv_reasons_rules *rules, const pv_ranking *ranking, const int32_t *candidates,
                                int64_t n_candidates, pv_error *error)
{
    pv_arena *arena = ranking->question->arena;
    pv_score_buckets *ranks = pv_arena_allocate(arena, 1, sizeof *ranks);
    if (!ranks) return pv_fail_memory(error, "ranks", sizeof *ranks);
    rules->ranks = ranks;
    rules->candidates = candidates;
    rules->n_candidates = n_candidates;
    return pv_score_buckets_make(ranks, ranking->scores, candidates, n_candidates, arena, error);
}

/* --- evidence ---------------------------------------------------------------------------------------------------- */

static int compare_pieces(const void *left, const void *right)
{
    const pv_piece *a = left, *b = right;
    const double size_a = fabs(a->phi), size_b = fabs(b->phi);
    if (size_a != size_b) return size_a > size_b ? -1 : 1;
    if (a->time != b->time) return a->time > b->time ? -1 : 1; /* the latest first */
    return a->product < b->product ? -1 : a->product > b->product;
}

/* Bring the first n of `count` pieces in order to the front; what is behind them is in no order. */
static void select_pieces(pv_piece *pieces, int64_t n, int64_t count)
{
    for (int64_t k = 0; k < count; k++) {
        const pv_piece piece = pieces[k];
        int64_t place = k < n ? k : n;
        if (k >= n && (n == 0 || compare_pieces(&piece, &pieces[n - 1]) >= 0)) continue;
        if (k >= n) pieces[k] = pieces[--place];
        for (; place > 0 && compare_pieces(&piece, &pieces[place - 1]) < 0; place--) pieces[place] = pieces[place - 1];
        pieces[place] = piece;
    }
}

static pv_status fill_evidence(pv_reason *reason, const pv_ranking *ranking, const pv_reasons_rules *rules, int signal,
                               int32_t product, pv_error *error)
{
    const pv_shop *shop = &ranking->ranker->shop;
    pv_arena *arena = ranking->question->arena;
    pv_pieces pieces = {0};
    const pv_status status = pv_signals[signal]->evidence(&pieces, ranking->prepared[signal], product, error);
    if (status != PV_OK) return status;
    const int64_t n = rules->is_explanation || pieces.n < PV_EVIDENCE_SHOWN ? pieces.n : PV_EVIDENCE_SHOWN;
    if (n < pieces.n)
        select_pieces(pieces.items, n, pieces.n);
    else if (n > 1)
        qsort(pieces.items, (size_t)n, sizeof *pieces.items, compare_pieces);
    pv_evidence *evidence = pv_arena_allocate(arena, (size_t)n, sizeof *evidence);
    if (!evidence) return pv_fail_memory(error, "evidence", (uint64_t)n * sizeof *evidence);
    const double phi = pieces.n ? pv_signals[signal]->score_one(ranking->prepared[signal], product) : 0;
    const double unit = pv_ranking_unit(ranking, signal, pv_ranking_kind(ranking, product), phi);
    double shown = 0;
    for (int64_t k = 0; k < n; k++) {
        if (pieces.items[k].label.data)
            evidence[k].label = pieces.items[k].label;
        else
            evidence[k].product = pv_ids_at(&shop->products.ids, pieces.items[k].product);
        evidence[k].contribution = unit * pieces.items[k].phi;
        shown += evidence[k].contribution;
        if (pieces.items[k].time == PV_NO_TIME) continue;
        if (!pv_statement_keep_date(&evidence[k].date, pieces.items[k].time, arena))
            return pv_fail_memory(error, "evidence", 0);
    }
    reason->evidence = evidence;
    reason->n_evidence = n;
    reason->evidence_other = pieces.n ? reason->contribution - shown : 0;
    return PV_OK;
}

/* --- reasons ----------------------------------------------------------------------------------------------------- */

/* The signals of one item by size of contribution, largest first; ties in the order of the sum. */
typedef struct ordered_signals {
    int signal[PV_SIGNAL_COUNT];
    double contribution[PV_SIGNAL_COUNT];
    int n;
    double positive; /* sum of the positive ones */
} ordered_signals;

static ordered_signals order_signals(const pv_ranking *ranking, int32_t product, bool with_zero)
{
    ordered_signals ordered = {.n = 0};
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const double contribution = pv_ranking_kept_contribution(ranking, s, product);
        if (contribution > 0) ordered.positive += contribution;
        if (contribution == 0 && !(with_zero && ranking->is_prepared[s])) continue;
        int place = ordered.n++;
        while (place > 0 && fabs(ordered.contribution[place - 1]) < fabs(contribution)) {
            ordered.signal[place] = ordered.signal[place - 1];
            ordered.contribution[place] = ordered.contribution[place - 1];
            place--;
        }
        ordered.signal[place] = s;
        ordered.contribution[place] = contribution;
    }
    return ordered;
}

static pv_status fill_reason(pv_reason *reason, const pv_ranking *ranking, const pv_reasons_rules *rules, int signal,
                             int32_t product, double contribution, double positive, pv_error *error)
{
    pv_status status;
    pv_statement statement;
    const double score = ranking->scores[product];
    *reason = (pv_reason){.code = pv_signals[signal]->code,
                          .contribution = contribution,
                          .share = contribution >= 0 && positive > 0 ? contribution / positive : (double)NAN,
                          .if_removed_score = score - contribution};
    if (rules->ranks) reason->if_removed_rank = pv_rank_among(ranking, rules, product, reason->if_removed_score);
    PV_TRY(pv_signals[signal]->state(&statement, ranking->prepared[signal], product, contribution != 0, error));
    reason->facts = statement.facts;
    reason->n_facts = statement.n_facts;
    reason->text = statement.text;
    PV_TRY(fill_evidence(reason, ranking, rules, signal, product, error));
cleanup:
    return status;
}

/* --- notes ------------------------------------------------------------------------------------------------------- */

static bool is_shown(const pv_item *item, int signal)
{
    for (int64_t r = 0; r < item->n_reasons; r++)
        if (strcmp(item->reasons[r].code, pv_signals[signal]->code) == 0 && item->reasons[r].contribution != 0)
            return true;
    return false;
}

/* A note beside the sum says so, unless it tells more of a part of other_positive. */
static bool fill_note(pv_reason *note, const pv_statement *statement, int signal, bool is_in_score, pv_arena *arena)
{
    *note = (pv_reason){.code = pv_signals[signal]->code,
                        .share = (double)NAN,
                        .if_removed_score = (double)NAN,
                        .facts = statement->facts,
                        .n_facts = statement->n_facts,
                        .text = statement->text};
    if (is_in_score) return true;
    pv_text text = statement->text; /* "15 % off now." becomes "15 % off now (not part of the score)." */
    if (text.size && text.data[text.size - 1] == '.') text.size--;
    const char *labelled = pv_arena_print(arena, "%.*s (not part of the score).", PV_SPREAD(text));
    if (labelled) note->text = pv_text_of(labelled);
    return labelled != NULL;
}

/* Signals that the model does not weigh can still speak when they are bound; the others have nothing prepared. */
static pv_status fill_notes(pv_item *item, const pv_ranking *ranking, int32_t product, pv_error *error)
{
    pv_status status = PV_OK;
    pv_arena *arena = ranking->question->arena;
    const size_t room = sizeof noted_signals / sizeof *noted_signals;
    pv_reason *notes = pv_arena_allocate(arena, room, sizeof *notes);
    if (!notes) return pv_fail_memory(error, "notes", room * sizeof *notes);
    for (size_t k = 0; k < room; k++) {
        const int s = noted_signals[k];
        pv_statement statement;
        if (is_shown(item, s)) continue;
        if (s == PV_SIGNAL_ALS && is_shown(item, PV_SIGNAL_ALS_RECENT))
            continue; /* it names similar purchases already */
        PV_TRY(pv_ranking_prepare_late(ranking, s, error));
        if (!ranking->is_prepared[s]) continue;
        const bool is_in_score = pv_ranking_kept_contribution(ranking, s, product) != 0;
        PV_TRY(pv_signals[s]->state(&statement, ranking->prepared[s], product, is_in_score, error));
        if (!statement.text.data) continue;
        if (!fill_note(&notes[item->n_notes], &statement, s, is_in_score, arena))
            PV_TRY(pv_fail_memory(error, "notes", 0));
        item->n_notes++;
    }
    item->notes = notes;
cleanup:
    return status;
}

pv_status pv_reasons_fill(pv_item *item, const pv_ranking *ranking, const pv_reasons_rules *rules, int32_t product,
                          pv_error *error)
{
    pv_status status = PV_OK;
    if (rules->is_explanation) PV_TRY(pv_ranking_prepare_rest(ranking, error));
    const ordered_signals ordered = order_signals(ranking, product, rules->is_explanation);
    const bool shows_all = rules->is_explanation || rules->level == PV_EXPLAIN_FULL;
    int n_shown = rules->level == PV_EXPLAIN_NONE ? 0 : ordered.n;
    if (!shows_all && n_shown > PV_REASONS_SHOWN) n_shown = PV_REASONS_SHOWN;
    pv_reason *reasons = pv_arena_allocate(ranking->question->arena, (size_t)n_shown, sizeof *reasons);
    if (!reasons) return pv_fail_memory(error, "reasons", (uint64_t)n_shown * sizeof *reasons);
    double shown_positive = 0;
    item->score = ranking->scores[product];
    item->base = ranking->base[pv_ranking_kind(ranking, product)];
    item->policy = ranking->policy ? ranking->policy[product] : 0;
    item->other_positive = item->negative = 0;
    item->probability = ranking->is_popular_list
                            ? (double)NAN
                            : pv_calibration_probability(&ranking->ranker->calibration, item->score - item->policy);
    item->horizon_days = isnan(item->probability) ? 0 : ranking->ranker->calibration.horizon_days;
    for (int k = 0; k < ordered.n; k++) {
        const double contribution = ordered.contribution[k];
        if (k < n_shown) {
            PV_TRY(fill_reason(&reasons[k], ranking, rules, ordered.signal[k], product, contribution, ordered.positive,
                               error));
            if (contribution > 0) shown_positive += contribution;
        } else if (contribution > 0) {
            item->other_positive += contribution;
        } else {
            item->negative += contribution;
        }
    }
    item->reasons = reasons;
    item->n_reasons = n_shown;
    item->shown_share = ordered.positive > 0 ? fmin(shown_positive / ordered.positive, 1) : (double)NAN; /* rounding */
    if (rules->level != PV_EXPLAIN_NONE) PV_TRY(fill_notes(item, ranking, product, error));
cleanup:
    return status;
}
