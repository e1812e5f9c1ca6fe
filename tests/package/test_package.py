#!/usr/bin/env python3
"""The zip for AWS Lambda, and its bootstrap answering AWS's emulator in a root folder without anything else.

test_package.py PURVEY BOOTSTRAP
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import packages

packages.enter()
from emulator import Emulator

SHOP = ROOT / "examples" / "simple-shop"
ZIP_MOST = 5_000_000  # bytes, without a model
QUESTION = {"user": "123", "n": 5}


def package(*arguments, code=0):
    done = subprocess.run([sys.executable, "-B", ROOT / "deploy" / "package.py", *arguments], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-package-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.model, cls.zip = cls.folder / "shop.model", cls.folder / "with-model.zip"
        subprocess.run([cls.program, "train", SHOP, "-o", cls.model, "--quiet"], check=True)
        package(cls.bootstrap, "-o", cls.zip, "--model", cls.model)
        cls.emulator = Emulator(cls.zip)
        cls.emulator.__enter__()
        cls.addClassCleanup(cls.emulator.__exit__)

    # --- the zip -----------------------------------------------------------------------------------------------------

    def test_the_same_inputs_give_the_same_bytes(self):
        again = self.folder / "again.zip"
        package(self.bootstrap, "-o", again, "--model", self.model)
        self.assertEqual(again.read_bytes(), self.zip.read_bytes())

    def test_bootstrap_is_at_the_root_and_may_be_run(self):
        with zipfile.ZipFile(self.zip) as archive:
            modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
            self.assertEqual(modes, {"bootstrap": 0o100755, "certificates.pem": 0o100644, "purvey.model": 0o100644})
            self.assertEqual(archive.read("bootstrap")[:4], b"\x7fELF")
            self.assertEqual(archive.read("purvey.model"), self.model.read_bytes())
            self.assertEqual(archive.read("certificates.pem").count(b"-----BEGIN CERTIFICATE-----"), 5)

    def test_without_a_model_it_is_small(self):
        bare = self.folder / "bare.zip"
        package(self.bootstrap, "-o", bare)
        self.assertLess(bare.stat().st_size, ZIP_MOST)

    def test_a_program_that_needs_more_is_refused(self):
        said = package(self.program, "-o", self.folder / "none.zip", code=1)
        self.assertIn("which AWS Lambda does not have", said)
        self.assertFalse((self.folder / "none.zip").exists())
        self.assertIn("no such file", package(self.bootstrap, "-o", self.folder / "none.zip", "--model", "missing", code=1))

    # --- answers -----------------------------------------------------------------------------------------------------

    def expected(self, *options):
        done = subprocess.run([self.program, "recommend", self.model, "--user", "123", "-n", "5", "--format", "json", *options], check=True, capture_output=True, text=True)
        return done.stdout.rstrip("\n")

    def invoke(self, event):
        status, body = self.emulator.invoke(json.dumps(event).encode())
        self.assertEqual(status, 200, self.emulator.logged())
        return json.loads(body), body.decode()

    def test_a_direct_event_is_answered_with_the_bytes_of_the_command_line(self):
        for user in ("123", 123):
            answer, _ = self.invoke({"user_id": user, "n": 5})
            self.assertEqual(answer["statusCode"], 200)
            self.assertEqual(answer["body"], self.expected())
        _, bare = self.invoke({"user_id": "123", "n": 5, "envelope": False})
        self.assertEqual(bare, self.expected())

    def sample(self, name):
        return json.loads((packages.SAMPLES / name).read_text(encoding="utf-8"))

    def test_samples_of_http_events_are_answered(self):
        for name in ("apigw-v2-request-no-authorizer.json", "apigw-v2-request-iam.json", "apigw-v2-request-jwt-authorizer.json", "lambda-urls-request.json"):
            event = self.sample(name)
            event["rawPath"], event["rawQueryString"] = "/v1/recommend", ""
            event["requestContext"]["http"].update(method="POST", path="/v1/recommend")
            event["requestContext"]["stage"] = "$default"
            for is_base64 in (False, True):
                body = json.dumps(QUESTION)
                event["body"] = base64.b64encode(body.encode()).decode() if is_base64 else body
                event["isBase64Encoded"] = is_base64
                answer, _ = self.invoke(event)
                self.assertEqual((answer["statusCode"], answer["body"]), (200, self.expected()), name)

    def test_samples_of_rest_and_load_balancer_events_are_answered(self):
        for name in ("apigw-request.json", "apigw-restapi-openapi-request.json", "alb-lambda-target-request-headers-only.json", "alb-lambda-target-request-multivalue-headers.json"):
            event = self.sample(name)
            event.update(path="/v1/recommend", httpMethod="POST", body=json.dumps(QUESTION), isBase64Encoded=False)
            for parameters in ("queryStringParameters", "multiValueQueryStringParameters"):
                if event.get(parameters):
                    event[parameters] = {}
            answer, _ = self.invoke(event)
            self.assertEqual((answer["statusCode"], answer["body"]), (200, self.expected()), name)
            if "multivalue" in name:
                self.assertIn("multiValueHeaders", answer)

    def test_samples_of_other_events_are_answered_with_what_was_done(self):
        answer, _ = self.invoke(self.sample("s3-event.json"))
        self.assertIs(answer.get("reloaded"), False, answer)
        schedule = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
        answer, _ = self.invoke(schedule)
        self.assertIs(answer.get("reloaded"), False, answer)

    def test_what_is_no_question_is_one_clear_answer(self):
        answer, _ = self.invoke({"user_id": "123", "n": 0})
        self.assertEqual(answer["statusCode"], 400)
        self.assertEqual(json.loads(answer["body"])["error"]["field"], "/n")
        answer, _ = self.invoke(self.sample("sqs-event.json"))
        self.assertEqual(answer["statusCode"], 400)


if __name__ == "__main__":
    Package.bootstrap, Package.program = os.path.abspath(sys.argv.pop(2)), os.path.abspath(sys.argv.pop(1))
    unittest.main()
