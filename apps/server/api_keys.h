/* api_keys.h - who may ask: keys that are known by their SHA-256 alone.
 *
 * File: a line a key, `NAME SHA256-HEX [REQUESTS-PER-SECOND]`; empty lines and what follows a # are skipped. Keys are
 * long random texts, so a plain hash keeps them secret; which one was given is found in a time that depends only on how
 * many there are.
 */
#ifndef PURVEY_API_KEYS_H
#define PURVEY_API_KEYS_H

#include <purvey/status.h>
#include <purvey/text.h>
#include <stdbool.h>

#define API_KEY_NAME_MAX 64
/* 1 to 64 letters, digits, '.', '_' or '-': it stands in the access log as it is. */
bool api_key_is_name(const char *text);

typedef struct api_keys api_keys;

/* Errors: PV_E_INPUT (file, line and what is wrong), PV_E_MEMORY. */
pv_status api_keys_create(api_keys **keys, const char *path, pv_error *error) PV_CHECKED;
void api_keys_free(api_keys *keys); /* accepts NULL */

/* Read the file again; on failure the keys stay as they are. */
pv_status api_keys_reload(api_keys *keys, pv_error *error) PV_CHECKED;

typedef enum api_key_verdict { API_KEY_ACCEPTED, API_KEY_UNKNOWN, API_KEY_TOO_MANY_REQUESTS } api_key_verdict;

/* Whose key it is, into name (empty when unknown), and whether its next request may be answered now; *retry_after are
 * the seconds until it may. */
api_key_verdict api_keys_ask(api_keys *keys, pv_text key, char name[API_KEY_NAME_MAX + 1], int *retry_after);

/* SHA-256 of a key in lower-case hex. */
void api_key_hash(char hex[65], pv_text key);

#endif
