#!/usr/bin/env python3
"""Running it: metrics, access log, new models, the end.

test_server_operation.py PURVEY
"""

import collections
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from server_process import JSON, QUESTION, USER, Answer, Server, Setting, main, read_answer

SAMPLE = re.compile(r'^([a-z_]+)(?:\{([a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*)\})? (-?[0-9.e+-]+|\+Inf)$')


def metrics(server):
    """{name: {labels: value}} of a page in which every line is one of the format."""
    samples, types = collections.defaultdict(dict), {}
    page = server.ask(path="/metrics")
    assert page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    for line in page.body.decode().splitlines():
        if line.startswith("# TYPE "):
            types[line.split()[2]] = line.split()[3]
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.match(line).groups()
            assert re.sub("_(bucket|sum|count)$", "", name) in types or name in types, line
            assert labels not in samples[name], line
            samples[name][labels] = float(value)
    return samples


class Clients:
    """Clients with connections that are kept alive, who ask until the server is gone or they are stopped.

    Who finds a closed connection before a request opens a new one; a request that is not answered is a failure.
    """

    def __init__(self, server, count=8):
        self.server, self.is_stopped = server, threading.Event()
        self.answers, self.failures, self.models = 0, [], set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _ask(self):
        connection = None
        while not self.is_stopped.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
                    connection.connect()
            except OSError:
                return
            try:
                connection.request("POST", "/v1/recommend", QUESTION, JSON)
                answer = Answer(connection.getresponse())
            except (OSError, http.client.HTTPException) as error:
                with self.lock:
                    self.failures.append(repr(error))
                connection = None
                continue
            with self.lock:
                self.answers += 1
                self.models.add(answer.headers.get("x-purvey-model"))
                if answer.status != 200:
                    self.failures.append(answer.body)
            if answer.headers.get("connection") == "close":
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def wait_for(self, count):
        """Until so many more have been answered."""
        until = self.answers + count
        while self.answers < until and any(thread.is_alive() for thread in self.threads):
            self.is_stopped.wait(0.002)

    def finish(self):
        self.is_stopped.set()
        for thread in self.threads:
            thread.join()


class Telling(unittest.TestCase):
    def test_metrics_count_what_was_answered(self):
        with Server("--quiet") as server:
            before = metrics(server)
            for _ in range(5):
                server.recommend()
            server.ask("POST", "/v1/recommend", "{", JSON)
            server.ask(path="/nothing")
            with server.socket():
                after = metrics(server)
        requests = after["purvey_http_requests_total"]
        self.assertEqual(requests['call="recommend",status="200"'], 5)
        self.assertEqual(requests['call="recommend",status="400"'], 1)
        self.assertEqual(requests['call="none",status="404"'], 1)
        self.assertEqual(requests['call="metrics",status="200"'], 1)
        buckets = {labels: value for labels, value in after["purvey_http_request_duration_seconds_bucket"].items() if 'call="recommend"' in labels}
        self.assertEqual(list(buckets.values()), sorted(buckets.values()))
        self.assertEqual(buckets['call="recommend",le="+Inf"'], 6)
        self.assertEqual(after["purvey_http_request_duration_seconds_count"]['call="recommend"'], 6)
        self.assertGreater(after["purvey_http_request_duration_seconds_sum"]['call="recommend"'], 0)
        self.assertEqual(after["purvey_http_requests_in_flight"][None], 1)
        self.assertGreaterEqual(after["purvey_http_connections"][None], 2)
        self.assertEqual(list(after["purvey_model_info"].values()), [1])
        for name in (
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_start_time_seconds",
            "process_open_fds",
            "purvey_events_pending",
            "purvey_recommendations_fallback_total",
        ):
            self.assertGreaterEqual(after[name][None], before[name][None] if name != "process_open_fds" else 4, name)

    def test_the_access_log_names_no_customer(self):
        log = Setting.folder / "access.log"
        with Server("--access-log", log) as server:
            model = server.recommend(**{"X-Request-Id": "one"}).headers["x-purvey-model"]
            server.ask(path=f"/v1/users/{USER}/recommendations?n=2&as_of=now", headers={"X-Request-Id": "two"})
            server.ask("BREW\"", "/x", headers={"X-Request-Id": "three"})
            server.stop()
            self.assertEqual(len([line for line in server.lines if line]), 1)
        text = log.read_text(encoding="utf-8")
        entries = {entry["request_id"]: entry for entry in map(json.loads, text.splitlines())}
        one, two = entries["one"], entries["two"]
        self.assertEqual((one["method"], one["call"], one["status"], one["model"], one["key"]), ("POST", "recommend", 200, model, None))
        self.assertGreater(one["bytes"], 0)
        self.assertGreater(one["seconds"], 0)
        self.assertRegex(one["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(two["call"], "user_recommendations")
        for word in (f'"{USER}"', f"/{USER}", "recommendations?", "BREW"):
            self.assertNotIn(word, text)
        self.assertNotIn("as_of", text)

    def test_the_log_goes_on_in_a_new_file_upon_sighup(self):
        log = Setting.folder / "moved.log"
        with Server("--access-log", log) as server:
            server.ask()
            while not log.read_text():
                pass
            log.rename(log.with_suffix(".1"))
            server.process.send_signal(signal.SIGHUP)
            while not log.exists():
                pass
            server.ask()
            server.stop()
        self.assertEqual(len(log.with_suffix(".1").read_text().splitlines()), 1)
        self.assertEqual(len(log.read_text().splitlines()), 1)

    def test_a_log_that_cannot_be_written_is_an_error_at_the_start_only(self):
        with self.assertRaisesRegex(AssertionError, "the server ended"):
            Server("--access-log", "/nonexistent/log").__enter__()
        with Server("--access-log", "/dev/full") as server:
            self.assertEqual(server.recommend().status, 200)
            server.wait_for("lines are lost: No space left")
            self.assertEqual(server.recommend().status, 200)

    def test_quiet_says_only_that_it_serves(self):
        with Server("--quiet") as server:
            server.recommend()
            self.assertEqual(server.stop(), 0)
            server.reader.join()
            self.assertEqual(server.lines[1:], [None])
            self.assertEqual(server.process.stdout.read(), "")


class Reloading(unittest.TestCase):
    def replace(self, path, source):
        """As training does: a complete file takes the name."""
        partial = path.with_suffix(".partial")
        shutil.copyfile(source, partial)
        os.replace(partial, path)

    def test_a_replaced_model_is_used_and_a_bad_one_is_not(self):
        path = Setting.folder / "served.model"
        self.replace(path, Setting.model(1))
        with Server("--quiet", model=path) as server:
            first = server.recommend().headers["x-purvey-model"]
            self.replace(path, Setting.model(2))
            second = server.wait_for("the model is now ([0-9a-f]{8})")[1]
            self.assertNotEqual(first, second)
            self.assertEqual(server.recommend().headers["x-purvey-model"], second)
            path.with_suffix(".bad").write_bytes(b"bad")
            os.replace(path.with_suffix(".bad"), path)
            server.wait_for(f"the model stays {second}: ")
            self.assertEqual(server.recommend().headers["x-purvey-model"], second)
            reloads = metrics(server)["purvey_model_reloads_total"]
            self.assertEqual((reloads['result="success"'], reloads['result="failure"']), (1, 1))
            path.unlink()
            self.assertEqual(server.recommend().status, 200)
            self.replace(path, Setting.model(1))
            server.wait_for(f"the model is now {first}")

    def test_reloads_under_load_fail_no_request(self):
        path = Setting.folder / "loaded.model"
        self.replace(path, Setting.model(1))
        with Server("--quiet", model=path) as server:
            clients = Clients(server, 6)
            for k in range(20):
                self.replace(path, Setting.model(1 + (k + 1) % 2))
                server.process.send_signal(signal.SIGHUP)
                clients.wait_for(20)
            clients.finish()
            self.assertEqual(clients.failures, [])
            self.assertEqual(len(clients.models), 2)


class Stopping(unittest.TestCase):
    def test_stopping_under_load_fails_no_request(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Server("--quiet") as server:
                clients = Clients(server, 12)
                clients.wait_for(100)
                self.assertEqual(server.stop(number), 0)
                clients.finish()
                self.assertGreaterEqual(clients.answers, 100)
                self.assertEqual(clients.failures, [])

    def test_resting_connections_do_not_hold_it_up(self):
        with Server("--quiet", "--timeout", 600, "--request-deadline", 600) as server:
            sockets = [server.socket() for _ in range(20)]
            for raw in sockets[:10]:
                raw.sendall(b"GET /v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                read_answer(raw)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(len(server.lines), 2)
            for raw in sockets:
                raw.close()

    def test_a_request_that_has_begun_is_answered(self):
        with Server("--quiet") as server, server.socket() as raw:
            head = f"POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(QUESTION)}\r\nExpect: 100-continue\r\n\r\n"
            raw.sendall(head.encode())
            self.assertIn(b"100 Continue", raw.recv(100))
            server.process.terminate()
            with self.assertRaises(OSError):
                while True:
                    server.socket().close()
            raw.sendall(QUESTION.encode())
            answer = read_answer(raw)
            self.assertEqual((answer.status, answer.headers["connection"]), (200, "close"))
            raw.close()
            self.assertEqual(server.process.wait(60), 0)

    def test_a_client_that_sends_ahead_gets_the_last_answer(self):
        """What it has sent and nobody reads must not take the answers before it away."""
        asked = f"POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(QUESTION)}\r\n\r\n{QUESTION}".encode()
        with Server("--quiet") as server, server.socket() as raw:
            sender = threading.Thread(target=self.send_ahead, args=(raw, asked))
            sender.start()
            raw.recv(1000)
            server.process.terminate()
            received = b""
            while part := raw.recv(1 << 20):
                received = received[-100000:] + part
            raw.shutdown(socket.SHUT_RDWR)
            sender.join()
            self.assertIn(b"Connection: close", received)
            head, _, body = received[received.rindex(b"HTTP/1.1 200") :].partition(b"\r\n\r\n")
            self.assertEqual(len(body), int(re.search(rb"Content-Length: (\d+)", head)[1]))
            self.assertEqual(server.process.wait(60), 0)

    @staticmethod
    def send_ahead(raw, asked):
        try:
            while True:
                raw.sendall(asked * 100)
        except OSError:
            return

    def test_a_second_signal_ends_at_once(self):
        with Server("--quiet", "--timeout", 600, "--request-deadline", 600) as server, server.socket() as raw:
            raw.sendall(b"POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"100 Continue", raw.recv(100))
            server.process.terminate()
            with self.assertRaises(OSError):
                while True:
                    server.socket().close()
            self.assertIsNone(server.process.poll())
            self.assertEqual(server.stop(), -signal.SIGTERM)


if __name__ == "__main__":
    main()
