#!/usr/bin/env python3
"""Credentials from a container's server and from an instance's metadata, both doubles on loopback.

    python3 test_credential_endpoints.py CREDENTIALS_PROBE
"""

import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = None
ROLES = "/latest/meta-data/iam/security-credentials/"
DOCUMENT = {
    "Code": "Success",
    "AccessKeyId": "A1",
    "SecretAccessKey": "hush",
    "Token": "t1",
    "Expiration": "2013-05-24T00:00:00Z",
    "AccountId": "1",
}
FOUND = "A1 hush t1 1369353600"


class Double(http.server.ThreadingHTTPServer):
    """Answers by `answer(handler)`, which gives (status, body); notes "METHOD PATH" and the headers of each request."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked, self.headers = [], []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self):
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.headers.append(dict((name.lower(), value) for name, value in self.headers.items()))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.server.answer(self)
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = reply

    def log_message(self, *_):
        pass


class Instance:
    """IMDSv2 with one role. Sessions are numbered; one that is not the last is not accepted."""

    def __init__(self):
        self.sessions = 0
        self.accepts = lambda n: True
        self.roles = (200, "shop-role\n")
        self.document = (200, DOCUMENT)
        self.session_status = 200

    def __call__(self, handler):
        if handler.command == "PUT":
            self.sessions += 1
            return self.session_status, f"session-{self.sessions}"
        given = handler.headers.get("X-aws-ec2-metadata-token")
        if given != f"session-{self.sessions}" or not self.accepts(self.sessions):
            return 401, ""
        return self.roles if handler.path == ROLES else self.document


class Endpoints(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-credentials-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def double(self, answer):
        double = Double(answer)
        self.addCleanup(double.stop)
        return double

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, "HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true", **variables}

    def find(self, times=1, **variables):
        """The last of `times` answers of one process."""
        run = subprocess.run(
            [PROGRAM], input="\n" * times, env=self.environment(**variables), capture_output=True, text=True, timeout=60
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout.splitlines()[-1]

    def find_in_container(self, url, **variables):
        return self.find(AWS_CONTAINER_CREDENTIALS_FULL_URI=url, **variables)

    def find_in_instance(self, url, times=1, **variables):
        place = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
        return self.find(times, **{**place, **variables})

    def assert_error(self, line, pattern):
        self.assertRegex(line, "^error [0-9]+ .*" + pattern)
        self.assertNotIn("hush", line)

    # --- a container

    def test_a_container_answers(self):
        double = self.double(lambda _: (200, DOCUMENT))
        self.assertEqual(self.find_in_container(f"{double.url}/creds?id=1"), f"container {FOUND}")
        self.assertEqual(double.asked, ["GET /creds?id=1"])
        self.assertNotIn("authorization", double.headers[0])

    def test_its_token_is_sent(self):
        double = self.double(lambda _: (200, DOCUMENT))
        found = self.find_in_container(f"{double.url}/c", AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic hush")
        self.assertEqual(found, f"container {FOUND}")
        self.assertEqual(double.headers[0]["authorization"], "Basic hush")

    def test_the_file_of_its_token_is_read_anew_and_goes_first(self):
        path = self.folder / "token"
        path.write_text("one\n", encoding="utf-8")

        def answer(_):
            path.write_text("two\n", encoding="utf-8")
            return 200, DOCUMENT

        double = self.double(answer)
        tokens = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path), "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"}
        found = self.find(2, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{double.url}/c", **tokens)
        self.assertEqual(found, f"container {FOUND}")
        self.assertEqual([headers["authorization"] for headers in double.headers], ["one", "two"])

    def test_a_file_of_its_token_that_is_missing_or_empty_is_told(self):
        double = self.double(lambda _: (200, DOCUMENT))
        for path in (self.folder / "none", self.folder / "empty"):
            (self.folder / "empty").write_text("\n", encoding="utf-8")
            line = self.find_in_container(f"{double.url}/c", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path))
            self.assert_error(line, f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {path}")
        self.assertEqual(double.asked, [])

    def test_a_line_break_inside_its_token_goes_to_nobody(self):
        double = self.double(lambda _: (200, DOCUMENT))
        line = self.find_in_container(f"{double.url}/c", AWS_CONTAINER_AUTHORIZATION_TOKEN="hush\r\nX: y")
        self.assert_error(line, "Authorization")
        self.assertEqual(double.asked, [])

    def test_a_busy_container_is_asked_again(self):
        answers = [(500, "hush"), (503, ""), (200, DOCUMENT)]
        double = self.double(lambda _: answers[len(double.asked) - 1])
        self.assertEqual(self.find_in_container(f"{double.url}/c"), f"container {FOUND}")
        self.assertEqual(len(double.asked), 3)

    def test_a_container_is_asked_three_times_and_no_more(self):
        double = self.double(lambda _: (500, "hush"))
        self.assert_error(self.find_in_container(f"{double.url}/c"), "credentials of the container: answered status 500")
        self.assertEqual(len(double.asked), 3)

    def test_a_refusal_is_final(self):
        double = self.double(lambda _: (403, "hush"))
        self.assert_error(self.find_in_container(f"{double.url}/c"), "credentials of the container: answered status 403")
        self.assertEqual(len(double.asked), 1)

    def test_an_answer_that_is_none_is_not_shown(self):
        double = self.double(lambda _: (200, '{"SecretAccessKey":"hush"'))
        self.assert_error(self.find_in_container(f"{double.url}/c"), "credentials of the container: expected JSON")

    def test_a_foreign_server_is_not_asked(self):
        for host in ("example.com", "169.254.170.3", "169.254.169.254", "127.0.0.1.example.com", "[fd00:ec2::24]", "10.0.0.1"):
            self.assert_error(self.find_in_container(f"http://{host}/c"), "expected https, or an address of this machine")
        self.assert_error(self.find_in_container("ftp://127.0.0.1/c"), "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected http")
        self.assert_error(self.find(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="c"), "RELATIVE_URI: expected a path")

    # --- an instance

    def test_an_instance_answers_in_a_session(self):
        double = self.double(Instance())
        self.assertEqual(self.find_in_instance(double.url), f"instance {FOUND}")
        self.assertEqual(double.asked, ["PUT /latest/api/token", f"GET {ROLES}", f"GET {ROLES}shop-role"])
        self.assertEqual(double.headers[0]["x-aws-ec2-metadata-token-ttl-seconds"], "21600")
        self.assertNotIn("x-aws-ec2-metadata-token-ttl-seconds", double.headers[1])
        self.assertEqual(double.headers[2]["x-aws-ec2-metadata-token"], "session-1")

    def test_a_session_that_ended_is_opened_anew(self):
        instance = Instance()
        instance.accepts = lambda session: session > 1
        double = self.double(instance)
        self.assertEqual(self.find_in_instance(double.url), f"instance {FOUND}")
        self.assertEqual(instance.sessions, 2)

    def test_a_session_is_opened_anew_once_for_a_question(self):
        instance = Instance()
        instance.accepts = lambda session: False
        double = self.double(instance)
        self.assert_error(self.find_in_instance(double.url), "credentials of the instance: answered status 401")
        self.assertEqual(instance.sessions, 2)

    def test_without_a_session_there_is_no_instance(self):
        instance = Instance()
        instance.session_status = 403
        double = self.double(instance)
        self.assert_error(self.find_in_instance(double.url), "no AWS credentials")
        self.assertEqual(double.asked, ["PUT /latest/api/token"])

    def test_where_nothing_listens_there_is_no_instance(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.assert_error(self.find_in_instance(f"http://127.0.0.1:{port}"), "no AWS credentials")

    def test_an_instance_without_a_role_has_none(self):
        instance = Instance()
        instance.roles = (404, "")
        self.assert_error(self.find_in_instance(self.double(instance).url), "no AWS credentials")

    def test_an_instance_that_fails_is_told(self):
        instance = Instance()
        instance.document = (500, "hush")
        self.assert_error(self.find_in_instance(self.double(instance).url), "credentials of the instance: answered status 500")

    def test_an_instance_that_has_no_keys_is_told(self):
        instance = Instance()
        instance.document = (200, {"Code": "AssumeRoleUnauthorizedAccess", "Message": "hush"})
        self.assert_error(self.find_in_instance(self.double(instance).url), "credentials of the instance: expected JSON")

    def test_an_instance_may_be_kept_out(self):
        double = self.double(Instance())
        line = self.find_in_instance(double.url, AWS_EC2_METADATA_DISABLED="TRUE")
        self.assert_error(line, "no AWS credentials")
        self.assertEqual(double.asked, [])
        self.assert_error(self.find_in_instance("nowhere"), "AWS_EC2_METADATA_SERVICE_ENDPOINT: expected http://HOST")

    def test_a_container_goes_before_an_instance(self):
        instance, container = self.double(Instance()), self.double(lambda _: (200, DOCUMENT))
        found = self.find_in_instance(instance.url, AWS_CONTAINER_CREDENTIALS_FULL_URI=container.url)
        self.assertEqual(found, f"container {FOUND}")
        self.assertEqual(container.asked, ["GET /"])
        self.assertEqual(instance.asked, [])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
