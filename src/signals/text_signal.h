/* text_signal.h - "its name is like that of something you bought": reaches products that nobody bought yet.
 *
 *   phi(u, i) = max over past products j of S_ji,   S = (cosine of words + cosine of character n-grams) / 2
 *
 * i never bought by the customer. Vectors are TF-IDF of the lower-case name, followed by the column `description`
 * where products.csv has one: count x (log((1 + n) / (1 + products with the term)) + 1), n products in all, listed
 * ones too (Salton, Buckley, "Term-Weighting Approaches in Automatic Text Retrieval", 1988). Words are runs of letters
 * and digits; n-grams are 4 characters in a row of a run without white space, with a blank on either side of it (3 to
 * 5 characters find nothing more and take three times as long). S_ji is kept for the 64 products i most similar to j,
 * equal ones in the order of their ids.
 *
 * Evidence: phi of the one past purchase with the largest S_ji (the first of equal ones). Names are the shop's own:
 * no counts of companies, nothing for the k rule.
 */
#ifndef PV_TEXT_SIGNAL_H
#define PV_TEXT_SIGNAL_H

#include "signals/signal.h"

extern const pv_signal pv_text_signal;

#endif
