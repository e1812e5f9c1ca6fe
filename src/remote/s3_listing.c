/* s3_listing.c - pv_s3_list(): ListObjectsV2, page by page. */
#include "base/failure.h"
#include "remote/s3_request.h"
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE_MOST ((size_t)16 << 20) /* 1000 keys of 1024 bytes, each of which may be written as an entity */

static pv_status read_page(pv_s3_listing *listing, pv_buffer *next, pv_s3_client *client, const pv_s3_request *request,
                           pv_error *error)
{
    pv_s3_outcome outcome;
    pv_http_response response = {0};
    pv_error cause = {0};
    pv_status status;
    PV_TRY(pv_s3_ask(&outcome, &response, client, request, error));
    if (outcome != PV_S3_DONE) {
        status = pv_s3_fail(error, PV_E_INPUT, client, "", "the listing was refused");
        goto cleanup;
    }
    status = pv_s3_page_read(listing, next, (pv_text){response.body.data, response.body.size}, &cause);
    if (status != PV_OK) (void)pv_s3_fail(error, status, client, "", cause.message);
cleanup:
    pv_http_response_deinit(&response);
    return status;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const pv_s3_listed *)a)->key, ((const pv_s3_listed *)b)->key);
}

pv_status pv_s3_list(pv_s3_listing *listing, pv_s3_client *client, const char *prefix, pv_error *error)
{
    pv_buffer next = {0}, token = {0};
    pv_query_pair query[3] = {{pv_text_of("list-type"), pv_text_of("2")}, {pv_text_of("prefix"), pv_text_of(prefix)}};
    pv_s3_request request = {.method = "GET", .key = "", .query = query, .n_query = 2, .body_max = PAGE_SIZE_MOST};
    pv_status status;
    for (;;) {
        const size_t before = listing->count;
        PV_TRY(read_page(listing, &next, client, &request, error));
        if (next.size == 0) break;
        if (listing->count == before && pv_text_equal((pv_text){next.data, next.size}, query[2].value)) {
            status = pv_s3_fail(error, PV_E_INPUT, client, "", "the listing does not go on");
            goto cleanup;
        }
        token.size = 0;
        pv_buffer_append(&token, next.data, next.size);
        PV_TRY(pv_check_memory(!token.failed, "listing", error));
        query[2] = (pv_query_pair){pv_text_of("continuation-token"), {token.data, token.size}};
        request.n_query = 3;
    }
    if (listing->count > 1) qsort(listing->objects, listing->count, sizeof *listing->objects, by_key);
cleanup:
    pv_buffer_deinit(&next);
    pv_buffer_deinit(&token);
    return status;
}

void pv_s3_listing_deinit(pv_s3_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) free(listing->objects[i].key);
    free(listing->objects);
    *listing = (pv_s3_listing){0};
}
