/* fetched.h - arguments that begin with s3:// as files of this machine.
 *
 * Models stay in $XDG_CACHE_HOME/purvey/models (~/.cache without it, $TMPDIR or /tmp without a home), named by their
 * hash, so that the next command asks for current.json alone. Shops and events lie in a folder of this run, removed at
 * its end.
 */
#ifndef PURVEY_CLI_FETCHED_H
#define PURVEY_CLI_FETCHED_H

#include <purvey/status.h>
#include <stddef.h>

typedef enum fetched_kind { FETCHED_MODEL, FETCHED_SHOP, FETCHED_EVENTS } fetched_kind;

typedef struct fetched_files {
    struct fetched_file {
        fetched_kind kind;
        char *address, *path;
    } *files; /* [count] */
    size_t count;
    char *folder; /* of this run; NULL: none yet */
} fetched_files;  /* init with {0} */

/* Put the path of what *argument names in its place, where it is an address; it lives as long as `files`. The same
 * address twice is fetched once. Errors: those of pv_fetch_model(), pv_fetch_shop(), pv_fetch_events(); PV_E_OUTPUT. */
pv_status fetch_argument(const char **argument, fetched_files *files, fetched_kind kind, pv_error *error) PV_CHECKED;
/* What was fetched to `path`, for people: its address; `path` itself where it was not fetched. */
const char *fetched_address(const fetched_files *files, const char *path);
/* Remove the folder of this run. */
void fetched_files_remove(fetched_files *files);

#endif
