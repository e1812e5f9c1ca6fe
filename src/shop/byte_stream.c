/* The only file that knows zlib and zstd. Each form of compression is one `read` function over the same input buffer.
 */
#include "shop/byte_stream.h"
#include "base/failure.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_SIZE ((size_t)256 * 1024)

typedef pv_status stream_read(size_t *count, pv_byte_stream *stream, void *bytes, size_t size, pv_error *error);

struct pv_byte_stream {
    int descriptor;
    char *name;
    stream_read *read;
    unsigned char *input;         /* [INPUT_SIZE], compressed forms only */
    size_t input_used, input_end; /* input[input_used .. input_end) is not decoded yet */
    bool input_finished;
    bool inside_part; /* within a gzip member or zstd frame: the end of the file would cut it */
    int64_t position;
    bool has_inflate;
    z_stream inflate;
    ZSTD_DStream *zstd;
};

static pv_status read_descriptor(size_t *count, pv_byte_stream *stream, void *bytes, size_t size, pv_error *error)
{
    for (;;) {
        ssize_t got = read(stream->descriptor, bytes, size);
        if (got >= 0) {
            stream->position += got;
            *count = (size_t)got;
            return PV_OK;
        }
        if (errno != EINTR) return pv_fail(error, PV_E_INPUT, "%s: cannot read: %s", stream->name, strerror(errno));
    }
}

static pv_status fill_input(pv_byte_stream *stream, pv_error *error)
{
    if (stream->input_used < stream->input_end || stream->input_finished) return PV_OK;
    size_t count = 0;
    pv_status status = read_descriptor(&count, stream, stream->input, INPUT_SIZE, error);
    if (status != PV_OK) return status;
    stream->input_used = 0;
    stream->input_end = count;
    stream->input_finished = count == 0;
    return PV_OK;
}

static pv_status fail_cut(const pv_byte_stream *stream, const char *form, pv_error *error)
{
    if (stream->position == 0) return pv_fail(error, PV_E_INPUT, "%s: empty, so it is no %s file", stream->name, form);
    return pv_fail(error, PV_E_INPUT, "%s: the %s data is cut short after %lld bytes", stream->name, form,
                   (long long)stream->position);
}

static pv_status read_gzip(size_t *count, pv_byte_stream *stream, void *bytes, size_t size, pv_error *error)
{
    z_stream *inflater = &stream->inflate;
    inflater->next_out = bytes;
    inflater->avail_out = size > INPUT_SIZE * 16 ? (uInt)(INPUT_SIZE * 16) : (uInt)size;
    const uInt wanted = inflater->avail_out;
    while (inflater->avail_out == wanted) {
        pv_status status = fill_input(stream, error);
        if (status != PV_OK) return status;
        if (stream->input_finished) {
            if (stream->inside_part) return fail_cut(stream, "gzip", error);
            break;
        }
        inflater->next_in = stream->input + stream->input_used;
        inflater->avail_in = (uInt)(stream->input_end - stream->input_used);
        stream->inside_part = true;
        int outcome = inflate(inflater, Z_NO_FLUSH);
        stream->input_used = stream->input_end - inflater->avail_in;
        if (outcome == Z_STREAM_END) {
            stream->inside_part = false;
            outcome = inflateReset(inflater);
        }
        if (outcome == Z_MEM_ERROR) return pv_fail_memory(error, "inflate", 0);
        if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
            return pv_fail(error, PV_E_INPUT, "%s: broken gzip data: %s", stream->name,
                           inflater->msg != NULL ? inflater->msg : "unknown form");
        }
    }
    *count = wanted - inflater->avail_out;
    return PV_OK;
}

static pv_status read_zstd(size_t *count, pv_byte_stream *stream, void *bytes, size_t size, pv_error *error)
{
    ZSTD_outBuffer output = {bytes, size, 0};
    while (output.pos == 0) {
        pv_status status = fill_input(stream, error);
        if (status != PV_OK) return status;
        if (stream->input_finished && !stream->inside_part) break;
        ZSTD_inBuffer input = {stream->input, stream->input_end, stream->input_used};
        size_t outcome = ZSTD_decompressStream(stream->zstd, &output, &input);
        if (ZSTD_isError(outcome)) {
            return pv_fail(error, PV_E_INPUT, "%s: broken zstd data: %s", stream->name, ZSTD_getErrorName(outcome));
        }
        stream->input_used = input.pos;
        stream->inside_part = outcome != 0;
        if (stream->input_finished && stream->inside_part && output.pos == 0) return fail_cut(stream, "zstd", error);
    }
    *count = output.pos;
    return PV_OK;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t size = strlen(name), ending_size = strlen(ending);
    return size >= ending_size && strcmp(name + size - ending_size, ending) == 0;
}

static pv_status prepare_decoder(pv_byte_stream *stream, pv_error *error)
{
    if (ends_with(stream->name, ".gz")) {
        stream->read = read_gzip;
        if (inflateInit2(&stream->inflate, 15 + 16) != Z_OK) return pv_fail_memory(error, "inflate", 0);
        stream->has_inflate = true;
    } else if (ends_with(stream->name, ".zst")) {
        stream->read = read_zstd;
        stream->zstd = ZSTD_createDStream();
        if (stream->zstd == NULL) return pv_fail_memory(error, "zstd", 0);
    } else {
        stream->read = read_descriptor;
        return PV_OK;
    }
    stream->inside_part = true; /* an empty file is no compressed file */
    stream->input = malloc(INPUT_SIZE);
    return stream->input != NULL ? PV_OK : pv_fail_memory(error, "input buffer", INPUT_SIZE);
}

pv_status pv_byte_stream_open(pv_byte_stream **stream, const char *path, const char *name, pv_error *error)
{
    pv_status status = PV_OK;
    struct stat facts;
    pv_byte_stream *opened = calloc(1, sizeof *opened);
    if (opened == NULL) return pv_fail_memory(error, "stream", sizeof *opened);
    opened->descriptor = -1;
    opened->name = strdup(name);
    if (opened->name == NULL) {
        status = pv_fail_memory(error, "file name", strlen(name));
        goto cleanup;
    }
    opened->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (opened->descriptor < 0 || fstat(opened->descriptor, &facts) != 0) {
        status = pv_fail(error, PV_E_INPUT, "%s: cannot open: %s", name, strerror(errno));
        goto cleanup;
    }
    if (S_ISDIR(facts.st_mode)) {
        status = pv_fail(error, PV_E_INPUT, "%s: is a folder, a file was expected", name);
        goto cleanup;
    }
    PV_TRY(prepare_decoder(opened, error));
    *stream = opened;
    opened = NULL;
cleanup:
    pv_byte_stream_free(opened);
    return status;
}

void pv_byte_stream_free(pv_byte_stream *stream)
{
    if (stream == NULL) return;
    if (stream->has_inflate) inflateEnd(&stream->inflate);
    ZSTD_freeDStream(stream->zstd);
    if (stream->descriptor >= 0) close(stream->descriptor);
    free(stream->input);
    free(stream->name);
    free(stream);
}

pv_status pv_byte_stream_read(size_t *count, pv_byte_stream *stream, void *bytes, size_t size, pv_error *error)
{
    return stream->read(count, stream, bytes, size, error);
}

int64_t pv_byte_stream_position(const pv_byte_stream *stream)
{
    return stream->position - (int64_t)(stream->input_end - stream->input_used);
}
