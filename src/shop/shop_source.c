#include "shop/shop_source.h"
#include "base/failure.h"
#include "shop/sqlite_store.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

pv_status pv_shop_source_open(pv_shop_source **source, const char *shop, pv_error *error)
{
    struct stat facts;
    if (strstr(shop, "://") != NULL) {
        return pv_fail(error, PV_E_INPUT, "%s: this version reads folders and SQLite files only", shop);
    }
    if (stat(shop, &facts) != 0) return pv_fail(error, PV_E_INPUT, "%s: %s", shop, strerror(errno));
    if (S_ISDIR(facts.st_mode)) return pv_shop_folder_open(source, shop, error);
    if (S_ISREG(facts.st_mode)) return pv_sqlite_store_open(source, shop, error);
    return pv_fail(error, PV_E_INPUT, "%s: neither a folder nor a SQLite file made by `purvey import`", shop);
}
