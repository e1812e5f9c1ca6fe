/* model_open.c - opening a model file with several threads: some compute the checksum while others check and bind the
 * tensors. Binding trusts nothing, so it need not wait for the checksum; nothing is handed out before both are done. */
#include "base/failure.h"
#include "base/memory.h"
#include "base/threads.h"
#include "model/model.h"
#include "signals/als_signal.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_PER_THREAD 4000000 /* of the file; fewer are not worth a thread */
#define THREADS_MOST 8           /* more do not read faster */

/* Warm and cold users are sorted each; `--all` goes through them as one sorted list. */
static pv_status order_users(pv_model *model, pv_error *error)
{
    const pv_ids *ids = &model->ranker->shop.users.ids;
    model->user_order = pv_allocate((size_t)ids->n, sizeof *model->user_order);
    if (!model->user_order) return pv_fail_memory(error, "users", (uint64_t)ids->n * sizeof *model->user_order);
    int64_t warm = 0, cold = ids->n_warm;
    for (int64_t k = 0; k < ids->n; k++) {
        const bool takes_warm =
            warm < ids->n_warm && (cold == ids->n || pv_text_compare(pv_ids_at(ids, warm), pv_ids_at(ids, cold)) < 0);
        model->user_order[k] = (int32_t)(takes_warm ? warm++ : cold++);
    }
    return PV_OK;
}

static pv_status check_format(const pv_safetensors *file, const char *path, pv_error *error)
{
    const char *format = pv_safetensors_metadata(file, "format_version");
    if (!format) return pv_fail(error, PV_E_INPUT, "%s: a safetensors file, but no model of purvey", path);
    if (strcmp(format, PV_MODEL_FORMAT) != 0)
        return pv_fail(
            error, PV_E_INPUT,
            "%s: model format %.20s, this version reads format %s: train it again or use the purvey that made it", path,
            format, PV_MODEL_FORMAT);
    return PV_OK;
}

static pv_status read_events_taken(pv_log_position *taken, const pv_safetensors *file, const char *path,
                                   pv_error *error)
{
    const char *text = pv_safetensors_metadata(file, "events_taken");
    if (text && !pv_log_position_parse(taken, text))
        return pv_fail(error, PV_E_INPUT, "%s: metadata events_taken is no position of an event log", path);
    return PV_OK;
}

/* --- the parts of the work --------------------------------------------------------------------------------------- */

/* Parts in the order in which threads take them: the shop; the checksum, by all threads but the one that has the shop;
 * the signals, which need the shop; the checksum once more, by who has nothing else to do. */
typedef struct opening {
    pv_model *model;
    const char *path;
    size_t n_threads, n_parts;
    pthread_mutex_t mutex; /* guards what stands below */
    pthread_cond_t shop_done;
    bool is_shop_done;
    size_t failed;    /* the first part that failed; n_parts: none did */
    pv_status status; /* of it */
    pv_error error;
} opening;

static pv_status bind_shop(opening *in, pv_error *error)
{
    pv_status status;
    pv_model *model = in->model;
    PV_TRY(pv_safetensors_read(model->file, error));
    PV_TRY(check_format(model->file, in->path, error));
    PV_TRY(read_events_taken(&model->events_taken, model->file, in->path, error));
    PV_TRY(pv_ranker_begin(&model->ranker, pv_safetensors_tensors(model->file), error));
    PV_TRY(order_users(model, error));
cleanup:
    return status;
}

static void end_part(opening *in, size_t part, pv_status status, const pv_error *error)
{
    pthread_mutex_lock(&in->mutex);
    if (status != PV_OK && part < in->failed) {
        in->failed = part;
        in->status = status;
        in->error = *error;
    }
    if (part == 0) {
        in->is_shop_done = true;
        pthread_cond_broadcast(&in->shop_done);
    }
    pthread_mutex_unlock(&in->mutex);
}

/* False when there is no shop to bind signals to. */
static bool wait_for_shop(opening *in)
{
    pthread_mutex_lock(&in->mutex);
    while (!in->is_shop_done) pthread_cond_wait(&in->shop_done, &in->mutex);
    const bool is_bound = in->failed > 0;
    pthread_mutex_unlock(&in->mutex);
    return is_bound;
}

static void do_part(void *context, size_t part, unsigned thread)
{
    (void)thread;
    opening *in = context;
    pv_error error;
    if (part == 0) {
        end_part(in, part, bind_shop(in, &error), &error);
    } else if (part < in->n_threads || part == in->n_parts - 1) {
        pv_safetensors_sum(in->model->file);
    } else if (wait_for_shop(in)) {
        const int signal = (int)(part - in->n_threads);
        const pv_tensors *tensors = pv_safetensors_tensors(in->model->file);
        end_part(in, part, pv_ranker_bind_signal(in->model->ranker, signal, tensors, &error), &error);
    }
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

/* NULL, the calling thread alone, where others would not help or cannot be had. */
static pv_threads *start_threads(const pv_safetensors *file)
{
    pv_threads *threads = NULL;
    int64_t n = 1 + pv_safetensors_size(file) / BYTES_PER_THREAD;
    if (n > THREADS_MOST) n = THREADS_MOST;
    if (n > 1 && n > pv_threads_available()) n = pv_threads_available();
    return n > 1 && pv_threads_create(&threads, (unsigned)n, NULL) == PV_OK ? threads : NULL;
}

/* An altered file may look strange in any way: that it is altered is said before what was found in it. */
static pv_status bind_and_verify(pv_model *model, const char *path, pv_error *error)
{
    pv_threads *threads = start_threads(model->file);
    opening in = {.model = model, .path = path, .n_threads = pv_threads_count(threads)};
    in.n_parts = in.failed = in.n_threads + PV_SIGNAL_COUNT + 1;
    pthread_mutex_init(&in.mutex, NULL);
    pthread_cond_init(&in.shop_done, NULL);
    pv_threads_run(threads, in.n_parts, do_part, &in);
    pv_threads_free(threads);
    pthread_cond_destroy(&in.shop_done);
    pthread_mutex_destroy(&in.mutex);
    const pv_status status = pv_safetensors_verify(model->file, error);
    if (status != PV_OK || in.status == PV_OK) return status;
    if (error) *error = in.error;
    return in.status;
}

pv_status pv_model_open(pv_model **out, const char *path, pv_error *error)
{
    pv_status status;
    pv_model *model = calloc(1, sizeof *model);
    if (!model) return pv_fail_memory(error, "the model", sizeof *model);
    PV_TRY(pv_safetensors_map(&model->file, path, error));
    PV_TRY(bind_and_verify(model, path, error));
    pv_ranker_finish(model->ranker);
    const pv_als_bound *als = model->ranker->bound[PV_SIGNAL_ALS];
    PV_TRY(pv_shared_index_create(&model->scan_index, als->model.product_factors, als->n_scored,
                                  (size_t)als->model.settings.n_factors, error));
    memcpy(model->id, pv_safetensors_checksum(model->file), sizeof model->id - 1);
    *out = model;
    model = NULL;
cleanup:
    pv_model_free(model);
    return status;
}
