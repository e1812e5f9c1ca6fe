#!/usr/bin/env python3
"""The same question gives the same bytes: over HTTP what the command line prints.

test_service_same_bytes.py PURVEY
"""

import json
import pathlib
import random
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import ODD_IDS, Purchases, Service, Setting, command, main, odd_model, quote, shop_model, write_history

QUESTIONS = 60
SEED = 7


def line_of(row):
    """A row of user_purchases.csv as a line of a body's history."""
    return {
        "item": row["product_id"], "time": row["time"], "order": row["order_id"],
        "quantity": float(row["quantity"]), "unit_price": float(row["unit_price"]), "discount": float(row["discount"]),
    }


class Questions:
    """Questions at random, each as a body and as the options that ask the same."""

    def __init__(self, purchases):
        self.purchases, self.random, self.files = purchases, random.Random(SEED), 0

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(1, most))

    def who(self, body, options):
        kind = self.random.choice(("user", "user", "user and history", "history", "unknown", "nobody"))
        if kind.startswith("user"):
            body["user"] = self.random.choice(self.purchases.users)
        elif kind == "unknown":
            body["user"] = "no such company"
        if kind.endswith("history"):
            rows = self.random.choice(list(self.purchases.of.values()))
            rows = self.random.sample(rows, min(len(rows), 12))
            body["history"] = [line_of(row) for row in rows]
            self.files += 1
            options += ["--history", write_history(f"history{self.files}.csv", rows)]
        if "user" in body:
            options += ["--user", body["user"]]
        if kind == "nobody":
            body["history"] = []
            options += ["--history", write_history("empty.csv", [])]

    def rest(self, body, options):
        pick = self.random.random
        if pick() < 0.6:
            body["n"] = self.random.choice((1, 2, 7, 40, 1000))
            options += ["-n", body["n"]]
        if pick() < 0.4:
            body["mode"] = self.random.choice(("mixed", "new", "reorder"))
            options += ["--mode", body["mode"]]
        if pick() < 0.5:
            body["explain"] = self.random.choice(("none", "top3", "full"))
            options += ["--explain", body["explain"]]
        if pick() < 0.3:
            body["new_share"] = self.random.choice((0, 0.25, 0.5, 1))
            options += ["--new-share", body["new_share"]]
        if pick() < 0.3:
            body["exclude"] = [*self.some(self.purchases.products, 5), "no such product"]
            options += [word for item in body["exclude"] for word in ("--exclude", item)]
        if pick() < 0.3:
            body["cart"] = self.some(self.purchases.products, 3)
            options += [word for item in body["cart"] for word in ("--cart", item)]
        if pick() < 0.25:
            values = self.some(["Bikes", "Components", "Accessories > Helmets"], 2)
            body["filter"] = {"category": values if len(values) > 1 or pick() < 0.5 else values[0]}
            options += [word for value in values for word in ("--filter", f"category={value}")]
        if pick() < 0.25:
            body["metadata"] = {"country": "France", "business_type": "Warehouse"}
            options += ["--metadata", "country=France", "--metadata", "business_type=Warehouse"]
        if pick() < 0.25:
            body["as_of"] = self.random.choice(("2012-05-01", "2013-01-15T12:30:00Z", "2015-01-01"))
            options += ["--as-of", body["as_of"]]

    def one(self):
        body, options = {}, []
        self.who(body, options)
        self.rest(body, options)
        return body, options


class SameBytes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.purchases = Purchases()
        cls.model = shop_model()
        cls.service = Service(model=cls.model)
        cls.odd = Service(model=odd_model())

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()
        cls.odd.__exit__()

    def same(self, printed, answer, about):
        self.assertEqual(answer.status, 200, (about, answer.body[:300]))
        self.assertEqual(printed, answer.body + b"\n", about)

    def test_recommend(self):
        questions = Questions(self.purchases)
        for _ in range(QUESTIONS):
            body, options = questions.one()
            printed = command("recommend", self.model, "--format", "json", *options)
            self.same(printed, self.service.post("/v1/recommend", body), body)

    def test_get_and_post_ask_the_same(self):
        questions = Questions(self.purchases)
        asked = 0
        while asked < 20:
            body, _ = questions.one()
            if "user" not in body or "history" in body or "metadata" in body:
                continue
            asked += 1
            parameters = [(name, body[name]) for name in ("n", "mode", "explain", "new_share", "as_of") if name in body]
            parameters += [(name, item) for name in ("exclude", "cart") for item in body.get(name, [])]
            values = body.get("filter", {}).get("category", [])
            parameters += [("filter", f"category={value}") for value in ([values] if isinstance(values, str) else values)]
            path = f"/v1/users/{quote(body['user'])}/recommendations?{urllib.parse.urlencode(parameters)}"
            got, posted = self.service.ask(path=path), self.service.post("/v1/recommend", body)
            self.assertEqual((got.status, got.body), (posted.status, posted.body), path)

    def test_explain_similar_card_and_rank(self):
        for k in range(6):
            user, item = self.purchases.users[k * 37], self.purchases.products[k * 11]
            printed = command("explain", self.model, "--user", user, "--product", item, "-n", 7, "--format", "json")
            self.same(printed, self.service.post("/v1/explain", {"user": user, "item": item, "n": 7}), (user, item))
            printed = command("similar", self.model, "--product", item, "-n", k + 1, "--format", "json")
            self.same(printed, self.service.ask(path=f"/v1/items/{quote(item)}/similar?n={k + 1}"), item)
        printed = command("similar", self.model, "--product", item, "--format", "json")
        self.same(printed, self.service.ask(path=f"/v1/items/{quote(item)}/similar"), "without n")
        card = command("info", self.model, "--format", "json")
        self.same(card, self.service.ask(path="/v1/models/current/card"), "card")
        self.same(card, self.service.ask(path=f"/v1/models/{json.loads(card)['model']}/card"), "card by id")

    def test_rank_scores_as_the_command_does(self):
        user, items = self.purchases.users[3], [*self.purchases.products[:50], "no such product"]
        pairs, out = Setting.folder / "pairs.csv", Setting.folder / "ranked.csv"
        pairs.write_text("user_id,product_id\n" + "".join(f"{user},{item}\n" for item in items), encoding="utf-8")
        command("rank", self.model, "--pairs", pairs, "-o", out)
        printed = {}
        for line in out.read_text(encoding="utf-8").splitlines()[1:]:
            _, item, score, unknown = line.split(",")
            printed[item] = (float(score), unknown == "1")
        ranked = self.service.post("/v1/rank", {"user": user, "items": items}).json()
        self.assertEqual({row["item"]: (row["score"], row["unknown"]) for row in ranked["items"]}, printed)
        known = [row["score"] for row in ranked["items"] if not row["unknown"]]
        self.assertEqual(known, sorted(known, reverse=True))
        self.assertEqual([row["rank"] for row in ranked["items"]], list(range(1, len(items) + 1)))
        self.assertEqual(ranked["items"][-1]["item"], "no such product")

    def test_offset_goes_on_where_the_list_before_ended(self):
        user = self.purchases.users[5]
        whole = self.service.answer(user=user, n=30)
        for offset in (0, 1, 10, 29, 100000):
            page = self.service.answer(user=user, n=10, offset=offset)
            expected = whole["items"][offset : offset + 10]
            if offset + 10 <= 30:
                self.assertEqual(page["items"], expected)
            self.assertEqual(page["items"][: len(expected)], expected)
        self.assertEqual(page["returned"], 0)

    def test_ids_of_any_text(self):
        model = odd_model()
        for one, other in zip(ODD_IDS, (*ODD_IDS[5:], *ODD_IDS[:5])):
            printed = command("recommend", model, f"--user={one}", f"--exclude={other}", "--mode", "mixed", "--format", "json")
            body = {"user": one, "exclude": [other], "mode": "mixed"}
            self.same(printed, self.odd.post("/v1/recommend", body), one)
            query = urllib.parse.urlencode({"exclude": other, "mode": "mixed"})
            self.same(printed, self.odd.ask(path=f"/v1/users/{quote(one)}/recommendations?{query}"), one)
            printed = command("explain", model, f"--user={one}", f"--product={other}", "--format", "json")
            self.same(printed, self.odd.post("/v1/explain", {"user": one, "item": other}), one)
            printed = command("similar", model, f"--product={one}", "--format", "json")
            self.same(printed, self.odd.ask(path=f"/v1/items/{quote(one)}/similar"), one)

    def test_events_of_any_id(self):
        events = [
            {"event_id": f"odd {k}", "type": "purchase", "user": one, "item": one, "order": one, "time": "2024-06-01"}
            for k, one in enumerate(ODD_IDS)
        ]
        with Service(model=odd_model(), events=Setting.folder / "odd-events") as service:
            self.assertEqual(service.send(*events), ["accepted"] * len(events))
            told, count = service.pending()
            self.assertEqual((count, [event["user"] for event in told]), (len(events), list(ODD_IDS)))
            for one in ODD_IDS:
                self.assertEqual(service.items(user=one)[one]["kind"], "reorder", one)

    def test_the_same_question_has_the_same_name(self):
        user = self.purchases.users[0]
        first, again = (self.service.post("/v1/recommend", {"user": user}).headers for _ in range(2))
        other = self.service.post("/v1/recommend", {"user": user, "n": 6}).headers
        self.assertRegex(first["x-recommendation-id"], "^[0-9a-f]{32}$")
        self.assertEqual(first["x-recommendation-id"], again["x-recommendation-id"])
        self.assertNotEqual(first["x-recommendation-id"], other["x-recommendation-id"])


if __name__ == "__main__":
    main()
