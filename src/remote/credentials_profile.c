/* credentials_profile.c - see credentials_profile.h. */
#include "remote/credentials_profile.h"

#include "base/failure.h"
#include "remote/ini_file.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX (1 << 20) /* bytes */

void pv_profile_deinit(pv_profile *profile)
{
    pv_secret_free(profile->access_key);
    pv_secret_free(profile->secret_key);
    pv_secret_free(profile->session_token);
    free(profile->region);
    *profile = (pv_profile){0};
}

/* --- what one file tells ------------------------------------------------------------------------------------------ */

/* What needs another program, by where botocore looks for it. */
typedef enum helper_kind {
    BEFORE_KEYS,  /* role and single sign-on: before any key */
    BETWEEN_KEYS, /* credential_process: before the keys of the file of settings */
    WITHOUT_KEYS, /* nothing by itself: a profile without keys is refused for it */
    HELPER_KINDS
} helper_kind;

typedef struct section {
    const char *name; /* of the profile */
    const pv_profile_file *file;
    bool is_config;
    pv_profile told;
    int64_t line; /* of its last setting */
    pv_error helpers[HELPER_KINDS];
} section;

static pv_text unquoted(pv_text text)
{
    const bool is_quoted =
        text.size >= 2 && (text.data[0] == '"' || text.data[0] == '\'') && text.data[text.size - 1] == text.data[0];
    return is_quoted ? (pv_text){text.data + 1, text.size - 2} : text;
}

/* "[NAME]" in the file of credentials; "[profile NAME]" in that of settings, where "[default]" needs no word before it.
 */
static bool is_head_of(const section *s, pv_text head)
{
    static const char word[] = "profile";
    const size_t size = sizeof word - 1;
    if (s->is_config && head.size > size && memcmp(head.data, word, size) == 0 &&
        (head.data[size] == ' ' || head.data[size] == '\t')) {
        size_t k = size;
        while (head.data[k] == ' ' || head.data[k] == '\t') k++; /* ends: the head is trimmed */
        return pv_text_equal(unquoted((pv_text){head.data + k, head.size - k}), pv_text_of(s->name));
    }
    if (s->is_config && strcmp(s->name, "default") != 0) return false;
    return pv_text_equal(head, pv_text_of(s->name));
}

static bool is_named(const pv_ini_line *line, const char *name)
{
    return line->name.size == strlen(name) && strncasecmp(line->name.data, name, line->name.size) == 0;
}

static pv_status keep(char **kept, const section *s, const pv_ini_line *line, pv_error *error)
{
    if (*kept)
        return pv_fail_at(error, PV_E_INPUT, line->line, "%s:%lld: %.*s of profile %s: told before", s->file->path,
                          (long long)line->line, (int)line->name.size, line->name.data, s->name);
    if (line->value.size == 0) return PV_OK;
    *kept = strndup(line->value.data, line->value.size);
    return pv_check_memory(*kept != NULL, "credentials", error);
}

static void note_helper(section *s, helper_kind kind, const pv_ini_line *line)
{
    if (s->helpers[kind].status != PV_OK) return;
    (void)pv_fail_at(&s->helpers[kind], PV_E_INPUT, line->line,
                     "%s:%lld: %.*s of profile %s needs another program: eval \"$(aws configure export-credentials "
                     "--profile %s --format env)\" puts its credentials into the environment",
                     s->file->path, (long long)line->line, (int)line->name.size, line->name.data, s->name, s->name);
}

static pv_status take_line(void *context, const pv_ini_line *line, pv_error *error)
{
    static const struct {
        const char *name;
        helper_kind kind;
    } helpers[] = {{"role_arn", BEFORE_KEYS},
                   {"web_identity_token_file", BEFORE_KEYS},
                   {"sso_account_id", BEFORE_KEYS},
                   {"sso_role_name", BEFORE_KEYS},
                   {"credential_process", BETWEEN_KEYS},
                   {"source_profile", WITHOUT_KEYS},
                   {"credential_source", WITHOUT_KEYS},
                   {"sso_session", WITHOUT_KEYS},
                   {"sso_start_url", WITHOUT_KEYS},
                   {"login_session", WITHOUT_KEYS}};
    section *s = context;
    if (!is_head_of(s, line->section)) return PV_OK;
    s->told.exists = true;
    if (!line->name.data) return PV_OK;
    s->line = line->line;
    if (is_named(line, "aws_access_key_id")) return keep(&s->told.access_key, s, line, error);
    if (is_named(line, "aws_secret_access_key")) return keep(&s->told.secret_key, s, line, error);
    if (is_named(line, "aws_session_token")) return keep(&s->told.session_token, s, line, error);
    if (is_named(line, "region")) return keep(&s->told.region, s, line, error);
    for (size_t k = 0; k < sizeof helpers / sizeof *helpers; k++)
        if (is_named(line, helpers[k].name)) note_helper(s, helpers[k].kind, line);
    return PV_OK;
}

/* --- what both tell ----------------------------------------------------------------------------------------------- */

static bool take_helper(pv_profile *profile, const section sections[2], helper_kind kind)
{
    for (size_t k = 0; k < 2; k++) {
        if (sections[k].helpers[kind].status == PV_OK) continue;
        profile->refusal = sections[k].helpers[kind];
        return true;
    }
    return false;
}

/* True when there is a key, or half of one. */
static bool take_keys(pv_profile *profile, section *s)
{
    pv_profile *told = &s->told;
    if (!told->access_key && !told->secret_key) return false;
    if (!told->access_key || !told->secret_key) {
        (void)pv_fail_at(&profile->refusal, PV_E_INPUT, s->line,
                         "%s:%lld: profile %s: expected both aws_access_key_id and aws_secret_access_key",
                         s->file->path, (long long)s->line, s->name);
        return true;
    }
    profile->access_key = told->access_key;
    profile->secret_key = told->secret_key;
    profile->session_token = told->session_token;
    told->access_key = told->secret_key = told->session_token = NULL;
    return true;
}

/* botocore's chain of providers, as far as it is about profiles. Source: botocore/credentials.py,
 * create_credential_resolver(). */
static void choose(pv_profile *profile, section sections[2])
{
    section *credentials = &sections[0], *config = &sections[1];
    pv_profile *regional = credentials->told.region ? &credentials->told : &config->told;
    profile->exists = credentials->told.exists || config->told.exists;
    profile->region = regional->region;
    regional->region = NULL;
    if (take_helper(profile, sections, BEFORE_KEYS) || take_keys(profile, credentials)) return;
    if (take_helper(profile, sections, BETWEEN_KEYS) || take_keys(profile, config)) return;
    (void)take_helper(profile, sections, WITHOUT_KEYS);
}

pv_status pv_profile_find(pv_profile *profile, const char *name, const pv_profile_file *credentials,
                          const pv_profile_file *config, pv_error *error)
{
    pv_status status = PV_OK;
    section sections[2] = {{.name = name, .file = credentials}, {.name = name, .file = config, .is_config = true}};
    for (size_t k = 0; k < 2; k++)
        PV_TRY(pv_ini_read(sections[k].file->path, sections[k].file->text, take_line, &sections[k], error));
    choose(profile, sections);
cleanup:
    for (size_t k = 0; k < 2; k++) pv_profile_deinit(&sections[k].told);
    return status;
}

/* --- where the files are ------------------------------------------------------------------------------------------ */

/* What the environment names, "~/" being the home folder, or else what lies below that. Empty: there is neither. */
static pv_status find_path(char **path, const char *variable, const char *below_home, pv_error *error)
{
    pv_buffer text = {0};
    const char *given = getenv(variable), *home = getenv("HOME");
    if (!given || !given[0]) given = below_home;
    if (strncmp(given, "~/", 2) != 0)
        pv_buffer_append_string(&text, given);
    else if (home && home[0])
        pv_buffer_print(&text, "%s/%s", home, given + 2);
    return pv_buffer_hand_over(path, &text, "a path", error);
}

pv_status pv_profile_read(pv_profile *profile, pv_error *error)
{
    static const char *const places[2][2] = {{"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"},
                                             {"AWS_CONFIG_FILE", "~/.aws/config"}};
    pv_status status;
    char *paths[2] = {NULL, NULL};
    pv_buffer texts[2] = {{0}, {0}};
    pv_profile_file files[2];
    const char *given = getenv("AWS_PROFILE");
    const bool is_given = given && given[0];
    const char *name = is_given ? given : "default";
    for (size_t k = 0; k < 2; k++) {
        PV_TRY(find_path(&paths[k], places[k][0], places[k][1], error));
        if (paths[k][0]) PV_TRY(pv_secret_file_read(&texts[k], paths[k], FILE_MAX, error));
        files[k] = (pv_profile_file){paths[k], {texts[k].data, texts[k].size}};
    }
    PV_TRY(pv_profile_find(profile, name, &files[0], &files[1], error));
    if (is_given && !profile->exists)
        status = pv_fail(error, PV_E_INPUT, "AWS_PROFILE: no profile %s in %s or %s", name, paths[0], paths[1]);
cleanup:
    if (status != PV_OK) pv_profile_deinit(profile);
    for (size_t k = 0; k < 2; k++) {
        pv_secret_buffer_deinit(&texts[k]);
        free(paths[k]);
    }
    return status;
}
