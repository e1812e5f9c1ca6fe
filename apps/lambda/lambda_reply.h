/* lambda_reply.h - an answer in the form that the sender of an event expects.
 *
 * {"statusCode":200,"headers":{"content-type":"application/json"},"body":"...","isBase64Encoded":false}: the body is a
 * JSON string with exactly the bytes of the service's answer. ALB is given statusDescription too, and multiValueHeaders
 * where it sent them. A bare answer is the JSON itself.
 */
#ifndef PURVEY_LAMBDA_REPLY_H
#define PURVEY_LAMBDA_REPLY_H

#include "lambda_event.h"

/* What a synchronous answer of Lambda may have, AWS: "Lambda quotas". */
#define LAMBDA_REPLY_MAX ((size_t)6 << 20)

/* Append the answer to a call; out->failed: no memory. */
void lambda_reply_append(pv_buffer *out, const lambda_event *event, const pv_service_response *response);
/* {"reloaded":true,"model":"9f3c2a71"}; failure, one line, NULL: none. */
void lambda_reply_append_reload(pv_buffer *out, bool is_reloaded, const char *model, const char *failure);

#endif
