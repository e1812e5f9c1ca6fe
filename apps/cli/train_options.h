/* train_options.h - the options that shape a model, shared by every command that makes one.
 */
#ifndef PURVEY_CLI_TRAIN_OPTIONS_H
#define PURVEY_CLI_TRAIN_OPTIONS_H

#include "command.h"
#include "progress_bar.h"

/* The first member of the settings of each command that makes models. */
typedef struct model_settings {
    common_settings common;
    const char *signals;
    int64_t factors, iterations, min_companies, seed;
    int loss, solver, weighting;
    double regularization, unobserved_weight, alpha, half_life_days;
    double user_side_regularization, product_side_regularization;
} model_settings;

/* For a command's grammar. */
extern const cli_option model_options[];
#define MODEL_OPTION_COUNT 14

/* The library's defaults are the program's. */
model_settings default_model_settings(void);
/* From options as the library takes them; the common ones have their defaults. */
model_settings model_settings_of(const pv_train_options *options);
/* As the library takes them; progress goes to the bar. `as_of` is not set. */
pv_train_options library_train_options(const model_settings *settings, progress_bar *bar);

#endif
