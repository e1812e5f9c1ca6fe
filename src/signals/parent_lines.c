/* parent_lines.c - see parent_lines.h. */
#include "signals/parent_lines.h"

#include "base/failure.h"

pv_status pv_parent_lines_make(pv_parent_lines *lines, const pv_shop *shop, int64_t parent, pv_arena *arena,
                               pv_error *error)
{
    const pv_users *users = &shop->users;
    const int64_t first = users->parent_offsets[parent], end = users->parent_offsets[parent + 1];
    *lines = (pv_parent_lines){.members = pv_arena_allocate(arena, (size_t)(end - first), sizeof *lines->members)};
    if (!lines->members) return pv_fail_memory(error, "a company", (uint64_t)(end - first) * sizeof *lines->members);
    for (int64_t m = first; m < end; m++) {
        const int32_t user = users->parent_members[m];
        if (user < users->ids.n_warm) lines->members[lines->n_members++] = pv_shop_user_lines(shop, user);
    }
    return PV_OK;
}
