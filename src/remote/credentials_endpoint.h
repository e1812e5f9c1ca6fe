/* credentials_endpoint.h - credentials from a server beside the program: that of a container, or of an instance. */
#ifndef PV_CREDENTIALS_ENDPOINT_H
#define PV_CREDENTIALS_ENDPOINT_H

#include "remote/credentials.h"

/* AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI. *found: false when neither is set. A full address must be https,
 * or name this machine, 169.254.170.2 (ECS), 169.254.170.23 or fd00:ec2::23 (EKS), so that a token goes to nobody else.
 * Errors: PV_E_INPUT (address, token file, what is answered), PV_E_REMOTE, PV_E_MEMORY. */
pv_status pv_container_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline,
                                   pv_error *error) PV_CHECKED;

/* The role of an EC2 instance, by version 2 of its metadata service. *found: false when AWS_EC2_METADATA_DISABLED is
 * true, nothing opens a session within a second, or the instance has no role. Errors: PV_E_INPUT (address, what is
 * answered), PV_E_REMOTE (a session, and then no answer), PV_E_MEMORY. */
pv_status pv_instance_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline,
                                  pv_error *error) PV_CHECKED;

/* The document that both answer: AccessKeyId, SecretAccessKey, Token, Expiration; other members are left out. `where`
 * names it in messages. Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_credentials_read(pv_credentials *credentials, const char *where, pv_text json, pv_error *error) PV_CHECKED;

#endif
