#!/usr/bin/env python3
"""The S3 client against a server that fails.    python3 test_s3_faults.py PROBE"""

import datetime
import hashlib
import os
import pathlib
import random
import sys
import tempfile
import time
import unittest

from s3_probe_process import Probe
from s3_double import S3Double
from s3_server import environment_of, free_port

PROGRAM = None
CONTENT = random.Random(1).randbytes(400_000)


class Faults(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-s3-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.content = self.folder / "content"
        self.content.write_bytes(CONTENT)
        self.back = self.folder / "back"
        self.double = S3Double().__enter__()
        self.addCleanup(self.double.stop)

    def probe(self, seconds=20, **changes):
        probe = Probe(PROGRAM, environment_of(self.double.port, **changes), seconds=seconds)
        self.addCleanup(probe.__exit__)
        return probe

    def assert_error(self, answer, code, pattern):
        self.assertEqual(answer[:2], ["error", code])
        self.assertRegex(answer[2], pattern)

    def n_requests(self):
        return len(self.double.requests)

    def test_a_busy_server_is_asked_until_it_answers(self):
        self.double.faults = [S3Double.internal_error, S3Double.slow_down, S3Double.silence, S3Double.internal_error]
        self.assertEqual(self.probe().write("k", self.content)[:2], ["done", "400000"])
        self.assertEqual(self.n_requests(), 5)
        self.assertEqual(self.double.objects["k"], CONTENT)

    def test_every_try_is_signed_when_it_is_sent(self):
        def slow_down_late(double, connection, request):
            time.sleep(1.1)
            return double.slow_down(connection, request)

        self.double.faults = [slow_down_late]
        self.assertEqual(self.probe().write("k", self.content)[0], "done")
        first, second = (request.headers for request in self.double.requests)
        self.assertLess(first["x-amz-date"], second["x-amz-date"])
        self.assertNotEqual(first["authorization"], second["authorization"])

    def test_a_server_that_stays_busy_is_left_at_the_deadline(self):
        self.double.faults = [S3Double.slow_down] * 1000
        begun = time.monotonic()
        answer = self.probe(seconds=1).read("k", self.back)
        self.assertLess(time.monotonic() - begun, 10)
        self.assert_error(answer, "unreachable", r"^s3://shop/k: SlowDown: Please reduce your request rate\. \(tries: \d+\)$")
        self.assertGreater(self.n_requests(), 2)

    def test_a_server_that_never_answers_is_given_up(self):
        with Probe(PROGRAM, environment_of(free_port()), seconds=300) as probe:
            self.assert_error(probe.read("k", self.back), "unreachable", r"^s3://shop/k: .*\(tries: 8\)$")

    def test_a_reset_after_412_is_heard(self):
        self.double.faults = [S3Double.reset_after_412]
        self.content.write_bytes(bytes(16 << 20))
        answer = self.probe().write("k", self.content, "", "*")
        self.assertIn(answer[0], ("precondition", "done"))
        # A reset may destroy the answer on its way: then the question is asked again, and the double takes it.
        self.assertEqual(self.n_requests(), 1 if answer[0] == "precondition" else 2)

    def test_a_server_that_stops_in_an_upload_is_an_error(self):
        self.double.faults = [S3Double.stop_in_the_upload]
        self.assert_error(self.probe(seconds=1).write("k", self.content), "unreachable", r"^s3://shop/k: .*\(tries: \d+\)$")
        self.assertEqual(self.double.objects, {})

    def test_a_wrong_clock_is_set_by_the_server(self):
        self.double.objects["k"] = CONTENT
        for hours in (-1, 1):
            with self.subTest(hours=hours):
                self.double.ahead = datetime.timedelta(hours=hours)
                self.double.requests.clear()
                probe = self.probe()
                self.assertEqual(probe.read("k", self.back)[:2], ["done", "400000"])
                self.assertEqual(self.n_requests(), 2)
                self.assertEqual(probe.read("k", self.back)[0], "done")  # and stays set
                self.assertEqual(self.n_requests(), 3)

    def test_a_wrong_clock_is_told_from_a_head_too(self):
        self.double.objects["k"] = CONTENT
        self.double.ahead = datetime.timedelta(hours=1)
        self.assertEqual(self.probe()("look", "k")[:2], ["done", "400000"])

    def test_a_server_that_dislikes_its_own_clock_is_an_error(self):
        self.double.faults = [lambda double, *asked: double.refuse(*asked, 403, "RequestTimeTooSkewed")] * 9
        answer = self.probe().read("k", self.back)
        self.assert_error(answer, "bad_input", r"^s3://shop/k: RequestTimeTooSkewed: words: set this machine's clock$")
        self.assertEqual(self.n_requests(), 2)

    def test_expired_credentials_of_the_environment_are_one_line(self):
        self.double.faults = [S3Double.expired] * 9
        answer = self.probe(AWS_SESSION_TOKEN="old").read("k", self.back)
        self.assert_error(answer, "bad_input", r"^s3://shop/k: ExpiredToken: .*: get new credentials \(AWS_SESSION_TOKEN\)$")
        self.assertEqual(self.n_requests(), 2)
        self.assertEqual(self.double.requests[0].headers["x-amz-security-token"], "old")

    def test_expired_credentials_of_a_profile_are_read_again(self):
        profile = self.folder / "credentials"
        entry = "[default]\naws_access_key_id = {0}\naws_secret_access_key = s\naws_session_token = {0}-token\n"
        profile.write_text(entry.format("first"))

        def expire(double, connection, request):
            profile.write_text(entry.format("second"))
            return double.expired(connection, request)

        self.double.faults = [expire]
        self.double.objects["k"] = CONTENT
        environment = environment_of(self.double.port, AWS_SHARED_CREDENTIALS_FILE=str(profile), AWS_CONFIG_FILE=str(self.folder / "none"))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del environment[name]
        with Probe(PROGRAM, environment) as probe:
            self.assertEqual(probe.read("k", self.back)[0], "done")
        tokens = [request.headers["x-amz-security-token"] for request in self.double.requests]
        self.assertEqual(tokens, ["first-token", "second-token"])

    def test_refusals_are_final_and_say_what_to_do(self):
        for fault, code, pattern in (
            (S3Double.elsewhere, "bad_input", "set AWS_REGION=eu-west-1$"),
            (S3Double.no_bucket, "bad_input", "NoSuchBucket: The specified bucket does not exist: check the bucket's name$"),
            (S3Double.denied, "bad_input", r"AccessDenied: Access Denied: allow s3:GetObject"),
        ):
            with self.subTest(pattern=pattern):
                self.double.requests.clear()
                self.double.faults = [fault] * 9
                self.assert_error(self.probe().read("k", self.back), code, pattern)
                self.assertEqual(self.n_requests(), 1)

    def test_a_head_refused_without_words_is_asked_about(self):
        self.double.faults = [S3Double.denied] * 9
        self.assert_error(self.probe()("look", "k"), "bad_input", "AccessDenied: Access Denied: allow s3:GetObject")
        self.assertEqual([request.method for request in self.double.requests], ["HEAD", "GET"])

    def test_a_cut_download_asks_for_the_rest_of_the_same_object(self):
        self.double.objects["k"] = CONTENT
        self.double.faults = [S3Double.cut_after(0), S3Double.cut_after(100_001), S3Double.slow_down, S3Double.cut_after(7)]
        answer = self.probe().file("k", self.back, hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual(answer[:2], ["done", "400000"])
        self.assertEqual(self.back.read_bytes(), CONTENT)
        asked = [(request.headers.get("range"), request.headers.get("if-match")) for request in self.double.requests]
        etag = self.double.etag("k")
        self.assertEqual(asked[:2], [(None, None)] * 2)
        self.assertEqual(asked[2:], [("bytes=100001-", etag)] * 2 + [("bytes=100008-", etag)])

    def test_a_server_without_ranges_serves_the_rest_too(self):
        self.double.objects["k"] = CONTENT
        self.double.faults = [S3Double.cut_after(250_000), S3Double.whole_again]
        answer = self.probe().file("k", self.back, hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual(answer[:2], ["done", "400000"])
        self.assertEqual(self.back.read_bytes(), CONTENT)

    def test_an_object_replaced_in_a_download_does_not_become_a_mixture(self):
        self.double.objects["k"] = CONTENT

        def cut_and_replace(double, connection, request):
            double.answer_object(connection, request, CONTENT, 1000)
            double.objects["k"] = CONTENT[::-1]
            return False

        self.double.faults = [cut_and_replace]
        answer = self.probe().file("k", self.back)
        self.assert_error(answer, "unreachable", "it was replaced while it was read$")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["content"])

    def test_a_download_that_never_ends_leaves_nothing(self):
        self.double.objects["k"] = CONTENT
        self.double.faults = [S3Double.cut_after(1000)] + [S3Double.silence] * 1000
        self.assert_error(self.probe(seconds=1).file("k", self.back), "unreachable", r"\(tries: \d+\)$")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["content"])


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
