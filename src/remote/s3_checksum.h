/* s3_checksum.h - a SHA-256 as the header x-amz-checksum-sha256 has it: base64 (RFC 4648 section 4). */
#ifndef PV_S3_CHECKSUM_H
#define PV_S3_CHECKSUM_H

#include "remote/digest.h"

#define PV_S3_CHECKSUM_SIZE 45 /* 44 characters and NUL */

void pv_s3_checksum_print(char out[PV_S3_CHECKSUM_SIZE], const unsigned char digest[PV_SHA256_SIZE]);
/* False: it is none (of a multipart upload, say, which has "-PARTS" behind it). */
bool pv_s3_checksum_read(unsigned char digest[PV_SHA256_SIZE], pv_text text);

#endif
