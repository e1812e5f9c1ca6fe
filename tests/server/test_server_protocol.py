#!/usr/bin/env python3
"""What the server makes of HTTP: methods, connections, headers, validators, compression.

test_server_protocol.py PURVEY
"""

import gzip
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from server_process import JSON, QUESTION, USER, Server, ask, is_closed, main, read_answer

LIST = f"/v1/users/{USER}/recommendations?n=3"
# Long enough to be worth compressing.
LONG_LIST = f"/v1/users/{USER}/recommendations?n=20&explain=full"


def request(method="GET", path="/v1/health/live", headers="", body=""):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{length}{headers}\r\n{body}".encode()


def post(body=QUESTION, headers=""):
    return request("POST", "/v1/recommend", f"Content-Type: application/json\r\n{headers}", body)


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--quiet")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_every_answer_names_request_model_and_time(self):
        answer = self.server.recommend()
        self.assertEqual(answer.status, 200, answer.body)
        self.assertRegex(answer.headers["x-request-id"], r"^[0-9a-f]{32}$")
        self.assertRegex(answer.headers["x-purvey-model"], r"^[0-9a-f]{8}$")
        self.assertRegex(answer.headers["x-recommendation-id"], r"^[0-9a-f]{32}$")
        self.assertRegex(answer.headers["server-timing"], r"^total;dur=\d+\.\d{3}$")
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertNotEqual(self.server.recommend().headers["x-request-id"], answer.headers["x-request-id"])

    def test_a_request_id_of_the_client_is_kept_when_it_is_sane(self):
        for given in ("a", "order-17_B.2", "x" * 128):
            self.assertEqual(self.server.ask(headers={"X-Request-Id": given}).headers["x-request-id"], given)
        for given in ("", "x" * 129, 'a"b', "a b", "é".encode()):
            self.assertRegex(self.server.ask(headers={"X-Request-Id": given}).headers["x-request-id"], r"^[0-9a-f]{32}$")

    def test_a_connection_is_kept_alive(self):
        with self.server.connect() as connection:
            ask(connection)
            first = connection.sock
            for _ in range(20):
                self.assertEqual(ask(connection, "POST", "/v1/recommend", QUESTION, JSON).status, 200)
            self.assertIs(connection.sock, first)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.socket() as raw:
            names = [f"r{k}" for k in range(10)]
            mixed = [post(headers=f"X-Request-Id: {name}\r\n") if k % 2 else request(headers=f"X-Request-Id: {name}\r\n") for k, name in enumerate(names)]
            raw.sendall(b"".join(mixed))
            with raw.makefile("rb") as stream:
                answers = [read_answer(Stream(stream)) for _ in names]
        self.assertEqual([answer.headers["x-request-id"] for answer in answers], names)
        self.assertEqual({answer.status for answer in answers}, {200})

    def test_a_client_that_sends_no_more_gets_its_answer(self):
        with self.server.socket() as raw:
            raw.sendall(post())
            raw.shutdown(socket.SHUT_WR)
            self.assertEqual(read_answer(raw).status, 200)

    def test_http_1_0_closes_after_the_answer(self):
        with self.server.socket() as raw:
            raw.sendall(b"GET /v1/health/live HTTP/1.0\r\n\r\n")
            self.assertEqual(read_answer(raw).status, 200)
            self.assertTrue(is_closed(raw))

    def test_a_target_may_name_the_host(self):
        with self.server.socket() as raw:
            raw.sendall(request(path="http://x/v1/health/live"))
            self.assertEqual(read_answer(raw).status, 200)

    def test_a_body_may_come_in_chunks_and_byte_by_byte(self):
        with self.server.socket() as raw:
            head = "POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            for character in QUESTION:
                raw.sendall(f"1\r\n{character}\r\n".encode())
            raw.sendall(b"0\r\n\r\n")
            self.assertEqual(read_answer(raw).status, 200)
            raw.sendall(f"{head}Content-Length: {len(QUESTION)}\r\n\r\n".encode())
            for character in QUESTION:
                raw.sendall(character.encode())
            self.assertEqual(read_answer(raw).status, 200)

    def test_a_client_that_asks_to_continue_may(self):
        with self.server.socket() as raw:
            raw.sendall(post(body="", headers=f"Content-Length: {len(QUESTION)}\r\nExpect: 100-continue\r\n"))
            self.assertIn(b"100 Continue", raw.recv(100))
            raw.sendall(QUESTION.encode())
            self.assertEqual(read_answer(raw).status, 200)
            raw.sendall(request("POST", "/v1/recommend", "Content-Type: text/plain\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"))
            self.assertEqual(read_answer(raw).status, 415)

    def test_head_is_get_without_a_body(self):
        got, head = self.server.ask(path=LIST), self.server.ask("HEAD", LIST)
        self.assertEqual((head.status, head.body), (200, b""))
        for name in ("content-length", "content-type", "etag", "x-purvey-model"):
            self.assertEqual(head.headers[name], got.headers[name])
        self.assertEqual(self.server.ask("HEAD", "/v1/recommend").status, 405)

    def test_options_says_what_is_allowed(self):
        for path, allowed in (("/v1/recommend", {"POST", "OPTIONS"}), (LIST, {"GET", "HEAD", "OPTIONS"}), ("/metrics", {"GET", "HEAD", "OPTIONS"})):
            answer = self.server.ask("OPTIONS", path)
            self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(set(answer.headers["allow"].split(", ")), allowed)
            self.assertNotIn("access-control-allow-origin", answer.headers)
        self.assertEqual(self.server.ask("OPTIONS", "/nothing").status, 404)

    def test_other_methods_are_refused_with_the_ones_allowed(self):
        for method, path in (("DELETE", "/v1/recommend"), ("GET", "/v1/recommend"), ("POST", "/metrics"), ("BREW", LIST)):
            answer = self.server.ask(method, path)
            self.assertEqual(answer.status, 405, path)
            self.assertIn("OPTIONS", answer.headers["allow"])
            self.assertIn("error", answer.json())

    def test_an_unknown_path_is_404(self):
        for path in ("/", "/v1/none", "/v1/health/live/", "/v1/recommend%20"):
            self.assertEqual(self.server.ask("GET", path).status, 404, path)

    def test_only_json_is_taken(self):
        for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON", "application/x-ndjson"):
            self.assertNotEqual(self.server.ask("POST", "/v1/recommend", QUESTION, {"Content-Type": kind}).status, 415, kind)
        form = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl says unasked
        self.assertNotEqual(self.server.ask("POST", "/v1/recommend", QUESTION, form).status, 415)
        answer = self.server.ask("POST", "/v1/recommend", QUESTION, form | {"Origin": "http://evil.example"})
        self.assertEqual(answer.status, 415)
        for kind in ("text/plain", "application/jsonx"):
            answer = self.server.ask("POST", "/v1/recommend", QUESTION, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.error_code()), (415, "unsupported_media_type"), kind)
        with self.server.socket() as raw:
            raw.sendall(request("POST", "/v1/recommend", "", QUESTION))
            self.assertEqual(read_answer(raw).status, 200)

    def test_a_body_whose_length_is_not_clear_is_refused(self):
        for headers in (
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Content-Length: 5\r\nContent-Length: 7",
            "Content-Length: 5\r\ncontent-length: 5",
            "Content-Length: +5",
            "Content-Length: 5, 5",
            "Content-Length: 0x5",
            "Content-Length: -5",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: xchunked",
        ):
            with self.server.socket() as raw:
                raw.sendall(post(body="", headers=headers + "\r\n") + b"0\r\n\r\n")
                self.assertEqual(read_answer(raw).status, 400, headers)
                self.assertTrue(is_closed(raw), headers)

    def test_what_is_no_http_is_refused(self):
        for text in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"nonsense\r\n\r\n", b"GET\r\n\r\n"):
            with self.server.socket() as raw:
                raw.sendall(text)
                self.assertTrue(is_closed(raw), text)
        self.assertEqual(self.server.ask().status, 200)

    def test_what_the_client_has_already_is_not_sent_again(self):
        answer = self.server.ask(path=LIST)
        tag = answer.headers["etag"]
        self.assertRegex(tag, r'^"[0-9a-f]{32}"$')
        for given in (tag, "*", f'"x", {tag}', f"W/{tag}", f'"a,b" , {tag}'):
            known = self.server.ask(path=LIST, headers={"If-None-Match": given})
            self.assertEqual((known.status, known.body, known.headers["etag"]), (304, b"", tag), given)
        for given in ('"x"', tag.strip('"'), "", '"'):
            self.assertEqual(self.server.ask(path=LIST, headers={"If-None-Match": given}).status, 200, given)
        self.assertNotIn("etag", self.server.recommend().headers)

    def test_gzip_for_those_who_ask(self):
        plain = self.server.ask(path=LONG_LIST)
        self.assertGreater(len(plain.body), 1024)
        self.assertNotIn("content-encoding", plain.headers)
        self.assertIn("Accept-Encoding", plain.headers["vary"])
        for given in ("gzip", "deflate, gzip;q=0.5", "*", "br;q=1, GZIP", "identity;q=0, *;q=0.1"):
            packed = self.server.ask(path=LONG_LIST, headers={"Accept-Encoding": given})
            self.assertEqual(packed.headers.get("content-encoding"), "gzip", given)
            self.assertEqual(gzip.decompress(packed.body), plain.body)
            self.assertNotEqual(packed.headers["etag"], plain.headers["etag"])
        for given in ("", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "xgzip"):
            self.assertNotIn("content-encoding", self.server.ask(path=LONG_LIST, headers={"Accept-Encoding": given}).headers, given)
        tag = packed.headers["etag"]
        known = self.server.ask(path=LONG_LIST, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        self.assertEqual((known.status, known.headers["etag"]), (304, tag))

    def test_small_answers_are_not_compressed(self):
        self.assertNotIn("content-encoding", self.server.ask(headers={"Accept-Encoding": "gzip"}).headers)


class Stream:
    """A buffered stream where http.client expects a socket: what follows an answer stays for the next."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, *_):
        return Unclosed(self.stream)


class Unclosed:
    def __init__(self, stream):
        self.read, self.readline, self.readinto, self.flush = stream.read, stream.readline, stream.readinto, lambda: None

    def close(self):
        pass


if __name__ == "__main__":
    main()
