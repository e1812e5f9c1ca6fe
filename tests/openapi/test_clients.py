#!/usr/bin/env python3
"""The clients of examples/clients work against a real server, and the TypeScript one has the document's types.

test_clients.py PURVEY
"""

import re
import subprocess
import unittest

import packages

packages.enter()

from shop_server import EXAMPLES, KEY, main, read_document, resolved, serve_with_events, small_model, write_key_file

CLIENTS = EXAMPLES / "clients"
NODE = packages.PROGRAMS / "node"
STORY = re.compile(
    r"ready, with model [0-9a-f]{8}\n"
    r"(\d\. .+\n(   -?\d+(\.\d+)?  .+\n){1,3}){3}"
    r"purchase of \S+: accepted\nbought before: (?P<bought>\d+), now (?P<bought_now>\d+)\n"
    r"no stock of \S+: accepted\nout of stock: (?P<gone>\d+), now (?P<gone_now>\d+)\n"
)


def run(*command, **settings):
    done = subprocess.run([str(word) for word in command], env={**packages.with_programs(), **settings}, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(serve_with_events(small_model(), "--key-file", write_key_file()))
        cls.url = f"http://{cls.server.host}:{cls.server.port}"

    def check_story(self, *command):
        code, output, errors = run(*command, self.url, "AW00000047", PURVEY_KEY=KEY)
        self.assertEqual((code, errors), (0, ""))
        story = STORY.fullmatch(output)
        self.assertIsNotNone(story, output)
        self.assertEqual(int(story["bought_now"]), int(story["bought"]) + 1)
        self.assertEqual(int(story["gone_now"]), int(story["gone"]) + 1)

    def check_refusal(self, *command):
        """Without a key: the server's message, and no success."""
        code, output, errors = run(*command, self.url, "AW00000047", PURVEY_KEY="")
        self.assertEqual((code, output.count("\n")), (1, 1))
        self.assertIn("a key is needed", errors)

    def test_curl(self):
        self.check_story(CLIENTS / "client.sh")
        self.check_refusal(CLIENTS / "client.sh")

    def test_python(self):
        self.check_story(packages.PROGRAMS / "python", "-B", CLIENTS / "client.py")
        self.check_refusal(packages.PROGRAMS / "python", "-B", CLIENTS / "client.py")

    def test_typescript(self):
        self.check_story(NODE, CLIENTS / "client.ts")
        self.check_refusal(NODE, CLIENTS / "client.ts")


class Types(unittest.TestCase):
    def test_typescript_is_sound(self):
        options = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--erasableSyntaxOnly"]
        options += ["--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext"]
        code, output, _ = run(NODE, packages.TSC, *options, CLIENTS / "client.ts")
        self.assertEqual((code, output), (0, ""))

    def test_interfaces_are_schemas_of_the_document(self):
        document = read_document()
        source = (CLIENTS / "client.ts").read_text(encoding="utf-8")
        interfaces = re.findall(r"^interface (\w+) \{\n(.*?)^\}", source, re.DOTALL | re.MULTILINE)
        self.assertGreater(len(interfaces), 5)
        for name, body in interfaces:
            schema = document["components"]["schemas"][name]
            for field, is_optional in re.findall(r"^  (\w+)(\??):", body, re.MULTILINE):
                with self.subTest(interface=name, field=field):
                    self.assertIn(field, schema["properties"])
                    self.assertEqual(is_optional == "", field in schema.get("required", ()))

    def test_gates_are_those_of_the_document(self):
        source = (CLIENTS / "client.ts").read_text(encoding="utf-8")
        gates = re.search(r"^type Gate = (.*);", source, re.MULTILINE)[1]
        self.assertEqual(re.findall(r'"(\w+)"', gates), resolved(read_document(), {"$ref": "#/components/schemas/Gate"})["enum"])


if __name__ == "__main__":
    main()
