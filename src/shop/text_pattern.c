#include "shop/text_pattern.h"
#include "base/failure.h"
#include "base/memory.h"
#include "shop/interner.h"
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBERED_MAX 65536

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

pv_status pv_text_pattern_create(pv_text_pattern **pattern, const char *expression, pv_error *error)
{
    pv_status status = PV_OK;
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
