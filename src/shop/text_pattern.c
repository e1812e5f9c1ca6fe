#include "shop/text_pattern.h"
#include "base/failure.h"
#include "base/memory.h"
#include "shop/interner.h"
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBERED_MAX 65536
#define GROUPS_MAX 16
#define SIZE_LIMIT ((size_t)1000) /* positions of an expression with its repetitions written out */

struct pv_text_pattern {
    regex_t compiled;
    bool is_compiled;
    locale_t c_locale; /* classes and ranges mean ASCII */
    pv_interner *seen; /* texts asked before */
    bool *answers;     /* [count of seen] */
    size_t capacity;
    char *terminated; /* room for a copy with a NUL */
    size_t terminated_capacity;
    int64_t last; /* number of the text asked last, -1 */
};

/* --- expressions that are too large ----------------------------------------------------------------------------- */

/* How large an expression is once its repetitions are written out. */
typedef struct expression_size {
    size_t total[GROUPS_MAX + 1]; /* of each open group */
    size_t last;                  /* of what a repetition would repeat */
    int depth;
    bool is_after_repetition;
} expression_size;

/* Behind the ']' that closes the set at `at`. */
static const char *after_set(const char *at)
{
    at++;
    if (*at == '^') at++;
    if (*at == ']') at++; /* stands for itself there */
    while (*at != '\0' && *at != ']') {
        if (*at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '=')) {
            const char closing[] = {at[1], ']', '\0'};
            const char *end = strstr(at + 2, closing);
            at = end != NULL ? end + 1 : at;
        }
        at++;
    }
    return *at == ']' ? at + 1 : at;
}

/* Behind the repetition at `at`; *times is how often it repeats at most. NULL when there is none. */
static const char *after_repetition(size_t *times, const char *at)
{
    *times = 1;
    if (*at == '*' || *at == '+' || *at == '?') return at + 1;
    if (*at != '{' || ((at[1] < '0' || at[1] > '9') && at[1] != ',')) return NULL;
    for (at++; *at != '\0' && *at != '}'; at++) {
        size_t bound = 0;
        for (; *at >= '0' && *at <= '9'; at++) {
            if (bound <= SIZE_LIMIT) bound = bound * 10 + (size_t)(*at - '0');
        }
        if (bound > *times) *times = bound;
        if (*at != ',') break;
    }
    return *at == '}' ? at + 1 : at;
}

static void add_atom(expression_size *size, size_t atom)
{
    size->total[size->depth] += atom;
    size->last = atom;
    size->is_after_repetition = false;
}

/* What is wrong with the group that opens or closes at `at`, NULL when nothing is. */
static const char *enter_or_leave(expression_size *size, char at)
{
    if (at == '(') {
        if (size->depth == GROUPS_MAX) return "groups are nested too deep";
        size->total[++size->depth] = 1;
        size->is_after_repetition = false;
    } else if (size->depth > 0) {
        size->depth--;
        add_atom(size, size->total[size->depth + 1]);
    }
    return NULL;
}

/* The C library needs exponential time for some short expressions, and a shop may come from anywhere: what could take
 * long is refused before it is compiled. NULL when there is nothing to fear. */
static const char *find_excess(const char *at)
{
    expression_size size = {.total = {0}};
    const char *excess = NULL;
    while (*at != '\0' && excess == NULL) {
        size_t times;
        const char *behind = after_repetition(&times, at);
        if (behind != NULL) {
            if (size.is_after_repetition) return "a repetition is repeated";
            size.total[size.depth] += size.last * (times - 1);
            size.is_after_repetition = true;
            at = behind;
        } else if (*at == '(' || *at == ')') {
            excess = enter_or_leave(&size, *at++);
        } else {
            add_atom(&size, 1);
            at = *at == '[' ? after_set(at) : at + (*at == '\\' && at[1] != '\0' ? 2 : 1);
        }
        if (size.total[size.depth] > SIZE_LIMIT) return "it is too large";
    }
    return excess;
}

/* --- patterns --------------------------------------------------------------------------------------------------- */

pv_status pv_text_pattern_create(pv_text_pattern **pattern, const char *expression, pv_error *error)
{
    pv_status status = PV_OK;
    const char *excess = find_excess(expression);
    if (excess != NULL) {
        return pv_fail(error, PV_E_INPUT, "\"%.200s\" is not taken as a regular expression: %s", expression, excess);
    }
    pv_text_pattern *created = calloc(1, sizeof *created);
    if (created == NULL) return pv_fail_memory(error, "pattern", sizeof *created);
    created->last = -1;
    created->seen = pv_interner_create();
    created->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (created->seen == NULL || created->c_locale == (locale_t)0) {
        status = pv_fail_memory(error, "pattern", 0);
        goto cleanup;
    }
    locale_t before = uselocale(created->c_locale);
    int problem = regcomp(&created->compiled, expression, REG_EXTENDED | REG_NOSUB);
    uselocale(before);
    if (problem != 0) {
        char text[128];
        regerror(problem, &created->compiled, text, sizeof text);
        status = pv_fail(error, PV_E_INPUT, "\"%.200s\" is no regular expression: %s", expression, text);
        goto cleanup;
    }
    created->is_compiled = true;
    *pattern = created;
    created = NULL;
cleanup:
    pv_text_pattern_free(created);
    return status;
}

void pv_text_pattern_free(pv_text_pattern *pattern)
{
    if (pattern == NULL) return;
    if (pattern->is_compiled) regfree(&pattern->compiled);
    if (pattern->c_locale != (locale_t)0) freelocale(pattern->c_locale);
    pv_interner_free(pattern->seen);
    free(pattern->answers);
    free(pattern->terminated);
    free(pattern);
}

static bool run_expression(bool *matches, pv_text_pattern *pattern, pv_text text)
{
    void *room = pattern->terminated;
    if (!pv_reserve(&room, &pattern->terminated_capacity, text.size + 1, 1)) return false;
    pattern->terminated = room;
    if (text.size > 0) memcpy(pattern->terminated, text.data, text.size);
    pattern->terminated[text.size] = '\0';
    locale_t before = uselocale(pattern->c_locale);
    *matches = regexec(&pattern->compiled, pattern->terminated, 0, NULL, 0) == 0;
    uselocale(before);
    return true;
}

pv_status pv_text_pattern_match(bool *matches, pv_text_pattern *pattern, pv_text text, pv_error *error)
{
    int64_t count = pv_interner_count(pattern->seen);
    if (pattern->last < 0 || !pv_text_equal(pv_interner_text(pattern->seen, pattern->last), text)) {
        bool is_full = count >= REMEMBERED_MAX;
        int64_t number = is_full ? pv_interner_find(pattern->seen, text) : pv_interner_add(pattern->seen, text);
        if (number < 0 && is_full) {
            if (run_expression(matches, pattern, text)) return PV_OK;
            return pv_fail_memory(error, "pattern", text.size);
        }
        if (number < 0) return pv_fail_memory(error, "pattern", text.size);
        if (number == count) {
            void *answers = pattern->answers;
            bool is_match = false;
            if (!pv_reserve(&answers, &pattern->capacity, (size_t)count + 1, sizeof *pattern->answers) ||
                (pattern->answers = answers, !run_expression(&is_match, pattern, text))) {
                return pv_fail_memory(error, "pattern", text.size);
            }
            pattern->answers[number] = is_match;
        }
        pattern->last = number;
    }
    *matches = pattern->answers[pattern->last];
    return PV_OK;
}
