/* faithfulness_json.h - the measures of reasons as a part of a larger report. */
#ifndef PV_FAITHFULNESS_JSON_H
#define PV_FAITHFULNESS_JSON_H

#include "base/json_writer.h"
#include <purvey/faithfulness.h>

/* The object of pv_faithfulness_json(). */
void pv_faithfulness_write(pv_json *json, const pv_faithfulness *faithfulness);

#endif
