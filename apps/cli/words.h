/* words.h - the codes of answers in the words of someone who sells screws, and numbers and times as people write them.
 */
#ifndef PURVEY_CLI_WORDS_H
#define PURVEY_CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_SIZE 64

/* "bought_together" -> "bought together"; what is not known is shown with spaces for underscores. The text is in `out`
 * or static. */
const char *signal_words(char out[WORDS_SIZE], const char *code);
/* "excluded" -> "it was asked to be left out" */
const char *gate_words(char out[WORDS_SIZE], const char *gate);

/* 12345 -> "12,345" */
const char *count_words(char out[WORDS_SIZE], int64_t count);
/* "12.75"; four more digits only where two do not tell the price; "" for NaN. */
const char *price_words(char out[WORDS_SIZE], double price);
/* 0.15 -> "15 %"; "" for NaN. */
const char *share_words(char out[WORDS_SIZE], double share);
/* "2010-12-09 20:01:01 UTC", "2010-12-09" at midnight. */
const char *time_words(char out[WORDS_SIZE], int64_t seconds);
/* "3.1 s", "2:05 min" */
const char *duration_words(char out[WORDS_SIZE], double seconds);
/* "12.4 MB" */
const char *size_words(char out[WORDS_SIZE], int64_t bytes);

#endif
