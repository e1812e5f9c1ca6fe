/* made_evaluation.h - an evaluation written by hand, for what reports say of it. */
#ifndef MADE_EVALUATION_H
#define MADE_EVALUATION_H

#include <purvey/evaluate.h>

#define MADE_CONTENDERS 4
#define MADE_WINDOWS 2
#define MADE_SLICES 3

/* Contenders: purvey, EASE (clearly behind), one with a hostile name (not distinguishable), one without any number.
 * Two windows; tasks ALL and NEW have customers, REPEAT has none. Slices: one large, one of 29 customers, one empty.
 * Points into itself: do not copy. */
typedef struct made_evaluation {
    pv_evaluation evaluation;
    pv_contender contenders[MADE_CONTENDERS];
    pv_absence absent[1];
    pv_window windows[MADE_WINDOWS];
    pv_slice slices[MADE_SLICES];
    pv_contender_score scores[MADE_WINDOWS + 1][PV_TASK_COUNT][MADE_CONTENDERS];
    double slice_scores[MADE_SLICES][PV_TASK_COUNT * MADE_CONTENDERS * PV_HEADLINE_COUNT];
} made_evaluation;
void made_evaluation_init(made_evaluation *made);

#define HOSTILE_TITLE "<script>alert(\"1\")</script> & 'Z\xc3\xbcrich' \xff\x01"
#define HOSTILE_VALUE "\"/><img src=x onerror=alert(1)>"

#endif
