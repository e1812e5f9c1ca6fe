/* request_ids.c - see request_ids.h. */
#include "request_ids.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void request_ids_init(request_ids *ids)
{
    /* The ids are names, no secrets: should the kernel give no random bytes, time and process tell them apart. */
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    ids->start[0] = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    ids->start[1] = (uint64_t)getpid();
    uint64_t random[2];
    if (getrandom(random, sizeof random, GRND_NONBLOCK) == sizeof random) memcpy(ids->start, random, sizeof random);
    atomic_init(&ids->next, 0);
}

static bool is_sane(const char *id)
{
    size_t size = strnlen(id, REQUEST_ID_MAX + 1);
    if (size == 0 || size > REQUEST_ID_MAX) return false;
    for (size_t k = 0; k < size; k++)
        if (!isalnum((unsigned char)id[k]) && strchr("._-", id[k]) == NULL) return false;
    return true;
}

/* Sebastiano Vigna's splitmix64 finalizer, a bijection: different numbers stay different. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void request_id_make(char id[REQUEST_ID_MAX + 1], request_ids *ids, const char *given)
{
    if (given != NULL && is_sane(given)) {
        memcpy(id, given, strlen(given) + 1);
        return;
    }
    uint64_t number = atomic_fetch_add_explicit(&ids->next, 1, memory_order_relaxed);
    snprintf(id, REQUEST_ID_MAX + 1, "%016llx%016llx", (unsigned long long)ids->start[0],
             (unsigned long long)mix(ids->start[1] + number));
}
