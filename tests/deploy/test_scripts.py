#!/usr/bin/env python3
"""The scripts of deploy/ as programs: help, refusals, and a role taken on by assume_role.py.

test_scripts.py
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ("amazonlinux.sh", "assume_role.py", "deploy.sh", "lambda_image.sh", "quality_gate.py", "retrain.sh", "rollback.sh", "smoke.sh")
ROLE = "arn:aws:iam::111122223333:role/deploy"
CREDENTIALS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>key</AccessKeyId><SecretAccessKey>sec+ret/</SecretAccessKey>
<SessionToken>to=ken</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


class Servers(http.server.BaseHTTPRequestHandler):
    """GitHub's giver of tokens (GET) and AWS's of credentials (POST)."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.reply(200, json.dumps({"value": "signed.by.github"}))

    def do_POST(self):
        fields = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.server.asked.append(fields)
        self.reply(*((200, CREDENTIALS) if fields["RoleArn"] == ROLE else (403, "<Code>AccessDenied</Code>")))

    def reply(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def run(script, *arguments, **environment):
    return subprocess.run([ROOT / "deploy" / script, *arguments], capture_output=True, text=True, env={**os.environ, **environment})


class Scripts(unittest.TestCase):
    def test_each_says_how_it_is_used_and_refuses_what_it_does_not_know(self):
        for script in SCRIPTS:
            with self.subTest(script):
                told = run(script, "--help")
                self.assertEqual((told.returncode, told.stderr), (0, ""))
                self.assertIn(f"deploy/{script}" if script != "quality_gate.py" else script, told.stdout)
                refused = run(script, "--no-such-option")
                self.assertIn(refused.returncode, (1, 2))
                self.assertEqual(refused.stdout, "")
                self.assertNotEqual(refused.stderr, "")

    def test_what_is_missing_is_told(self):
        for script, missing in (("smoke.sh", "--function"), ("rollback.sh", "--function"), ("deploy.sh", "--stack"), ("lambda_image.sh", "--model")):
            refused = run(script)
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(refused.stderr.count("\n"), 1)
            self.assertIn(missing, refused.stderr)


class AssumeRole(unittest.TestCase):
    def setUp(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Servers)
        server.asked = self.asked = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.address = f"http://127.0.0.1:{server.server_port}"
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.file = pathlib.Path(scratch.name) / "env"

    def assume(self, role, **environment):
        job = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.address}/token?version=2", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of the job"}
        aws = {"AWS_ENDPOINT_URL_STS": self.address, "AWS_REGION": "eu-central-1", "GITHUB_ENV": str(self.file), "GITHUB_RUN_ID": "77"}
        return run("assume_role.py", role, **{**job, **aws, **environment})

    def test_the_next_steps_have_the_role_and_the_log_does_not(self):
        done = self.assume(ROLE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.file.read_text(), "AWS_ACCESS_KEY_ID=key\nAWS_SECRET_ACCESS_KEY=sec+ret/\nAWS_SESSION_TOKEN=to=ken\n")
        self.assertEqual(done.stdout.splitlines()[:3], ["::add-mask::key", "::add-mask::sec+ret/", "::add-mask::to=ken"])
        self.assertEqual(self.asked[0], ("/token?version=2&audience=sts.amazonaws.com", "bearer of the job"))
        self.assertEqual((self.asked[1]["WebIdentityToken"], self.asked[1]["RoleSessionName"]), ("signed.by.github", "github-77"))

    def test_a_role_that_does_not_trust_the_job_is_one_line(self):
        done = self.assume(ROLE + "-of-others")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
        self.assertIn("403", done.stderr)
        self.assertFalse(self.file.exists())

    def test_without_the_right_to_a_token_it_says_which(self):
        done = self.assume(ROLE, ACTIONS_ID_TOKEN_REQUEST_URL="")
        self.assertIn("id-token: write", done.stderr)


if __name__ == "__main__":
    unittest.main()
