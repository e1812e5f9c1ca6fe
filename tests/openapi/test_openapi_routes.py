#!/usr/bin/env python3
"""The document has the calls and the fields that the program has, and no others.

test_openapi_routes.py PURVEY
"""

import json
import re
import unittest

import packages

packages.enter()

from shop_server import JSON, ROOT, main, operations, read_document, resolved, serve_with_events, small_model

# Answered by the server itself, beside the service's routes.
OF_THE_SERVER = {("GET", "/metrics")}
ROUTE = re.compile(r'\{"([A-Z]+)", "([^"]+)",\s+PV_SERVICE_')
KNOWN = re.compile(r"\(known here: (.*)\)$")


def known_names(message):
    """The names that a message about an unknown one lists."""
    match = KNOWN.search(message)
    if not match:
        raise AssertionError(f"names nothing that is known: {message}")
    return set() if match[1] == "none" else set(match[1].split(", "))


def property_names(document, schema):
    """Of an object, of any of several, or of the rows of a batch."""
    schema = resolved(document, schema)
    names = set(schema.get("properties", ()))
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        names |= property_names(document, part)
    return names


class Routes(unittest.TestCase):
    def test_calls_are_those_of_the_program(self):
        source = (ROOT / "src" / "service" / "routes.c").read_text(encoding="utf-8")
        routes = set(ROUTE.findall(source))
        self.assertEqual(len(routes), source.count("PV_SERVICE_"), "a route that this test does not read")
        described = {(method, path) for method, path, _ in operations(read_document())}
        self.assertEqual(described, routes | OF_THE_SERVER)


class Fields(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = read_document()
        cls.server = cls.enterClassContext(serve_with_events(small_model()))

    def ask_with_unknown(self, method, path, operation):
        """The names that the program knows of a call: of its body's fields, or of its parameters."""
        example = {"{id}": "current" if "models" in path else "AW00000047"}
        url = path.replace("{id}", example["{id}"])
        if "requestBody" not in operation:
            return known_names(self.server.ask(method, f"{url}?nonsense=1").json()["error"]["message"])
        body = json.dumps({"nonsense": 1})
        answer = self.server.ask(method, url, body, JSON).json()
        error = answer["error"] if "error" in answer else answer["results"][0]["error"]
        return known_names(error["message"])

    def described_names(self, operation):
        if "requestBody" in operation:
            return property_names(self.document, operation["requestBody"]["content"]["application/json"]["schema"])
        parameters = [resolved(self.document, parameter) for parameter in operation["parameters"]]
        return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}

    def test_fields_and_parameters_are_those_of_the_program(self):
        for method, path, operation in operations(self.document):
            if (method, path) in OF_THE_SERVER:
                continue
            with self.subTest(call=f"{method} {path}"):
                self.assertEqual(self.described_names(operation), self.ask_with_unknown(method, path, operation))

    def test_path_parameters_are_described(self):
        for method, path, operation in operations(self.document):
            with self.subTest(call=f"{method} {path}"):
                parameters = [resolved(self.document, parameter) for parameter in operation["parameters"]]
                described = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
                self.assertEqual(described, set(re.findall(r"\{(\w+)\}", path)))


if __name__ == "__main__":
    main()
