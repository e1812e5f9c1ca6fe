#!/usr/bin/env python3
"""What is wrong with a request is said: status, code, and the field that it is about.

test_service_errors.py PURVEY
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import JSON, LONG, SHOP, Service, Setting, main, quote, shop_model

TOO_LONG = LONG + "L"
TEXTS = (7, True, [], {})
# Body fields of POST /v1/recommend: values that are wrong, and the pointer that says where. None: that of the field.
WRONG = {
    "user": [(value, None) for value in (*TEXTS, "", TOO_LONG)],
    "n": [(value, None) for value in (0, 1001, -1, 1.5, "5", True, [])],
    "offset": [(value, None) for value in (-1, 0.5, "0", 10**18)],
    "mode": [(value, None) for value in ("Mixed", "", 1, [])],
    "explain": [(value, None) for value in ("all", "", 1, True)],
    "new_share": [(value, None) for value in (-0.1, 1.1, "0.5", True)],
    "as_of": [(value, None) for value in ("", "yesterday", "2013-13-01", 2013, "2013-01-01T25:00:00Z", "2" * 65)],
    "strict": [(value, None) for value in (1, "true", [])],
    "exclude": [("a", None), ({}, None), ([1], "/exclude/0"), (["a", ""], "/exclude/1"), (["a", TOO_LONG], "/exclude/1"), ([None], "/exclude/0")],
    "cart": [("a", None), ({}, None), ([1], "/cart/0"), (["a", ""], "/cart/1"), ([["a"]], "/cart/0")],
    "metadata": [("a", None), ([], None), ({"country": 1}, "/metadata/country"), ({"no such column": "x"}, None), ({"country": TOO_LONG}, "/metadata/country")],
    "filter": [
        ("a", None), ([], None), ({"category": 1}, "/filter/category"), ({"category": [1]}, "/filter/category/0"), ({"category": ["Bikes", ""]}, "/filter/category/1"),
        ({"a/b~c": 1}, "/filter/a~1b~0c"), ({"no such column": "x"}, None),
    ],
    "history": [
        ("a", None), ({}, None), ([1], "/history/0"), ([{}], "/history/0/item"), ([{"item": ""}], "/history/0/item"), ([{"item": "a", "colour": 1}], "/history/0/colour"),
        ([{"item": "a"}, {"item": "a", "quantity": 0}], "/history/1/quantity"), ([{"item": "a", "quantity": -1}], "/history/0/quantity"),
        ([{"item": "a", "quantity": 1e10}], "/history/0/quantity"), ([{"item": "a", "time": "soon"}], "/history/0/time"), ([{"item": "a", "type": "shown"}], "/history/0/type"),
        ([{"item": "a", "discount": 2}], "/history/0/discount"), ([{"item": "a", "order": ""}], "/history/0/order"), ([{"item": "a", "unit_price": "1"}], "/history/0/unit_price"),
    ],
}
PARAMETERS = (
    "n=0", "n=1001", "n=", "n=x", "n=1.5", "n=1&n=2", "mode=Mixed", "explain=all", "new_share=2", "new_share=x", "offset=-1", "as_of=soon", "as_of=", "strict=yes", "filter=category",
    "filter==x", "exclude=", "cart=",
)


class Errors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(events=Setting.folder / "events")

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    def refused(self, answer, status, code, field=None, about=None):
        self.assertEqual(answer.status, status, (about, answer.body[:300]))
        self.assertEqual(answer.headers["content-type"], "application/json", about)
        error = answer.json()
        self.assertEqual(list(error), ["error"], about)
        self.assertEqual(list(error["error"]), ["code", "message", "field"], about)
        self.assertEqual((error["error"]["code"], error["error"]["field"]), (code, field), (about, error))
        message = error["error"]["message"]
        self.assertTrue(message and "\n" not in message and not message.startswith("--"), (about, message))

    def test_every_field_that_is_wrong_is_named(self):
        for name, values in WRONG.items():
            for value, field in values:
                body = {"user": "AW00000676", name: value}
                with self.subTest(field=name, value=str(value)[:60]):
                    self.refused(self.service.post("/v1/recommend", body), 400, "bad_value", field or f"/{name}")

    def test_null_is_as_good_as_absent(self):
        plain = self.service.answer(user="AW00000676")
        self.assertEqual(self.service.answer(user="AW00000676", **dict.fromkeys([*set(WRONG) - {"user"}])), plain)

    def test_unknown_fields_are_errors_that_list_the_known(self):
        answer = self.service.post("/v1/recommend", {"user": "1", "usr": "2"})
        self.refused(answer, 400, "bad_value", "/usr")
        self.assertIn("history", answer.json()["error"]["message"])
        for path, field in (("/v1/rank", "n"), ("/v1/explain", "items"), ("/v1/recommend", "item")):
            self.refused(self.service.post(path, {"user": "1", field: 1}), 400, "bad_value", f"/{field}", path)

    def test_parameters(self):
        for query in PARAMETERS:
            with self.subTest(query=query):
                self.refused(self.service.ask(path=f"/v1/users/AW00000676/recommendations?{query}"), 400, "bad_value", f"/{query.split('=')[0]}")
        for path in ("/v1/users/1/recommendations?colour=1", "/v1/items/BK-M82B-42/similar?user=1", "/v1/health/live?x=1", "/v1/models?n=1", "/v1/openapi.json?x", "/v1/events/pending?n=1"):
            answer = self.service.ask(path=path)
            self.refused(answer, 400, "bad_value", None, path)
            self.assertIn("unknown parameter", answer.json()["error"]["message"])
        for query in ("limit=0", "limit=x", "cursor=x", "cursor=", "cursor=5-0000000000000000", "cursor=99999999-0123456789abcdef"):
            self.refused(self.service.ask(path=f"/v1/events/pending?{query}"), 400, "bad_value", f"/{query.split('=')[0]}", query)

    def test_missing_fields(self):
        self.refused(self.service.post("/v1/rank", {"user": "1"}), 400, "bad_value", "/items")
        self.refused(self.service.post("/v1/explain", {"user": "1"}), 400, "bad_value", "/item")

    def test_what_nobody_knows(self):
        for path in ("similar", "bought-together", "substitutes", "audience"):
            self.refused(self.service.ask(path=f"/v1/items/{quote('no/such item')}/{path}"), 404, "not_found", "/item", path)
        self.refused(self.service.post("/v1/explain", {"user": "1", "item": "no such"}), 404, "not_found", "/item")
        self.refused(self.service.ask(path="/v1/models/00000000/card"), 404, "not_found")
        for path in ("/v1/recommend", "/v1/rank", "/v1/explain"):
            body = {"user": "nobody", "strict": True, "items": ["BK-M82B-42"], "item": "BK-M82B-42"}
            known = {"/v1/recommend": ("user", "strict"), "/v1/rank": ("user", "strict", "items"), "/v1/explain": ("user", "strict", "item")}[path]
            self.refused(self.service.post(path, {key: body[key] for key in known}), 404, "not_found", "/user", path)
        self.refused(self.service.ask(path="/v1/users/nobody/recommendations?strict=true"), 404, "not_found", "/user")

    def test_paths_and_methods(self):
        for path in ("/", "/v1", "/v2/recommend", "/v1/recommend/", "/v1//recommend", "/v1/users//recommendations", "/v1/users/1", "/v1/items/1/similar/2", "/v1/" + "x/" * 40):
            with self.subTest(path=path[:40]):
                answer = self.service.ask(path=path)
                self.assertIn((answer.status, answer.error_code()), ((404, "not_found"), (400, "bad_value")))
        for path in ("/v1/users/%zz/recommendations", "/v1/users/%00/recommendations", "/v1/users/%ff/recommendations", "/v1/users/%c0%af/recommendations", "/v1/users/1/recommendations?n=%1"):
            self.refused(self.service.ask(path=path), 400, "bad_value", about=path)
        for method, path, allowed in (
            ("GET", "/v1/recommend", "POST"), ("DELETE", "/v1/recommend", "POST"), ("POST", "/v1/items/1/similar", "GET"), ("POST", "/v1/items:batch", "PUT"),
            ("GET", "/v1/events", "POST"), ("POST", "/v1/health/live", "GET"), ("PUT", "/v1/events/pending", "GET"),
        ):
            answer = self.service.ask(method, path, "{}" if method in ("POST", "PUT") else None, JSON)
            self.refused(answer, 405, "method_not_allowed", about=path)
            self.assertIn(allowed, answer.headers["allow"])

    def test_bodies_that_are_no_question(self):
        deep = "[" * 100 + "]" * 100
        for body in (
            "", " ", "{", "nonsense", "[]", "7", "null", '"user"', '{"user":"1"} x', '{"user":"1","user":"2"}', '{"user":"1",}', "{'user':1}", '{"n":NaN}', '{"n":01}', '{"n":1e400}',
            '{"user":"\\u0000"}', '{"user":"\\ud800"}', '{"history":' + deep + "}", deep,
        ):
            with self.subTest(body=body[:40]):
                self.refused(self.service.post("/v1/recommend", body), 400, "bad_value", about=body)
        for body in (b'{"user":"\xff"}', b'\xef\xbb\xbf{"user":"\xed\xa0\x80"}', b"\x00", b'{"user":"a\x00"}'):
            self.refused(self.service.post("/v1/recommend", body), 400, "bad_value", about=body)

    def test_too_much(self):
        self.refused(self.service.post("/v1/recommend", '{"user":"' + "x" * (8 << 20) + '"}'), 413, "too_large")
        self.refused(self.service.ask(path="/v1/users/1/recommendations?exclude=" + "x" * 8200), 414, "too_large")
        self.refused(self.service.ask(path="/v1/users/" + "x" * 1001 + "/recommendations"), 400, "bad_value", "/user")
        self.refused(self.service.ask(path="/v1/users/1/recommendations?exclude=" + "x" * 1001), 400, "bad_value", "/exclude")
        many = {"user": "1", "exclude": ["x"] * 100001}
        self.refused(self.service.post("/v1/recommend", many), 400, "bad_value", "/exclude")
        event = {"event_id": "e", "type": "click", "user": "1", "item": "2", "time": "2013-01-01"}
        self.refused(self.service.post("/v1/events", [event] * 10001), 413, "too_large")
        self.refused(self.service.post("/v1/events", (json.dumps(event) + "\n") * 10001, {"Content-Type": "application/x-ndjson"}), 413, "too_large")
        self.assertEqual(self.service.pending(), ([], 0))

    def test_batches_that_are_none(self):
        for body in ("", " \n", "[", "7x", "[}", "nonsense"):
            self.refused(self.service.post("/v1/events", body), 400, "bad_value", about=body)

    def test_without_a_folder_for_events(self):
        with Service() as plain:
            event = {"event_id": "e", "type": "click", "user": "1", "item": "2", "time": "2013-01-01"}
            self.refused(plain.post("/v1/events", [event]), 409, "no_events")
            self.refused(plain.put("/v1/items:batch", [{"item": "1", "stock": 0}]), 409, "no_events")
            self.refused(plain.put("/v1/users:batch", [{"user": "1", "parent_id": "2"}]), 409, "no_events")
            self.refused(plain.put("/v1/eligibility:batch", [{"user": "1", "items": []}]), 409, "no_events")
            self.refused(plain.ask(path="/v1/events/pending"), 409, "no_events")
            self.assertIs(plain.ask(path="/v1/health/ready").json()["takes_events"], False)

    def test_fallbacks_say_what_they_are(self):
        nobody = self.service.answer(user="no such company")
        self.assertEqual((nobody["source"], nobody["returned"]), ("popular", 5))
        self.assertIn("not known", nobody["fallback"])
        french = self.service.answer(metadata={"country": "France"})
        self.assertEqual(french["source"], "popular_in_segment")
        self.assertIn("country France", french["fallback"])
        few = self.service.answer(user="AW00000676", filter={"category": "no such category"}, n=9)
        self.assertEqual((few["requested"], few["returned"], few["items"]), (9, 0, []))

    def test_a_shop_without_time_takes_no_date(self):
        with Service(model=Setting.model()) as simple:
            self.refused(simple.post("/v1/recommend", {"user": "1", "as_of": "2020-01-01"}), 400, "bad_value", "/as_of")
            self.refused(simple.ask(path="/v1/users/1/recommendations?as_of=2020-01-01"), 400, "bad_value", "/as_of")


if __name__ == "__main__":
    main()
