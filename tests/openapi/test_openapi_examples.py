#!/usr/bin/env python3
"""The examples in the document are what the program answers, and are as the document says.

test_openapi_examples.py PURVEY
"""

import copy
import unittest

import packages

packages.enter()

from openapi_schema_validator import OAS31Validator
from refresh_examples import media_types, text_of, with_examples
from shop_server import DOCUMENT, main, read_document


class Examples(unittest.TestCase):
    def test_are_what_is_answered(self):
        told = read_document()
        answered = with_examples(copy.deepcopy(told))
        hint = "to write what is answered now: python3 tests/openapi/refresh_examples.py PURVEY"
        for one, other in zip(media_types(told), media_types(answered), strict=True):
            self.assertEqual(one.get("examples"), other.get("examples"), hint)
        self.assertEqual(DOCUMENT.read_text(encoding="utf-8"), text_of(answered), hint)

    def test_are_as_the_document_says(self):
        document = read_document()
        n = 0
        for media in media_types(document):
            schema = {**media["schema"], "components": document["components"]}
            for name, example in media.get("examples", {}).items():
                with self.subTest(example=name):
                    errors = OAS31Validator(schema).iter_errors(example["value"])
                    self.assertEqual([f"{error.json_path}: {error.message}" for error in errors], [])
                    n += 1
        self.assertGreater(n, 20)


if __name__ == "__main__":
    main()
