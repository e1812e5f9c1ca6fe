#!/usr/bin/env python3
"""src/service/openapi.json is valid OpenAPI 3.1, of this version, and served as it is.

test_openapi_valid.py PURVEY
"""

import unittest

import packages

packages.enter()

from openapi_spec_validator import OpenAPIV31SpecValidator
from shop_server import DOCUMENT, ROOT, Server, main, operations, read_document, resolved


class Document(unittest.TestCase):
    def setUp(self):
        self.document = read_document()

    def test_is_valid(self):
        errors = [f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(self.document).iter_errors()]
        self.assertEqual(errors, [])

    def test_is_of_this_version(self):
        version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
        self.assertEqual(self.document["info"]["version"], version)

    def test_is_served_byte_for_byte(self):
        with Server("--quiet") as server:
            answer = server.ask(path="/v1/openapi.json")
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.body, DOCUMENT.read_bytes())

    def test_uses_every_component(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        for kind, components in self.document["components"].items():
            for name in components:
                with self.subTest(kind=kind, name=name):
                    is_named = f'"#/components/{kind}/{name}"' in text if kind != "securitySchemes" else f'"{name}": []' in text
                    self.assertTrue(is_named)

    def test_describes_every_call_and_every_answer(self):
        for method, path, operation in operations(self.document):
            with self.subTest(call=f"{method} {path}"):
                self.assertTrue(operation["summary"] and operation["operationId"] and len(operation["tags"]) == 1)
                for parameter in operation["parameters"]:
                    parameter = resolved(self.document, parameter)
                    self.assertIn("description", {**resolved(self.document, parameter["schema"]), **parameter}, parameter["name"])
                for status, response in operation["responses"].items():
                    self.assertTrue(resolved(self.document, response)["description"], status)


if __name__ == "__main__":
    main()
