/* item_copy.c - see item_copy.h. */
#include "service/item_copy.h"

#include <string.h>

/* False on no memory. */
static bool copy_text(pv_text *text, pv_arena *arena)
{
    if (!text->data) return true;
    char *bytes = pv_arena_allocate(arena, text->size, 1);
    if (bytes && text->size) memcpy(bytes, text->data, text->size);
    text->data = bytes;
    return bytes != NULL;
}

/* A copy of n elements, NULL on no memory. */
static void *copy_array(const void *from, int64_t n, size_t size, pv_arena *arena)
{
    void *to = pv_arena_allocate(arena, (size_t)n, size);
    if (to && n > 0) memcpy(to, from, (size_t)n * size);
    return to;
}

static bool copy_facts(pv_reason *reason, pv_arena *arena)
{
    pv_fact *facts = copy_array(reason->facts, reason->n_facts, sizeof *facts, arena);
    if (!facts) return false;
    for (int64_t k = 0; k < reason->n_facts; k++) {
        if (!copy_text(&facts[k].text, arena)) return false;
        if (facts[k].kind != PV_FACT_NEAREST) continue;
        facts[k].nearest = copy_array(facts[k].nearest, facts[k].integer, sizeof *facts[k].nearest, arena);
        if (!facts[k].nearest) return false;
    }
    reason->facts = facts;
    return true;
}

static bool copy_evidence(pv_reason *reason, pv_arena *arena)
{
    pv_evidence *evidence = copy_array(reason->evidence, reason->n_evidence, sizeof *evidence, arena);
    if (!evidence) return false;
    for (int64_t k = 0; k < reason->n_evidence; k++)
        if (!copy_text(&evidence[k].label, arena) || !copy_text(&evidence[k].date, arena)) return false;
    reason->evidence = evidence;
    return true;
}

static bool copy_reasons(const pv_reason **reasons, int64_t n, pv_arena *arena)
{
    pv_reason *copies = copy_array(*reasons, n, sizeof *copies, arena);
    if (!copies) return false;
    for (int64_t k = 0; k < n; k++)
        if (!copy_text(&copies[k].text, arena) || !copy_facts(&copies[k], arena) || !copy_evidence(&copies[k], arena))
            return false;
    *reasons = copies;
    return true;
}

bool pv_item_copy(pv_item *copy, const pv_item *item, pv_arena *arena)
{
    *copy = *item;
    copy->removals = NULL;
    copy->n_removals = 0;
    return copy_reasons(&copy->reasons, item->n_reasons, arena) && copy_reasons(&copy->notes, item->n_notes, arena);
}
