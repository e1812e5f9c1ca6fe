/* A buffer is filled from the byte stream and searched 64 bytes at a time for the bytes that matter (delimiter, quote,
 * line feed). Fields are views into the buffer. Nothing is changed in it before a row is known to be whole, because a
 * row that runs over the end of the buffer is read again from its start after more bytes came. */
#include "shop/csv_source.h"
#include "base/failure.h"
#include "base/memory.h"
#include "shop/byte_stream.h"
#include "shop/structural_bytes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST ((size_t)256 * 1024) /* stays in the second-level cache */
#define FIELDS_MAX                                                                                                     \
    (PV_COLUMNS_MAX + 1) /* one more than fits: further fields are counted, the last holds their text                  \
                          */

typedef struct csv_source {
    pv_row_source base;
    char *file;
    pv_byte_stream *stream;
    bool is_latin1;
    char *text; /* [capacity + PV_BLOCK_SIZE]: a block may be loaded at the last byte */
    size_t capacity;
    size_t start, end;   /* text[start .. end) is not handed out yet */
    bool is_at_end;      /* the stream has no more */
    size_t block;        /* where the block of `masks` begins */
    pv_byte_masks masks; /* structural: only bits not passed yet */
    bool has_block;
    int64_t line;    /* of text[start] */
    int64_t decoded; /* bytes that went through the buffer */
    pv_text fields[FIELDS_MAX];
    bool is_escaped[FIELDS_MAX]; /* the field holds doubled quotes */
    pv_text columns[PV_COLUMNS_MAX];
    char *column_bytes;
} csv_source;

/* What is known of a row while it is searched. */
typedef struct row_scan {
    int64_t n_fields; /* may exceed FIELDS_MAX */
    size_t field_start;
    int64_t line_feeds; /* inside quotes */
    bool is_quoted;     /* the field at field_start: its closing quote was seen */
    bool has_escape;
    size_t quoted_end; /* of the closing quote */
    bool any_quoted, any_escape, has_special;
    bool has_text_after_quote;
} row_scan;

typedef enum scan_outcome { SCAN_ROW, SCAN_NEEDS_MORE, SCAN_UNCLOSED } scan_outcome;

/* --- the buffer ------------------------------------------------------------------------------------------------- */

static pv_status grow(csv_source *source, pv_error *error)
{
    if (source->capacity >= PV_ROW_BYTES_MAX) {
        return pv_fail_at(error, PV_E_INPUT, source->line,
                          "%s:%lld: a row longer than %zu MiB (is a quote not closed?)", source->file,
                          (long long)source->line, PV_ROW_BYTES_MAX / (1024 * 1024));
    }
    size_t capacity = source->capacity * 2;
    char *text = realloc(source->text, capacity + PV_BLOCK_SIZE);
    if (text == NULL) return pv_fail_memory(error, "row buffer", capacity);
    source->text = text;
    source->capacity = capacity;
    return PV_OK;
}

/* Every byte of ISO 8859-1 is the code point of its value. Works backwards in place: the raw bytes stand at the end of
 * the room, twice as large as they are. */
static size_t decode_latin1(char *out, const unsigned char *raw, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (raw[i] < 0x80) {
            out[size++] = (char)raw[i];
        } else {
            out[size++] = (char)(0xc0 | (raw[i] >> 6));
            out[size++] = (char)(0x80 | (raw[i] & 0x3f));
        }
    }
    return size;
}

/* Move what is left to the front and read more behind it. */
static pv_status refill(csv_source *source, pv_error *error)
{
    memmove(source->text, source->text + source->start, source->end - source->start);
    source->end -= source->start;
    source->start = 0;
    source->has_block = false;
    if (source->end > source->capacity / 2) {
        pv_status status = grow(source, error);
        if (status != PV_OK) return status;
    }
    size_t room = source->capacity - source->end, count = 0;
    char *out = source->text + source->end;
    char *raw = source->is_latin1 ? out + room - room / 2 : out;
    pv_status status = pv_byte_stream_read(&count, source->stream, raw, source->is_latin1 ? room / 2 : room, error);
    if (status != PV_OK) return status;
    source->is_at_end = count == 0;
    if (source->is_latin1) count = decode_latin1(out, (const unsigned char *)raw, count);
    source->end += count;
    source->decoded += (int64_t)count;
    memset(source->text + source->end, 0, PV_BLOCK_SIZE);
    return PV_OK;
}

/* --- one row ---------------------------------------------------------------------------------------------------- */

/* The field ends before text[at]. */
static void push_field(csv_source *source, row_scan *scan, size_t at)
{
    const char *text = source->text;
    pv_text field = {text + scan->field_start, at - scan->field_start};
    bool is_escaped = false;
    if (scan->is_quoted) {
        bool is_closed_here = scan->quoted_end == at || (scan->quoted_end + 1 == at && text[at - 1] == '\r' &&
                                                         (at == source->end || text[at] == '\n'));
        if (is_closed_here) {
            field = (pv_text){field.data + 1, scan->quoted_end - scan->field_start - 2};
            is_escaped = scan->has_escape;
        } else {
            scan->has_text_after_quote = true;
        }
    } else if (field.size > 0 && field.data[field.size - 1] == '\r' && (at == source->end || text[at] == '\n')) {
        field.size--;
    }
    if (scan->n_fields < FIELDS_MAX) {
        source->fields[scan->n_fields] = field;
        source->is_escaped[scan->n_fields] = is_escaped;
    } else {
        pv_text *last = &source->fields[FIELDS_MAX - 1];
        last->size = (size_t)(text + at - last->data);
        source->is_escaped[FIELDS_MAX - 1] = false;
    }
    scan->n_fields++;
    scan->field_start = at + 1;
    scan->is_quoted = false;
}

/* text[open] is a quote that opens a field; find the one that closes it. */
static scan_outcome scan_quoted(csv_source *source, row_scan *scan, size_t open)
{
    const char *text = source->text, *end = text + source->end;
    scan->has_escape = false;
    for (const char *at = text + open + 1;; at += 2) {
        at = memchr(at, '"', (size_t)(end - at));
        if (at == NULL) return source->is_at_end ? SCAN_UNCLOSED : SCAN_NEEDS_MORE;
        if (at + 1 == end && !source->is_at_end) return SCAN_NEEDS_MORE;
        if (at + 1 < end && at[1] == '"') {
            scan->has_escape = true;
            continue;
        }
        for (const char *feed = text + open; (feed = memchr(feed, '\n', (size_t)(at - feed))) != NULL; feed++) {
            scan->line_feeds++;
        }
        scan->is_quoted = scan->any_quoted = true;
        scan->any_escape |= scan->has_escape;
        scan->quoted_end = (size_t)(at - text) + 1;
        return SCAN_ROW;
    }
}

static void load_block(csv_source *source, size_t at)
{
    size_t left = source->end - at;
    source->block = at;
    source->masks = pv_byte_masks_of(source->text + at, source->base.delimiter);
    if (left < PV_BLOCK_SIZE) {
        source->masks.structural &= (UINT64_C(1) << left) - 1;
        source->masks.special &= (UINT64_C(1) << left) - 1;
    }
    source->has_block = true;
}

/* Find the fields of the row at `start`; *next is where the row after it begins. */
static scan_outcome scan_row(size_t *next, row_scan *scan, csv_source *source)
{
    *scan = (row_scan){.field_start = source->start};
    if (!source->has_block) load_block(source, source->start);
    for (;;) {
        scan->has_special |= source->masks.special != 0;
        while (source->masks.structural != 0) {
            size_t at = source->block + (size_t)__builtin_ctzll(source->masks.structural);
            source->masks.structural &= source->masks.structural - 1;
            char byte = source->text[at];
            if (byte == source->base.delimiter) {
                push_field(source, scan, at);
            } else if (byte == '\n') {
                push_field(source, scan, at);
                *next = at + 1;
                return SCAN_ROW;
            } else if (at == scan->field_start) {
                scan_outcome outcome = scan_quoted(source, scan, at);
                if (outcome != SCAN_ROW) return outcome;
                load_block(source, scan->quoted_end);
                scan->has_special |= source->masks.special != 0;
            }
        }
        if (source->end - source->block <= PV_BLOCK_SIZE) break;
        load_block(source, source->block + PV_BLOCK_SIZE);
    }
    if (!source->is_at_end) return SCAN_NEEDS_MORE;
    push_field(source, scan, source->end);
    *next = source->end;
    return SCAN_ROW;
}

static void undouble_quotes(csv_source *source, int32_t n_fields)
{
    for (int32_t i = 0; i < n_fields; i++) {
        if (!source->is_escaped[i]) continue;
        pv_text *field = &source->fields[i];
        char *text = source->text + (field->data - source->text);
        size_t size = 0;
        for (size_t from = 0; from < field->size; from++) {
            text[size++] = text[from];
            if (text[from] == '"') from++;
        }
        field->size = size;
    }
}

static void find_fault(pv_row *row, const csv_source *source, const row_scan *scan)
{
    pv_row_fault *fault = &row->fault;
    fault->column = -1;
    fault->cause[0] = '\0';
    if (scan->has_special || scan->any_quoted) {
        for (int32_t i = 0; i < row->n_fields && fault->cause[0] == '\0'; i++) {
            const pv_text field = row->fields[i];
            fault->column = i < source->base.n_columns ? i : -1;
            if (field.size > 0 && memchr(field.data, '\0', field.size) != NULL) {
                snprintf(fault->cause, sizeof fault->cause, "NUL byte");
            } else if (!pv_text_is_utf8(field)) {
                snprintf(fault->cause, sizeof fault->cause, "invalid UTF-8 (is the file latin1?)");
            }
        }
        if (fault->cause[0] != '\0') return;
        fault->column = -1;
    }
    if (scan->has_text_after_quote) {
        snprintf(fault->cause, sizeof fault->cause, "text after a closing quote");
    } else if (source->base.n_columns > 0 && scan->n_fields != source->base.n_columns) {
        snprintf(fault->cause, sizeof fault->cause, "%lld field%s, the header has %d", (long long)scan->n_fields,
                 scan->n_fields == 1 ? "" : "s", source->base.n_columns);
    }
}

static pv_status csv_next(bool *has_row, pv_row *row, pv_row_source *base, pv_error *error)
{
    csv_source *source = (csv_source *)base;
    row_scan scan;
    for (;;) {
        size_t next = 0;
        if (source->start == source->end && source->is_at_end) {
            *has_row = false;
            return PV_OK;
        }
        scan_outcome outcome = source->start == source->end ? SCAN_NEEDS_MORE : scan_row(&next, &scan, source);
        if (outcome == SCAN_UNCLOSED) {
            return pv_fail_at(error, PV_E_INPUT, source->line, "%s:%lld: a quote opened in this row is not closed",
                              source->file, (long long)source->line);
        }
        if (outcome == SCAN_NEEDS_MORE) {
            pv_status status = refill(source, error);
            if (status != PV_OK) return status;
            continue;
        }
        row->line = source->line;
        row->text = (pv_text){source->text + source->start, next - source->start};
        source->line += 1 + scan.line_feeds;
        source->start = next;
        bool is_empty_line = scan.n_fields == 1 && source->fields[0].size == 0 && !scan.any_quoted;
        if (!is_empty_line) break;
    }
    row->fields = source->fields;
    row->n_fields = scan.n_fields < FIELDS_MAX ? (int32_t)scan.n_fields : FIELDS_MAX;
    if (scan.any_escape) undouble_quotes(source, row->n_fields);
    find_fault(row, source, &scan);
    *has_row = true;
    return PV_OK;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* Refuse UTF-16, skip a BOM. UTF-16 without a BOM shows as a NUL beside every ASCII character. */
static pv_status check_start(csv_source *source, pv_error *error)
{
    while (source->end < 64 && !source->is_at_end) {
        pv_status status = refill(source, error);
        if (status != PV_OK) return status;
    }
    const char *text = source->text;
    size_t zeros = 0, seen = source->end < 64 ? source->end : 64;
    for (size_t i = 0; i < seen; i++) zeros += text[i] == '\0';
    bool has_mark = seen >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    has_mark |= seen >= 4 && (memcmp(text, "\xc3\xbf\xc3\xbe", 4) == 0 || memcmp(text, "\xc3\xbe\xc3\xbf", 4) == 0);
    if (has_mark || (seen >= 2 && zeros * 3 >= seen)) {
        return pv_fail(error, PV_E_INPUT, "%s: is UTF-16, save it as UTF-8", source->file);
    }
    if (seen >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) source->start = 3;
    return PV_OK;
}

static pv_status keep_header(csv_source *source, const pv_row *row, pv_error *error)
{
    size_t size = 0;
    if (row->fault.cause[0] != '\0') {
        return pv_fail_at(error, PV_E_INPUT, row->line, "%s:%lld: header: %s", source->file, (long long)row->line,
                          row->fault.cause);
    }
    if (row->n_fields > PV_COLUMNS_MAX) {
        return pv_fail(error, PV_E_INPUT, "%s: more than %d columns", source->file, PV_COLUMNS_MAX);
    }
    for (int32_t i = 0; i < row->n_fields; i++) size += row->fields[i].size;
    source->column_bytes = malloc(size + 1);
    if (source->column_bytes == NULL) return pv_fail_memory(error, "header", size);
    char *bytes = source->column_bytes;
    for (int32_t i = 0; i < row->n_fields; i++) {
        if (pv_row_source_find(&source->base, row->fields[i]) >= 0) {
            return pv_fail_at(error, PV_E_INPUT, row->line, "%s:%lld: header: column \"%.*s\" stands twice",
                              source->file, (long long)row->line,
                              (int)(row->fields[i].size < 200 ? row->fields[i].size : 200), row->fields[i].data);
        }
        memcpy(bytes, row->fields[i].data, row->fields[i].size);
        source->columns[i] = (pv_text){bytes, row->fields[i].size};
        bytes += row->fields[i].size;
        source->base.n_columns++;
    }
    return PV_OK;
}

static void csv_free(pv_row_source *base)
{
    csv_source *source = (csv_source *)base;
    if (source == NULL) return;
    pv_byte_stream_free(source->stream);
    free(source->column_bytes);
    free(source->text);
    free(source->file);
    free(source);
}

static double csv_bytes_done(const pv_row_source *base)
{
    return (double)pv_byte_stream_position(((const csv_source *)(const void *)base)->stream);
}

static int64_t csv_text_bytes(const pv_row_source *base)
{
    return ((const csv_source *)(const void *)base)->decoded;
}

pv_status pv_csv_source_open(pv_row_source **opened, const char *path, const char *name, const pv_csv_options *options,
                             pv_error *error)
{
    pv_status status = PV_OK;
    pv_row row;
    bool has_row = false;
    csv_source *source = calloc(1, sizeof *source);
    if (source == NULL) return pv_fail_memory(error, "CSV reader", sizeof *source);
    source->file = strdup(name);
    source->capacity = BUFFER_FIRST;
    source->text = malloc(source->capacity + PV_BLOCK_SIZE);
    source->is_latin1 = options->is_latin1;
    source->line = 1;
    source->base = (pv_row_source){.file = source->file,
                                   .columns = source->columns,
                                   .delimiter = options->delimiter,
                                   .next = csv_next,
                                   .free = csv_free,
                                   .bytes_done = csv_bytes_done,
                                   .text_bytes = csv_text_bytes};
    if (source->file == NULL || source->text == NULL) {
        status = pv_fail_memory(error, "CSV reader", source->capacity);
        goto cleanup;
    }
    PV_TRY(pv_byte_stream_open(&source->stream, path, name, error));
    PV_TRY(check_start(source, error));
    PV_TRY(csv_next(&has_row, &row, &source->base, error));
    if (!has_row) {
        status = pv_fail(error, PV_E_INPUT, "%s: is empty, a header line was expected", name);
        goto cleanup;
    }
    PV_TRY(keep_header(source, &row, error));
    *opened = &source->base;
    source = NULL;
cleanup:
    if (source != NULL) csv_free(&source->base);
    return status;
}
