#!/usr/bin/env python3
"""Connections that break, programs and servers that die: current.json always names a model that is whole.

test_registry_faults.py PURVEY
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import cutting_proxy
import s3_server

TRAIN = ("--factors", "2", "--iterations", "1", "--signals", "als", "--quiet")
REFUSE = [("request", 0)] * 1000  # every further connection
WAIT_SECONDS = 20
PROGRAM = None


class Faults(unittest.TestCase):
    count = 0

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-registry-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.server = s3_server.S3Server(folder=cls.folder).__enter__()
        cls.addClassCleanup(cls.server.close)
        cls.proxy = cutting_proxy.CuttingProxy(cls.server.port).__enter__()
        cls.addClassCleanup(cls.proxy.__exit__)
        cls.old, cls.new = cls.folder / "old.model", cls.folder / "new.model"
        for seed, model in enumerate((cls.old, cls.new)):
            subprocess.run([PROGRAM, "train", ROOT / "examples" / "simple-shop", "-o", model, "--seed", str(seed), *TRAIN], check=True)
        cls.size = cls.new.stat().st_size
        cls.old_id, cls.new_id = (json.loads(cls.program("info", model, "--format", "json"))["model"] for model in (cls.old, cls.new))

    @classmethod
    def environment(cls, **more):
        return cls.server.environment(XDG_CACHE_HOME=str(cls.folder / "cache"), **more)

    @classmethod
    def program(cls, *arguments):
        return subprocess.run([PROGRAM, *arguments], env=cls.environment(), check=True, capture_output=True, text=True).stdout

    def registry(self):
        """A new one where the old model is in use."""
        Faults.count += 1
        self.prefix = f"faults{Faults.count}"
        self.address = f"s3://{s3_server.BUCKET}/{self.prefix}"
        self.program("publish", self.old, self.address)

    def start(self, *arguments):
        """The program behind the proxy."""
        environment = self.environment(AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{self.proxy.port}")
        return subprocess.Popen([PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def publish_through(self, cuts):
        self.proxy.cuts = list(cuts)
        process = self.start("publish", self.new, self.address, "--expect", self.old_id)
        said, complained = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(process.returncode, 0, complained)
        return said

    def wait_for_connections(self, count):
        end = time.monotonic() + WAIT_SECONDS
        while self.proxy.connections < count:
            self.assertLess(time.monotonic(), end, "the program does not connect")
            time.sleep(0.002)

    def get(self, key):
        status, _, body = self.server.ask("GET", f"/{s3_server.BUCKET}/{self.prefix}/{key}")
        self.assertEqual(status, 200, key)
        return body

    def check_whole(self):
        """Id of the model in use; its object is the one that its name says."""
        current = json.loads(self.get("current.json"))["current"]
        self.assertEqual(hashlib.sha256(self.get(current["key"])).hexdigest(), current["sha256"])
        self.program("info", self.address)
        return current["model"]

    def check_published_once(self):
        self.assertEqual(self.check_whole(), self.new_id)
        published = json.loads(self.program("models", self.address, "--format", "json"))["models"]
        self.assertEqual([model["model"] for model in published], [self.new_id, self.old_id])

    def test_a_publisher_that_dies_anywhere_leaves_a_whole_model_in_use(self):
        ends = set()
        for sent in (0, 300, 900, self.size // 2, self.size + 200, *range(self.size + 600, self.size + 5000, 400)):
            with self.subTest(sent=sent):
                self.registry()
                self.proxy.cuts = [("request", sent), *REFUSE]
                connections = self.proxy.connections
                process = self.start("publish", self.new, self.address)
                while process.poll() is None and self.proxy.connections < connections + 2:
                    time.sleep(0.002)
                process.kill()
                process.communicate()
                self.proxy.cuts = []
                ends.add((process.returncode == 0, self.check_whole()))
                self.program("publish", self.new, self.address)
                self.check_published_once()
        self.assertIn((False, self.old_id), ends)
        self.assertIn((True, self.new_id), ends)

    def test_a_request_that_breaks_off_is_made_again(self):
        for sent in (100, 700, self.size // 2, *range(self.size + 500, self.size + 3500, 600)):
            with self.subTest(sent=sent):
                self.registry()
                self.assertIn(f"before: {self.old_id}", self.publish_through([("request", sent)]))
                self.check_published_once()

    def test_an_answer_that_is_lost_is_no_loss(self):
        for received in range(0, 3000, 180):
            with self.subTest(received=received):
                self.registry()
                self.assertIn(f"before: {self.old_id}", self.publish_through([("answer", received)]))
                self.check_published_once()

    def test_a_server_that_stops_in_the_middle_of_an_upload_is_waited_for(self):
        self.registry()
        connections = self.proxy.connections
        self.proxy.cuts = [("request", self.size // 2), *REFUSE]
        process = self.start("publish", self.new, self.address)
        self.wait_for_connections(connections + 2)
        self.server.kill()
        self.proxy.cuts = []
        time.sleep(0.2)
        self.server.start()
        _, complained = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(process.returncode, 0, complained)
        self.check_published_once()

    def test_a_download_that_breaks_off_goes_on(self):
        self.registry()
        model = self.folder / "cache" / "purvey" / "models" / f"{hashlib.sha256(self.old.read_bytes()).hexdigest()}.model"
        model.unlink(missing_ok=True)
        self.proxy.cuts = [("answer", 40000), ("answer", 30000)]
        process = self.start("info", self.address)
        _, complained = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(process.returncode, 0, complained)
        self.assertEqual(model.read_bytes(), self.old.read_bytes())
        self.assertEqual(self.proxy.cuts, [])

    def test_a_server_that_nobody_reaches_is_one_line(self):
        port = s3_server.free_port()
        process = subprocess.run([PROGRAM, "models", "s3://shop/purvey"], env=s3_server.environment_of(port), capture_output=True, text=True)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(process.stderr.count("\n"), 1)
        self.assertIn(f"127.0.0.1:{port}", process.stderr)

    def test_everything_works_over_tls(self):
        with s3_server.S3Server(tls=True, folder=self.folder) as server:
            environment = server.environment(XDG_CACHE_HOME=str(self.folder / "tls"))
            address = f"s3://{s3_server.BUCKET}/purvey"
            for arguments in (("publish", self.new, address), ("info", address), ("models", address)):
                done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(self.new_id, done.stdout)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
