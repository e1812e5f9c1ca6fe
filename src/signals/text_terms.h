/* text_terms.h - the words of a text, as they are compared: lower case, in order.
 *
 * Letters A to Z and the capitals of Latin-1 (UTF-8 C3 80 to C3 9E) become small; other alphabets stay as they are.
 */
#ifndef PV_TEXT_TERMS_H
#define PV_TEXT_TERMS_H

#include "base/memory.h"
#include "base/text.h"
#include <stdbool.h>

/* Lower-case bytes of `text` into out[text.size]. */
void pv_text_fold(char *out, pv_text text);

/* Take the next word from the front of *rest: the longest run of ASCII letters and digits and of bytes beyond ASCII.
 * False when there is none left. */
bool pv_text_next_word(pv_text *word, pv_text *rest);
/* The same for runs of anything but white space, "t-light" and "(set/6)" among them. */
bool pv_text_next_run(pv_text *run, pv_text *rest);

/* The distinct words that two texts have in common, at most `most`, in the order of the first and joined by ", ", into
 * *common (in the arena; size 0: none). Both folded. False on no memory. */
bool pv_text_common_words(pv_text *common, pv_text a, pv_text b, int most, pv_arena *arena);

#endif
