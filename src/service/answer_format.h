/* answer_format.h - an answer, or a part of one, appended to a buffer, for one answer and for bulk output alike, so
 * that both are the same bytes. Memory trouble is left in buffer->failed.
 */
#ifndef PV_ANSWER_FORMAT_H
#define PV_ANSWER_FORMAT_H

#include "base/json_writer.h"
#include "base/text.h"
#include <purvey/answer.h>

/* One JSON object, no newline. */
void pv_answer_json_append(pv_buffer *out, const pv_answer *answer);
/* Parts of it for other answers, as fields of the object that is open. */
void pv_as_of_json_write(pv_json *json, int64_t as_of);                             /* "as_of" */
void pv_mode_json_write(pv_json *json, pv_mode mode);                               /* "mode" */
void pv_filtered_json_write(pv_json *json, const pv_filtered *filtered, int64_t n); /* "filtered" */
void pv_item_kind_json_write(pv_json *json, const pv_item *item);                   /* "kind" */
void pv_item_score_json_write(pv_json *json, const pv_item *item); /* "score" and all that it is made of */
/* One CSV line an item, no header. */
void pv_answer_csv_append(pv_buffer *out, const pv_answer *answer);
extern const char pv_answer_csv_header[];

#endif
