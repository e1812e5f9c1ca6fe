#!/usr/bin/env python3
"""Events: taken in row by row, known to the next answer, waiting for the next training.

test_service_events.py PURVEY
"""

import json
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import JSON, LINES, LONG, Purchases, Service, Setting, command, main, purchase, shop_model, write_history

USER = "AW00000676"
SEED = 11
DAY = "2014-07-%02d"


def reason(explanation, code):
    return next(one for one in explanation["reasons"] if one["code"] == code)


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.purchases = Purchases()
        cls.own = cls.purchases.of[USER]
        bought = {row["product_id"] for row in cls.own}
        cls.new = [item for item in cls.purchases.products if item not in bought]
        cls.count = 0

    def setUp(self):
        Events.count += 1
        self.service = Service(events=Setting.folder / f"events{Events.count}")
        self.addCleanup(self.service.__exit__)

    def test_rows_have_a_result_each_in_their_order(self):
        good = purchase("e1", USER, self.new[0])
        rows = [good, good, {**good, "event_id": "e2", "type": "bought"}, {**good, "event_id": "e3"}, 7, {"event_id": "e5"}, {**good, "event_id": "e1", "item": "x"}]
        answer = self.service.post("/v1/events", rows)
        self.assertEqual(answer.status, 207)
        results = answer.json()["results"]
        self.assertEqual([row["status"] for row in results], ["accepted", "duplicate", "rejected", "accepted", "rejected", "rejected", "duplicate"])
        self.assertEqual([row["event_id"] for row in results], ["e1", "e1", "e2", "e3", None, "e5", "e1"])
        self.assertEqual([row["error"] and row["error"]["field"] for row in results], [None, None, "/2/type", None, "/4", "/5/type", None])
        again = self.service.post("/v1/events", [good])
        self.assertEqual((again.status, again.json()["results"]), (200, [{"event_id": "e1", "status": "duplicate", "error": None}]))
        self.assertEqual([event["event_id"] for event in self.service.pending()[0]], ["e1", "e3"])

    def test_every_field_is_checked(self):
        good = purchase("ok", USER, self.new[0], order="o", quantity=1, unit_price=1.5, discount=0.5, recommendation_id="r")
        shown = {"event_id": "ok2", "type": "shown", "user": USER, "items": self.new[:3], "time": "2013-06-01"}
        wrong = [
            *(({**good, "event_id": value}, "event_id") for value in (None, "", 7, "x" * 201)),
            *(({**good, "user": value}, "user") for value in (None, "", 7, LONG + "x")),
            *(({**good, "item": value}, "item") for value in (None, "", 7, LONG + "x")),
            *(({**good, "time": value}, "time") for value in (None, "", 7, "soon", "2013-02-30", "2201-01-01", "1899-12-31", "2150-01-01")),
            *(({**good, "quantity": value}, "quantity") for value in (0, -1, "1", 1e10)),
            *(({**good, "unit_price": value}, "unit_price") for value in ("1", 1e13)),
            *(({**good, "discount": value}, "discount") for value in (-0.1, 1.1, "0")),
            *(({**good, "order": value}, "order") for value in ("", 7, LONG + "x")),
            ({**good, "items": ["a"]}, "items"), ({**good, "reason": "x"}, "reason"), ({**good, "price": 1}, "price"),
            ({**shown, "items": []}, "items"), ({**shown, "items": ["a", ""]}, "items/1"), ({**shown, "item": "a"}, "items"), ({**shown, "order": "o"}, "order"),
            ({**shown, "items": ["x"] * 1001}, "items"),
        ]
        answer = self.service.post("/v1/events", [row for row, _ in wrong])
        self.assertEqual(answer.status, 207)
        for k, (result, (row, field)) in enumerate(zip(answer.json()["results"], wrong)):
            self.assertEqual(result["status"], "rejected", row)
            self.assertEqual((result["error"]["code"], result["error"]["field"]), ("bad_value", f"/{k}/{field}"), (row, result))
        self.assertEqual(self.service.pending(), ([], 0))
        self.assertEqual(self.service.send(good, shown), ["accepted", "accepted"])

    def test_array_object_and_lines(self):
        one, two = purchase("a", USER, self.new[0]), purchase("b", USER, self.new[1])
        self.assertEqual(self.service.post("/v1/events", one).json()["results"], [{"event_id": "a", "status": "accepted", "error": None}])
        text = f"{json.dumps(one)}\r\n\n  {json.dumps(two)}  \n{{broken\n[]\n"
        answer = self.service.post("/v1/events", text, LINES)
        self.assertEqual((answer.status, [row["status"] for row in answer.json()["results"]]), (207, ["duplicate", "accepted", "rejected", "rejected"]))
        self.assertEqual(self.service.post("/v1/events", json.dumps(one) + "\n", JSON).json()["results"][0]["status"], "duplicate")
        empty = self.service.post("/v1/events", [])
        self.assertEqual((empty.status, empty.json()), (200, {"results": []}))

    def test_the_next_answer_knows_it(self):
        item = self.new[3]
        before = self.service.explain(USER, item)
        model_as_of = before["as_of"]
        self.assertEqual(before["kind"], "new")
        orders = reason(self.service.explain(USER, self.own[0]["product_id"]), "habit")["facts"]["orders"]
        self.assertEqual(self.service.send(purchase("e", USER, item, time=DAY % 5, order="o9", quantity=2)), ["accepted"])
        after = self.service.explain(USER, item)
        self.assertEqual((after["kind"], after["as_of"]), ("reorder", "2014-07-05T00:00:01Z"))
        self.assertGreater(after["as_of"], model_as_of)
        habit = reason(after, "habit")["facts"]
        self.assertEqual((habit["orders_with"], habit["orders"], habit["last_date"]), (1, orders + 1, DAY % 5))
        self.assertIn(item, [one["item"] for one in after["purchases"]])
        self.assertNotIn(item, self.service.items(user=USER, mode="new"))
        self.assertEqual(self.service.answer(user=self.purchases.users[0])["as_of"], after["as_of"])

    def test_a_customer_that_nobody_knew(self):
        self.assertEqual(self.service.answer(user="newcomer")["source"], "popular")
        self.service.send(purchase("n", "newcomer", self.new[0], order="1"))
        answer = self.service.answer(user="newcomer")
        self.assertEqual((answer["source"], answer["fallback"]), ("personal", None))

    def equal_to_history(self, user, rows, about):
        """All products score as for a history that holds the events' rows, for the same reasons in the same words.

        The command knows only this customer's rows, so both are asked as of one time. Where no row is new the answer
        is from the stored factors, which have 24 bits.
        """
        tolerance = 1e-9 if len(rows) > len(self.purchases.of[user]) else 1e-5
        as_of = self.service.answer(user=user)["as_of"]
        question = ["--user", user, "--history", write_history("known.csv", rows), "-n", 1000, "--explain", "full", "--as-of", as_of]
        expected = {item["item"]: item for item in json.loads(command("recommend", shop_model(), *question, "--format", "json"))["items"]}
        found = self.service.items(user=user, explain="full")
        self.assertEqual(set(found), set(expected), about)
        for name, item in found.items():
            other = expected[name]
            self.assertEqual(item["kind"], other["kind"], (about, name))
            self.assertLessEqual(abs(item["score"] - other["score"]), tolerance, (about, name))
            told = [{one["code"]: one["text"] for one in answer["reasons"]} for answer in (item, other)]
            self.assertEqual(*told, (about, name))

    def events_of(self, user, case, random_):
        """Purchases and returns at random, some of them of orders that the shop's file has."""
        own, events = self.purchases.of[user], []
        items = self.purchases.products + [row["product_id"] for row in own] * 3
        for k in range(random_.randint(1, 6)):
            event = purchase(f"{case}-{k}", user, random_.choice(items), (DAY % random_.randint(1, 28)) + "T10:00:00Z", quantity=random_.randint(1, 4))
            if random_.random() < 0.4:
                event["type"] = "return"
            if random_.random() < 0.7:
                event["order"] = f"o{random_.randint(1, 3)}"
            if random_.random() < 0.3:
                known = random_.choice(own)
                event |= {"type": "purchase", "item": known["product_id"], "order": known["order_id"], "time": known["time"]}
            events.append(event)
        return events

    def rows_with(self, user, events):
        """The customer's lines with the events' rows; the same product of the same order counts once."""
        rows = list(self.purchases.of[user])
        seen = {(row["product_id"], row["order_id"], "purchase") for row in rows}
        for event in events:
            key = (event["item"], event.get("order", event["time"]), event["type"])
            if key in seen:
                continue
            seen.add(key)
            sign = -1 if event["type"] == "return" else 1
            rows.append({"product_id": event["item"], "time": event["time"], "quantity": sign * event["quantity"], "order_id": event.get("order", "")})
        return rows

    def test_equal_to_the_history_with_these_rows(self):
        random_ = random.Random(SEED)
        for case, user in enumerate(random_.sample(self.purchases.users, 6)):
            events = self.events_of(user, case, random_)
            self.assertEqual(self.service.send(*events), ["accepted"] * len(events))
            self.equal_to_history(user, self.rows_with(user, events), (case, user, events))

    def test_what_was_returned_is_not_bought(self):
        item = self.new[4]
        before = self.service.explain(USER, item)
        self.service.send(purchase("b", USER, item, time=DAY % 1, quantity=3), {**purchase("r", USER, item, time=DAY % 2, quantity=3), "type": "return"})
        after = self.service.explain(USER, item)
        self.assertEqual((before["kind"], after["kind"]), ("new", "new"))
        self.assertNotIn(item, [one["item"] for one in after["purchases"]])
        part = self.new[5]
        self.service.send(purchase("b2", USER, part, time=DAY % 1, quantity=3), {**purchase("r2", USER, part, time=DAY % 2, quantity=1), "type": "return"})
        self.assertEqual(self.service.explain(USER, part)["kind"], "reorder")

    def test_what_was_shown_changes_no_score(self):
        before = self.service.answer(user=USER, n=50)
        more = {"user": USER, "time": "2013-01-01", "recommendation_id": "r1"}
        events = [{"event_id": "s", "type": "shown", "items": self.new[:5], **more}] + [
            {"event_id": kind, "type": kind, "item": self.new[0], **more} for kind in ("click", "cart", "dismiss")
        ]
        events[3]["reason"] = "not for us"
        self.assertEqual(self.service.send(*events), ["accepted"] * 4)
        self.assertEqual(self.service.answer(user=USER, n=50), before)
        told, count = self.service.pending()
        self.assertEqual(count, 4)
        self.assertEqual([event["type"] for event in told], ["shown", "click", "cart", "dismiss"])
        self.assertEqual((told[0]["items"], told[3]["reason"], told[1]["recommendation_id"]), (self.new[:5], "not for us", "r1"))

    def test_pending_page_by_page(self):
        events = [purchase(f"e{k}", f"user {k % 3}", self.new[k % 7], order=f"o{k}", quantity=k + 1, unit_price=1.25, discount=0.125) for k in range(23)]
        for k in range(0, 23, 5):
            self.service.send(*events[k : k + 5])
        self.service.put("/v1/items:batch", [{"item": self.new[0], "price": 5}])
        for limit in (1, 4, 23, 1000):
            told, count = self.service.pending(limit)
            self.assertEqual(count, 23)
            self.assertEqual(told, events)
        page = self.service.ask(path="/v1/events/pending?limit=22").json()
        self.assertRegex(page["next"], "^[A-Za-z0-9._~-]+$")
        last = self.service.ask(path=f"/v1/events/pending?cursor={page['next']}").json()
        self.assertEqual((last["events"][0]["event_id"], last["next"]), ("e22", None))
        self.service.send(purchase("late", USER, self.new[0]))
        later = self.service.ask(path=f"/v1/events/pending?cursor={page['next']}").json()
        self.assertEqual([event["event_id"] for event in later["events"]], ["e22", "late"])

    def test_a_page_of_large_events_is_no_larger_than_a_body(self):
        """Events of a megabyte each come in pages of some, whatever the limit."""
        items = [f"{k:01000}" for k in range(1000)]
        for k in range(16):
            self.service.send({"event_id": f"e{k}", "type": "shown", "user": USER, "items": items, "time": "2013-06-01"})
        first = self.service.ask(path="/v1/events/pending")
        self.assertLess(len(first.body), 10 << 20)
        self.assertEqual(first.json()["count"], 16)
        told, _ = self.service.pending()
        self.assertEqual([event["event_id"] for event in told], [f"e{k}" for k in range(16)])

    def test_an_answer_changes_its_name_and_tag_with_an_event(self):
        path = f"/v1/users/{USER}/recommendations"
        first, again = self.service.ask(path=path), self.service.ask(path=path)
        for header in ("etag", "x-recommendation-id"):
            self.assertEqual(first.headers[header], again.headers[header])
        self.assertEqual(self.service.ask(path=path, headers={"If-None-Match": first.headers["etag"]}).status, 304)
        self.service.send(purchase("e", USER, self.new[0], time=DAY % 3))
        after = self.service.ask(path=path, headers={"If-None-Match": first.headers["etag"]})
        self.assertEqual(after.status, 200)
        for header in ("etag", "x-recommendation-id"):
            self.assertNotEqual(first.headers[header], after.headers[header])


if __name__ == "__main__":
    main()
