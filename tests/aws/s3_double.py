"""A double of S3 for what a real server does not do when a test wants it: it plays the faults that it was given, and answers
as S3 would otherwise. It looks at no signature.

    with S3Double() as double:
        double.faults = [S3Double.slow_down, S3Double.silence]      # of the next two requests
        double.objects["key"] = b"content"

A fault is a function of (double, connection, request); it answers, or breaks the connection, and returns whether the
connection may go on.
"""

import datetime
import email.utils
import hashlib
import re
import socket
import threading
import urllib.parse

from cutting_proxy import close_with_reset

SKEW_MOST = datetime.timedelta(minutes=15)
REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 304: "Not Modified"}


def error_body(code, message, more=""):
    return f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'.encode()


class Request:
    """Head of a request; the body is read when it is asked for."""

    def __init__(self, stream):
        line = stream.readline().decode()
        if not line:
            raise ConnectionError
        self.method, self.target, _ = line.split(" ", 2)
        self.headers = {}
        while (line := stream.readline().decode().rstrip("\r\n")):
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()
        path, _, self.query = self.target.partition("?")
        self.bucket, _, key = path[1:].partition("/")
        self.key = urllib.parse.unquote(key)
        self.stream = stream

    def body(self):
        return self.stream.read(int(self.headers.get("content-length", 0)))


class S3Double:
    def __init__(self):
        self.objects, self.faults, self.requests = {}, [], []
        self.ahead = datetime.timedelta()  # its clock, of ours
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """No further connection; those that are open stay so."""
        if not self.stopped.is_set():
            self.stopped.set()
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                goes_on = True
                while goes_on:
                    request = Request(stream)
                    self.requests.append(request)
                    fault = self.faults.pop(0) if self.faults else S3Double.answer_as_s3
                    goes_on = fault(self, connection, request)
            except OSError:
                pass

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + self.ahead

    def send(self, connection, request, status, body=b"", length=None, **headers):
        """`length`: of Content-Length, where it is not the body's."""
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}", f"Date: {email.utils.format_datetime(self.now(), usegmt=True)}"]
        if status not in (204, 304):
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        connection.sendall(head + (b"" if request.method == "HEAD" else body))
        return True

    def refuse(self, connection, request, status, code, message="words", **headers):
        request.body()
        return self.send(connection, request, status, error_body(code, message), **headers)

    def answer_as_s3(self, connection, request):
        signed_at = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs(signed_at - self.now()) > SKEW_MOST:
            return self.refuse(connection, request, 403, "RequestTimeTooSkewed")
        if request.method == "PUT":
            body = request.body()
            if hashlib.sha256(body).hexdigest() != request.headers["x-amz-content-sha256"]:
                return self.refuse(connection, request, 400, "XAmzContentSHA256Mismatch")
            self.objects[request.key] = body
            return self.send(connection, request, 200, ETag=self.etag(request.key))
        if request.key not in self.objects:
            return self.refuse(connection, request, 404, "NoSuchKey")
        return self.answer_object(connection, request, self.objects[request.key])

    def answer_object(self, connection, request, content, kept=None):
        """`kept`: so many bytes of the answer's body are sent, then the connection breaks."""
        etag = self.etag(request.key)
        if request.headers.get("if-match", etag) != etag:
            return self.refuse(connection, request, 412, "PreconditionFailed")
        span = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        first = int(span[1]) if span else 0
        headers = {"Content_Range": f"bytes {first}-{len(content) - 1}/{len(content)}"} if span else {}
        body = content[first:]
        self.send(connection, request, 206 if span else 200, body[:kept], length=len(body), ETag=etag, **headers)
        return kept is None

    def etag(self, key):
        return f'"{hashlib.md5(self.objects[key]).hexdigest()}"'

    # Faults.

    def slow_down(self, connection, request):
        return self.refuse(connection, request, 503, "SlowDown", "Please reduce your request rate.")

    def internal_error(self, connection, request):
        request.body()
        return self.send(connection, request, 500, b"<html>no XML of S3</html>")

    def silence(self, connection, request):
        return False

    def reset_after_412(self, connection, request):
        """Refuse before the body was read, and be gone."""
        self.send(connection, request, 412, error_body("PreconditionFailed", "words"), Connection="close")
        close_with_reset(connection)
        return False

    def stop_in_the_upload(self, connection, request):
        request.stream.read(int(request.headers["content-length"]) // 2)
        self.stop()
        close_with_reset(connection)
        return False

    def expired(self, connection, request):
        return self.refuse(connection, request, 400, "ExpiredToken", "The provided token has expired.")

    def elsewhere(self, connection, request):
        return self.refuse(connection, request, 301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-west-1"})

    def no_bucket(self, connection, request):
        return self.refuse(connection, request, 404, "NoSuchBucket", "The specified bucket does not exist")

    def denied(self, connection, request):
        return self.refuse(connection, request, 403, "AccessDenied", "Access Denied")

    @staticmethod
    def cut_after(kept):
        return lambda double, connection, request: double.answer_object(connection, request, double.objects[request.key], kept)

    def whole_again(self, connection, request):
        """As if there were no Range."""
        request.headers.pop("range", None)
        return self.answer_as_s3(connection, request)
