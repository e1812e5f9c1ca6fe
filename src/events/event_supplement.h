/* event_supplement.h - an event log joins a shop's tables while they are read for training.
 *
 * Purchases and returns obey the as-of date by their time. The overlay is what holds now: it joins as products.csv,
 * users.csv and the list of eligibility would say it, and not when the shop is read as of a past date. What the overlay
 * took back ("as trained") is what the shop's files say.
 *
 * The same user, product and order counts once, whether it comes by event or in the shop's files (contract section 6).
 */
#ifndef PV_EVENT_SUPPLEMENT_H
#define PV_EVENT_SUPPLEMENT_H

#include "events/event_intake.h"
#include <purvey/train.h>

typedef struct pv_event_supplement {
    pv_supplement base;            /* for pv_read_options */
    const pv_event_intake *intake; /* borrowed */
    bool has_overlay;              /* false: as of a past date */
    pv_events_report *report;      /* counts; cleared before the first table */
    /* State of the log that the tables stand for: its end, or that before its first row which was later than the as-of
     * date. Rows behind it that are in the tables nevertheless are known there by their orders. */
    pv_log_position *taken;
} pv_event_supplement;

/* For one reading; report and taken must outlive it. */
pv_event_supplement pv_event_supplement_of(const pv_event_intake *intake, bool has_overlay, pv_events_report *report,
                                           pv_log_position *taken);

#endif
