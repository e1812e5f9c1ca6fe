/* s3_xml.h - the two XML answers of S3 that matter: an error, and a page of a listing. */
#ifndef PV_S3_XML_H
#define PV_S3_XML_H

#include "base/text.h"
#include "remote/s3_client.h"

typedef struct pv_s3_fault {
    char code[64];     /* "NoSuchKey"; "" when the answer is no S3 error */
    char message[256]; /* one line, control characters replaced */
    char region[32];   /* of a bucket that lives elsewhere; "": not told */
} pv_s3_fault;
/* Never fails: what cannot be read is an empty fault. */
void pv_s3_fault_read(pv_s3_fault *fault, pv_text xml);

/* Append the page's objects; *next: the token of the next page, empty at the end (freed by pv_buffer_deinit).
 * Refused: no ListBucketResult, a DOCTYPE, keys that are no UTF-8, sizes or times that are none. Errors: PV_E_INPUT,
 * PV_E_MEMORY. */
pv_status pv_s3_page_read(pv_s3_listing *listing, pv_buffer *next, pv_text xml, pv_error *error) PV_CHECKED;

#endif
