/* registry_source.h - what a registry on S3 gives to the service: the model in use, the overlay, a place for events.
 *
 * A change stays a change until it is accepted, so that what could not be loaded is tried again at the next look.
 */
#ifndef PURVEY_LAMBDA_REGISTRY_SOURCE_H
#define PURVEY_LAMBDA_REGISTRY_SOURCE_H

#include "lambda_event.h"
#include "lambda_settings.h"
#include <purvey/service.h>

typedef struct registry_source registry_source;

/* Settings are borrowed. Errors: those of pv_registry_open(); PV_E_USAGE (address). */
pv_status registry_source_open(registry_source **source, const lambda_settings *settings, pv_error *error) PV_CHECKED;
void registry_source_free(registry_source *source); /* accepts NULL */

/* Fetch what is new within `seconds`. *is_new: it is another model or overlay than the accepted one. Errors: those of
 * pv_registry_look(), pv_registry_fetch() and pv_registry_read_overlay(). */
pv_status registry_source_look(bool *is_new, registry_source *source, double seconds, pv_error *error) PV_CHECKED;
/* Model (where the settings name none), overlay and journal; borrowed from the source. */
void registry_source_fill(pv_service_options *options, registry_source *source);
/* What was filled in last is in use: the file of the model before it is removed. */
void registry_source_accept(registry_source *source);
/* What was filled in last does not serve: a new model's file is removed, so that the next look has it anew. */
void registry_source_reject(registry_source *source);

/* True when the object is the pointer to the model in use, or the overlay. */
bool registry_source_is_told(const registry_source *source, const lambda_object *object);
/* For keeping events. */
void registry_source_set_seconds(registry_source *source, double seconds);

#endif
