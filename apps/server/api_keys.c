/* api_keys.c - see api_keys.h. */
#include "api_keys.h"

#include "monotonic_clock.h"
#include "rate_limit.h"
#include "server_error.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX 1e6

typedef struct api_key {
    char name[API_KEY_NAME_MAX + 1];
    uint8_t hash[SHA256_DIGEST_LENGTH];
    rate_limit limit;
} api_key;

typedef struct key_list {
    api_key *items;
    size_t count, capacity;
} key_list;

struct api_keys {
    char *path;
    pthread_rwlock_t lock; /* of the list, which a reload replaces */
    key_list list;
};

static void hash_of(uint8_t hash[SHA256_DIGEST_LENGTH], pv_text key)
{
    (void)SHA256((const uint8_t *)key.data, key.size, hash);
}

void api_key_hash(char hex[65], pv_text key)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    hash_of(hash, key);
    for (size_t k = 0; k < sizeof hash; k++) snprintf(hex + 2 * k, 3, "%02x", hash[k]);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool read_hash(uint8_t hash[SHA256_DIGEST_LENGTH], const char *text)
{
    if (strlen(text) != 2 * SHA256_DIGEST_LENGTH) return false;
    for (size_t k = 0; k < SHA256_DIGEST_LENGTH; k++) {
        int high = hex_digit(text[2 * k]), low = hex_digit(text[2 * k + 1]);
        if (high < 0 || low < 0) return false;
        hash[k] = (uint8_t)(high * 16 + low);
    }
    return true;
}

bool api_key_is_name(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > API_KEY_NAME_MAX) return false;
    for (size_t k = 0; k < size; k++)
        if (!isalnum((unsigned char)text[k]) && strchr("._-", text[k]) == NULL) return false;
    return true;
}

static bool read_rate(double *rate, const char *text)
{
    char *end;
    if (text[strspn(text, "0123456789.")] != '\0') return false;
    *rate = strtod(text, &end);
    return end != text && *end == '\0' && *rate > 0 && *rate <= RATE_MAX;
}

/* Cuts the next word off; NULL at the end of the line. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t\r\n");
    if (*word == '\0' || *word == '#') return NULL;
    char *end = word + strcspn(word, " \t\r\n");
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* NULL, or what is wrong with the line. *is_key: false when it has none. */
static const char *read_line(api_key *key, bool *is_key, char *line)
{
    double rate = 0;
    char *name = next_word(&line);
    *is_key = name != NULL;
    if (name == NULL) return NULL;
    char *hash = next_word(&line), *per_second = hash == NULL ? NULL : next_word(&line);
    if (!api_key_is_name(name)) return "a name has 1 to 64 letters, digits, '.', '_' or '-'";
    memcpy(key->name, name, strlen(name) + 1);
    if (hash == NULL || !read_hash(key->hash, hash))
        return "expected NAME and the key's SHA-256 in hex, as `purvey serve --hash-key NAME` prints it";
    if (per_second != NULL && !read_rate(&rate, per_second))
        return "expected requests per second above 0, up to 1000000";
    if (per_second != NULL && next_word(&line) != NULL) return "expected NAME SHA256-HEX [REQUESTS-PER-SECOND]";
    rate_limit_init(&key->limit, rate);
    return NULL;
}

static api_key *add_key(key_list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        api_key *items = reallocarray(list->items, capacity, sizeof *items);
        if (items == NULL) return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    return &list->items[list->count];
}

static bool has_name(const key_list *list, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (strcmp(list->items[k].name, name) == 0) return true;
    return false;
}

static pv_status read_keys(key_list *list, FILE *file, const char *path, pv_error *error)
{
    char *line = NULL;
    size_t capacity = 0;
    pv_status status = PV_OK;
    for (int number = 1; status == PV_OK && getline(&line, &capacity, file) >= 0; number++) {
        bool is_key = false;
        api_key *key = add_key(list);
        if (key == NULL) {
            status = server_error(error, PV_E_MEMORY, "no memory");
            break;
        }
        const char *fault = read_line(key, &is_key, line);
        if (fault == NULL && is_key && has_name(list, key->name)) fault = "this name stands above already";
        if (fault != NULL)
            status = server_error(error, PV_E_INPUT, "%s:%d: %s", path, number, fault);
        else if (is_key)
            list->count++;
    }
    if (status == PV_OK && ferror(file) != 0) status = server_error(error, PV_E_INPUT, "%s: cannot be read", path);
    if (status == PV_OK && list->count == 0)
        status = server_error(error, PV_E_INPUT, "%s: there is no key in it", path);
    free(line);
    return status;
}

static pv_status read_file(key_list *list, const char *path, pv_error *error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) return server_error(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
    pv_status status = read_keys(list, file, path, error);
    fclose(file);
    if (status != PV_OK) {
        free(list->items);
        *list = (key_list){0};
    }
    return status;
}

pv_status api_keys_create(api_keys **keys, const char *path, pv_error *error)
{
    key_list list = {0};
    pv_status status = read_file(&list, path, error);
    if (status != PV_OK) return status;
    api_keys *made = calloc(1, sizeof *made);
    char *copy = strdup(path);
    if (made == NULL || copy == NULL) {
        free(made);
        free(copy);
        free(list.items);
        return server_error(error, PV_E_MEMORY, "no memory");
    }
    made->path = copy;
    made->list = list;
    pthread_rwlock_init(&made->lock, NULL);
    *keys = made;
    return PV_OK;
}

void api_keys_free(api_keys *keys)
{
    if (keys == NULL) return;
    pthread_rwlock_destroy(&keys->lock);
    free(keys->list.items);
    free(keys->path);
    free(keys);
}

pv_status api_keys_reload(api_keys *keys, pv_error *error)
{
    key_list list = {0};
    pv_status status = read_file(&list, keys->path, error);
    if (status != PV_OK) return status;
    pthread_rwlock_wrlock(&keys->lock);
    key_list old = keys->list;
    keys->list = list;
    pthread_rwlock_unlock(&keys->lock);
    free(old.items);
    return PV_OK;
}

/* Every key is compared, whichever it is. */
static api_key *find(const key_list *list, pv_text key)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    api_key *found = NULL;
    hash_of(hash, key);
    for (size_t k = 0; k < list->count; k++)
        if (CRYPTO_memcmp(hash, list->items[k].hash, sizeof hash) == 0) found = &list->items[k];
    return found;
}

api_key_verdict api_keys_ask(api_keys *keys, pv_text key, char name[API_KEY_NAME_MAX + 1], int *retry_after)
{
    name[0] = '\0';
    *retry_after = 0;
    if (key.data == NULL) return API_KEY_UNKNOWN;
    api_key_verdict verdict = API_KEY_UNKNOWN;
    pthread_rwlock_rdlock(&keys->lock);
    api_key *found = find(&keys->list, key);
    if (found != NULL) {
        memcpy(name, found->name, sizeof found->name);
        *retry_after = rate_limit_take(&found->limit, monotonic_now());
        verdict = *retry_after == 0 ? API_KEY_ACCEPTED : API_KEY_TOO_MANY_REQUESTS;
    }
    pthread_rwlock_unlock(&keys->lock);
    return verdict;
}
