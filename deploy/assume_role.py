#!/usr/bin/env python3
"""In a job of GitHub Actions: credentials of an AWS role for the steps that follow, without a stored key.

    deploy/assume_role.py ROLE-ARN [--env FILE] [--region REGION]

GitHub says in a signed token which repository and environment the job is of (the job needs `permissions: id-token: write`),
and AWS gives credentials of the role for an hour if the role trusts that (deploy/account.yaml). They are appended to FILE,
$GITHUB_ENV by default, and masked in the log. Nothing is installed; AWS_ENDPOINT_URL_STS names another server.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

AUDIENCE = "sts.amazonaws.com"
SECONDS = 30


def ask(request):
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.read()
    except urllib.error.HTTPError as refused:
        sys.exit(f"assume_role: {request.host}: {refused.code}: {refused.read(500).decode(errors='replace')}")
    except OSError as failed:
        sys.exit(f"assume_role: {request.host}: {failed}")


def identity_token():
    url, bearer = (os.environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{name}") for name in ("URL", "TOKEN"))
    if not url or not bearer:
        sys.exit("assume_role: this is no job of GitHub Actions with `permissions: id-token: write`")
    url += ("&" if "?" in url else "?") + urllib.parse.urlencode({"audience": AUDIENCE})
    return json.loads(ask(urllib.request.Request(url, headers={"Authorization": f"bearer {bearer}"})))["value"]


def credentials(role, region, token):
    """AssumeRoleWithWebIdentity is the one call of AWS that is not signed: the token is the proof."""
    server = os.environ.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.amazonaws.com"
    fields = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role,
        "RoleSessionName": f"github-{os.environ.get('GITHUB_RUN_ID', 'run')}",
        "WebIdentityToken": token,
        "DurationSeconds": "3600",
    }
    answer = ask(urllib.request.Request(f"{server}/", data=urllib.parse.urlencode(fields).encode()))
    root = xml.etree.ElementTree.fromstring(answer)
    found = {name: root.findtext(f".//{{*}}{name}") for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    if not all(found.values()):
        sys.exit(f"assume_role: {server}: an answer without credentials")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", metavar="ROLE-ARN")
    parser.add_argument("--env", default=os.environ.get("GITHUB_ENV"), metavar="FILE")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION"))
    arguments = parser.parse_args()
    if not arguments.env or not arguments.region:
        parser.error("--env and --region are needed where GITHUB_ENV and AWS_REGION are not set")
    found = credentials(arguments.role, arguments.region, identity_token())
    for value in found.values():
        print(f"::add-mask::{value}")
    with open(arguments.env, "a", encoding="utf-8") as file:
        file.write(f"AWS_ACCESS_KEY_ID={found['AccessKeyId']}\n")
        file.write(f"AWS_SECRET_ACCESS_KEY={found['SecretAccessKey']}\n")
        file.write(f"AWS_SESSION_TOKEN={found['SessionToken']}\n")
    print(f"assume_role: {arguments.role}")


if __name__ == "__main__":
    main()
