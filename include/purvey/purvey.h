/* purvey.h - the whole public API: train a model, ask it, read why. */
#ifndef PURVEY_H
#define PURVEY_H

#include <purvey/answer.h>
#include <purvey/evaluate.h>
#include <purvey/model.h>
#include <purvey/report.h>
#include <purvey/status.h>
#include <purvey/text.h>
#include <purvey/train.h>
#include <purvey/tune.h>
#include <purvey/views.h>

#endif
