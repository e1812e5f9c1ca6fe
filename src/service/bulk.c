/* bulk.c - recommend for many users and rank many pairs: what one unit of each writes, and what goes in and out. */
#include "service/answer_format.h"

#include "service/bulk_run.h"
#include "service/csv_writer.h"
#include "base/failure.h"
#include "base/memory.h"
#include "shop/interner.h"
#include "shop/tables.h"

/* A wave holds about this many items a thread, at least one user's: what bounds the memory of a bulk run. */
#define ITEMS_PER_BLOCK 4096
#define USERS_PER_BLOCK 16
#define PAIRS_PER_BLOCK 1024
#define BLOCKS_PER_THREAD 4

typedef struct recommend_bulk {
    const pv_model *model;
    const pv_text *users; /* NULL: those of the model */
    const pv_request *request;
    pv_bulk_format format;
} recommend_bulk;

typedef struct rank_bulk {
    const pv_text *users, *products;
    const pv_request *request;
} rank_bulk;

static pv_status write_user(pv_bulk_output *output, pv_session *session, const void *context, int64_t unit,
                            pv_error *error)
{
    const recommend_bulk *bulk = context;
    pv_request request = *bulk->request;
    request.user = bulk->users != NULL ? bulk->users[unit] : pv_model_user(bulk->model, unit);
    request.is_bulk = true;
    const pv_answer *answer = NULL;
    pv_status status = pv_recommend(&answer, session, &request, error);
    if (status != PV_OK) return status;
    if (bulk->format == PV_BULK_JSONL) {
        pv_answer_json_append(&output->text, answer);
        pv_buffer_append(&output->text, "\n", 1);
    } else {
        pv_answer_csv_append(&output->text, answer);
    }
    output->rows += answer->n_items;
    return PV_OK;
}

static int64_t at_least_one(int64_t value, int64_t most)
{
    if (value < 1) return 1;
    return value < most ? value : most;
}

pv_status pv_recommend_bulk(const pv_model *model, const char *users_path, const char *output, pv_bulk_format format,
                            const pv_request *request, unsigned threads, pv_progress *progress, void *progress_context,
                            pv_bulk_report *report, pv_error *error)
{
    pv_status status;
    pv_bulk_report counted = {0};
    pv_text *users = NULL;
    pv_arena *strings = NULL;
    int64_t n_users = pv_model_user_count(model);
    pv_part_time start = pv_part_time_now();
    if (users_path != NULL) {
        PV_TRY(pv_tables_read_ids(&users, NULL, &n_users, &strings, users_path, error));
        counted.read.rows_read = n_users;
        pv_part_time_add_since(&counted.read_time, start);
    }
    counted.users = n_users;
    recommend_bulk bulk = {.model = model, .users = users, .request = request, .format = format};
    int64_t items_per_user = request->n > 0 ? request->n : 1;
    pv_bulk_job job = {.model = model,
                       .n_units = n_users,
                       .block_units = at_least_one(ITEMS_PER_BLOCK / items_per_user, USERS_PER_BLOCK),
                       .blocks_per_thread =
                           at_least_one(ITEMS_PER_BLOCK * BLOCKS_PER_THREAD / items_per_user, BLOCKS_PER_THREAD),
                       .write_unit = write_user,
                       .context = &bulk,
                       .output = output,
                       .header = format == PV_BULK_CSV ? pv_answer_csv_header : NULL,
                       .threads = threads,
                       .progress = progress,
                       .progress_context = progress_context};
    PV_TRY(pv_bulk_run(&job, &counted, error));
cleanup:
    pv_part_time_add_since(&counted.total_time, start);
    if (report != NULL) *report = counted;
    pv_arena_free(strings);
    return status;
}

static pv_status write_pair(pv_bulk_output *output, pv_session *session, const void *context, int64_t unit,
                            pv_error *error)
{
    const rank_bulk *bulk = context;
    pv_request request = *bulk->request;
    request.user = bulk->users[unit];
    request.is_bulk = true;
    double score = 0;
    bool unknown = false;
    pv_status status = pv_rank_pair(&score, &unknown, session, &request, bulk->products[unit], error);
    if (status != PV_OK) return status;
    pv_csv csv = {.out = &output->text};
    pv_csv_text(&csv, bulk->users[unit]);
    pv_csv_text(&csv, bulk->products[unit]);
    if (unknown)
        pv_csv_integer(&csv, 0);
    else
        pv_csv_number(&csv, score);
    pv_csv_integer(&csv, unknown);
    pv_csv_end_line(&csv);
    output->rows++;
    output->pairs_unknown += unknown;
    return PV_OK;
}

static pv_status count_users(int64_t *count, const pv_text *users, int64_t n, pv_error *error)
{
    pv_status status = PV_OK;
    pv_interner *distinct = pv_interner_create();
    for (int64_t k = 0; status == PV_OK && k < n; k++)
        if (distinct == NULL || pv_interner_add(distinct, users[k]) < 0)
            status = pv_fail_memory(error, "the users of the pairs", (uint64_t)n * sizeof *users);
    if (status == PV_OK && distinct != NULL) *count = pv_interner_count(distinct);
    pv_interner_free(distinct);
    return status;
}

pv_status pv_rank_bulk(const pv_model *model, const char *pairs_path, const char *output, const pv_request *request,
                       unsigned threads, pv_progress *progress, void *progress_context, pv_bulk_report *report,
                       pv_error *error)
{
    pv_status status;
    pv_bulk_report counted = {0};
    pv_text *users = NULL, *products = NULL;
    pv_arena *strings = NULL;
    int64_t n_pairs = 0;
    pv_part_time start = pv_part_time_now();
    PV_TRY(pv_tables_read_ids(&users, &products, &n_pairs, &strings, pairs_path, error));
    PV_TRY(count_users(&counted.users, users, n_pairs, error));
    counted.read.rows_read = n_pairs;
    pv_part_time_add_since(&counted.read_time, start);
    rank_bulk bulk = {.users = users, .products = products, .request = request};
    pv_bulk_job job = {.model = model,
                       .n_units = n_pairs,
                       .block_units = PAIRS_PER_BLOCK,
                       .blocks_per_thread = BLOCKS_PER_THREAD,
                       .write_unit = write_pair,
                       .context = &bulk,
                       .output = output,
                       .header = "user_id,product_id,score,unknown\n",
                       .threads = threads,
                       .progress = progress,
                       .progress_context = progress_context};
    PV_TRY(pv_bulk_run(&job, &counted, error));
cleanup:
    pv_part_time_add_since(&counted.total_time, start);
    if (report != NULL) *report = counted;
    pv_arena_free(strings);
    return status;
}
