#!/usr/bin/env python3
"""What deploy/ does through AWS's own programs: sam reads the template, aws asks the packaged bootstrap in AWS's emulator and moves
an alias.

test_aws_programs.py PURVEY BOOTSTRAP
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("aws", "package/support"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

import packages

packages.enter()

import aws_programs
from emulator import Emulator, free_port

TEMPLATE = ROOT / "deploy" / "template.yaml"
SHOP = ROOT / "examples" / "simple-shop"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
START_SECONDS = 60


def run(*command, **environment):
    return subprocess.run(command, capture_output=True, text=True, env=aws_programs.environment(**environment))


def deploy(script, *arguments, **environment):
    return run(ROOT / "deploy" / script, *arguments, **environment)


class Sam(unittest.TestCase):
    def test_the_template_is_valid_and_a_broken_one_is_not(self):
        told = run("sam", "validate", "--lint", "--template", TEMPLATE)
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        with tempfile.TemporaryDirectory() as name:
            broken = pathlib.Path(name) / "template.yaml"
            broken.write_text(TEMPLATE.read_text(encoding="utf-8").replace("!Ref ServingLog", "!Ref NoSuchLog"), encoding="utf-8")
            self.assertNotEqual(run("sam", "validate", "--lint", "--template", broken).returncode, 0)


class Smoke(unittest.TestCase):
    """smoke.sh asks a package in AWS's emulator. What the emulator takes for a function is always called `function`."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-smoke-")
        cls.addClassCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        model, package = folder / "shop.model", folder / "lambda.zip"
        subprocess.run([cls.purvey, "train", SHOP, "-o", model, "--quiet"], check=True)
        subprocess.run([sys.executable, "-B", ROOT / "deploy" / "package.py", cls.bootstrap, "-o", package, "--model", model], check=True, capture_output=True)
        cls.model = json.loads(subprocess.run([cls.purvey, "info", model, "--format", "json"], check=True, capture_output=True).stdout)["model"]
        cls.emulator = Emulator(package)
        cls.emulator.__enter__()
        cls.addClassCleanup(cls.emulator.__exit__)

    def smoke(self, *arguments):
        return deploy("smoke.sh", "--function", "function", *arguments, AWS_ENDPOINT_URL_LAMBDA=f"http://127.0.0.1:{self.emulator.port}")

    def test_a_function_that_answers_passes(self):
        told = self.smoke("--user", "123", "--model", self.model)
        self.assertEqual(told.returncode, 0, told.stderr + self.emulator.logged())
        self.assertEqual(told.stdout, f"smoke: function:live answers with model {self.model}, 3 products\n")

    def test_another_model_than_expected_fails(self):
        told = self.smoke("--model", "another")
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertEqual(told.stderr, f"smoke: model {self.model} answered, expected another\n")

    def test_a_refusal_fails_and_is_told(self):
        told = self.smoke("--user", "1" * 5000)
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertIn('smoke: question: {"statusCode":400', told.stderr)


class Rollback(unittest.TestCase):
    """rollback.sh beside a server that knows versions and aliases and runs no function."""

    @classmethod
    def setUpClass(cls):
        cls.address = f"http://127.0.0.1:{free_port()}"
        scratch = tempfile.TemporaryDirectory(prefix="purvey-rollback-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        port = cls.address.rpartition(":")[2]
        log = open(cls.folder / "log", "wb")
        cls.addClassCleanup(log.close)
        server = subprocess.Popen([aws_programs.PROGRAMS / "moto_server", "-H", "127.0.0.1", "-p", port], env=aws_programs.environment(), stdout=log, stderr=log)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.kill)
        end = time.monotonic() + START_SECONDS
        while cls.aws("lambda", "list-functions").returncode and time.monotonic() < end:
            time.sleep(0.2)
        cls.make_versions()

    @classmethod
    def aws(cls, *arguments):
        return run("aws", *arguments, "--output", "json", AWS_ENDPOINT_URL=cls.address, AWS_MAX_ATTEMPTS="1")

    @classmethod
    def made(cls, *arguments):
        told = cls.aws(*arguments)
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    @classmethod
    def make_versions(cls):
        """Three versions; the alias is in a canary from the second to the third."""
        role = cls.made("iam", "create-role", "--role-name", "serving", "--assume-role-policy-document", json.dumps(TRUST))["Role"]["Arn"]
        for version in range(1, 4):
            package = cls.folder / f"{version}.zip"
            with zipfile.ZipFile(package, "w") as archive:
                archive.writestr("bootstrap", str(version))
            what = ("create-function", "--runtime", "provided.al2023", "--handler", "bootstrap", "--role", role) if version == 1 else ("update-function-code",)
            cls.made("lambda", *what, "--function-name", "shop", "--zip-file", f"fileb://{package}", "--publish")
        routing = json.dumps({"AdditionalVersionWeights": {"3": 0.1}})
        cls.made("lambda", "create-alias", "--function-name", "shop", "--name", "live", "--function-version", "2", "--routing-config", routing)

    def alias(self):
        found = self.made("lambda", "get-alias", "--function-name", "shop", "--name", "live")
        return found["FunctionVersion"], found["RoutingConfig"]["AdditionalVersionWeights"]

    def rollback(self, *arguments):
        return deploy("rollback.sh", "--function", "shop", *arguments, AWS_ENDPOINT_URL=self.address)

    def test_the_alias_moves_to_one_version_alone(self):
        self.assertEqual(self.alias(), ("2", {"3": 0.1}))
        with self.subTest("to a version that is named: the canary is over"):
            self.assertEqual(self.rollback("--to", "3").stdout, "rollback: shop:live is version 3, was 2\n")
            self.assertEqual(self.alias(), ("3", {}))
        with self.subTest("to the one before"):
            self.assertEqual(self.rollback().stdout, "rollback: shop:live is version 2, was 3\n")
            self.rollback()
            self.assertEqual(self.alias(), ("1", {}))
        with self.subTest("no further than the first"):
            told = self.rollback()
            self.assertEqual((told.returncode, told.stderr), (1, "rollback: shop has no version before 1\n"))
            self.assertEqual(self.alias(), ("1", {}))


if __name__ == "__main__":
    Smoke.bootstrap, Smoke.purvey = (str(pathlib.Path(sys.argv.pop()).resolve()) for _ in range(2))
    if not aws_programs.is_made():
        aws_programs.make()
    unittest.main()
