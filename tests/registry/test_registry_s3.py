#!/usr/bin/env python3
"""Models, shops and events on S3: the real program against a real server.

test_registry_s3.py PURVEY
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

import publisher_race
import s3_server

SHOP = ROOT / "examples" / "simple-shop"
TRAIN = ("--factors", "4", "--iterations", "2", "--signals", "als,bought_together,popularity", "--quiet")
PROGRAM = None


class Registry(unittest.TestCase):
    count = 0

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="purvey-registry-")
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.server = s3_server.S3Server(folder=cls.folder)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.close)
        cls.models = [cls.folder / f"{seed}.model" for seed in (1, 2, 3)]
        for seed, model in enumerate(cls.models):
            subprocess.run([PROGRAM, "train", SHOP, "-o", model, "--seed", str(seed), *TRAIN], check=True)

    def setUp(self):
        Registry.count += 1
        self.prefix = f"test{Registry.count}/purvey"
        self.address = f"s3://{s3_server.BUCKET}/{self.prefix}"
        self.cache = self.folder / f"cache{Registry.count}"
        self.temporary = self.folder / f"temporary{Registry.count}"
        self.temporary.mkdir()

    def run_program(self, *arguments, code=0, **environment):
        places = {"XDG_CACHE_HOME": str(self.cache), "TMPDIR": str(self.temporary)}
        done = subprocess.run([PROGRAM, *arguments], env=self.server.environment(**places, **environment), capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        if code:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr if code else done.stdout

    def publish(self, model, *options, **more):
        return self.run_program("publish", model, self.address, *options, **more)

    def listed(self):
        return json.loads(self.run_program("models", self.address, "--format", "json"))["models"]

    def in_use(self):
        return [model["model"] for model in self.listed() if model["in_use"]]

    def identity(self, model):
        return json.loads(self.run_program("info", model, "--format", "json"))["model"]

    def put(self, key, body):
        status, _, answer = self.server.ask("PUT", f"/{s3_server.BUCKET}/{self.prefix}/{key}", body)
        self.assertEqual(status, 200, answer)

    def get(self, key):
        return self.server.ask("GET", f"/{s3_server.BUCKET}/{self.prefix}/{key}")

    # --- publishing and going back -----------------------------------------------------------------------------------

    def test_a_published_model_is_stored_under_its_hash_and_in_use(self):
        self.publish(self.models[0])
        digest = hashlib.sha256(self.models[0].read_bytes()).hexdigest()
        status, _, body = self.get(f"models/{digest}.model")
        self.assertEqual((status, body), (200, self.models[0].read_bytes()))
        pointer = json.loads(self.get("current.json")[2])
        self.assertEqual(pointer["current"]["sha256"], digest)
        self.assertEqual(pointer["current"]["model"], self.identity(self.models[0]))
        self.assertEqual(pointer["current"]["size"], self.models[0].stat().st_size)
        self.assertEqual(pointer["published"], [pointer["current"]])

    def test_models_are_listed_newest_first_and_rolled_back_and_forth(self):
        ids = [self.identity(model) for model in self.models]
        for model in self.models:
            self.publish(model)
        self.assertEqual([model["model"] for model in self.listed()], ids[::-1])
        self.assertEqual(self.in_use(), [ids[2]])
        for wanted, arguments in ((ids[1], []), (ids[0], []), (ids[2], [ids[2]])):
            self.run_program("rollback", self.address, *arguments)
            self.assertEqual(self.in_use(), [wanted])
        self.run_program("rollback", self.address, ids[0])
        self.assertIn("nothing to go back to", self.run_program("rollback", self.address, code=3))
        self.assertIn("no model 00000000", self.run_program("rollback", self.address, "00000000", code=3))
        self.assertEqual(self.in_use(), [ids[0]])

    def test_what_is_expected_to_be_in_use_is_compared(self):
        self.publish(self.models[0], "--expect", "none")
        self.assertIn("expected none", self.publish(self.models[1], "--expect", "none", code=1))
        first = self.identity(self.models[0])
        self.publish(self.models[1], "--expect", first)
        self.assertIn(f"expected {first}", self.publish(self.models[2], "--expect", first, code=1))
        self.assertEqual(self.in_use(), [self.identity(self.models[1])])

    def test_the_model_in_use_and_the_one_before_are_told(self):
        first, second = (self.identity(model) for model in self.models[:2])
        self.assertRegex(self.publish(self.models[0]), rf"^In use: model {first} \(.* [kM]B.*\); before: none\n$")
        self.assertTrue(self.publish(self.models[1]).endswith(f"; before: {first}\n"))
        self.assertTrue(self.run_program("rollback", self.address).startswith(f"In use: model {first} "))
        told = json.loads(self.run_program("rollback", self.address, second, "--format", "json"))
        self.assertEqual((told["in_use"]["model"], told["before"]["model"]), (second, first))
        self.assertEqual(self.publish(self.models[1], "--quiet"), "")
        table = self.run_program("models", self.address)
        self.assertEqual([line.split()[:3] for line in table.splitlines()[1:2]], [["in", "use", second]])
        self.assertEqual(table.splitlines()[2].split()[0], first)
        lines = self.run_program("models", self.address, "--format", "csv").splitlines()
        self.assertEqual(lines[0], "model,in_use,as_of,published_at,size,sha256")
        self.assertEqual([line.split(",")[:2] for line in lines[1:]], [[second, "true"], [first, "false"]])

    def test_an_object_that_is_not_what_its_name_says_is_written_again(self):
        content = self.models[0].read_bytes()
        key = f"models/{hashlib.sha256(content).hexdigest()}.model"
        self.put(key, content[:-1])
        self.publish(self.models[0])
        self.assertEqual(self.get(key)[2], content)
        version = json.loads(self.get("current.json")[2])["current"]["version_id"]
        self.publish(self.models[0])  # it is there: not written again
        self.assertEqual(json.loads(self.get("current.json")[2])["current"]["version_id"], version)

    def test_a_broken_model_is_not_published(self):
        broken = self.folder / "broken.model"
        body = bytearray(self.models[0].read_bytes())
        body[-10] ^= 1
        broken.write_bytes(body)
        self.publish(broken, code=3)
        self.assertEqual(self.get("current.json")[0], 404)

    def test_a_pointer_that_is_not_understood_is_left_alone(self):
        for body in (b'{"format":2,"current":null,"published":[]}', b"{", b'{"format":1}'):
            self.put("current.json", body)
            self.assertIn("current.json", self.publish(self.models[0], code=3))
            self.run_program("rollback", self.address, code=3)
            self.assertEqual(self.get("current.json")[2], body)

    def test_going_back_to_a_model_whose_object_is_gone_moves_nothing(self):
        self.publish(self.models[0])
        self.publish(self.models[1])
        digest = hashlib.sha256(self.models[0].read_bytes()).hexdigest()
        self.server.ask("DELETE", f"/{s3_server.BUCKET}/{self.prefix}/models/{digest}.model")
        self.assertIn("no such object", self.run_program("rollback", self.address, code=3))
        self.assertEqual(self.in_use(), [self.identity(self.models[1])])

    def test_racing_publishers(self):
        publisher_race.run(PROGRAM, 10, 8)

    # --- reading -----------------------------------------------------------------------------------------------------

    def test_every_command_takes_a_model_from_s3(self):
        self.publish(self.models[0])
        pairs = self.folder / "pairs.csv"
        pairs.write_text("user_id,product_id\n123,FB-9873\n")
        for command in (
            ("recommend", "--user", "123", "--format", "json"),
            ("explain", "--user", "123", "--product", "FB-9873", "--format", "json"),
            ("similar", "--product", "FB-9873", "--format", "json"),
            ("info", "--format", "json"),
        ):
            name, *options = command
            local = self.run_program(name, self.models[0], *options)
            self.assertEqual(self.run_program(name, self.address, *options), local)
        self.run_program("rank", self.address, "--pairs", pairs, "-o", self.folder / "s3.csv", "--quiet")
        self.run_program("rank", self.models[0], "--pairs", pairs, "-o", self.folder / "local.csv", "--quiet")
        self.assertEqual((self.folder / "s3.csv").read_bytes(), (self.folder / "local.csv").read_bytes())

    def test_a_model_is_downloaded_once(self):
        self.publish(self.models[0])
        self.run_program("info", self.address)
        (kept,) = (self.cache / "purvey" / "models").iterdir()
        self.assertEqual(kept.read_bytes(), self.models[0].read_bytes())
        before = kept.stat().st_mtime_ns
        self.run_program("info", self.address)
        self.assertEqual(kept.stat().st_mtime_ns, before)

    def test_an_object_that_was_altered_is_not_a_model(self):
        self.publish(self.models[0])
        digest = hashlib.sha256(self.models[0].read_bytes()).hexdigest()
        body = bytearray(self.models[0].read_bytes())
        body[100000] ^= 1
        self.put(f"models/{digest}.model", bytes(body))
        self.assertIn("SHA-256", self.run_program("info", self.address, code=3))
        self.assertEqual(list((self.cache / "purvey" / "models").iterdir()), [])

    def test_one_object_is_named_by_its_key(self):
        self.put("by-hand.model", self.models[1].read_bytes())
        told = self.run_program("info", f"{self.address}/by-hand.model", "--format", "json")
        self.assertEqual(json.loads(told)["model"], self.identity(self.models[1]))
        digest = hashlib.sha256(self.models[1].read_bytes()).hexdigest()
        self.assertEqual([kept.name for kept in (self.cache / "purvey" / "models").iterdir()], [f"{digest}.model"])
        self.assertIn("no such object", self.run_program("info", f"{self.address}/missing.model", code=3))

    def test_a_shop_on_s3_gives_the_same_model(self):
        for file in SHOP.iterdir():
            if file.suffix in (".csv", ".yaml"):
                self.put(f"shop/{file.name}", file.read_bytes())
        self.put("shop/folder/user_purchases.csv", b"not,read\n")
        self.put("shop/notes.txt", b"not read")
        model = self.folder / "from-s3.model"
        self.run_program("train", f"{self.address}/shop", "-o", model, "--seed", "0", *TRAIN)
        self.assertEqual(model.read_bytes(), self.models[0].read_bytes())
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_store_on_s3_gives_the_same_model(self):
        store = self.folder / "shop.sqlite"
        self.run_program("import", SHOP, "-o", store, "--quiet")
        self.put("shop.sqlite", store.read_bytes())
        model = self.folder / "from-store.model"
        self.run_program("train", f"{self.address}/shop.sqlite", "-o", model, "--seed", "0", *TRAIN)
        self.assertEqual(model.read_bytes(), self.models[0].read_bytes())

    def test_a_shop_is_named_by_its_address(self):
        self.put("shop/user_purchases.csv", (SHOP / "user_purchases.csv").read_bytes())
        stored = self.run_program("import", f"{self.address}/shop", "-o", self.folder / "named.sqlite")
        self.assertTrue(stored.startswith(f"Stored {self.address}/shop in "), stored)
        self.assertIn("no table there", self.run_program("import", f"{self.address}/nothing", "-o", self.folder / "none.sqlite", code=3))

    def test_bad_rows_are_told_by_the_name_of_the_file(self):
        self.put("shop/user_purchases.csv.gz", gzip.compress(b"user_id,product_id,purchase_count\n1,2,x\n"))
        said = self.run_program("train", f"{self.address}/shop", "-o", self.folder / "none.model", code=3)
        self.assertIn("user_purchases.csv.gz:2", said)
        self.assertEqual(list(self.temporary.iterdir()), [])

    # --- events ------------------------------------------------------------------------------------------------------

    def keep(self, *events):
        body = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events).encode()
        self.put(f"events/{hashlib.sha256(body).hexdigest()}.jsonl", body)

    @staticmethod
    def event(number, user="123", item="FB-9873"):
        return {"event_id": f"e{number}", "type": "purchase", "user": user, "item": item, "time": "2014-01-01T00:00:00Z", "order": f"o{number}", "quantity": 3.0}

    def trained(self, *options):
        model = self.folder / "with-events.model"
        told = self.run_program("train", SHOP, "-o", model, "--seed", "0", *TRAIN, *options, "--format", "json")
        return model.read_bytes(), json.loads(told)["events"]

    def test_kept_events_are_taken_in_once(self):
        self.keep(self.event(1), self.event(2))
        self.keep(self.event(3, user="new customer"))
        model, told = self.trained("--events", self.address)
        self.assertEqual((told["in_log"], told["purchases"]), (3, 3))
        self.keep(self.event(2), self.event(3, user="new customer"))  # sent again in another batch
        again, told = self.trained("--events", self.address)
        self.assertEqual((told["in_log"], told["purchases"]), (3, 3))
        self.assertEqual(again, model)
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_shop_and_events_may_have_one_address(self):
        self.put("user_purchases.csv", (SHOP / "user_purchases.csv").read_bytes())
        self.put("events/", b"")  # what a console calls a folder
        self.keep(self.event(1))
        model = self.folder / "one-address.model"
        told = self.run_program("train", self.address, "-o", model, *TRAIN, "--events", self.address, "--format", "json")
        self.assertEqual(json.loads(told)["events"]["purchases"], 1)

    def test_what_is_written_stays_on_this_machine(self):
        said = self.run_program("train", SHOP, "-o", f"{self.address}/new.model", code=2)
        self.assertIn("expected a place on this machine", said)
        self.assertIn("expected a place on this machine", self.run_program("serve", self.models[0], "--events", self.address, code=2))

    def test_no_events_change_nothing(self):
        model, told = self.trained("--events", self.address)
        self.assertEqual(told["in_log"], 0)

    def test_a_batch_that_was_altered_stops_the_training_and_is_named(self):
        self.keep(self.event(1))
        self.put("events/" + "0" * 64 + ".jsonl", b'{"event_id":"x"}\n')
        said = self.run_program("train", SHOP, "-o", self.folder / "none.model", "--events", self.address, code=3)
        self.assertIn(f"{self.address}/events/{'0' * 64}.jsonl", said)

    def test_a_line_that_is_no_event_is_named(self):
        self.keep({"event_id": "x", "type": "party"})
        said = self.run_program("train", SHOP, "-o", self.folder / "none.model", "--events", self.address, code=3)
        self.assertIn(self.address, said)
        self.assertIn("byte 0", said)

    # --- who may ask -------------------------------------------------------------------------------------------------

    def test_wrong_credentials_are_one_clear_line(self):
        self.assertIn("AWS_SECRET_ACCESS_KEY", self.run_program("models", self.address, code=3, AWS_SECRET_ACCESS_KEY="wrong"))
        self.assertIn("both", self.run_program("models", self.address, code=3, AWS_SECRET_ACCESS_KEY=""))
        self.assertIn("NoSuchBucket", self.run_program("models", "s3://no-such-bucket/purvey", code=3))

    def test_nothing_published_is_told_with_the_way_to_do_it(self):
        self.assertIn("purvey publish", self.run_program("models", self.address, code=3))
        self.assertIn("purvey publish", self.run_program("info", self.address, code=3))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
