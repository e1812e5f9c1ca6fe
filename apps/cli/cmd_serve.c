/* cmd_serve.c - `purvey serve`: answers over HTTP until it is told to stop. */
#include "command.h"

#include "server/api_keys.h"
#include "server/server.h"
#include <string.h>

#define KEY_MAX 4096

typedef struct serve_settings {
    common_settings common;
    const char *model, *listen, *events, *key_file, *as_of, *access_log, *hash_key;
    text_list origins;
    int64_t max_connections, max_requests, timeout, request_deadline;
} serve_settings;

static const cli_option options[] = {
    {.name = "listen",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, listen),
     .argument = "HOST:PORT",
     .default_in_help = SERVER_LISTEN_DEFAULT,
     .help = "address and port; port 0 takes a free one; any but loopback needs --key-file"},
    {.name = "events",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, events),
     .argument = "FOLDER",
     .help = "folder for the log of events and of prices, stock, metadata and assortments that are sent; without it "
             "they are refused"},
    {.name = "key-file",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, key_file),
     .argument = "FILE",
     .help = "who may ask: a line a key, NAME SHA256-HEX [REQUESTS-PER-SECOND]"},
    {.name = "hash-key",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, hash_key),
     .argument = "NAME",
     .help = "read a key from standard input, print its line for --key-file and do nothing else"},
    {.name = "as-of",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, as_of),
     .argument = "T",
     .help = "date, time or now of questions that name none"},
    {.name = "timeout",
     .kind = OPTION_INTEGER,
     .offset = offsetof(serve_settings, timeout),
     .minimum = 1,
     .maximum = 3600,
     .argument = "SECONDS",
     .default_in_help = "10",
     .help = "close a connection that makes no progress for so long"},
    {.name = "request-deadline",
     .kind = OPTION_INTEGER,
     .offset = offsetof(serve_settings, request_deadline),
     .minimum = 1,
     .maximum = 3600,
     .argument = "SECONDS",
     .default_in_help = "30",
     .help = "a whole request must have arrived in this time, and its answer been taken"},
    {.name = "max-connections",
     .kind = OPTION_INTEGER,
     .offset = offsetof(serve_settings, max_connections),
     .minimum = 1,
     .maximum = 100000,
     .argument = "N",
     .default_in_help = "what the limit of open files allows, at most 10000",
     .help = "further connections wait to be accepted"},
    {.name = "max-requests",
     .kind = OPTION_INTEGER,
     .offset = offsetof(serve_settings, max_requests),
     .minimum = 1,
     .maximum = 100000,
     .argument = "N",
     .default_in_help = "1024",
     .help = "requests that are received, answered or sent at a time; further ones get 503"},
    {.name = "access-log",
     .kind = OPTION_TEXT,
     .offset = offsetof(serve_settings, access_log),
     .argument = "FILE",
     .default_in_help = "-, none with --quiet",
     .help = "a JSON object a line and request; - is standard error"},
    {.name = "cors-origin",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(serve_settings, origins),
     .argument = "ORIGIN",
     .help = "let pages of this origin ask, such as https://shop.example, or of all with *"}};

static server_options server_options_of(const serve_settings *settings)
{
    const char *log = settings->common.is_quiet ? NULL : "-";
    return (server_options){.service = {.model = settings->model, .events = settings->events, .as_of = settings->as_of},
                            .listen = settings->listen,
                            .key_file = settings->key_file,
                            .access_log = settings->access_log != NULL ? settings->access_log : log,
                            .origins = settings->origins.items,
                            .n_origins = settings->origins.count,
                            .threads = settings->common.threads,
                            .max_connections = settings->max_connections,
                            .max_requests = settings->max_requests,
                            .timeout = settings->timeout,
                            .request_deadline = settings->request_deadline};
}

static pv_status print_key_line(FILE *out, const char *name, pv_error *error)
{
    char key[KEY_MAX], hex[65];
    if (!api_key_is_name(name))
        return usage_error(error, "hash-key", "--hash-key %s: expected 1 to 64 letters, digits, '.', '_' or '-'", name);
    size_t size = fread(key, 1, sizeof key, stdin);
    while (size > 0 && (key[size - 1] == '\n' || key[size - 1] == '\r')) size--;
    if (size == 0 || size == sizeof key || memchr(key, '\n', size) != NULL)
        return usage_error(error, "hash-key", "--hash-key %s: expected one line with the key on standard input", name);
    api_key_hash(hex, (pv_text){key, size});
    fprintf(out, "%s %s\n", name, hex);
    return PV_OK;
}

/* --hash-key needs no model. */
static pv_status parse(serve_settings *settings, command_run *run, pv_error *error)
{
    option_grammar grammar = run->command->grammar;
    for (int k = 0; k < run->argc; k++)
        if (strncmp(run->argv[k], "--hash-key", strlen("--hash-key")) == 0) grammar.argument = NULL;
    return command_parse_with(run, settings, &grammar, error);
}

static int serve(command_run *run)
{
    serve_settings settings = {.common = COMMON_DEFAULTS,
                               .listen = SERVER_LISTEN_DEFAULT,
                               .max_requests = 1024,
                               .timeout = 10,
                               .request_deadline = 30};
    pv_error error = {0};
    pv_status status = parse(&settings, run, &error);
    if (status == PV_OK && settings.hash_key != NULL) {
        status = print_key_line(run->out, settings.hash_key, &error);
    } else if (status == PV_OK) {
        server_options options_of_server = server_options_of(&settings);
        status = server_run(&options_of_server, &error);
    }
    text_list_deinit(&settings.origins);
    return status == PV_OK ? 0 : command_fail(run, &error);
}

const cli_command serve_command = {
    .name = "serve",
    .run = serve,
    .summary = "answer over HTTP",
    .synopsis = "MODEL [options]",
    .description =
        "The calls are described by /v1/openapi.json of the server itself. It says on standard error when it is\n"
        "ready. A model that takes the place of the file is used within a second or so, and at once upon SIGHUP,\n"
        "which also reads the keys again and reopens the log; when it is no good, the old one stays.\n"
        "SIGTERM and Ctrl-C let running requests finish; a second one ends at once.\n",
    .examples = "  purvey serve shop.model\n"
                "      on 127.0.0.1:8080; curl -d '{\"user\":\"123\",\"n\":5}' -H content-type:application/json \\\n"
                "      http://127.0.0.1:8080/v1/recommend\n"
                "  openssl rand -hex 32 | tee shop.key | purvey serve --hash-key shop >> keys\n"
                "  purvey serve shop.model --listen 0.0.0.0:8080 --key-file keys --events events\n"
                "      for other machines, with a key; purchases that are sent count at once and are kept in events/\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(serve_settings, model)}};
