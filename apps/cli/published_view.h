/* published_view.h - published models for people and programs. */
#ifndef PURVEY_CLI_PUBLISHED_VIEW_H
#define PURVEY_CLI_PUBLISHED_VIEW_H

#include "command.h"
#include <purvey/registry.h>

/* The table, JSON or CSV of `purvey models`; current: number of the one in use, -1 for none. Returns the exit code. */
int print_published(command_run *run, int format, const pv_published_model *models, int64_t count, int64_t current);
/* What a command put in use and what was before (model "": nothing): one line, or an object. Returns the exit code. */
int print_in_use(command_run *run, const common_settings *common, const pv_published_model *in_use,
                 const pv_published_model *before);

#endif
