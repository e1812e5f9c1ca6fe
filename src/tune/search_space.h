/* search_space.h - the settings that a search tries: those given, and others drawn around them.
 *
 * Source:   random search (Bergstra, Bengio, JMLR 2012), each option from a few values around the given one. Every
 * other draw keeps an option as given: most settings differ in about half of the options.
 */
#ifndef PV_SEARCH_SPACE_H
#define PV_SEARCH_SPACE_H

#include <purvey/train.h>

/* settings[0] is `given`, the others are drawn, each different from all before it as long as there are any; fewer than
 * n come back when there are not. What is searched: factors, iterations, regularization, unobserved_weight (ialspp),
 * alpha, half_life_days, min_companies (never below the given) and weighting (ialspp: with hkv it decides what a
 * negative count means). Setting k depends on the seed and `given` alone. */
int64_t pv_search_space_draw(pv_train_options *settings, int64_t n, const pv_train_options *given);

/* The same in everything that is searched. */
bool pv_search_space_equal(const pv_train_options *a, const pv_train_options *b);

#endif
