#!/usr/bin/env python3
"""The Runtime API as it is, slow and broken: chunked events, missing headers, refusals, lost connections, kill."""

import json
import socket
import unittest

from support.runtime_double import Bootstrap, Event, LambdaTestCase, RuntimeDouble, Setting, main

QUESTION = {"user_id": 123, "n": 2}


class Events(LambdaTestCase):
    def test_a_hundred_events_travel_on_one_connection(self):
        double, _ = self.start_with_model()
        first = double.ask(QUESTION)
        for _ in range(99):
            self.assertEqual(double.ask(QUESTION), first)
        self.assertEqual(double.connections, 1)

    def test_chunks_of_every_size_make_the_same_event(self):
        double, _ = self.start_with_model()
        expected = double.ask(QUESTION)
        for sizes in ([1], [2, 3], [7], [1000]):
            self.assertEqual(double.ask(Event(QUESTION, chunk_sizes=sizes)), expected)

    def test_no_header_but_the_request_id_is_needed(self):
        double, bootstrap = self.start_with_model()
        self.assertEqual(double.ask(Event(QUESTION, headers={}))["statusCode"], 200)
        self.assertNotIn("traceId", bootstrap.objects(1)[0])

    def test_header_names_may_be_of_any_case(self):
        double, bootstrap = self.start_with_model()
        double.ask(Event(QUESTION, headers={"lAMBDA-runtime-TRACE-id": "Root=1-2-3"}))
        self.assertEqual(bootstrap.objects(1)[0]["traceId"], "Root=1-2-3")

    def test_it_waits_for_an_event_as_long_as_it_takes(self):
        double, bootstrap = self.start_with_model()
        self.assertTrue(double.waiting.wait(60))
        with self.assertRaises(Exception):
            bootstrap.process.wait(timeout=1)
        self.assertEqual(double.ask(QUESTION)["statusCode"], 200)

    def test_what_is_no_json_is_an_error_of_the_function(self):
        double, bootstrap = self.start_with_model()
        for body in (b"", b"{", b"no", b'{"user_id":1}x', b"\xff"):
            double.put(Event(body))
            answer = double.take()
            self.assertEqual((answer.kind, answer.error_type), ("error", "Function.BadRequest"))
        self.assertEqual(double.ask(QUESTION)["statusCode"], 200)
        self.assertEqual([line["status"] for line in bootstrap.objects(6)], [400] * 5 + [200])

    def test_a_large_event_is_taken(self):
        double, _ = self.start_with_model()
        question = {"user_id": 123, "n": 1, "exclude": [f"none-{k:040}" for k in range(100000)]}
        self.assertEqual(double.ask(question)["statusCode"], 200)


class Refusals(LambdaTestCase):
    def test_a_refused_answer_is_logged_and_the_next_event_taken(self):
        for status in (413, 403, 400, 500):
            double, bootstrap = self.start_with_model(refuse_answers=status)
            double.ask(QUESTION)
            double.ask(QUESTION)
            lost = [line for line in bootstrap.objects(4) if line["level"] == "ERROR"]
            self.assertEqual(len(lost), 2)
            self.assertIn(f"answered {status}", lost[0]["message"])

    def test_a_lost_connection_is_made_anew(self):
        double, _ = self.start_with_model(break_next=1)
        self.assertEqual(double.ask(QUESTION)["statusCode"], 200)
        self.assertEqual(double.connections, 2)

    def test_a_runtime_api_that_is_gone_is_the_end(self):
        double, bootstrap = self.start_with_model(break_next=100)
        self.assertEqual(bootstrap.wait(), 1)
        self.assertLessEqual(double.connections, 4)
        self.assertEqual(bootstrap.objects(1)[0]["level"], "FATAL")

    def test_a_refused_next_is_the_end(self):
        _, bootstrap = self.start_with_model(next_status=500)
        self.assertEqual(bootstrap.wait(), 1)
        self.assertIn("answered 500 to next", bootstrap.objects(1)[0]["message"])

    def test_an_event_without_a_request_id_is_the_end(self):
        double, bootstrap = self.start_with_model()
        double.put(Event(QUESTION, request_id="a/../b"))
        self.assertEqual(bootstrap.wait(), 1)

    def test_a_kill_at_any_moment_leaves_nothing_behind(self):
        for questions in range(4):
            double, bootstrap = self.start_with_model()
            for _ in range(questions):
                double.ask(QUESTION)
            bootstrap.kill()
            self.assertEqual([path.name for path in bootstrap.task_root.iterdir()], ["purvey.model"])


class Start(LambdaTestCase):
    def assert_refused(self, environment, error_type, *words, model=None):
        double, bootstrap = self.start(environment, model=model)
        self.assertEqual(bootstrap.wait(), 1)
        self.assertEqual(double.init_error["errorType"], error_type)
        for word in words:
            self.assertIn(word, double.init_error["errorMessage"])
        self.assertEqual(double.invocations, 0)
        line = json.loads(bootstrap.lines()[0]) if "Text" not in (environment or {}).values() else None
        if line:
            self.assertEqual(line["level"], "FATAL")

    def test_wrong_settings_end_the_start_with_one_line(self):
        for name, value, word in (
            ("PURVEY_RELOAD_SECONDS", "soon", "0 (only when told) to 86400"),
            ("PURVEY_RELOAD_SECONDS", "-1", "PURVEY_RELOAD_SECONDS -1"),
            ("PURVEY_RELOAD_SECONDS", "1e9", "86400"),
            ("PURVEY_METRICS_NAMESPACE", "AWS/Lambda", "not AWS/"),
            ("PURVEY_METRICS_NAMESPACE", "a b", "expected"),
            ("AWS_LAMBDA_LOG_LEVEL", "loud", "TRACE, DEBUG"),
            ("AWS_LAMBDA_LOG_FORMAT", "xml", "JSON or Text"),
            ("PURVEY_AS_OF", "yesterday", "PURVEY_AS_OF"),
        ):
            with self.subTest(name=name, value=value):
                self.assert_refused({name: value}, "Runtime.BadSettings", name, word, model=Setting.model())

    def test_no_model_ends_the_start(self):
        self.assert_refused(None, "Runtime.BadSettings", "PURVEY_MODEL", "purvey.model")
        self.assert_refused({"PURVEY_MODEL": "/nowhere/x.model"}, "Runtime.NoModel", "/nowhere/x.model")

    def test_a_damaged_model_ends_the_start(self):
        damaged = Setting.folder / "damaged.model"
        content = bytearray(Setting.model().read_bytes())
        content[-1] ^= 1
        damaged.write_bytes(content)
        self.assert_refused(None, "Runtime.NoModel", "purvey.model", model=damaged)

    def test_a_named_model_goes_before_the_one_in_the_package(self):
        double, bootstrap = self.start_with_model({"PURVEY_MODEL": str(Setting.model(7))})
        info = json.loads(Setting.run_purvey("info", Setting.model(7), "--format", "json"))
        double.ask(QUESTION)
        self.assertEqual(bootstrap.objects(1)[0]["model"], info["model"])

    def test_without_a_runtime_api_there_is_one_line(self):
        for address, words in (("", "AWS_LAMBDA_RUNTIME_API"), ("nonsense:x", "port")):
            double = RuntimeDouble()
            self.addCleanup(double.close)
            bootstrap = Bootstrap(double, {"AWS_LAMBDA_RUNTIME_API": address}, model=Setting.model())
            self.assertEqual(bootstrap.wait(), 1)
            self.assertIn(words, bootstrap.objects(1)[0]["message"])
            bootstrap.close()

    def test_a_runtime_api_that_nobody_offers_is_the_end(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        double = RuntimeDouble()
        self.addCleanup(double.close)
        bootstrap = Bootstrap(double, {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}, model=Setting.model())
        self.assertEqual(bootstrap.wait(), 1)
        bootstrap.close()


if __name__ == "__main__":
    main(__name__)
