#!/usr/bin/env python3
"""The overlay: prices, stock, metadata and assortments as they are told hold at once, and until they are told again.

test_service_overlay.py PURVEY
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import LONG, NEVER_BOUGHT, Service, Setting, main, purchase

USER = "AW00000676"


class Overlay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.count = 0

    def setUp(self):
        Overlay.count += 1
        self.folder = Setting.folder / f"overlay{Overlay.count}"
        self.service = Service(events=self.folder)
        self.addCleanup(lambda: self.service.__exit__())
        self.before = self.service.answer(user=USER, n=1000)
        self.top = [item["item"] for item in self.before["items"][:10]]
        self.products = self.before["candidates"] + sum(self.before["filtered"].values())

    def restart(self):
        self.assertEqual(self.service.stop(), 0)
        self.service.__exit__()
        self.service = Service(events=self.folder)

    def set(self, call, *rows):
        answer = self.service.put(f"/v1/{call}:batch", list(rows))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual({row["status"] for row in answer.json()["results"]}, {"accepted"})
        return answer.json()["results"]

    def unchanged(self):
        self.assertEqual(self.service.answer(user=USER, n=1000), self.before)

    def changes_and_goes_back(self, call, change, back, check):
        """`check` holds after the change and after a restart; then everything is as before."""
        self.set(call, *change)
        check()
        self.restart()
        check()
        self.set(call, *back)
        self.unchanged()
        self.restart()
        self.unchanged()

    def test_a_discount_is_true_now(self):
        item = self.top[0]

        def check():
            entry = self.service.items(user=USER, explain="full")[item]
            self.assertEqual((entry["product"]["price"], entry["product"]["discount"]), (11.5, 0.15))
            told = [one for one in entry["reasons"] + entry["notes"] if one["code"] == "discount"]
            self.assertEqual([one["facts"]["discount"] for one in told], [0.15])
            self.assertIn("15 % off now", told[0]["text"])

        self.changes_and_goes_back("items", [{"item": item, "price": 11.5, "discount": 0.15}], [{"item": item, "price": None, "discount": None}], check)

    def test_out_of_stock_and_discontinued(self):
        gone, ended = self.top[:2]

        def check():
            answer = self.service.answer(user=USER, n=1000)
            self.assertEqual(answer["filtered"]["out_of_stock"], self.before["filtered"].get("out_of_stock", 0) + 1)
            self.assertEqual(answer["filtered"]["discontinued"], 1)
            self.assertFalse({gone, ended} & {one["item"] for one in answer["items"]})
            self.assertEqual(answer["candidates"], self.before["candidates"] - 2)
            gates = [self.service.explain(USER, item)["gate"] for item in (gone, ended)]
            self.assertEqual(gates, ["out_of_stock", "discontinued"])

        self.changes_and_goes_back(
            "items", [{"item": gone, "stock": 0}, {"item": ended, "discontinued": True}], [{"item": gone, "stock": None}, {"item": ended, "discontinued": None}], check
        )
        self.set("items", {"item": gone, "stock": 0}, {"item": ended, "discontinued": True})
        self.set("items", {"item": gone, "stock": 7}, {"item": ended, "discontinued": False})
        self.unchanged()

    def test_a_product_that_becomes_available(self):
        item = NEVER_BOUGHT
        hidden = self.before["filtered"]["not_known_yet"]

        def check():
            answer = self.service.answer(user=USER, n=1000)
            self.assertEqual(answer["filtered"]["not_known_yet"], hidden - 1)
            self.assertIn(item, {one["item"] for one in answer["items"]})

        self.set("items", {"item": item, "available_from": "2020-01-01"})
        self.unchanged()
        self.changes_and_goes_back("items", [{"item": item, "available_from": "2012-01-01"}], [{"item": item, "available_from": None}], check)

    def test_what_is_not_named_stays(self):
        item = self.top[3]
        self.set("items", {"item": item, "price": 5})
        self.set("items", {"item": item, "discount": 0.5})
        entry = self.service.items(user=USER)[item]["product"]
        self.assertEqual((entry["price"], entry["discount"]), (5, 0.5))
        self.set("items", {"item": item, "discount": 0.1}, {"item": item, "discount": 0.2})
        self.assertEqual(self.service.items(user=USER)[item]["product"]["discount"], 0.2)

    def test_metadata_of_a_new_company(self):
        plain = self.service.answer(user="newcomer")
        self.assertEqual(plain["source"], "popular")

        def check():
            answer = self.service.answer(user="newcomer")
            self.assertEqual(answer["source"], "popular_in_segment")
            self.assertIn("country France", answer["fallback"])
            asked = self.service.answer(metadata={"country": "France"})
            self.assertEqual(answer["items"], asked["items"])

        self.changes_and_goes_back("users", [{"user": "newcomer", "metadata": {"country": "France"}}], [{"user": "newcomer", "metadata": {"country": None}}], check)
        self.assertEqual(self.service.answer(user="newcomer"), plain)

    def test_metadata_of_many_companies(self):
        """Texts that are told stay what they are, however many come later."""
        countries = ("France", "Germany", "Canada")
        for part in range(0, 600, 200):
            self.set("users", *({"user": f"new {k}", "metadata": {"country": countries[k % 3], f"column {k}": "x" * 500}} for k in range(part, part + 200)))
        for k in (0, 1, 2, 299, 599):
            self.assertIn(f"country {countries[k % 3]}", self.service.answer(user=f"new {k}")["fallback"])

    def test_assortments(self):
        self.set("users", {"user": "branch", "parent_id": USER}, {"user": "gold buyer", "metadata": {"price_list": "gold"}})
        lists = {"user": (USER, USER), "parent": (USER, "branch"), "price_list": ("gold", "gold buyer")}
        for holder, (name, user) in lists.items():
            before = self.service.answer(user=user, n=1000)
            allowed = [one["item"] for one in before["items"][2:5]]
            result = self.set("eligibility", {holder: name, "items": [*allowed, "no such item"]})
            self.assertEqual(result[0][holder], name)
            for _ in range(2):
                answer = self.service.answer(user=user, n=1000)
                self.assertEqual({one["item"] for one in answer["items"]}, set(allowed), holder)
                hidden = {gate: before["filtered"][gate] for gate in ("excluded", "not_known_yet")}
                hidden["not_in_assortment"] = self.products - sum(hidden.values()) - 3
                self.assertEqual(answer["filtered"], hidden, holder)
                self.restart()
            other = [one["item"] for one in before["items"] if one["item"] not in allowed][0]
            self.assertEqual(self.service.explain(user, other)["gate"], "not_in_assortment", holder)
            self.set("eligibility", {holder: name, "items": []})
            self.assertEqual(self.service.answer(user=user)["returned"], 0)
            self.set("eligibility", {holder: name, "items": None})
            self.assertEqual(self.service.answer(user=user, n=1000), before, holder)

    def test_rows_that_are_wrong(self):
        def refused(call, row, field):
            answer = self.service.put(f"/v1/{call}:batch", [row])
            result = answer.json()["results"][0]
            self.assertEqual((answer.status, result["status"], result["error"]["code"], result["error"]["field"]), (207, "rejected", "bad_value", field), (call, row))

        for name, values in {
            "price": (-1, "1", 1e13, True), "discount": (-0.1, 1.1, "0"), "stock": ("0", 1e10, True), "discontinued": (1, "yes"), "available_from": ("soon", 7, ""), "item": (7, "", None, LONG + "x"),
        }.items():
            for value in values:
                refused("items", {"item": "a", "price": 1, name: value}, f"/0/{name}")
        refused("items", {"item": "a"}, "/0")
        refused("items", {"price": 1}, "/0/item")
        refused("items", {"item": "a", "colour": 1}, "/0/colour")
        refused("users", {"user": "a"}, "/0")
        refused("users", {"user": "a", "metadata": {"country": 7}}, "/0/metadata/country")
        refused("users", {"user": "a", "metadata": []}, "/0/metadata")
        refused("users", {"user": "a", "parent_id": 7}, "/0/parent_id")
        refused("eligibility", {"user": "a"}, "/0/items")
        refused("eligibility", {"items": []}, "/0")
        refused("eligibility", {"user": "a", "parent": "b", "items": []}, "/0")
        refused("eligibility", {"user": "a", "items": [""]}, "/0/items/0")
        refused("eligibility", {"user": "a", "items": "b"}, "/0/items")
        self.unchanged()

    def test_rows_with_an_event_id_count_once(self):
        row = {"event_id": "p1", "item": self.top[0], "price": 5}
        statuses = [result["status"] for result in self.service.put("/v1/items:batch", [row, {**row, "price": 6}]).json()["results"]]
        self.assertEqual(statuses, ["accepted", "duplicate"])
        self.assertEqual(self.service.items(user=USER)[self.top[0]]["product"]["price"], 5)
        self.assertEqual(self.service.send(purchase("p1", USER, self.top[0])), ["duplicate"])
        self.assertEqual(self.service.pending(), ([], 0))


if __name__ == "__main__":
    main()
