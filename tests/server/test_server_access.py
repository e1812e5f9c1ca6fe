#!/usr/bin/env python3
"""Who may ask: keys, their rates, pages of other origins, other machines.

test_server_access.py PURVEY
"""

import hashlib
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from server_process import Server, Setting, main, run

ORIGIN = "https://shop.example"


def key_file(*lines):
    path = Setting.folder / "keys"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def line(name, key, rate=""):
    return f"{name} {hashlib.sha256(key.encode()).hexdigest()} {rate}".rstrip()


class Keys(unittest.TestCase):
    def test_only_who_has_a_key_is_answered(self):
        file = key_file("# the shop", "", line("shop", "secret-1"), line("batch", "secret-2") + "  # nightly")
        with Server("--key-file", file) as server:
            for headers in (
                {"X-API-Key": "secret-1"},
                {"Authorization": "Bearer secret-2"},
                {"authorization": "bearer  secret-2"},
            ):
                self.assertEqual(server.recommend(**headers).status, 200, headers)
            for headers in (
                {},
                {"X-API-Key": ""},
                {"X-API-Key": "secret"},
                {"X-API-Key": "secret-11"},
                {"X-API-Key": hashlib.sha256(b"secret-1").hexdigest()},
                {"Authorization": "secret-1"},
                {"Authorization": "Basic c2VjcmV0LTE="},
                {"Authorization": "Bearer"},
            ):
                answer = server.recommend(**headers)
                self.assertEqual((answer.status, answer.error_code()), (401, "unauthorized"), headers)
                self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
            for path in ("/metrics", "/v1/models", "/nothing", "/v1/health/live/", "/v1/health%2Flive"):
                self.assertEqual(server.ask(path=path).status, 401, path)
            for path in ("/v1/health/live", "/v1/health/ready"):
                self.assertEqual(server.ask(path=path).status, 200, path)
            self.assertEqual(server.stop(), 0)
            keys = [entry["key"] for entry in server.log_lines()]
            self.assertEqual((keys.count("shop"), keys.count("batch")), (1, 2))
            self.assertIn(None, keys)
            self.assertNotIn("secret", "\n".join(filter(None, server.lines)))

    def test_a_key_has_its_rate(self):
        file = key_file(line("slow", "s", "0.01"), line("quick", "q", "5"), line("free", "f"))
        with Server("--quiet", "--key-file", file) as server:
            self.assertEqual(server.recommend(**{"X-API-Key": "s"}).status, 200)
            answer = server.recommend(**{"X-API-Key": "s"})
            self.assertEqual((answer.status, answer.error_code()), (429, "too_many_requests"))
            self.assertIn(int(answer.headers["retry-after"]), range(50, 101))
            quick = [server.recommend(**{"X-API-Key": "q"}).status for _ in range(200)]
            self.assertEqual(quick[:5], [200] * 5)
            self.assertIn(429, quick)
            self.assertEqual({server.recommend(**{"X-API-Key": "f"}).status for _ in range(50)}, {200})

    def test_keys_are_read_again_upon_sighup(self):
        file = key_file(line("old", "old"))
        with Server("--quiet", "--key-file", file) as server:
            key_file(line("new", "new"))
            self.assertEqual(server.recommend(**{"X-API-Key": "new"}).status, 401)
            server.process.send_signal(signal.SIGHUP)
            while server.recommend(**{"X-API-Key": "new"}).status == 401:
                pass
            self.assertEqual(server.recommend(**{"X-API-Key": "old"}).status, 401)
            key_file("broken")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("the keys stay as they are: .*keys:1: ")
            self.assertEqual(server.recommend(**{"X-API-Key": "new"}).status, 200)

    def test_a_file_that_is_wrong_is_named_with_its_line(self):
        good = line("a", "a")
        for lines, place in (
            ([good, "b"], ":2: expected NAME"),
            ([good, "b 12"], ":2: expected NAME"),
            ([good, good], ":2: this name stands above"),
            ([line("ä", "a")], ":1: a name has"),
            ([line("a", "a", "0")], ":1: expected requests"),
            ([line("a", "a", "-1")], ":1: expected requests"),
            ([line("a", "a", "1 2")], ":1: expected NAME"),
            (["# none"], ": there is no key"),
        ):
            code, _, error = run("serve", Setting.model(), "--listen", "127.0.0.1:0", "--key-file", key_file(*lines))
            self.assertEqual(code, 3, lines)
            self.assertIn(place, error)
            self.assertEqual(error.count("\n"), 1)
        self.assertEqual(run("serve", Setting.model(), "--key-file", Setting.folder / "missing")[0], 3)

    def test_hash_key_makes_the_line(self):
        code, out, _ = run("serve", "--hash-key", "shop", text="secret-1\n")
        self.assertEqual((code, out), (0, line("shop", "secret-1") + "\n"))
        self.assertEqual(run("serve", "--hash-key=shop", text="secret-1")[1], out)
        for text in ("", "\n", "a\nb\n"):
            self.assertEqual(run("serve", "--hash-key", "shop", text=text)[0], 2)


class Addresses(unittest.TestCase):
    def test_other_machines_only_with_keys(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:80"):
            code, out, error = run("serve", Setting.model(), "--listen", address)
            self.assertEqual((code, out, error.count("\n")), (2, "", 1), address)
            self.assertIn("--key-file", error)
        with Server("--quiet", "--key-file", key_file(line("a", "a")), listen="0.0.0.0:0") as server:
            self.assertEqual(server.recommend().status, 401)

    def test_addresses_that_are_none(self):
        for address in ("8080", "localhost", "127.0.0.1:", ":8080", "127.0.0.1:65536", "::1:80", "[::1]", "a.b:1", "127.0.0.1:8x"):
            code, _, error = run("serve", Setting.model(), "--listen", address)
            self.assertEqual((code, error.count("\n")), (2, 1), address)
            self.assertIn("--listen", error)

    def test_loopback_by_its_other_names(self):
        for address, host in (("localhost:0", "127.0.0.1"), ("[::1]:0", "::1"), ("127.1.2.3:0", "127.1.2.3")):
            with Server("--quiet", listen=address) as server:
                self.assertEqual(server.host, host)
                self.assertEqual(server.ask().status, 200)

    def test_a_port_that_is_taken(self):
        with Server("--quiet") as server:
            code, out, error = run("serve", Setting.model(), "--listen", f"127.0.0.1:{server.port}")
            self.assertEqual((code, out), (1, ""))
            self.assertEqual(error, f"purvey serve: cannot listen on 127.0.0.1:{server.port}: Address already in use\n")

    def test_a_model_that_is_none(self):
        self.assertEqual(run("serve", Setting.folder / "missing", "--listen", "127.0.0.1:0")[0], 3)
        broken = Setting.folder / "broken.model"
        broken.write_bytes(b"no model")
        self.assertEqual(run("serve", broken, "--listen", "127.0.0.1:0")[0], 3)


class Origins(unittest.TestCase):
    def preflight(self, server, origin):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
        return server.ask("OPTIONS", "/v1/recommend", headers=headers)

    def test_no_page_may_ask_unless_it_is_said(self):
        with Server("--quiet") as server:
            for answer in (server.recommend(Origin=ORIGIN), self.preflight(server, ORIGIN)):
                self.assertFalse([name for name in answer.headers if name.startswith("access-control")])

    def test_pages_of_the_given_origins_may(self):
        file = key_file(line("a", "a"))
        with Server("--quiet", "--key-file", file, "--cors-origin", ORIGIN, "--cors-origin", "http://b:81") as server:
            for origin in (ORIGIN, "http://b:81"):
                asked = self.preflight(server, origin)
                self.assertEqual((asked.status, asked.body), (204, b""))
                self.assertEqual(asked.headers["access-control-allow-origin"], origin)
                self.assertIn("POST", asked.headers["access-control-allow-methods"])
                self.assertIn("x-api-key", asked.headers["access-control-allow-headers"].lower())
                answer = server.recommend(Origin=origin, **{"X-API-Key": "a"})
                self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (200, origin))
                self.assertIn("X-Request-Id", answer.headers["access-control-expose-headers"])
                self.assertIn("Origin", answer.headers["vary"])
            self.assertEqual(server.recommend(Origin=ORIGIN).headers["access-control-allow-origin"], ORIGIN)
            for origin in ("https://shop.example.evil", "http://shop.example", "null"):
                self.assertEqual(self.preflight(server, origin).status, 401)
                self.assertNotIn("access-control-allow-origin", server.recommend(Origin=origin).headers)

    def test_all_origins(self):
        with Server("--quiet", "--cors-origin", "*") as server:
            self.assertEqual(server.recommend(Origin=ORIGIN).headers["access-control-allow-origin"], ORIGIN)


if __name__ == "__main__":
    main()
