/* parent_lines.h - the training purchases of one parent company, for counting company by company. */
#ifndef PV_PARENT_LINES_H
#define PV_PARENT_LINES_H

#include "base/memory.h"
#include "shop/shop.h"

typedef struct pv_parent_lines {
    pv_lines *members; /* lines of each of its users with purchases */
    int64_t n_members;
} pv_parent_lines;

/* Memory from the arena. Errors: PV_E_MEMORY. */
pv_status pv_parent_lines_make(pv_parent_lines *lines, const pv_shop *shop, int64_t parent, pv_arena *arena,
                               pv_error *error) PV_CHECKED;

#endif
