/* openapi.h - the OpenAPI 3.1 document of the service, made from openapi.json when the library is built. */
#ifndef PV_OPENAPI_H
#define PV_OPENAPI_H

#include <stddef.h>

extern const char pv_openapi_document[];
extern const size_t pv_openapi_document_size;

#endif
