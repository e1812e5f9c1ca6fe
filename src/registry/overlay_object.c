/* overlay_object.c - overlay.json: prices, stock, metadata and assortments as they are now. */
#include "base/failure.h"
#include "registry/registry_handle.h"
#include <stdlib.h>
#include <string.h>

#define OVERLAY_MAX ((size_t)256 << 20) /* bytes */

pv_status pv_registry_read_overlay(char **json, size_t *size, bool *exists, bool *is_new, pv_registry *registry,
                                   pv_error *error)
{
    pv_status status;
    char *key = NULL;
    pv_buffer body = {0};
    pv_s3_outcome outcome;
    pv_s3_object object;
    (void)pv_registry_begin(registry);
    *json = NULL;
    *size = 0;
    PV_TRY(pv_registry_key(&key, registry, "overlay.json", error));
    PV_TRY(pv_s3_read(&outcome, &object, &body, OVERLAY_MAX, registry->client, key,
                      registry->had_overlay && registry->overlay_etag[0] ? registry->overlay_etag : NULL, error));
    *exists = outcome != PV_S3_NO_OBJECT;
    *is_new = outcome == PV_S3_DONE || (outcome == PV_S3_NO_OBJECT && registry->had_overlay);
    registry->had_overlay = *exists;
    if (outcome != PV_S3_DONE) goto cleanup;
    memcpy(registry->overlay_etag, object.etag, sizeof object.etag);
    *size = body.size;
    PV_TRY(pv_buffer_hand_over(json, &body, "overlay.json", error));
cleanup:
    pv_buffer_deinit(&body);
    free(key);
    return status;
}
