/* fetch_shop.c - the tables of a shop on S3 as files of this machine. */
#include "base/failure.h"
#include "registry/local_folder.h"
#include "registry/registry_handle.h"
#include "remote/s3_address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 100

static bool ends_with(const char *text, const char *end)
{
    const size_t size = strlen(text), n = strlen(end);
    return size > n && memcmp(text + size - n, end, n) == 0;
}

static bool is_table(const char *name)
{
    static const char *const ends[] = {".csv", ".csv.gz", ".csv.zst", ".tsv", ".yaml"};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        if (ends_with(name, ends[k])) return true;
    return false;
}

static bool is_store(const char *name)
{
    return ends_with(name, ".sqlite") || ends_with(name, ".sqlite3") || ends_with(name, ".db");
}

/* One object as FOLDER/name. */
static pv_status fetch(pv_s3_client *client, const char *bucket, const char *key, const char *folder, const char *name,
                       pv_error *error)
{
    pv_status status;
    char *path = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    if (asprintf(&path, "%s/%s", folder, name) < 0) path = NULL;
    PV_TRY(pv_check_memory(path != NULL, "a path", error));
    PV_TRY(pv_s3_read_file(&outcome, &object, client, key, path, NULL, error));
    if (outcome != PV_S3_DONE) status = pv_fail(error, PV_E_INPUT, "s3://%s/%s: no such object", bucket, key);
cleanup:
    free(path);
    return status;
}

/* Objects right below the prefix, not those of folders in it. */
static pv_status fetch_tables(int *n, pv_s3_client *client, const pv_s3_address *address, const char *prefix,
                              const char *folder, pv_error *error)
{
    pv_s3_listing listing = {0};
    pv_status status = pv_s3_list(&listing, client, prefix, error);
    for (size_t k = 0; k < listing.count && status == PV_OK; k++) {
        const char *name = listing.objects[k].key + strlen(prefix);
        if (strchr(name, '/') || !is_table(name)) continue;
        if (++*n > FILES_MAX)
            status = pv_fail(error, PV_E_INPUT, "s3://%s/%s: more than %d files", address->bucket, prefix, FILES_MAX);
        else
            status = fetch(client, address->bucket, listing.objects[k].key, folder, name, error);
    }
    pv_s3_listing_deinit(&listing);
    return status;
}

pv_status pv_fetch_shop(char **path, const pv_registry_options *options, const char *folder, pv_error *error)
{
    pv_status status;
    int n = 0;
    char *prefix = NULL, *made = NULL;
    pv_s3_client *client = NULL;
    pv_s3_address address = {.key = NULL};
    PV_TRY(pv_s3_address_parse(&address, options->address, error));
    PV_TRY(pv_local_folder_make(folder, error));
    PV_TRY(pv_s3_client_create(&client, address.bucket, options->authorities, pv_registry_deadline(options), error));
    if (is_store(address.key)) {
        const char *slash = strrchr(address.key, '/'), *name = slash ? slash + 1 : address.key;
        PV_TRY(fetch(client, address.bucket, address.key, folder, name, error));
        if (asprintf(&made, "%s/%s", folder, name) < 0) made = NULL;
    } else {
        const size_t size = strlen(address.key);
        if (asprintf(&prefix, "%s%s", address.key, size > 0 && address.key[size - 1] != '/' ? "/" : "") < 0)
            prefix = NULL;
        PV_TRY(pv_check_memory(prefix != NULL, "a path", error));
        PV_TRY(fetch_tables(&n, client, &address, prefix, folder, error));
        if (n == 0)
            PV_TRY(pv_fail(error, PV_E_INPUT, "%s: no table there: expected user_purchases.csv, .csv.gz or .csv.zst",
                           options->address));
        made = strdup(folder);
    }
    PV_TRY(pv_check_memory(made != NULL, "a path", error));
    *path = made;
cleanup:
    free(prefix);
    pv_s3_client_free(client);
    pv_s3_address_deinit(&address);
    return status;
}
