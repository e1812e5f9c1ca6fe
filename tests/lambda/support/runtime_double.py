"""A stand-in for the Runtime API of AWS Lambda on a free port of loopback, strict about the protocol, and the program
`bootstrap` as a process beside it.

After AWS's "Using the Lambda runtime API for custom runtimes": `next` waits for an event, `response` or `error` must
follow it and no other call may, an unknown id is 400, a call out of turn 403, too large an answer 413.
"""

import collections
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples"
# Only to end a test that would never end: nothing is measured.
PATIENCE = 60
ROOT = "/2018-06-01/runtime/"
ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
ANSWER_MAX = 6 * 1024 * 1024

Request = collections.namedtuple("Request", "method path headers body")
Answer = collections.namedtuple("Answer", "request_id kind error_type body")


class ProtocolError(Exception):
    """The program did what a runtime must not do."""


class Event:
    """What `next` gives: its body, and how it travels."""

    def __init__(self, body, *, headers=None, chunk_sizes=None, seconds_left=30, request_id=None):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.chunk_sizes = chunk_sizes
        self.request_id = request_id
        self.headers = headers
        self.seconds_left = seconds_left

    def all_headers(self):
        if self.headers is not None:
            return {"Lambda-Runtime-Aws-Request-Id": self.request_id, **self.headers}
        return {
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.seconds_left) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:shop:live",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
        }


class Connection:
    """One socket: requests in, responses out."""

    def __init__(self, double, sock):
        self.double, self.sock, self.file = double, sock, sock.makefile("rb")

    def read_request(self):
        line = self.file.readline(65536).decode("latin-1")
        if not line:
            return None
        method, path, version = line.rstrip("\r\n").split(" ")
        headers = {}
        while (line := self.file.readline(65536).decode("latin-1").rstrip("\r\n")) != "":
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        self.double.check(version == "HTTP/1.1", f"{version}")
        self.double.check("host" in headers, "no Host")
        self.double.check("expect" not in headers, "Expect is not waited for")
        self.double.check("transfer-encoding" not in headers, "an answer comes with its length")
        if method == "POST":
            self.double.check("content-length" in headers, "no Content-Length")
        return Request(method, path, headers, self.file.read(int(headers.get("content-length", 0))))

    def send(self, status, body=b"", headers=None, chunk_sizes=None):
        lines = [f"HTTP/1.1 {status} X"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines += ["Transfer-Encoding: chunked" if chunk_sizes else f"Content-Length: {len(body)}", "", ""]
        head = "\r\n".join(lines).encode()
        if not chunk_sizes:
            self.sock.sendall(head + body)
            return
        self.sock.sendall(head)
        at = 0
        while at < len(body):
            size = chunk_sizes[at % len(chunk_sizes)]
            piece = body[at : at + size]
            self.sock.sendall(f"{len(piece):X};x=1\r\n".encode() + piece + b"\r\n")
            at += size
        self.sock.sendall(b"0\r\nX-Trailer: 1\r\n\r\n")

    def close(self):
        self.file.close()
        self.sock.close()


class RuntimeDouble:
    """The server. Events go in by put(), answers come out by take()."""

    def __init__(self, *, refuse_answers=None, break_next=0, next_status=200):
        self.events, self.answers, self.mistakes = queue.Queue(), queue.Queue(), []
        self.refuse_answers = refuse_answers  # a status for every answer
        self.break_next = break_next  # connections that are closed when the program waits for an event
        self.next_status = next_status
        self.init_error = None
        self.connections = self.invocations = 0
        self.waiting = threading.Event()  # the program has asked for an event
        self.pending = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.is_closed = False
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def check(self, holds, message):
        if not holds:
            self.mistakes.append(message)

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            connection = Connection(self, sock)
            try:
                while (request := connection.read_request()) is not None:
                    if not self.answer(connection, request):
                        break
            except OSError:
                pass
            finally:
                connection.close()

    def answer(self, connection, request):
        if request.path == ROOT + "invocation/next":
            self.check(request.method == "GET", f"next by {request.method}")
            return self.answer_next(connection)
        self.check(request.method == "POST", f"{request.path} by {request.method}")
        if request.path == ROOT + "init/error":
            self.init_error = self.read_error(request)
            connection.send(202)
            return True
        return self.answer_post(connection, request)

    def answer_next(self, connection):
        self.check(self.pending is None, "next before the answer to the event before")
        if self.break_next > 0:
            self.break_next -= 1
            return False
        if self.next_status != 200:
            connection.send(self.next_status)
            return True
        self.waiting.set()
        event = self.events.get()
        if event is None:
            return False
        self.waiting.clear()
        self.invocations += 1
        event.request_id = event.request_id or f"8476a536-e9f4-11e8-9739-{self.invocations:012x}"
        self.pending = event.request_id
        connection.send(200, event.body, event.all_headers(), event.chunk_sizes)
        return True

    def answer_post(self, connection, request):
        match = re.fullmatch(re.escape(ROOT) + r"invocation/([^/]+)/(response|error)", request.path)
        if match is None or match[1] != self.pending:
            self.mistakes.append(f"{request.path} while {self.pending} is pending")
            connection.send(403 if match is not None and self.pending is None else 400)
            return True
        error_type = self.read_error(request)["errorType"] if match[2] == "error" else None
        if match[2] == "response":
            self.check(request.headers.get("content-type") == "application/json", "content type of the answer")
            self.check("lambda-runtime-function-error-type" not in request.headers, "an error type with an answer")
        self.pending = None
        status = self.refuse_answers or (413 if len(request.body) > ANSWER_MAX else 202)
        connection.send(status, b'{"status":"OK"}')
        self.answers.put(Answer(match[1], match[2], error_type, request.body))
        return True

    def read_error(self, request):
        error = json.loads(request.body)
        header = request.headers.get("lambda-runtime-function-error-type", "")
        self.check(ERROR_TYPE.fullmatch(header) is not None, f"error type {header!r}")
        self.check(error["errorType"] == header, "error types of header and body differ")
        self.check(set(error) == {"errorType", "errorMessage", "stackTrace"}, f"members {sorted(error)}")
        self.check(error["errorMessage"] != "" and "\n" not in error["errorMessage"], "an error is one line")
        return error

    def put(self, event):
        self.events.put(event if isinstance(event, Event) else Event(event))

    def take(self):
        return self.answers.get(timeout=PATIENCE)

    def ask(self, event):
        """The answer to an event, parsed."""
        self.put(event)
        answer = self.take()
        if answer.kind != "response":
            raise ProtocolError(f"{answer.error_type}: {answer.body!r}")
        return json.loads(answer.body)

    def close(self):
        if self.is_closed:
            return
        self.is_closed = True
        self.events.put(None)
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.thread.join(PATIENCE)  # before its descriptor can become another double's
        self.listener.close()


class Setting:
    """What all tests of a file share: the programs, a scratch folder, a model."""

    bootstrap = purvey = folder = None
    models = {}

    @classmethod
    def model(cls, seed=42):
        """A small model; another seed makes another one."""
        if seed not in cls.models:
            path = cls.folder / f"seed{seed}.model"
            command = [cls.purvey, "train", EXAMPLES / "simple-shop", "-o", path, "--factors", "4", "--iterations", "2"]
            subprocess.run([*map(str, command), "--seed", str(seed), "--quiet"], check=True, stderr=subprocess.DEVNULL)
            cls.models[seed] = path
        return cls.models[seed]

    @classmethod
    def run_purvey(cls, *arguments):
        return subprocess.run([cls.purvey, *map(str, arguments)], check=True, capture_output=True).stdout


class Bootstrap:
    """The program, started beside a double, in a folder that holds nothing."""

    def __init__(self, double, environment=None, *, model=None):
        self.double = double
        self.task_root = pathlib.Path(tempfile.mkdtemp(dir=Setting.folder))
        if model is not None:
            shutil.copy(model, self.task_root / "purvey.model")
        base = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        base |= {
            "AWS_LAMBDA_RUNTIME_API": double.address,
            "LAMBDA_TASK_ROOT": str(self.task_root),
            "AWS_LAMBDA_FUNCTION_NAME": "shop",
            "AWS_LAMBDA_FUNCTION_VERSION": "7",
        }
        base |= environment or {}
        self.log = self.task_root.with_suffix(".log")
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen([Setting.bootstrap], env=base, cwd=self.task_root, stdout=output)

    def lines(self):
        """What it has said so far, in whole lines."""
        text = self.log.read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()

    def wait_for_lines(self, n):
        """The first n lines: the last one is written after its answer was handed over."""
        end = time.monotonic() + PATIENCE
        while len(lines := self.lines()) < n:
            if time.monotonic() > end:
                raise AssertionError(f"{len(lines)} lines instead of {n}: {lines}")
            time.sleep(0.005)
        return lines[:n]

    def objects(self, n):
        return [json.loads(line) for line in self.wait_for_lines(n)]

    def wait(self):
        return self.process.wait(timeout=PATIENCE)

    def kill(self):
        self.process.kill()
        return self.process.wait(timeout=PATIENCE)

    def close(self):
        """The end of the sandbox: there is no other than this."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)


class LambdaTestCase(unittest.TestCase):
    """Programs and doubles that end with their test; every double is asked whether the protocol was kept."""

    def start(self, environment=None, *, model=None, **double_options):
        double = RuntimeDouble(**double_options)
        bootstrap = Bootstrap(double, environment, model=model)

        def end():
            bootstrap.close()
            double.close()
            self.assertEqual(double.mistakes, [])

        self.addCleanup(end)
        return double, bootstrap

    def start_with_model(self, environment=None, **double_options):
        return self.start(environment, model=Setting.model(), **double_options)


def main(module_name):
    """test_x.py BOOTSTRAP PURVEY [unittest's own arguments]"""
    Setting.bootstrap, Setting.purvey = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        Setting.folder = pathlib.Path(folder)
        program = unittest.main(module=module_name, argv=[sys.argv[0], *sys.argv[3:]], exit=False)
    sys.exit(not program.result.wasSuccessful())
