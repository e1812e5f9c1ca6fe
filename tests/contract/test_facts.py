#!/usr/bin/env python3
"""Every fact of every reason and note, and every contribution, recounted from the raw tables of the bundled shops."""

import itertools
import json
import math
import os
import pathlib
import random
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import model_file
import purvey_program
import shop_tables
from fact_oracle import SIGNALS, Oracle
from others_facts import POPULARITY_DAYS

ITEMS, NEWCOMERS = 5, 20
EXPLAINED_USERS, EXPLAINED = 3, 4
EXACT = 1e-9
POPULAR_LIST_WEIGHT = 0.1
NOTED = ("als", "bought_together", "category", "discount")
DATES = ("last_date", "before", "first_sold", "last_sold", "expected_date", "last_year_date", "date")
SMALL = ("--factors", 16, "--iterations", 3)

# The suite asks for a half of the customers; `./run test --all` for all of them.
SHARE = float(os.environ.get("FACTS_SHARE", "0.5"))

# shop, customers, as-of date of training, as-of date of the questions, k
CASES = (
    ("simple-shop", 60, None, None, 5),
    ("adventureworks", 40, None, None, 5),
    ("adventureworks", 30, None, "2013-03-01", 12),
    ("adventureworks", 30, "2013-01-01", "2013-01-01", 3),
    ("groups", 40, None, None, 5),
    ("online-retail", 20, "2010-09-01T10:00:00Z", "2010-08-15", 5),
)


def make_groups(folder):
    """The resellers of adventureworks as groups of four companies each, its products with brands."""
    source, target = purvey_program.EXAMPLES / "adventureworks", folder / "groups"
    target.mkdir()
    users = csv_files.read(source / "users.csv")
    for place, row in enumerate(users):
        row["parent_id"] = f"group {place % (len(users) // 4)}"
    csv_files.write(target / "users.csv", users[0].keys(), users)
    products = csv_files.read(source / "products.csv")
    for row in products:
        row["brand"] = row["product_id"][:2]
    csv_files.write(target / "products.csv", products[0].keys(), products)
    shutil.copy(source / "user_purchases.csv.gz", target / "user_purchases.csv.gz")
    return target


class Case:
    """One model, what it answered, and the oracle's view of the same shop."""

    def __init__(self, purvey, folder, path, shop, case, findings):
        """`path` of the files that `shop` was read from."""
        _, self.n_users, trained_as_of, self.asked_as_of, k = case
        self.findings, self.title = findings, " ".join(str(part) for part in case if part)
        self.shop = shop
        self.asked_seconds = self.asked_as_of and shop_tables.seconds(self.asked_as_of)
        options = ["--as-of", trained_as_of] if trained_as_of else []
        model = purvey.train(path, folder / "facts.model", "--min-companies", k, *SMALL, *options)
        self.model = model_file.ModelFile(model)
        self.oracle = Oracle(self.shop, self.model, k)
        self.signals = {signal["code"]: signal for signal in purvey.json("info", model)["signals"]}
        self.base = dict(zip(("new", "reorder"), self.model.values("weights.base")))
        self.answers = self._ask(purvey, folder, model)
        self.explained = self._explain(purvey, model)
        self.newcomers = [
            purvey.json("recommend", model, "--user", user, "-n", ITEMS)
            for user in sorted(shop.tables.users.keys() - shop.lines.keys())[:NEWCOMERS]
        ]
        self.strangers = sorted({row["name"] for row in shop.tables.users.values() if row.get("name")})

    def _asked(self):
        return ["--as-of", self.asked_as_of] if self.asked_as_of else []

    def _ask(self, purvey, folder, model):
        users = sorted(self.shop.lines)
        users = sorted(random.Random(7).sample(users, min(round(self.n_users * SHARE), len(users))))
        csv_files.write(folder / "users.csv", ["user_id"], [{"user_id": user} for user in users])
        out = folder / "answers.jsonl"
        options = ("-n", ITEMS, "--explain", "full", "--mode", "mixed")
        purvey.run("recommend", model, "--users", folder / "users.csv", "-o", out, *options, *self._asked())
        answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        self.findings.check([answer["user"] for answer in answers] == users, f"{self.title}: not one answer a user, in order")
        return answers

    def _explain(self, purvey, model):
        """Signals that weigh nothing speak here: any products, of their own and others."""
        rng, products = random.Random(3), sorted(self.shop.bought)
        users = [answer["user"] for answer in self.answers if answer["source"] == "personal"]
        told = []
        for user in rng.sample(users, min(EXPLAINED_USERS, len(users))):
            own = sorted({line.product for line in self.oracle.customer(user, self.asked_seconds).lines})
            for product in rng.sample(own, min(EXPLAINED, len(own))) + rng.sample(products, EXPLAINED):
                told.append(purvey.json("explain", model, "--user", user, "--product", product, *self._asked()))
        return told

    def check(self):
        for answer in self.answers:
            customer = self.oracle.customer(answer["user"], self.asked_seconds)
            if answer["source"] != "personal":
                self.findings.check(not customer.lines, f"{self.title}: {answer['user']} has purchases but no own list")
                continue
            for item in answer["items"]:
                ItemCheck(self, customer, answer, item).run()
        for answer in self.explained:
            ItemCheck(self, self.oracle.customer(answer["user"], self.asked_seconds), answer, answer).explanation()
        for answer in self.newcomers:
            self.check_newcomer(answer)

    def check_newcomer(self, answer):
        """Who has bought nothing is shown what is popular in a segment of theirs, and told so."""
        place, profile = f"{self.title}: newcomer {answer['user']}", self.shop.profiles[answer["user"]]
        self.findings.check(answer["source"] == "popular_in_segment", f"{place}: source {answer['source']}")
        own_parent = self.shop.parent(answer["user"])
        for item in answer["items"]:
            for reason in item["reasons"]:
                facts = reason["facts"]
                columns = [name for name, value in profile.items() if value == facts.get("segment")]
                alike = {user for user, row in self.shop.profiles.items() if columns and row[columns[0]] == facts["segment"]}
                counted = self.oracle.recent_buyers_among(alike, item["item"], POPULARITY_DAYS) - {own_parent}
                self.findings.check(facts["buyers"] == len(counted), f"{place} {item['item']}: {facts}, counted {len(counted)}")
                self.findings.check(len(counted) >= self.oracle.min_companies, f"{place} {item['item']}: {len(counted)} below k")
            self.findings.check(item["score"] <= POPULAR_LIST_WEIGHT, f"{place} {item['item']}: score {item['score']}")

    def scale(self, code, customer):
        signal = self.signals[code]
        return signal["scale"] * max(1, len(customer.bought)) ** signal["power"]

    def most(self, code, kind):
        """What z counts up to."""
        most = self.signals[code][f"most_{kind}"]
        return math.inf if most is None else most

    def weight(self, code, kind):
        signal = self.signals[code]
        counts = kind in SIGNALS[code].kinds and signal["silent"] is None
        return signal[f"weight_{kind}"] if counts else 0.0

    def counts(self, code, kind, phi):
        """The signal has a part in the score."""
        return self.weight(code, kind) > 0 and (phi > 0 if SIGNALS[code].form == "root" else phi != 0)

    def probability(self, score):
        """(probability, days) of the calibration: linear between its steps."""
        if "calibration.score" not in self.model.header:
            return None, None
        scores, steps = self.model.values("calibration.score"), self.model.values("calibration.probability")
        (days,) = self.model.values("calibration.horizon_days")
        if score <= scores[0] or score >= scores[-1]:
            return steps[0 if score <= scores[0] else -1], days
        k = next(k for k in range(len(scores)) if scores[k] > score)
        part = (score - scores[k - 1]) / (scores[k] - scores[k - 1])
        return steps[k - 1] + part * (steps[k] - steps[k - 1]), days


class ItemCheck:
    def __init__(self, case, customer, answer, item):
        self.case, self.customer, self.answer, self.item = case, customer, answer, item
        self.shop, self.findings, self.product = case.shop, case.findings, item["item"]
        self.kind = "reorder" if self.product in customer.by_product else "new"
        self.place = f"{case.title}: user {answer['user']} item {self.product}"

    def check(self, holds, message):
        return self.findings.check(holds, lambda: f"{self.place}: {message}")

    def near(self, actual, expected, tolerance, message):
        return self.findings.near(actual, expected, tolerance, lambda: f"{self.place}: {message}")

    def run(self):
        self.check_product()
        self.check_sum()
        for reason in self.item["reasons"]:
            self.check_reason(reason)
        for note in self.item["notes"]:
            self.check_statement(note, is_note=True)
        self.check_all_is_said()
        for said in self.item["reasons"] + self.item["notes"]:
            self.check_numbers(said)
            self.check_strangers(said)

    def explanation(self):
        """All signals, those that weigh nothing too."""
        self.check_product()
        self.check({reason["code"] for reason in self.item["reasons"]} == SIGNALS.keys(), "explain does not tell all signals")
        for reason in self.item["reasons"]:
            self.check_contribution(reason)
            self.check_facts(reason, is_reason=reason["contribution"] != 0)
            if reason["text"] is not None:
                self.check_numbers(reason)
                self.check_strangers(reason)
            self.check_evidence(reason)

    def check_product(self):
        shown = self.item["product"]
        self.check(shown["name"] == self.shop.name(self.product), f"name {shown['name']!r}")
        self.check(shown["category"] == self.shop.category(self.product), f"category {shown['category']!r}")
        self.check(shown["price"] == self.shop.price(self.product), f"price {shown['price']}")
        self.check(shown["discount"] == self.shop.discount(self.product), f"discount {shown['discount']}")
        self.check(self.item["kind"] == self.kind, f"kind {self.item['kind']}, expected {self.kind}")

    def check_sum(self):
        item, reasons = self.item, self.item["reasons"]
        total = item["base"] + item["policy"] + item["other_positive"] + item["negative"]
        total += sum(reason["contribution"] for reason in reasons)
        self.near(item["score"], total, EXACT, "score against the sum of its reasons")
        self.near(item["check"]["sum"], item["score"], EXACT, "check.sum against score")
        self.check((item["base"], item["policy"]) == (self.case.base[self.kind], 0), f"base {item['base']}, policy {item['policy']}")
        self.check(item["other_positive"] == item["negative"] == 0, "full: something is not shown")
        positive = sum(reason["contribution"] for reason in reasons if reason["contribution"] > 0)
        for reason in reasons:
            part = reason["contribution"] / positive if reason["contribution"] > 0 else None
            if part is None:
                self.check(reason["share"] is None, "a negative reason has a share")
            else:
                self.near(reason["share"], part, EXACT, f"share of {reason['code']}")
            removed = item["score"] - reason["contribution"]
            self.near(reason["if_removed"]["score"], removed, EXACT, f"if_removed of {reason['code']}")
        probability, days = self.case.probability(item["score"])
        self.check(item["horizon_days"] == days, f"horizon_days {item['horizon_days']}")
        if probability is None:
            self.check(item["probability"] is None, "a probability without calibration")
        else:
            self.near(item["probability"], probability, EXACT, "probability")

    def check_contribution(self, reason):
        """Of a root the square is compared: near 0 the root itself shows more of what the model rounds."""
        code = reason["code"]
        signal, phi, weight = self.customer.signal(code), self.customer.phi(code, self.product), self.case.weight(code, self.kind)
        if not weight:
            self.check(reason["contribution"] == 0, f"{code} weighs nothing and has {reason['contribution']}")
            return
        if signal.is_undecided:
            return
        z, scaled = reason["contribution"] / weight, phi / self.case.scale(code, self.customer)
        tolerance = max(EXACT, signal.tolerance * max(1, abs(scaled / phi) if phi else 1))
        most = self.case.most(code, self.kind)
        if signal.form == "root":
            self.check(z >= 0, f"{code} is negative")
            z, scaled, most = z * z, max(0.0, scaled), most * most
        scaled = min(scaled, most)
        self.near(z, scaled, tolerance, f"contribution of {code}")

    def check_reason(self, reason):
        self.check_contribution(reason)
        self.check_statement(reason, is_note=False)
        self.check_evidence(reason)

    def check_evidence(self, reason):
        """The pieces of phi, each with its part of the contribution, the largest first."""
        code, signal = reason["code"], self.customer.signal(reason["code"])
        shown = sum(piece["contribution"] for piece in reason["evidence"])
        if not signal.has_pieces:
            self.check(reason["evidence"] == [] and reason["evidence_other"] == 0, f"{code} has evidence")
            return
        if reason["contribution"] == 0:
            return
        self.near(shown + reason["evidence_other"], reason["contribution"], EXACT, f"evidence of {code}")
        pieces, phi = signal.pieces(self.product), self.customer.phi(code, self.product)
        for piece in reason["evidence"]:
            key, contribution = piece.get("product", piece.get("label")), piece["contribution"]
            if code == "habit":
                key = key, piece.get("date")
            if not self.check(key in pieces, f"{code} cites {key}, which is no piece of it"):
                continue
            expected = reason["contribution"] * pieces[key] / phi
            self.near(contribution, expected, signal.piece_tolerance, f"{code}: piece {key}")

    def check_statement(self, said, is_note):
        code = said["code"]
        if is_note:
            self.check(not self.case.counts(code, self.kind, self.customer.phi(code, self.product)), f"a note {code} although it counts")
            self.check("not part of the score" in said["text"], f"note {code} does not say that it does not count")
        self.check_facts(said, is_reason=not is_note)

    def check_facts(self, said, is_reason):
        code, facts, signal = said["code"], said["facts"], self.customer.signal(said["code"])
        expected = signal.facts(self.product, is_reason)
        if signal.is_undecided:
            return
        if expected is None:
            self.check(facts == {} and said["text"] is None, f"{code} states {facts}, expected nothing")
            return
        if not self.check(list(facts) == list(expected), f"{code} states {list(facts)}, expected {list(expected)}"):
            return
        for name, value in expected.items():
            self.check_fact(f"{code}.{name}", facts[name], value)
        for name in signal.k_facts:
            if name in facts:
                self.check(facts[name] >= self.case.oracle.min_companies, f"{code}.{name} {facts[name]} is below k")

    def check_fact(self, place, stated, expected):
        if isinstance(expected, list):
            self.check(len(stated) == len(expected), f"{place} has {len(stated)} entries, expected {len(expected)}")
            for mine, theirs in zip(stated, expected):
                self.near(mine["similarity"], theirs["similarity"], EXACT, f"{place}: similarity of {mine['product']}")
                self.check(mine["product"] in self.customer.by_product, f"{mine['product']} was never bought")
                self.check(mine["name"] == self.shop.name(mine["product"]), f"{place}: name of {mine['product']}")
        elif isinstance(expected, (int, float)):
            self.near(stated, expected, EXACT, place)
        else:
            self.check(stated == expected, f"{place} is {stated!r}, expected {expected!r}")

    def check_all_is_said(self):
        """Similar purchases, pairs, category and discount: a reason or a note wherever the data has them."""
        said = {part["code"] for part in self.item["reasons"] + self.item["notes"]}
        if "als_recent" in said:
            said.add("als")  # both name the similar purchases
        for code in NOTED:
            has_facts = self.customer.signal(code).facts(self.product, is_reason=False) is not None
            self.check(not has_facts or code in said, f"nothing is said about {code}")
        for code in SIGNALS:
            counts = self.case.counts(code, self.kind, self.customer.phi(code, self.product))
            self.check(not counts or code in said, f"{code} counts and is not said")

    def check_numbers(self, said):
        """Each number of the sentence is a fact, written as counts, percents and dates are written."""
        text, allowed = said["text"], set()
        facts = dict(said["facts"])
        names = [entry["name"] or entry["product"] for entry in facts.pop("nearest", [])]
        for name, value in facts.items():
            if name in DATES and value:
                allowed.add(value)
            elif isinstance(value, str):
                names.append(value)
            elif value is not None:
                allowed.add(f"{value:.0f}" if value == int(value) else f"{value:.2f}")
                percent = 100 * value
                allowed.add(f"{percent:.1f} %" if 0 < percent < 1 else f"{percent:.0f} %")
                if 0 < percent < 0.05 or 99.5 <= percent < 100:
                    allowed.add("0.1 %" if percent < 1 else "99 %")  # said as "under" and "over"
        for name in sorted(map(str.strip, names), key=len, reverse=True):
            text = text.replace(name, "...")
        for number in re.findall(r"\d{4}-\d\d-\d\d|\d+(?:\.\d+)?(?: %)?", text):
            self.check(number in allowed, f"{said['code']} says {number}, which is no fact: {said['text']}")

    def check_strangers(self, said):
        """No customer's name; ids are numbers, or words with one, and check_numbers() looks at those."""
        text = said["text"].replace(said["facts"].get("value") or "...", "...")
        for label in {self.shop.label(product).strip() for product in self.customer.by_product}:
            text = text.replace(label, "...")
        named = [name for name in self.case.strangers if name in text]
        self.check(not named, f"{said['code']} names {named}: {said['text']}")


def test(purvey, folder, findings):
    for name in dict.fromkeys(case[0] for case in CASES):
        path = make_groups(folder) if name == "groups" else purvey_program.EXAMPLES / name
        tables = (shop_tables.read_online_retail if name == "online-retail" else shop_tables.read_standard)(path)
        shops = {}
        for case in CASES:
            if case[0] == name:
                if case[2] not in shops:
                    shops[case[2]] = shop_tables.Shop(tables, case[2] and shop_tables.seconds(case[2]))
                Case(purvey, folder, path, shops[case[2]], case, findings).check()
    findings.say(f"facts and contributions of {sum(case[1] for case in CASES)} answers of {len(CASES)} models, {ITEMS} products each")


if __name__ == "__main__":
    purvey_program.main(test)
