/* category_path.h - paths of categories: "A > B > C". */
#ifndef PV_CATEGORY_PATH_H
#define PV_CATEGORY_PATH_H

#include "base/memory.h"
#include "base/text.h"
#include <stdbool.h>

/* The levels of "A>B > C" joined as "A > B > C"; empty levels are left out, data NULL when none is left. Memory from
 * the arena; false when there is none. */
bool pv_category_path_normal(pv_text *out, pv_text category, pv_arena *arena);
/* The path one level up: what stands before the last " > "; data NULL at the top. Borrowed from `path`. */
pv_text pv_category_path_parent(pv_text path);

#endif
