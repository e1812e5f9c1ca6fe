/* s3_address.h - "s3://BUCKET/KEY" taken apart. */
#ifndef PV_S3_ADDRESS_H
#define PV_S3_ADDRESS_H

#include "base/text.h"

typedef struct pv_s3_address {
    char bucket[64]; /* 3 to 63 of a-z 0-9 -; names with dots are refused: they break the certificate's wildcard */
    char *key;       /* without the leading '/', up to 1,024 bytes of UTF-8; "" for the bucket itself */
} pv_s3_address;

bool pv_is_s3_address(const char *text); /* it begins with "s3://" */
/* Errors: PV_E_USAGE with what is wrong, PV_E_MEMORY. */
pv_status pv_s3_address_parse(pv_s3_address *address, const char *text, pv_error *error) PV_CHECKED;
void pv_s3_address_deinit(pv_s3_address *address);

#endif
