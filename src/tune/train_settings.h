/* train_settings.h - the options that shape a model by the names of `purvey train`'s long options: read from YAML (or
 * JSON, which is YAML), written as either.
 */
#ifndef PV_TRAIN_SETTINGS_H
#define PV_TRAIN_SETTINGS_H

#include "base/json_writer.h"
#include "shop/yaml_document.h"
#include <purvey/train.h>

/* Set what the mapping `node` names. options->signals lies in the document's arena.
 * Errors: PV_E_INPUT with the place of an unknown key or of a value out of range. */
pv_status pv_train_settings_take(pv_train_options *options, const pv_yaml_document *document, const pv_yaml_node *node,
                                 pv_error *error) PV_CHECKED;

/* "key: value" lines, or one JSON object. What has no value (no half-life, the loss's own unobserved weight, all
 * signals) is left out. */
void pv_train_settings_print(pv_buffer *yaml, const pv_train_options *options);
void pv_train_settings_json(pv_json *json, const pv_train_options *options);

#endif
