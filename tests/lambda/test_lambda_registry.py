#!/usr/bin/env python3
"""A model, an overlay and a place for events on a real S3 server: what changes there changes the answers, and what breaks
there does not."""

import hashlib
import json
import pathlib
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "aws"))

import s3_server
from support.runtime_double import EXAMPLES, PATIENCE, Event, LambdaTestCase, Setting, main

USER = "12"
QUESTION = {"user_id": USER, "n": 3}
RELOAD = {"op": "reload"}


class RegistryTestCase(LambdaTestCase):
    count = 0
    is_tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = s3_server.S3Server(tls=cls.is_tls, folder=Setting.folder)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        RegistryTestCase.count += 1
        self.prefix = f"shop {RegistryTestCase.count}"
        self.address = f"s3://{s3_server.BUCKET}/{self.prefix}"
        self.cache = Setting.folder / f"cache{RegistryTestCase.count}"

    def publish(self, seed):
        command = [Setting.purvey, "publish", Setting.model(seed), self.address]
        subprocess.run(command, check=True, capture_output=True, env=self.server.environment())

    def put_object(self, name, content):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        target = urllib.parse.quote(f"/{s3_server.BUCKET}/{self.prefix}/{name}")
        status, _, answer = self.server.ask("PUT", target, body)
        self.assertEqual(status, 200, answer)

    def get_object(self, name):
        return self.server.ask("GET", urllib.parse.quote(f"/{s3_server.BUCKET}/{self.prefix}/{name}"))[2]

    def remove_object(self, name):
        self.server.ask("DELETE", urllib.parse.quote(f"/{s3_server.BUCKET}/{self.prefix}/{name}"))

    def start_with_registry(self, **more):
        """Double and program, which has its model by then; looks only when told, unless `more` says otherwise."""
        double, bootstrap = self.start_program(**more)
        self.assertTrue(double.waiting.wait(PATIENCE), bootstrap.lines())
        return double, bootstrap

    def start_program(self, **more):
        model = more.pop("model", None)
        aws = {name: value for name, value in self.server.environment().items() if name.startswith("AWS_")}
        own = {"PURVEY_REGISTRY": self.address, "PURVEY_CACHE": str(self.cache), "PURVEY_RELOAD_SECONDS": "0"}
        return self.start(aws | own | more, model=model)

    def answer_of(self, seed, n=3):
        command = ("recommend", Setting.model(seed), "--user", USER, "-n", str(n), "--format", "json")
        return Setting.run_purvey(*command).decode().rstrip("\n")


class Models(RegistryTestCase):
    def test_the_published_model_answers_and_a_new_one_takes_its_place(self):
        self.publish(42)
        double, bootstrap = self.start_with_registry()
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))
        self.assertEqual(double.ask(RELOAD)["reloaded"], False)
        self.publish(7)
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))
        reloaded = double.ask(RELOAD)
        self.assertEqual((reloaded["reloaded"], reloaded["model"]), (True, json.loads(self.answer_of(7))["model"]))
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(7))
        digest = hashlib.sha256(Setting.model(7).read_bytes()).hexdigest()
        self.assertEqual([path.name for path in self.cache.glob("*.model")], [f"{digest}.model"])
        lines = [line for line in bootstrap.objects(6) if "S3GetMs" in line]
        self.assertEqual([line.get("ReloadOk", 0) for line in lines], [0, 0, 1])

    def test_a_look_that_is_due_finds_the_new_model(self):
        self.publish(42)
        double, _ = self.start_with_registry(PURVEY_RELOAD_SECONDS="0.001")
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))
        self.publish(7)
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(7))

    def test_without_time_for_a_look_the_question_goes_first(self):
        self.publish(42)
        double, bootstrap = self.start_with_registry(PURVEY_RELOAD_SECONDS="0.001")
        double.ask(Event(QUESTION, seconds_left=0.4))
        self.assertEqual(bootstrap.objects(1)[0]["S3GetMs"] > 0, True)  # of the start
        double.ask(Event(QUESTION, seconds_left=0.4))
        self.assertNotIn("S3GetMs", bootstrap.objects(2)[1])

    def test_events_of_s3_about_the_pointer_and_the_overlay_are_heard(self):
        self.publish(42)
        double, _ = self.start_with_registry()
        self.publish(7)

        def event_of(*names, bucket=s3_server.BUCKET):
            keys = [urllib.parse.quote_plus(f"{self.prefix}/{name}") for name in names]
            return {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket}, "object": {"key": key}}} for key in keys]}

        for event in (event_of("models/x.model"), event_of("current.json.part"), event_of("current.json", bucket="other")):
            self.assertEqual(double.ask(event)["reloaded"], False)
        answer = double.ask(event_of("x", "current.json"))
        self.assertEqual(answer["reloaded"], True, answer)
        self.assertEqual(double.ask(event_of("current.json"))["reloaded"], False)

    def test_a_pointer_to_what_is_no_model_changes_nothing_until_it_is_right_again(self):
        self.publish(42)
        double, bootstrap = self.start_with_registry()
        self.publish(7)
        pointer = self.get_object("current.json")
        key = json.loads(pointer)["current"]["key"]
        content = self.get_object(key)
        self.put_object(key, content[:-1] + bytes([content[-1] ^ 1]))
        answer = double.ask(RELOAD)
        self.assertEqual((answer["reloaded"], answer["model"]), (False, json.loads(self.answer_of(42))["model"]))
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))
        self.put_object(key, content)
        self.assertEqual(double.ask(RELOAD)["reloaded"], True)
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(7))
        failed = [line for line in bootstrap.objects(6) if line.get("ReloadFailed")]
        self.assertEqual(len(failed), 1)

    def test_a_server_that_is_gone_costs_no_answer(self):
        self.publish(42)
        double, bootstrap = self.start_with_registry(PURVEY_RELOAD_SECONDS="0.001")
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))
        self.server.kill()
        try:
            self.assertEqual(double.ask(Event(QUESTION, seconds_left=0.9))["body"], self.answer_of(42))
            self.assertEqual(bootstrap.objects(3)[2]["ReloadFailed"], 1)
        finally:
            self.server.start()

    def test_nothing_published_ends_the_start(self):
        double, bootstrap = self.start_program()
        self.assertEqual(bootstrap.wait(), 1)
        self.assertEqual(double.init_error["errorType"], "Runtime.NoModel")
        self.assertIn("purvey publish", double.init_error["errorMessage"])


class ModelsOverTls(RegistryTestCase):
    is_tls = True

    def test_the_published_model_answers(self):
        self.publish(42)
        double, _ = self.start_with_registry()
        self.assertEqual(double.ask(QUESTION)["body"], self.answer_of(42))

    def test_a_certificate_that_nobody_vouches_for_ends_the_start(self):
        self.publish(42)
        double, bootstrap = self.start_program(AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")
        self.assertEqual(bootstrap.wait(), 1)
        self.assertEqual(double.init_error["errorType"], "Runtime.Unreachable")
        self.assertEqual(double.init_error["errorMessage"].count("\n"), 0)


class Overlay(RegistryTestCase):
    def items(self, double):
        return [item["item"] for item in json.loads(double.ask(QUESTION)["body"])["items"]]

    def test_what_is_sold_out_is_not_recommended_until_it_is_there_again(self):
        double, _ = self.start_with_registry(model=Setting.model())
        before = self.items(double)
        self.put_object("overlay.json", {"items": [{"item": before[0], "stock": 0}]})
        self.assertEqual(double.ask(RELOAD)["reloaded"], True)
        self.assertNotIn(before[0], self.items(double))
        self.assertEqual(double.ask(RELOAD)["reloaded"], False)
        self.remove_object("overlay.json")
        self.assertEqual(double.ask(RELOAD)["reloaded"], True)
        self.assertEqual(self.items(double), before)

    def test_it_holds_from_the_start(self):
        before = [item["item"] for item in json.loads(self.answer_of(42))["items"]]
        self.put_object("overlay.json", {"items": [{"item": before[1], "stock": 0}]})
        self.publish(42)
        double, _ = self.start_with_registry()
        self.assertNotIn(before[1], self.items(double))

    def test_a_wrong_one_changes_nothing_until_it_is_right(self):
        double, _ = self.start_with_registry(model=Setting.model())
        before = self.items(double)
        for content in (b"{", {"articles": []}, {"items": [{"item": before[0], "stock": "none"}]}):
            self.put_object("overlay.json", content)
            answer = double.ask(RELOAD)
            self.assertEqual(answer["reloaded"], False)
            self.assertIn("overlay", answer["error"])
            self.assertEqual(self.items(double), before)
        self.put_object("overlay.json", {"items": [{"item": before[0], "stock": 0}]})
        self.assertEqual(double.ask(RELOAD)["reloaded"], True)


class Events(RegistryTestCase):
    is_tls = True
    batch = {"events": [{"type": "purchase", "user": USER, "item": "BB-7421", "time": "2026-01-02T03:04:05Z", "event_id": "e1"}]}

    def post(self, double):
        context = {"stage": "$default", "http": {"method": "POST"}}
        body = json.dumps(self.batch["events"])
        return double.ask({"version": "2.0", "rawPath": "/v1/events", "requestContext": context, "body": body})

    def test_an_accepted_batch_is_an_object_named_by_its_hash(self):
        double, _ = self.start_with_registry(model=Setting.model())
        answer = self.post(double)
        self.assertEqual(answer["statusCode"], 200, answer)
        self.assertEqual(json.loads(answer["body"])["results"][0]["status"], "accepted")
        target = f"/{s3_server.BUCKET}?list-type=2&prefix={urllib.parse.quote(self.prefix + '/events/', safe='')}"
        listing = self.server.ask("GET", target)[2].decode()
        self.assertEqual(listing.count("<Key>"), 1, listing)
        name = listing.split("<Key>")[1].split("</Key>")[0].split("/")[-1]
        content = self.get_object(f"events/{name}")
        self.assertEqual(name, hashlib.sha256(content).hexdigest() + ".jsonl")

    def test_kept_batches_are_events_of_the_next_training(self):
        self.publish(42)
        double, _ = self.start_with_registry()
        self.assertEqual(self.post(double)["statusCode"], 200)
        self.assertEqual(self.post(double)["statusCode"], 200)  # sent again by a client that heard no answer
        model = Setting.folder / "with-events.model"
        command = [Setting.purvey, "train", EXAMPLES / "simple-shop", "--events", self.address, "-o", model]
        command += ["--factors", "4", "--iterations", "2", "--quiet", "--format", "json"]
        report = subprocess.run([*map(str, command)], check=True, capture_output=True, env=self.server.environment()).stdout
        told = json.loads(report)["events"]
        self.assertEqual((told["in_log"], told["purchases"]), (1, 1), told)

    def test_without_a_registry_events_are_refused(self):
        double, _ = self.start_with_model()
        self.assertEqual(self.post(double)["statusCode"], 409)

    def test_a_batch_that_cannot_be_kept_is_to_be_sent_again(self):
        double, _ = self.start_with_registry(model=Setting.model())
        double.ask(QUESTION)
        self.server.kill()
        try:
            context = {"stage": "$default", "http": {"method": "POST"}}
            event = {"version": "2.0", "rawPath": "/v1/events", "requestContext": context, "body": json.dumps(self.batch["events"])}
            answer = double.ask(Event(event, seconds_left=0.8))
            self.assertEqual(answer["statusCode"], 503, answer)
            self.assertIn("retry-after", answer["headers"])
        finally:
            self.server.start()


if __name__ == "__main__":
    main(__name__)
