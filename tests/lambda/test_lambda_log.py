#!/usr/bin/env python3
"""The log: one object a line, metrics that CloudWatch takes, nothing of what customers sent."""

import hashlib
import hmac
import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "aws"))

import packages

packages.enter()

import jsonschema
from support.runtime_double import Event, LambdaTestCase, main

SCHEMA = jsonschema.Draft202012Validator(json.loads((HERE / "emf_schema.json").read_text(encoding="utf-8")))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
USER = "customer-4711"
QUESTION = {"user_id": USER, "n": 2}
POST = {"version": "2.0", "rawPath": "/v1/recommend", "requestContext": {"stage": "$default", "http": {"method": "POST"}}}


def declared(line):
    """Names and units of a line's metrics."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}


class Log(LambdaTestCase):
    def check_metrics(self, line):
        SCHEMA.validate(line)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for name in (name for names in directive["Dimensions"] for name in names):
                self.assertIsInstance(line[name], str)
                self.assertTrue(1 <= len(line[name]) <= 1024)
            for metric in directive["Metrics"]:
                self.assertIn(type(line[metric["Name"]]), (int, float))

    def log_of(self, events, environment=None, lines=None):
        double, bootstrap = self.start_with_model(environment)
        for event in events:
            double.put(event)
            double.take()
        return bootstrap.wait_for_lines(lines or len(events))

    def test_a_line_tells_of_its_invocation(self):
        first, second = map(json.loads, self.log_of([QUESTION, QUESTION]))
        self.assertRegex(first["timestamp"], TIME)
        self.assertEqual((first["level"], first["event"], first["call"], first["status"]), ("INFO", "direct", "recommend", 200))
        self.assertEqual(first["requestId"], "8476a536-e9f4-11e8-9739-000000000001")
        self.assertTrue(first["traceId"].startswith("Root=1-5bef4de7"))
        self.assertEqual((first["functionVersion"], first["Service"]), ("7", "shop"))
        self.assertEqual((first["coldStart"], second["coldStart"]), (True, False))
        self.assertRegex(first["model"], "^[0-9a-f]{8}$")
        self.assertGreater(first["ms"], 0)

    def test_metrics_keep_to_the_specification(self):
        events = [QUESTION, QUESTION, {"user_id": 1, "n": 0}, {"op": "reload"}, {"op": "health"}, {"foo": 1}, Event(b"{")]
        for line in map(json.loads, self.log_of(events)):
            self.check_metrics(line)

    def test_metrics_say_what_happened(self):
        lines = [json.loads(line) for line in self.log_of([QUESTION, QUESTION, {"user_id": 1, "n": 0}, {"op": "reload"}])]
        cold, warm, refused, reload = lines
        self.assertEqual((cold["Requests"], cold["ColdStart"], warm["ColdStart"]), (1, 1, 0))
        self.assertEqual((warm["Items"], warm["Fallback"], warm["Errors4xx"], warm["Errors5xx"]), (2, 1, 0, 0))
        self.assertEqual((refused["Errors4xx"], refused["Errors5xx"]), (1, 0))
        self.assertIn("ModelLoadMs", declared(cold))
        self.assertNotIn("ReloadOk", declared(cold))
        self.assertNotIn("ModelLoadMs", declared(warm))
        self.assertNotIn("RecommendMs", declared(reload))
        self.assertGreater(cold["ModelBytes"], 1000)
        self.assertEqual(declared(cold)["PeakRssMB"], "Megabytes")

    def test_unknown_users_are_counted_whatever_their_answer_is(self):
        events = [{"user_id": 12}, {"user_id": "nobody"}, {"user_id": "nobody", "strict": True}, {"history": [], "n": 1}]
        lines = [json.loads(line) for line in self.log_of(events)]
        self.assertEqual([line["status"] for line in lines], [200, 200, 404, 200])
        self.assertEqual([line["UnknownUser"] for line in lines], [0, 1, 1, 0])
        self.assertEqual([line.get("Fallback") for line in lines], [0, 1, None, 1])

    def test_users_are_hashed_by_the_salt_alone(self):
        expected = hmac.new(b"pepper", USER.encode(), hashlib.sha256).hexdigest()[:16]
        path = {**POST, "rawPath": f"/v1/users/{USER}/recommendations", "requestContext": {"http": {"method": "GET"}}}
        events = [QUESTION, {"user": USER}, {**POST, "body": json.dumps({"user": USER})}, path]
        for line in self.log_of(events, {"PURVEY_LOG_SALT": "pepper"}):
            self.assertEqual(json.loads(line)["user"], expected)

    def test_without_a_salt_each_sandbox_has_its_own(self):
        hashes = [json.loads(line)["user"] for line in self.log_of([QUESTION, QUESTION]) + self.log_of([QUESTION])]
        self.assertEqual(hashes[0], hashes[1])
        self.assertNotEqual(hashes[0], hashes[2])

    def test_nothing_that_was_sent_is_logged(self):
        secret = "do-not-log-me"
        events = [{"user_id": secret, "n": 1}, {"user_id": secret, "strict": True}, {"user_id": secret, secret: 1}, {secret: 1}]
        events += [{**POST, "body": secret}, {**POST, "rawPath": f"/v1/users/{secret}/recommendations"}, {"op": secret}]
        events += [Event(f'{{"{secret}":'.encode()), {"Records": [{"eventSource": "aws:s3", secret: {}}]}]
        credentials = {"AWS_ACCESS_KEY_ID": secret, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": secret}
        for line in self.log_of(events, credentials | {"AWS_LAMBDA_LOG_LEVEL": "TRACE"}):
            self.assertNotIn(secret, line)

    def test_levels_keep_messages_back_and_metrics_not(self):
        lines = [json.loads(line) for line in self.log_of([QUESTION, {"user_id": 1, "n": 0}], {"AWS_LAMBDA_LOG_LEVEL": "WARN"})]
        self.assertNotIn("message", lines[0])
        self.assertEqual(lines[0]["Requests"], 1)
        self.assertEqual(lines[1]["level"], "WARN")
        for line in lines:
            self.check_metrics(line)

    def test_text_lines_stand_beside_the_metrics(self):
        lines = self.log_of([QUESTION], {"AWS_LAMBDA_LOG_FORMAT": "Text"}, lines=2)
        self.assertRegex(lines[0], r"^\S+Z INFO 8476a536-\S+ direct recommend: 200 in [0-9.]+ ms$")
        self.check_metrics(json.loads(lines[1]))
        self.assertNotIn("message", json.loads(lines[1]))

    def test_the_namespace_is_a_setting(self):
        (line,) = self.log_of([QUESTION], {"PURVEY_METRICS_NAMESPACE": "Shop/Recommendations"})
        self.assertEqual(json.loads(line)["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Shop/Recommendations")


if __name__ == "__main__":
    main(__name__)
