/* credentials_profile.c - see credentials_profile.h. */
#include "remote/credentials_profile.h"

#include "base/failure.h"
#include "remote/ini_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20) /* bytes */

void pv_profile_deinit(pv_profile *profile)
{
    pv_secret_free(profile->access_key);
    pv_secret_free(profile->secret_key);
    pv_secret_free(profile->session_token);
    free(profile->region);
    *profile = (pv_profile){0};
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

typedef struct search {
    pv_profile *profile;
    const char *name, *path;
    bool is_config, exists;
    int64_t line; /* of the last setting of the profile */
} search;

/* "[NAME]" in the file of credentials; "[profile NAME]" in that of settings, where "[default]" needs no word before it.
 */
static bool is_section(const search *s, pv_text section)
{
    if (s->is_config && section.size > 8 && memcmp(section.data, "profile", 7) == 0 &&
        (section.data[7] == ' ' || section.data[7] == '\t')) {
        size_t k = 8;
        while (section.data[k] == ' ' || section.data[k] == '\t') k++; /* the section is trimmed */
        return pv_text_equal((pv_text){section.data + k, section.size - k}, pv_text_of(s->name));
    }
    if (s->is_config && strcmp(s->name, "default") != 0) return false;
    return pv_text_equal(section, pv_text_of(s->name));
}

static pv_status keep_first(char **kept, pv_text value, pv_error *error)
{
    if (*kept) return PV_OK; /* by the file that was read before */
    *kept = strndup(value.data, value.size);
    return pv_check_memory(*kept != NULL, "credentials", error);
}

static pv_status refuse_helper(const search *s, const pv_ini_line *line, pv_error *error)
{
    return pv_fail_at(error, PV_E_INPUT, line->line,
                      "%s:%lld: %.*s of profile %s needs another program: eval \"$(aws configure export-credentials "
                      "--profile %s --format env)\" gives its credentials by the environment",
                      s->path, (long long)line->line, (int)line->name.size, line->name.data, s->name, s->name);
}

static pv_status take_setting(void *context, const pv_ini_line *line, pv_error *error)
{
    static const char *const helpers[] = {"role_arn",      "source_profile", "credential_process",     "sso_session",
                                          "sso_start_url", "sso_account_id", "web_identity_token_file"};
    search *s = context;
    pv_profile *profile = s->profile;
    if (!is_section(s, line->section)) return PV_OK;
    s->exists = true;
    s->line = line->line;
    const struct {
        const char *name;
        char **kept;
    } settings[] = {{"aws_access_key_id", &profile->access_key},
                    {"aws_secret_access_key", &profile->secret_key},
                    {"aws_session_token", &profile->session_token},
                    {"region", &profile->region}};
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
        if (pv_text_equal(line->name, pv_text_of(settings[k].name)) && line->value.size)
            return keep_first(settings[k].kept, line->value, error);
    for (size_t k = 0; k < sizeof helpers / sizeof *helpers; k++)
        if (pv_text_equal(line->name, pv_text_of(helpers[k])) && !profile->access_key)
            return refuse_helper(s, line, error);
    return PV_OK;
}

pv_status pv_profile_find(pv_profile *profile, bool *exists, const char *name, const char *path, pv_text text,
                          bool is_config, pv_error *error)
{
    search s = {.profile = profile, .name = name, .path = path, .is_config = is_config};
    const bool had_key = profile->access_key != NULL;
    pv_status status = pv_ini_read(path, text, take_setting, &s, error);
    if (status != PV_OK) return status;
    *exists |= s.exists;
    if (!had_key && !profile->access_key != !profile->secret_key)
        return pv_fail_at(error, PV_E_INPUT, s.line,
                          "%s: profile %s: expected both aws_access_key_id and aws_secret_access_key", path, name);
    return PV_OK;
}

/* --- both files --------------------------------------------------------------------------------------------------- */

/* The whole file; text->data NULL: there is none. */
static pv_status read_file(pv_buffer *text, const char *path, pv_error *error)
{
    struct stat info;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) return PV_OK;
    if (file < 0 || fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_MAX) {
        const int cause = errno;
        if (file >= 0) (void)close(file);
        return pv_fail(error, PV_E_INPUT, "%s: %s", path,
                       file < 0 ? strerror(cause) : "expected a text file below 1 MB");
    }
    char *room = pv_buffer_room(text, (size_t)info.st_size + 1);
    ssize_t size = 0;
    while (room && (size = read(file, room + text->size, (size_t)info.st_size - text->size)) > 0)
        text->size += (size_t)size;
    (void)close(file);
    if (!room) return pv_fail_memory(error, "credentials", (uint64_t)info.st_size);
    return size < 0 ? pv_fail(error, PV_E_INPUT, "%s: cannot be read", path) : PV_OK;
}

/* The path in the environment, or that below the home folder; empty: neither. */
static void find_path(char *path, size_t size, const char *variable, const char *below_home)
{
    const char *given = getenv(variable), *home = getenv("HOME");
    path[0] = '\0';
    if (given && given[0])
        (void)snprintf(path, size, "%s", given);
    else if (home && home[0])
        (void)snprintf(path, size, "%s/%s", home, below_home);
}

static pv_status read_one(pv_profile *profile, bool *exists, const char *name, const char *path, bool is_config,
                          pv_error *error)
{
    pv_buffer text = {0};
    pv_status status = path[0] ? read_file(&text, path, error) : PV_OK;
    if (status == PV_OK && text.data)
        status = pv_profile_find(profile, exists, name, path, (pv_text){text.data, text.size}, is_config, error);
    if (text.data) explicit_bzero(text.data, text.size);
    pv_buffer_deinit(&text);
    return status;
}

pv_status pv_profile_read(pv_profile *profile, pv_error *error)
{
    pv_status status;
    char credentials[4096], config[4096];
    bool exists = false;
    const char *given = getenv("AWS_PROFILE");
    const bool is_named = given && given[0];
    const char *name = is_named ? given : "default";
    find_path(credentials, sizeof credentials, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    find_path(config, sizeof config, "AWS_CONFIG_FILE", ".aws/config");
    PV_TRY(read_one(profile, &exists, name, credentials, false, error));
    PV_TRY(read_one(profile, &exists, name, config, true, error));
    if (is_named && !exists)
        status = pv_fail(error, PV_E_INPUT, "AWS_PROFILE: no profile %s in %s or %s", name, credentials, config);
cleanup:
    if (status != PV_OK) pv_profile_deinit(profile);
    return status;
}
