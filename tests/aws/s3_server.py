"""A real S3 server on loopback for a test: versitygw over a folder that is removed afterwards.

    with S3Server(tls=True) as server:
        subprocess.run([...], env=server.environment())     # AWS_* name the server and its account
        status, headers, body = server.ask("GET", "/shop/key")

A bucket "shop" that keeps versions is there. ask() signs by itself, so that a test can look at what is there without the
program that it tests.
"""

import datetime
import hashlib
import hmac
import http.client
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

import build_versitygw

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "purvey-test", "secret-of-the-test", "us-east-1", "shop"
VERSIONING = b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>'
START_SECONDS = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    """A key and a certificate for 127.0.0.1 that is its own authority."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def environment_of(port, tls=False, **more):
    """The environment of a client of a server at this port, without anything of AWS that the caller's has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_S3": f"{'https' if tls else 'http'}://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def signed_headers(method, host, target, body, now=None):
    """Signature Version 4 over host, date and body (AWS, "Signature Version 4 for API requests")."""
    time_of = (now or datetime.datetime.now(datetime.timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
    path, _, query = target.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    query = "&".join(f"{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='')}" for name, value in pairs)
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": time_of}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join([method, path, query, lines, names, digest])
    scope = f"{time_of[:8]}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", time_of, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SECRET_KEY.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


class S3Server:
    def __init__(self, tls=False, folder=None):
        self.is_tls = tls
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="purvey-s3-", dir=folder))
        for name in ("data", "versions"):
            (self.folder / name).mkdir()
        self.certificate, self.key = make_certificate(self.folder) if tls else (None, None)
        self.port = free_port()
        self.process = None

    def __enter__(self):
        try:
            self.start()
            self.make_bucket(BUCKET)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Also after kill(): with the same port and what was stored."""
        command = [build_versitygw.program(), f"127.0.0.1:{self.port}", self.folder / "data", self.folder / "versions"]
        command += [self.certificate, self.key] if self.is_tls else []
        secrets = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, env={**os.environ, **secrets}, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.ask("GET", "/")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"versitygw did not start:\n{(self.folder / 'log').read_text()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.folder)

    def environment(self, **more):
        authority = {"AWS_CA_BUNDLE": str(self.certificate)} if self.is_tls else {}
        return environment_of(self.port, self.is_tls, **{**authority, **more})

    def ask(self, method, target, body=b""):
        """One signed request: status, headers, body. `target` is a path, percent-encoded, with or without a query."""
        if self.is_tls:
            context = ssl.create_default_context(cafile=self.certificate)
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body=body or None, headers=signed_headers(method, f"127.0.0.1:{self.port}", target, body))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def make_bucket(self, name):
        for target, body in ((f"/{name}", b""), (f"/{name}?versioning", VERSIONING)):
            status, _, answer = self.ask("PUT", target, body)
            if status != 200:
                raise RuntimeError(f"{target}: {status} {answer.decode()}")
