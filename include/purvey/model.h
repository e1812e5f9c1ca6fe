/* model.h - a model file, mapped read-only and checked whole before it is used.
 *
 * Threads:  a pv_model is read-only after opening and may be shared by any number of threads.
 */
#ifndef PURVEY_MODEL_H
#define PURVEY_MODEL_H

#include <purvey/status.h>
#include <purvey/text.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pv_model pv_model;

/* Map `path`. Every offset, shape, id and the checksum of all bytes are checked before it returns: the checksum by up
 * to eight threads, as many as the process has cores, beside the one that checks the tables; all of them have ended
 * when it returns. Nothing is left for later, so a model that was handed out is sound.
 *
 * Cost:   reads the file once or twice; docs/performance.md, "Opening a model".
 * Errors: PV_E_INPUT with the cause (missing, cut short, altered byte, newer format, ...), PV_E_MEMORY. */
PV_API pv_status pv_model_open(pv_model **model, const char *path, pv_error *error) PV_CHECKED;
PV_API void pv_model_free(pv_model *model); /* accepts NULL */

/* First 8 hex digits of the content hash; the id that answers carry. */
PV_API const char *pv_model_id(const pv_model *model);

/* Everything `purvey info` tells, as one JSON object: ids, sizes, options, as-of, data hash, metrics, weights, signals
 * and the ones that are silent with the reason, tensors with shapes. *json is owned by the caller: pv_free(). */
PV_API pv_status pv_model_info_json(char **json, const pv_model *model, pv_error *error) PV_CHECKED;

/* Free what a function of this library handed out as `char *`. */
PV_API void pv_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
