#!/usr/bin/env python3
"""Our signatures against botocore's, over random requests: paths, queries, headers, tokens and bodies of all kinds.

    sigv4_differential.py SIGN_REQUESTS [--requests 2000] [--seed 1]

SIGN_REQUESTS is the program of sign_requests.c.
"""

import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys
import types
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "aws"))
import packages

packages.enter()

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

ALPHABETS = (
    "abcXYZ019",
    "abc-._~",
    " +%/&=?#:;,@!$'()*[]",
    '"<>\\^`{|}',
    "äöüßéø",
    "日本語키릴",
    "\U0001f600\U0001f4a1",
)
REGIONS = (
    "us-east-1", "us-west-2", "eu-central-1", "eu-south-2", "ap-southeast-2", "me-central-1", "sa-east-1", "af-south-1",
    "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "auto", "x",
)  # fmt: skip


def text(draw, longest, least=0):
    return "".join(draw.choice(draw.choice(ALPHABETS)) for _ in range(draw.randint(least, longest)))


def path(draw):
    """As keys of S3 may be: empty segments and dots stay."""
    segments = [draw.choice((text(draw, 12), "", ".", "..", "a//b")) for _ in range(draw.randint(0, 5))]
    return "/" + "/".join(segments)


def header_value(draw):
    words = [text(draw, 8) for _ in range(draw.randint(0, 4))]
    return draw.choice(("", " ", "\t")) + draw.choice((" ", "  ", " \t ")).join(words) + draw.choice(("", "  "))


def headers(draw):
    """The same name may come again, in other letters too."""
    names = ["content-type", "Content-MD5", "x-amz-meta-a", "X-Amz-Meta-A", "X-AMZ-meta-b", "range", "if-match", "x-amz-acl"]
    port = draw.choice(("", "", f":{draw.randint(1, 65535)}"))
    host = [draw.choice(("host", "Host")), f"bucket-{draw.randint(0, 99)}.s3.example{port}"]
    return [host] + [[draw.choice(names), header_value(draw)] for _ in range(draw.randint(0, 6))]


def query(draw):
    names = ["list-type", "prefix", "continuation-token", "versionId", "uploads", "acl", "a", "A", "a-"]
    return [
        [draw.choice((draw.choice(names), text(draw, 6, 1))), draw.choice(("", text(draw, 16)))]
        for _ in range(draw.randint(0, 6))
    ]


def request(draw):
    """`body` None: it is not signed."""
    return {
        "access": "AKIA" + "".join(draw.choice("ABCDEFGHIJ0123456789") for _ in range(16)),
        "secret": "".join(draw.choice("abcABC019/+") for _ in range(40)),
        "token": draw.choice((None, "".join(draw.choice("abcABC019/+=") for _ in range(draw.randint(1, 400))))),
        "region": draw.choice(REGIONS),
        "service": draw.choice(("s3", "s3", "s3", "sts")),
        "time": draw.randint(0, 4102444799),
        "method": draw.choice(("GET", "PUT", "HEAD", "DELETE", "POST")),
        "path": path(draw),
        "query": query(draw),
        "headers": headers(draw),
        "body": draw.choice((None, "", text(draw, 200))),
    }


def expected(case):
    """What botocore sends: it encodes, hashes and signs by itself."""
    location = percent_encode(case["path"], safe="/~")
    signed = AWSRequest(
        method=case["method"],
        url=f"https://{case['headers'][0][1]}{location}",
        params=[tuple(pair) for pair in case["query"]],
        data=(case["body"] or "").encode(),
    )
    settings = types.SimpleNamespace(s3={"payload_signing_enabled": case["body"] is not None})
    signed.context["client_config"] = settings
    for name, value in case["headers"]:
        signed.headers[name] = value
    signer = S3SigV4Auth(Credentials(case["access"], case["secret"], case["token"]), case["service"], case["region"])
    now = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        signer.add_auth(signed)
    target = "?".join(filter(None, (location, signer.canonical_query_string(signed))))
    return f"{target} {signed.headers['Authorization']}"


def compare(program, n, seed):
    """The cases in which the two differ: (case, ours, botocore's)."""
    draw = random.Random(seed)
    cases = [request(draw) for _ in range(n)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    printed = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    if len(printed) != n:
        sys.exit(f"{len(printed)} answers to {n} requests")
    pairs = ((case, ours, expected(case)) for case, ours in zip(cases, printed))
    return [(case, ours, theirs) for case, ours, theirs in pairs if ours != theirs]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    different = compare(options.program, options.requests, options.seed)
    for case, ours, theirs in different[:3]:
        print(json.dumps(case), f"  ours      {ours}", f"  botocore  {theirs}", sep="\n")
    print(f"{options.requests - len(different)} of {options.requests} signatures equal botocore's (seed {options.seed})")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
