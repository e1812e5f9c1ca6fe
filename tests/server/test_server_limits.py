#!/usr/bin/env python3
"""What clients cannot do to the server: be slow for ever, send without end, open without end.

test_server_limits.py PURVEY
"""

import contextlib
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from server_process import JSON, QUESTION, Server, ask, is_closed, main, read_answer

BODY_MAX = 8 << 20
HEAD = "POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def resident_bytes(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmRSS"))


def drip(raw, text, seconds=0.2):
    """Send without end, a byte at a time; returns when the server will have no more."""
    try:
        while True:
            for byte in text:
                raw.sendall(bytes([byte]))
                time.sleep(seconds)
    except OSError:
        return


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--quiet", "--timeout", 60, "--request-deadline", 60)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def tearDown(self):
        self.assertEqual(self.server.recommend().status, 200, "the server does not answer afterwards")

    def test_a_long_path_is_414(self):
        self.assertEqual(self.server.ask(path="/v1/" + "x" * 8000).status, 404)
        answer = self.server.ask(path="/v1/users/1/recommendations?n=" + "1" * 9000)
        self.assertEqual((answer.status, answer.error_code()), (414, "too_large"))

    def test_a_large_head_is_431(self):
        self.assertEqual(self.server.ask(headers={"X-Large": "x" * 12000}).status, 200)
        answer = self.server.ask(headers={"X-Large": "x" * 17000})
        self.assertEqual((answer.status, answer.error_code()), (431, "too_large"))

    def test_a_head_without_end_is_cut_off(self):
        for text in (b"GET /" + b"x" * (1 << 20), b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200000):
            with self.server.socket() as raw:
                with contextlib.suppress(ConnectionError):
                    raw.sendall(text)
                self.assertTrue(is_closed(raw))

    def test_an_announced_body_that_is_too_large_is_413_before_it_comes(self):
        for size in (BODY_MAX + 1, 10**12, 10**30):
            with self.server.socket() as raw:
                raw.sendall(f"{HEAD}Content-Length: {size}\r\n\r\n".encode())
                answer = read_answer(raw)
                self.assertIn(answer.status, (400, 413) if size > 2**63 else (413,))
                self.assertTrue(is_closed(raw))

    def test_a_body_that_is_sent_all_the_same_does_not_take_the_answer_away(self):
        answer = self.server.ask("POST", "/v1/recommend", b" " * (BODY_MAX + 1), JSON)
        self.assertEqual((answer.status, answer.error_code()), (413, "too_large"))

    def test_the_largest_body_is_taken(self):
        answer = self.server.ask("POST", "/v1/recommend", QUESTION + " " * (BODY_MAX - len(QUESTION)), JSON)
        self.assertEqual(answer.status, 200)

    def test_chunks_without_end_are_413(self):
        with self.server.socket() as raw:
            raw.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
            chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
            with contextlib.suppress(ConnectionError):
                for _ in range(12):
                    raw.sendall(chunk)
            answer = read_answer(raw)
            self.assertEqual((answer.status, answer.error_code()), (413, "too_large"))
            self.assertTrue(is_closed(raw))

    def test_cut_requests_are_forgotten(self):
        whole = f"{HEAD}Content-Length: {len(QUESTION)}\r\n\r\n{QUESTION}".encode()
        for size in range(0, len(whole), 7):
            with self.server.socket() as raw:
                raw.sendall(whole[:size])
        for reset in (b"", whole, whole * 50):
            with self.server.socket() as raw:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                raw.sendall(reset)

    def test_deep_and_broken_bodies_are_errors(self):
        for body in ("[" * 100000, '{"a":' * 100000, '{"user":"1"', "\0" * 100, "\xff" * 100, "nul", '"' + "\\u0000" * 1000):
            answer = self.server.ask("POST", "/v1/recommend", body.encode("latin-1"), JSON)
            self.assertIn(answer.status, (400, 422), body[:20])
            self.assertIn("error", answer.json())

    def test_many_bodies_at_once_do_not_fill_the_memory(self):
        """Three times what may be held at a time."""
        before, part = resident_bytes(self.server), b" " * (6 << 20)
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(self.server.socket()) for _ in range(150)]
            statuses = []
            for raw in sockets:
                raw.sendall(f"{HEAD}Content-Length: {BODY_MAX}\r\n\r\n".encode())
                with contextlib.suppress(ConnectionError):
                    raw.sendall(part)
            self.assertLess(resident_bytes(self.server) - before, 700 << 20)
            for raw in sockets:
                raw.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    statuses.append(raw.recv(100).split()[1])
        self.assertIn(b"503", statuses)
        self.assertEqual(set(statuses), {b"503"})

    def test_two_thousand_idle_connections(self):
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(self.server.socket()) for _ in range(2000)]
            self.assertEqual(self.server.recommend().status, 200)
            for raw in sockets[::100]:
                raw.sendall(b"GET /v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(read_answer(raw).status, 200)


class SlowClients(unittest.TestCase):
    def test_what_makes_no_progress_is_closed(self):
        with Server("--quiet", "--timeout", 1, "--request-deadline", 60) as server:
            for text in ("", "GET /v1/he", f"{HEAD}Content-Length: 10\r\n\r\n123"):
                with server.socket() as raw:
                    raw.sendall(text.encode())
                    self.assertTrue(is_closed(raw), text)

    def test_what_makes_too_little_progress_is_closed(self):
        """A byte now and then keeps the timeout away, but not the deadline."""
        with Server("--quiet", "--timeout", 2, "--request-deadline", 1) as server:
            heads = (b"", f"{HEAD}Content-Length: 8000000\r\n\r\n".encode(), b"GET /v1/health/live HTTP/1.1\r\nHost: x\r\n")
            answered = b"GET /v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n"
            threads = []
            with contextlib.ExitStack() as stack:
                for head in (*heads, answered):
                    raw = stack.enter_context(server.socket())
                    raw.sendall(head)
                    if head is answered:
                        read_answer(raw)
                    threads.append(threading.Thread(target=drip, args=(raw, b"GET /x")))
                    threads[-1].start()
                for thread in threads:
                    thread.join(30)
                    self.assertFalse(thread.is_alive(), "still allowed to send")
            self.assertEqual(server.recommend().status, 200)

    def test_who_does_not_take_the_answer_is_cut_off(self):
        with Server("--quiet", "--timeout", 60, "--request-deadline", 1) as server, server.socket() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.settimeout(1)
            asked = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
            with contextlib.suppress(OSError):
                for _ in range(5000):
                    raw.sendall(asked * 100)
            for _ in range(100):
                if "purvey_http_connections 1\n" in server.ask(path="/metrics").body.decode():
                    return
                time.sleep(0.1)
            self.fail("the connection is still open")

    def test_the_clock_starts_anew_with_each_request(self):
        with Server("--quiet", "--timeout", 2, "--request-deadline", 1) as server, server.connect() as connection:
            for _ in range(4):
                self.assertEqual(ask(connection).status, 200)
                first = connection.sock
                time.sleep(0.5)
            self.assertIs(connection.sock, first)


class Exhaustion(unittest.TestCase):
    def hold(self, server, stack, count):
        """Connections of which some wait in the kernel's queue."""
        return [stack.enter_context(server.socket()) for _ in range(count)]

    def test_more_connections_than_allowed_wait_their_turn(self):
        with Server("--quiet", "--max-connections", 4) as server:
            with contextlib.ExitStack() as stack:
                self.hold(server, stack, 100)
            self.assertEqual(server.recommend().status, 200)

    def test_no_descriptor_left(self):
        with Server("--quiet", "--max-connections", 500, open_files=48) as server:
            with contextlib.ExitStack() as stack:
                held = self.hold(server, stack, 100)
                server.wait_for("cannot accept connections for a while: Too many open files")
                held[0].sendall(b"GET /v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(read_answer(held[0]).status, 200)
            self.assertEqual(server.recommend().status, 200)

    def test_the_limit_of_open_files_sets_the_one_of_connections(self):
        with Server("--quiet", open_files=64) as server:
            with contextlib.ExitStack() as stack:
                self.hold(server, stack, 200)
            self.assertEqual(server.recommend().status, 200)
            self.assertEqual(server.stop(), 0)
            self.assertFalse([line for line in server.lines if line and "cannot accept" in line])

    def test_more_requests_than_allowed_are_503(self):
        with Server("--quiet", "--max-requests", 2) as server, contextlib.ExitStack() as stack:
            for raw in self.hold(server, stack, 2):
                raw.sendall(f"{HEAD}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n".encode())
                self.assertIn(b"100 Continue", raw.recv(100))
            answer = server.recommend()
            self.assertEqual((answer.status, answer.error_code()), (503, "overloaded"))
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            self.assertEqual(server.ask(path="/v1/health/live").status, 200)
            stack.close()
            while server.recommend().status == 503:
                pass


if __name__ == "__main__":
    main()
