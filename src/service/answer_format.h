/* answer_format.h - an answer appended to a buffer, for one answer and for bulk output alike, so that both are the same
 * bytes. Memory trouble is left in buffer->failed.
 */
#ifndef PV_ANSWER_FORMAT_H
#define PV_ANSWER_FORMAT_H

#include "base/text.h"
#include <purvey/answer.h>

/* One JSON object, no newline. */
void pv_answer_json_append(pv_buffer *out, const pv_answer *answer);
/* One CSV line an item, no header. */
void pv_answer_csv_append(pv_buffer *out, const pv_answer *answer);
extern const char pv_answer_csv_header[];

#endif
