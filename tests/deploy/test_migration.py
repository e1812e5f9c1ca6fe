#!/usr/bin/env python3
"""examples/lambda: what the real program answers, in the words of the handler that shops run today.

test_migration.py PURVEY
"""

import ast
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "lambda"
SHOP = ROOT / "examples" / "simple-shop"
sys.path.insert(0, str(EXAMPLES))

from as_today import as_today

PROGRAM = None


class Migration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-migration-")
        cls.addClassCleanup(scratch.cleanup)
        cls.model = pathlib.Path(scratch.name) / "shop.model"
        subprocess.run([PROGRAM, "train", SHOP, "-o", cls.model, "--factors", "4", "--iterations", "2", "--quiet"], check=True)

    def answer(self, user):
        """As the function gives it: the bytes of `purvey recommend` in an envelope."""
        done = subprocess.run([PROGRAM, "recommend", self.model, "--user", user, "-n", "3", "--format", "json"], check=True, capture_output=True, text=True)
        return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": done.stdout.rstrip("\n")}

    def by_shell(self, answer, *command):
        done = subprocess.run(command, input=json.dumps(answer), check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def test_products_and_scores_are_those_of_the_answer_under_their_former_names(self):
        answer = self.answer("123")
        items = json.loads(answer["body"])["items"]
        self.assertEqual(len(items), 3)
        told = as_today(answer)
        self.assertEqual(set(told), {"statusCode", "body"})
        body = json.loads(told["body"])
        self.assertEqual(body["user_id"], 123)
        self.assertEqual(body["recommendations"], [{"product_id": item["item"], "score": item["score"]} for item in items])

    def test_the_members_are_those_of_the_handler_of_today(self):
        tree = ast.parse((EXAMPLES / "handler_today.py").read_text(encoding="utf-8"))
        named = {key.value for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        told = as_today(self.answer("123"))
        body = json.loads(told["body"])
        self.assertEqual(named, {*told, *body, *body["recommendations"][0]})

    def test_jq_and_python_say_the_same_in_a_program_and_in_a_shell(self):
        refused = {"statusCode": 400, "headers": {}, "body": '{"error":{"code":"bad_value","message":"n 0","field":"/n"}}'}
        for answer in (self.answer("123"), self.answer("007"), self.answer("nobody"), refused):
            expected = as_today(answer)
            for command in (("jq", "-c", "-f", EXAMPLES / "as_today.jq"), (sys.executable, "-B", EXAMPLES / "as_today.py")):
                told = self.by_shell(answer, *command)
                self.assertEqual({**told, "body": json.loads(told["body"])}, {**expected, "body": json.loads(expected["body"])})

    def test_an_id_that_is_no_plain_number_stays_a_text_and_gets_the_popular_products(self):
        body = json.loads(as_today(self.answer("007"))["body"])
        self.assertEqual((body["user_id"], len(body["recommendations"])), ("007", 3))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
