/* s3_probe.c - the S3 client as a process, for tests of it: `s3_probe BUCKET SECONDS` carries out the lines of its
 * standard input, fields divided by tabs, and answers each by one line (a listing: and one an object).
 *
 *   read KEY FILE MOST IF_NONE_MATCH     file KEY FILE SHA256          look KEY
 *   write KEY FILE IF_MATCH IF_NONE_MATCH      remove KEY              list PREFIX
 *
 * An empty field is none. Answers: done SIZE ETAG VERSION SHA256 | no_object | not_changed | precondition | removed |
 * listed COUNT | error CODE MESSAGE. */
#include "remote/s3_client.h"
#include "base/failure.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 5

typedef struct probe {
    pv_s3_client *client;
    char *fields[FIELDS_MAX];
    pv_error error;
} probe;

static const char *field(const probe *asked, int i)
{
    return asked->fields[i] && *asked->fields[i] ? asked->fields[i] : NULL;
}

static pv_status write_file(const char *path, const pv_buffer *bytes, pv_error *error)
{
    FILE *file = fopen(path, "wb");
    const bool is_written = file && fwrite(bytes->data ? bytes->data : "", 1, bytes->size, file) == bytes->size;
    if (file && fclose(file) != 0) return pv_fail(error, PV_E_OUTPUT, "%s: cannot close", path);
    return is_written ? PV_OK : pv_fail(error, PV_E_OUTPUT, "%s: cannot write", path);
}

static pv_status read_file(pv_buffer *bytes, const char *path, pv_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) return pv_fail(error, PV_E_INPUT, "%s: cannot open", path);
    char piece[65536];
    for (size_t size; (size = fread(piece, 1, sizeof piece, file)) > 0;) pv_buffer_append(bytes, piece, size);
    fclose(file);
    return pv_check_memory(!bytes->failed, path, error);
}

static pv_status answer(pv_status status, pv_s3_outcome outcome, const pv_s3_object *object)
{
    static const char *const names[] = {"done", "no_object", "not_changed", "precondition"};
    if (status != PV_OK) return status;
    printf("%s", names[outcome]);
    if (outcome == PV_S3_DONE) {
        printf("\t%" PRId64 "\t%s\t%s\t%s", object->size, object->etag, object->version_id, object->sha256);
    }
    puts("");
    return PV_OK;
}

static pv_status probe_read(probe *asked)
{
    pv_s3_outcome outcome = PV_S3_DONE;
    pv_s3_object object = {0};
    pv_buffer body = {0};
    const size_t most = field(asked, 3) ? strtoull(field(asked, 3), NULL, 10) : SIZE_MAX / 2;
    pv_status status =
        pv_s3_read(&outcome, &object, &body, most, asked->client, asked->fields[1], field(asked, 4), &asked->error);
    if (status == PV_OK && outcome == PV_S3_DONE) status = write_file(asked->fields[2], &body, &asked->error);
    pv_buffer_deinit(&body);
    return answer(status, outcome, &object);
}

static pv_status probe_file(probe *asked)
{
    pv_s3_outcome outcome = PV_S3_DONE;
    pv_s3_object object = {0};
    const pv_status status = pv_s3_read_file(&outcome, &object, asked->client, asked->fields[1], asked->fields[2],
                                             field(asked, 3), &asked->error);
    return answer(status, outcome, &object);
}

static pv_status probe_write(probe *asked)
{
    pv_s3_outcome outcome = PV_S3_DONE;
    pv_s3_object object = {0};
    pv_buffer body = {0};
    const pv_s3_condition condition = {field(asked, 3), field(asked, 4)};
    pv_status status = read_file(&body, asked->fields[2], &asked->error);
    if (status == PV_OK) {
        status = pv_s3_write(&outcome, &object, asked->client, asked->fields[1], (pv_text){body.data, body.size},
                             "application/octet-stream", &condition, &asked->error);
    }
    pv_buffer_deinit(&body);
    return answer(status, outcome, &object);
}

static pv_status probe_look(probe *asked)
{
    pv_s3_outcome outcome = PV_S3_DONE;
    pv_s3_object object = {0};
    const pv_status status = pv_s3_look(&outcome, &object, asked->client, asked->fields[1], &asked->error);
    return answer(status, outcome, &object);
}

static pv_status probe_remove(probe *asked)
{
    const pv_status status = pv_s3_remove(asked->client, asked->fields[1], &asked->error);
    if (status == PV_OK) puts("removed");
    return status;
}

static pv_status probe_list(probe *asked)
{
    pv_s3_listing listing = {0};
    const pv_status status = pv_s3_list(&listing, asked->client, asked->fields[1], &asked->error);
    if (status == PV_OK) printf("listed\t%zu\n", listing.count);
    for (size_t i = 0; status == PV_OK && i < listing.count; i++) {
        const pv_s3_listed *object = &listing.objects[i];
        printf("%s\t%" PRId64 "\t%" PRId64 "\t%s\n", object->key, object->size, object->modified, object->etag);
    }
    pv_s3_listing_deinit(&listing);
    return status;
}

static pv_status carry_out(probe *asked, char *line)
{
    static const struct {
        const char *name;
        pv_status (*run)(probe *asked);
        int n_fields; /* besides the name */
    } commands[] = {{"read", probe_read, 4}, {"file", probe_file, 3},     {"write", probe_write, 4},
                    {"look", probe_look, 1}, {"remove", probe_remove, 1}, {"list", probe_list, 1}};
    int n_fields = 0;
    for (char *next = line; next && n_fields < FIELDS_MAX; n_fields++) asked->fields[n_fields] = strsep(&next, "\t");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(line, commands[i].name) == 0 && n_fields - 1 == commands[i].n_fields) return commands[i].run(asked);
    }
    return pv_fail(&asked->error, PV_E_USAGE, "no such command: %s with %d fields", line, n_fields - 1);
}

static void answer_error(pv_status status, const pv_error *error)
{
    if (status != PV_OK) printf("error\t%s\t%s\n", pv_status_json_code(status), error->message);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    probe asked = {0};
    if (argc != 3) return 2;
    const double seconds = strtod(argv[2], NULL);
    pv_status status = pv_s3_client_create(&asked.client, argv[1], NULL, pv_deadline_in(seconds), &asked.error);
    answer_error(status, &asked.error);
    if (status != PV_OK) return 1;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, stdin)) > 0;) {
        if (line[size - 1] == '\n') line[size - 1] = '\0';
        pv_s3_set_deadline(asked.client, pv_deadline_in(seconds));
        answer_error(carry_out(&asked, line), &asked.error);
    }
    free(line);
    pv_s3_client_free(asked.client);
    return 0;
}
