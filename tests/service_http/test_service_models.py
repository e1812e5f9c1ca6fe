#!/usr/bin/env python3
"""Another model in the place of the one in use, under the same events and the same overlay; and what health says.

test_service_models.py PURVEY
"""

import json
import os
import pathlib
import shutil
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import PATIENCE, SHOP, Purchases, Service, Setting, command, main, purchase, shop_model

USER = "AW00000676"


class Models(unittest.TestCase):
    count = 0

    def setUp(self):
        Models.count += 1
        self.events = Setting.folder / f"events{Models.count}"
        self.path = Setting.folder / f"served{Models.count}.model"
        self.put_in_place(shop_model())
        self.service = Service(model=self.path, events=self.events)
        self.addCleanup(self.service.__exit__)
        bought = {row["product_id"] for row in Purchases().of[USER]}
        self.new = [item for item in Purchases().products if item not in bought]

    def put_in_place(self, model):
        """As `purvey train` does: a complete file takes the name."""
        beside = self.path.with_suffix(".part")
        if isinstance(model, bytes):
            beside.write_bytes(model)
        else:
            shutil.copyfile(model, beside)
        os.replace(beside, self.path)

    def health(self):
        return self.service.ask(path="/v1/health/ready").json()

    def wait_until(self, holds):
        until = time.monotonic() + PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)

    def reload(self, model):
        """The id of the model that is in use then."""
        identity = json.loads(command("info", model, "--format", "json"))["model"]
        self.put_in_place(model)
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: self.health()["model"] == identity)
        return identity

    def test_health(self):
        ready = self.health()
        self.assertEqual(list(ready), ["status", "version", "model", "as_of", "takes_events", "warnings"])
        self.assertEqual((ready["status"], ready["takes_events"]), ("ready", True))
        self.assertEqual(ready["version"], command("--version").decode().split()[-1])
        self.assertRegex(ready["warnings"][0], r"^the model's data is \d{4} days old$")
        self.assertEqual(len(ready["warnings"]), 1)
        self.assertEqual(self.service.ask(path="/v1/health/live").json(), {"status": "live"})
        models = self.service.ask(path="/v1/models").json()
        self.assertEqual(models, {"models": [{"model": ready["model"], "as_of": ready["as_of"], "in_use": True}]})

    def test_another_model_by_rename(self):
        first = self.service.answer(user=USER)["model"]
        self.put_in_place(shop_model(seed=43))
        self.wait_until(lambda: self.service.answer(user=USER)["model"] != first)
        second = json.loads(command("info", shop_model(seed=43), "--format", "json"))["model"]
        self.assertEqual(self.service.answer(user=USER)["model"], second)
        printed = command("recommend", shop_model(seed=43), "--user", USER, "--format", "json")
        self.assertEqual(self.service.post("/v1/recommend", {"user": USER}).body + b"\n", printed)

    def test_a_bad_file_keeps_the_old_model(self):
        before = self.service.answer(user=USER)
        whole = shop_model().read_bytes()
        altered = whole[:-100] + b"x" + whole[-99:]
        for bad in (b"", b"nonsense", whole[:-1], altered):
            self.put_in_place(bad)
            self.service.process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: len(self.health()["warnings"]) == 2)
            self.assertIn(str(self.path), self.health()["warnings"][1])
            self.assertEqual(self.service.answer(user=USER), before)
            self.reload(shop_model())
            self.wait_until(lambda: len(self.health()["warnings"]) == 1)
        os.remove(self.path)
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: len(self.health()["warnings"]) == 2)
        self.assertEqual(self.service.answer(user=USER), before)

    def test_events_and_overlay_stay(self):
        item, other = self.new[:2]
        self.service.send(purchase("e", USER, item, order="o"))
        self.service.put("/v1/items:batch", [{"item": other, "price": 7.25}])
        self.service.put("/v1/users:batch", [{"user": "newcomer", "metadata": {"country": "France"}}])
        before = self.service.answer(user=USER, n=1000)
        for seed in (43, 42):
            self.reload(shop_model(seed=seed))
            items = self.service.items(user=USER)
            self.assertEqual((items[item]["kind"], items[other]["product"]["price"]), ("reorder", 7.25))
            self.assertEqual(self.service.answer(user="newcomer")["source"], "popular_in_segment")
            self.assertEqual(self.service.pending()[1], 1)
        self.assertEqual(self.service.answer(user=USER, n=1000), before)

    def test_no_change_is_lost_while_models_change(self):
        """Prices that are told while a model takes the other's place hold in the new one."""
        items = sorted(self.service.items(user=USER))[:40]

        def tell(some, price):
            for item in some:
                self.service.put("/v1/items:batch", [{"item": item, "price": price}])

        for price in range(1, 13):
            threads = [threading.Thread(target=tell, args=(items[k::8], price)) for k in range(8)]
            for thread in threads:
                thread.start()
            self.reload(shop_model(seed=42 + price % 2))
            for thread in threads:
                thread.join()
            shown = self.service.items(user=USER)
            self.assertEqual({item: shown[item]["product"]["price"] for item in items}, dict.fromkeys(items, price))

    def test_a_model_that_took_the_events_in(self):
        item = self.new[0]
        self.service.send(*(purchase(f"e{k}", USER, item, f"2014-07-0{k + 1}", order=f"o{k}") for k in range(3)))
        habit = {"orders_with": 3}
        before = next(one for one in self.service.explain(USER, item)["reasons"] if one["code"] == "habit")
        trained = Setting.folder / "with-events.model"
        options = ["--factors", 8, "--iterations", 3, "--threads", 1, "--quiet"]
        command("train", SHOP, "-o", trained, "--events", self.events, *options)
        self.reload(trained)
        self.assertEqual(self.service.pending(), ([], 0))
        self.assertEqual(len(self.health()["warnings"]), 1)
        after = next(one for one in self.service.explain(USER, item)["reasons"] if one["code"] == "habit")
        self.assertEqual(after["facts"], before["facts"])
        self.assertEqual(after["facts"]["orders_with"], habit["orders_with"])
        self.service.send(purchase("e3", USER, item, "2014-07-09", order="o3"))
        again = next(one for one in self.service.explain(USER, item)["reasons"] if one["code"] == "habit")
        self.assertEqual((again["facts"]["orders_with"], self.service.pending()[1]), (4, 1))
        with Service(model=trained, events=Setting.folder / "another-log") as other:
            self.assertIn("another event log", other.ask(path="/v1/health/ready").json()["warnings"][-1])


if __name__ == "__main__":
    main()
