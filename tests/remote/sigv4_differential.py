#!/usr/bin/env python3
"""Our signatures against botocore's, over random requests: paths, queries, headers, tokens of all kinds.

    sigv4_differential.py SIGN_REQUESTS [--requests 2000] [--seed 1]

SIGN_REQUESTS is the program of sign_requests.c. Needs botocore (tests/aws/packages.py).
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import random
import subprocess
import sys
from unittest import mock
from urllib.parse import quote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "aws"))

import packages

packages.enter()
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ALPHABETS = (
    "abcXYZ019",
    "abc-._~",
    " +%/&=?#:;,@!$'()*[]",
    '"<>\\^`{|}',
    "äöüßéø",
    "日本語키릴",
    "\U0001f600\U0001f4a1",
)
REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1", "x")


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
    names = ["content-type", "Content-MD5", "x-amz-meta-a", "X-Amz-Meta-B", "range", "if-match", "x-amz-checksum-sha256", "x-amz-acl"]
    chosen = draw.sample(names, draw.randint(0, 5))
    port = draw.choice(("", "", f":{draw.randint(1, 65535)}"))
    return [["host", f"bucket-{draw.randint(0, 99)}.s3.example{port}"]] + [[name, header_value(draw)] for name in chosen]


def query(draw):
    names = ["list-type", "prefix", "continuation-token", "versionId", "uploads", "acl", "a", "A"]
    pairs = [[draw.choice((draw.choice(names), text(draw, 6, 1))), draw.choice(("", text(draw, 16)))] for _ in range(draw.randint(0, 5))]
    return pairs


def request(draw):
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
        "payload_hash": draw.choice(("UNSIGNED-PAYLOAD", hashlib.sha256(str(draw.random()).encode()).hexdigest())),
    }


def target(case):
    encoded = sorted((quote(name, safe="-._~"), quote(value, safe="-._~")) for name, value in case["query"])
    return quote(case["path"], safe="/-._~") + ("?" if encoded else "") + "&".join(f"{name}={value}" for name, value in encoded)


class Signer(botocore.auth.S3SigV4Auth):
    """botocore's own, for a body that is known by its hash alone."""

    def __init__(self, case):
        super().__init__(Credentials(case["access"], case["secret"], case["token"]), case["service"], case["region"])
        self.payload_hash = case["payload_hash"]

    def payload(self, request):
        return self.payload_hash


def expected(case):
    host = case["headers"][0][1]
    signed = AWSRequest(method=case["method"], url=f"https://{host}{target(case)}")
    for name, value in case["headers"]:
        signed.headers[name] = value
    now = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        Signer(case).add_auth(signed)
    return f"{target(case)} {signed.headers['Authorization']}"


def compare(program, n, seed):
    """The cases in which the two differ: (case, ours, botocore's)."""
    draw = random.Random(seed)
    cases = [request(draw) for _ in range(n)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    printed = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    if len(printed) != n:
        raise SystemExit(f"{len(printed)} answers to {n} requests")
    return [(case, ours, theirs) for case, ours in zip(cases, printed) if ours != (theirs := expected(case))]


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
