#!/usr/bin/env python3
"""deploy/retrain.sh as it runs on AWS: the real program, a shop, events and models on a real S3 server.

test_retrain.py PURVEY
"""

import gzip
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import s3_server

PROGRAM = None
SETTINGS = ("--factors", "4", "--iterations", "2", "--signals", "als,habit,popularity")
SHOP = ROOT / "examples" / "adventureworks" / "user_purchases.csv.gz"
ADDRESS = f"s3://{s3_server.BUCKET}"


def shop_rows():
    """The header and the rows of every sixth customer."""
    with gzip.open(SHOP, "rt", encoding="utf-8") as file:
        header, *rows = file.read().splitlines()
    column = header.split(",").index("user_id")
    return header, [row for row in rows if int(row.split(",")[column][2:]) % 6 == 0]


class Retrain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="purvey-retrain-")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.server = s3_server.S3Server(folder=cls.folder)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.close)
        cls.header, cls.rows = shop_rows()

    def setUp(self):
        self.prefix = self.id().rpartition(".")[2]
        self.registry = f"{ADDRESS}/{self.prefix}/purvey"
        self.work = self.folder / self.prefix
        self.deliver(self.rows)

    def put(self, key, body):
        status, _, answer = self.server.ask("PUT", f"/{s3_server.BUCKET}/{self.prefix}/{key}", body)
        self.assertEqual(status, 200, answer)

    def deliver(self, rows):
        self.put("shop/user_purchases.csv", "\n".join([self.header, *rows, ""]).encode())

    def retrain(self, *options, code=0, settings=SETTINGS):
        command = [ROOT / "deploy" / "retrain.sh", "--purvey", PROGRAM, "--work", self.work, *options, "--", *settings]
        environment = self.server.environment(PURVEY_SHOP=f"{ADDRESS}/{self.prefix}/shop", PURVEY_REGISTRY=self.registry, XDG_CACHE_HOME=str(self.folder / "cache"))
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def verdict(self):
        return json.loads((self.work / "verdict.json").read_text())

    def failing(self):
        return [name for name, check in self.verdict()["checks"].items() if check["holds"] is False]

    def models(self):
        environment = self.server.environment()
        return json.loads(subprocess.run([PROGRAM, "models", self.registry, "--format", "json"], env=environment, check=True, capture_output=True).stdout)["models"]

    def test_the_life_of_a_shop(self):
        with self.subTest("the first model is published when no simple method is better"):
            self.assertIn("in use: none", self.retrain())
            (first,) = self.models()
            self.assertEqual(self.verdict()["model"], first["model"])
            self.assertEqual(self.verdict()["checks"]["baselines"]["holds"], True)
            self.assertEqual(self.verdict()["checks"]["size"]["holds"], None)

        with self.subTest("events on S3 are learned from, and the next model takes the place of the first"):
            event = {"event_id": "e1", "type": "purchase", "user": "AW00000006", "item": "HL-U509-B", "time": "2013-11-30T00:00:00Z", "order": "o1", "quantity": 30.0}
            batch = json.dumps(event, separators=(",", ":")).encode() + b"\n"
            self.put(f"purvey/events/{hashlib.sha256(batch).hexdigest()}.jsonl", batch)
            self.retrain()
            second = self.models()[0]
            self.assertNotEqual(second["model"], first["model"])
            self.assertTrue(second["in_use"])
            self.assertEqual(self.verdict()["in_use"], first["model"])
            self.assertEqual([check["holds"] for name, check in self.verdict()["checks"].items() if name != "settings"], [True] * 5)

        with self.subTest("half a delivery is held back"):
            self.deliver(self.rows[: len(self.rows) // 2])
            self.retrain(code=1)
            self.assertIn("size", self.failing())

        with self.subTest("renamed customers are held back"):
            self.deliver([row.replace("AW", "CUSTOMER-", 1) for row in self.rows])
            self.retrain(code=1)
            self.assertEqual(self.failing(), ["customers", "lists"])

        with self.subTest("settings that are worse are held back, measured on the same customers and dates"):
            self.deliver(self.rows)
            self.retrain(code=1, settings=("--factors", "4", "--iterations", "2", "--signals", "age"))
            self.assertIn("settings", self.failing(), self.verdict())
            self.assertEqual(self.models()[0], second)

    def test_a_dry_run_publishes_nothing(self):
        self.assertIn("not published", self.retrain("--dry-run"))
        self.assertEqual(self.server.ask("GET", f"/{s3_server.BUCKET}/{self.prefix}/purvey/current.json")[0], 404)

    def test_a_shop_without_time_is_judged_by_what_is_left(self):
        simple = (ROOT / "examples" / "simple-shop" / "user_purchases.csv").read_bytes()
        self.put("shop/user_purchases.csv", simple)
        self.assertIn("no time", self.retrain())
        self.assertEqual(self.verdict()["checks"]["baselines"], {"holds": None, "seen": "nothing was evaluated"})
        self.retrain()
        self.assertEqual(self.verdict()["checks"]["lists"]["holds"], True)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
