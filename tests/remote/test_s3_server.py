#!/usr/bin/env python3
"""The S3 client against a real server, plain and over TLS.    python3 test_s3_server.py PROBE"""

import hashlib
import os
import pathlib
import random
import sys
import tempfile
import unittest
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from s3_probe_process import Probe
from cutting_proxy import CuttingProxy
from s3_server import S3Server, environment_of

PROGRAM = None
KEYS = ["plain", "a b+c=d&e", "ü/日本/🙂", "percent%20sign", "tilde~(paren)'quote!*", "models/x.model", "semi;colon:at@", "comma,$"]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def target_of(key):
    return "/shop/" + urllib.parse.quote(key, safe="/~")


class AgainstServer:
    """The tests, for each kind of connection."""

    is_tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = S3Server(tls=cls.is_tls).__enter__()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-s3-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def probe(self, **changes):
        return Probe(PROGRAM, self.server.environment(**changes))

    def file(self, content, name="content"):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_what_was_written_is_read(self):
        content = random.Random(1).randbytes(300_000)
        with self.probe() as probe:
            for key in KEYS:
                with self.subTest(key=key):
                    written = probe.write(key, self.file(content))
                    self.assertEqual(written[:2], ["done", "300000"])
                    status, headers, body = self.server.ask("GET", target_of(key))
                    self.assertEqual((status, body), (200, content))
                    self.assertEqual(written[2], headers["ETag"])
                    self.assertEqual(probe("look", key), ["done", "300000", *written[2:4], sha256(content)])
                    self.assertEqual(probe.read(key, self.folder / "back")[:3], ["done", "300000", written[2]])
                    self.assertEqual((self.folder / "back").read_bytes(), content)
                    self.assertEqual(probe.file(key, self.folder / "file", sha256(content))[:3], ["done", "300000", written[2]])
                    self.assertEqual((self.folder / "file").read_bytes(), content)

    def test_an_object_of_no_bytes(self):
        with self.probe() as probe:
            self.assertEqual(probe.write("empty", self.file(b""))[:2], ["done", "0"])
            self.assertEqual(probe.read("empty", self.folder / "back")[:2], ["done", "0"])
            self.assertEqual(probe.file("empty", self.folder / "file", sha256(b""))[:2], ["done", "0"])
            self.assertEqual((self.folder / "file").read_bytes(), b"")

    def test_what_is_not_there_is_no_error(self):
        with self.probe() as probe:
            self.assertEqual(probe("look", "absent"), ["no_object"])
            self.assertEqual(probe.read("absent", self.folder / "back"), ["no_object"])
            self.assertEqual(probe.file("absent", self.folder / "back"), ["no_object"])
            self.assertEqual(probe("remove", "absent"), ["removed"])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_conditions_hold(self):
        with self.probe() as probe:
            first = probe.write("pointer", self.file(b"1"), "", "*")
            self.assertEqual(first[0], "done")
            self.assertEqual(probe.write("pointer", self.file(b"2"), "", "*"), ["precondition"])
            self.assertEqual(probe.read("pointer", self.folder / "back", "", first[2]), ["not_changed"])
            second = probe.write("pointer", self.file(b"2"), first[2])
            self.assertEqual(second[0], "done")
            self.assertNotEqual(second[3], first[3])  # the bucket keeps versions
            self.assertEqual(probe.write("pointer", self.file(b"3"), first[2]), ["precondition"])
            self.assertEqual(probe.write("gone", self.file(b"1"), first[2]), ["no_object"])
            self.assertEqual(self.server.ask("GET", "/shop/pointer")[2], b"2")

    def test_a_large_body_refused_before_it_was_read_is_heard(self):
        with self.probe() as probe:
            self.assertEqual(probe.write("taken", self.file(b"1"), "", "*")[0], "done")
            large = self.file(bytes(8 << 20), "large")
            self.assertEqual(probe.write("taken", large, "", "*"), ["precondition"])
            self.assertEqual(probe.read("taken", self.folder / "back")[:2], ["done", "1"])

    def test_a_listing_is_whole_and_sorted(self):
        keys = [f"list/{i:04d} & <ü>" for i in range(1050)]  # more than a page
        for key in keys:  # each one through the front door would take half a minute
            (self.server.folder / "data" / "shop" / key).parent.mkdir(exist_ok=True)
            (self.server.folder / "data" / "shop" / key).write_bytes(b"12345")
        with self.probe() as probe:
            listed = probe.list("list/")
            self.assertEqual([entry[0] for entry in listed], keys)
            self.assertEqual({entry[1] for entry in listed}, {"5"})
            self.assertEqual(probe.list("list/0007")[0][0], keys[7])
            self.assertEqual(probe.list("nothing/"), [])

    def test_a_removed_object_is_gone(self):
        with self.probe() as probe:
            probe.write("short-lived", self.file(b"1"))
            self.assertEqual(probe("remove", "short-lived"), ["removed"])
            self.assertEqual(probe("look", "short-lived"), ["no_object"])

    def test_more_than_allowed_is_refused(self):
        with self.probe() as probe:
            probe.write("hundred", self.file(bytes(100)))
            self.assertEqual(probe.read("hundred", self.folder / "back", 100)[:2], ["done", "100"])
            answer = probe.read("hundred", self.folder / "back", 99)
            self.assertEqual(answer, ["error", "bad_input", "s3://shop/hundred: larger than 99 bytes"])

    def test_a_file_of_another_hash_does_not_appear(self):
        with self.probe() as probe:
            probe.write("wrong", self.file(b"content"))
            answer = probe.file("wrong", self.folder / "back", "0" * 64)
            self.assertEqual(answer[:2], ["error", "bad_input"])
            self.assertIn(f"its SHA-256 is {sha256(b'content')}, expected 000", answer[2])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["content"])

    def test_a_wrong_secret_is_one_clear_line(self):
        with self.probe(AWS_SECRET_ACCESS_KEY="wrong") as probe:
            for answer in (probe.read("plain", self.folder / "back"), probe("look", "plain"), probe.list("")):
                self.assertEqual(answer[:2], ["error", "bad_input"])
                self.assertRegex(answer[2], r"^s3://shop/(plain)?: SignatureDoesNotMatch: .*: check AWS_SECRET_ACCESS_KEY$")

    def test_an_unknown_key_is_one_clear_line(self):
        with self.probe(AWS_ACCESS_KEY_ID="nobody") as probe:
            answer = probe.read("plain", self.folder / "back")
            self.assertEqual(answer[:2], ["error", "bad_input"])
            self.assertRegex(answer[2], r"^s3://shop/plain: \w+: .*access key")  # the code is the server's own

    def test_another_bucket_is_told_from_a_missing_object(self):
        with Probe(PROGRAM, self.server.environment(), bucket="no-such-bucket") as probe:
            answer = probe.read("plain", self.folder / "back")
            self.assertRegex(answer[2], r"^s3://no-such-bucket/plain: NoSuchBucket: .*: check the bucket's name$")

    def test_one_of_eight_racing_writers_wins(self):
        rounds = 6
        paths = [self.file(bytes([i]) * 1000, f"racer{i}") for i in range(8)]

        def race(racer):
            with self.probe() as probe:
                return [probe.write(f"race/{number}", paths[racer], "", "*")[0] for number in range(rounds)]

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(race, range(8)))
        for number in range(rounds):
            self.assertEqual(sorted(row[number] for row in outcomes), ["done"] + ["precondition"] * 7)
            winner = [row[number] for row in outcomes].index("done")
            self.assertEqual(self.server.ask("GET", f"/shop/race/{number}")[2], paths[winner].read_bytes())

    def through(self, proxy, **changes):
        return Probe(PROGRAM, {**self.server.environment(**changes), **self.address_of(proxy)})

    def address_of(self, proxy):
        return {"AWS_ENDPOINT_URL_S3": f"{'https' if self.is_tls else 'http'}://127.0.0.1:{proxy.port}"}

    def test_a_cut_upload_is_sent_again_and_whole(self):
        content = random.Random(2).randbytes(1 << 20)
        with CuttingProxy(self.server.port) as proxy:
            proxy.cuts = [("request", 0), ("request", 200_000), ("request", 900_000), ("answer", 20)]
            with self.through(proxy) as probe:
                self.assertEqual(probe.write("cut-upload", self.file(content))[:2], ["done", str(1 << 20)])
            self.assertGreaterEqual(proxy.connections, 5)
        self.assertEqual(self.server.ask("GET", "/shop/cut-upload")[2], content)

    def test_a_cut_download_goes_on_where_it_stopped(self):
        content = random.Random(3).randbytes(3 << 20)
        with self.probe() as probe:
            probe.write("cut-download", self.file(content))
        with CuttingProxy(self.server.port) as proxy:
            proxy.cuts = [("answer", 100), ("answer", 1_000_000), ("answer", 1_500_000)]
            with self.through(proxy) as probe:
                answer = probe.file("cut-download", self.folder / "back", sha256(content))
                self.assertEqual(answer[:2], ["done", str(3 << 20)])
            self.assertEqual(proxy.connections, 4)
        self.assertEqual((self.folder / "back").read_bytes(), content)


class Plain(AgainstServer, unittest.TestCase):
    def test_a_server_killed_in_an_upload_stores_nothing(self):
        large = self.file(bytes(32 << 20), "large")
        with S3Server() as server, CuttingProxy(server.port) as proxy:
            proxy.cuts = [("request", 16 << 20)] * 1000
            environment = environment_of(proxy.port)
            with Probe(PROGRAM, environment, seconds=2) as probe:
                self.assertEqual(probe.write("half", large)[:2], ["error", "unreachable"])
                server.kill()
                self.assertEqual(probe.write("half", large)[:2], ["error", "unreachable"])
                proxy.cuts = []
                server.start()
                self.assertEqual(probe("look", "half"), ["no_object"])
                self.assertEqual(probe.write("half", large)[:2], ["done", str(32 << 20)])

    def test_a_connection_that_died_while_frozen_is_opened_anew(self):
        with S3Server() as server, Probe(PROGRAM, server.environment(), seconds=5) as probe:
            self.assertEqual(probe.write("frozen", self.file(b"1"))[0], "done")
            server.kill()
            server.start()
            self.assertEqual(probe.read("frozen", self.folder / "back")[:2], ["done", "1"])


class OverTls(AgainstServer, unittest.TestCase):
    is_tls = True

    def test_an_unknown_authority_is_refused_at_once(self):
        with Probe(PROGRAM, {**self.server.environment(), "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}) as probe:
            answer = probe.read("plain", self.folder / "back")
            self.assertEqual(answer[:2], ["error", "unreachable"])
            self.assertIn("certificate", answer[2])
            self.assertNotIn("tries", answer[2])


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
