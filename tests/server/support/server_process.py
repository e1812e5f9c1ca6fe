"""`purvey serve` as a process on a free port of loopback, and clients that do what good and bad clients do."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
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
USER = "123"
QUESTION = json.dumps({"user": USER, "n": 3})
JSON = {"Content-Type": "application/json"}


class Setting:
    """What all tests of a file share: the program, a scratch folder, models."""

    program = None
    folder = None
    models = {}

    @classmethod
    def model(cls, seed=42):
        """A small model; another seed makes another one."""
        if seed not in cls.models:
            path = cls.folder / f"seed{seed}.model"
            command = [cls.program, "train", EXAMPLES / "simple-shop", "-o", path, "--factors", "4", "--iterations", "2"]
            subprocess.run([*map(str, command), "--seed", str(seed), "--quiet"], check=True, stderr=subprocess.DEVNULL)
            cls.models[seed] = path
        return cls.models[seed]


class Answer:
    """Status, headers (lower-case names) and body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error_code(self):
        return self.json()["error"]["code"]


class Server:
    """One server process. `open_files`: its limit, soft and hard; `prepare` is called in the child instead."""

    def __init__(self, *options, model=None, open_files=None, listen="127.0.0.1:0", prepare=None):
        self.model = str(model or Setting.model())
        limit = prepare
        if open_files is not None:
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
        command = [Setting.program, "serve", self.model, "--listen", listen, *map(str, options)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit
        )
        self.lines = []
        self.arrived = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        ready = self.wait_for(r"^purvey serves .* on http://(.*):(\d+)$")
        self.host, self.port = ready[1].strip("[]"), int(ready[2])

    def _read(self):
        for line in self.process.stderr:
            with self.arrived:
                self.lines.append(line.rstrip("\n"))
                self.arrived.notify_all()
        with self.arrived:
            self.lines.append(None)
            self.arrived.notify_all()

    def wait_for(self, pattern):
        """The match of the first line on standard error that has the pattern, as soon as it is there."""
        seen, until = 0, time.monotonic() + PATIENCE
        with self.arrived:
            while True:
                for line in self.lines[seen:]:
                    if line is None:
                        raise AssertionError(f"the server ended without {pattern!r}: {self.lines[:-1]}")
                    match = re.search(pattern, line)
                    if match:
                        return match
                seen = len(self.lines)
                if not self.arrived.wait(until - time.monotonic()):
                    raise AssertionError(f"no line with {pattern!r} among {self.lines}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()

    def log_lines(self):
        """The lines of the access log on standard error, as objects."""
        return [json.loads(line) for line in self.lines if line and line.startswith("{")]

    def stop(self, number=signal.SIGTERM):
        """The exit code after a signal."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return code

    def connect(self, timeout=PATIENCE):
        return contextlib.closing(http.client.HTTPConnection(self.host, self.port, timeout=timeout))

    def socket(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def ask(self, method="GET", path="/v1/health/live", body=None, headers=None):
        """The answer to one request on a connection of its own."""
        with self.connect() as connection:
            return ask(connection, method, path, body, headers)

    def recommend(self, **headers):
        return self.ask("POST", "/v1/recommend", QUESTION, {**JSON, **headers})


def ask(connection, method="GET", path="/v1/health/live", body=None, headers=None):
    """The answer to one request on an open connection."""
    connection.request(method, path, body, headers or {})
    return Answer(connection.getresponse())


def read_answer(raw, method="GET"):
    """The next answer on a plain socket."""
    response = http.client.HTTPResponse(raw, method=method)
    response.begin()
    return Answer(response)


def is_closed(raw):
    """Whether the server closes the connection; what it sends before is dropped."""
    try:
        while raw.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def run(*arguments, text=""):
    """A command that ends by itself: exit code, standard output, standard error."""
    done = subprocess.run([Setting.program, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


def main():
    """Run the tests of the calling file with the program named by the first argument or by PURVEY."""
    path = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else os.environ.get("PURVEY")
    if not path:
        sys.exit(f"usage: {sys.argv[0]} PURVEY (or set PURVEY to the path of the program)")
    Setting.program = str(pathlib.Path(path).resolve())
    Setting.folder = pathlib.Path(tempfile.mkdtemp(prefix="purvey-server-"))
    try:
        unittest.main()
    finally:
        shutil.rmtree(Setting.folder, ignore_errors=True)
