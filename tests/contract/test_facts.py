#!/usr/bin/env python3
"""Every fact of every reason and note, and every contribution, recounted from the raw tables of the bundled shops."""

import json
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
from fact_oracle import Oracle

ITEMS, NEWCOMERS = 5, 20
NEAREST = 3
EXACT, FACTOR_MODEL = 1e-9, 1e-6
NOTED = ("als", "bought_together", "category", "discount")
SMALL = ("--factors", 16, "--iterations", 3)

# shop, customers, as-of date of training, as-of date of the questions, k
CASES = (
    ("simple-shop", 150, None, None, 5),
    ("adventureworks", 100, None, None, 5),
    ("adventureworks", 50, None, "2013-03-01", 12),
    ("adventureworks", 50, "2013-01-01", "2013-01-01", 3),
    ("groups", 100, None, None, 5),
    ("online-retail", 25, None, None, 5),
    ("online-retail", 25, "2010-09-01T10:00:00Z", "2010-08-15", 5),
)


def make_groups(folder):
    """The resellers of adventureworks as groups of four companies each."""
    source, target = purvey_program.EXAMPLES / "adventureworks", folder / "groups"
    target.mkdir()
    users = csv_files.read(source / "users.csv")
    for place, row in enumerate(users):
        row["parent_id"] = f"group {place % (len(users) // 4)}"
    csv_files.write(target / "users.csv", users[0].keys(), users)
    for name in ("products.csv", "user_purchases.csv.gz"):
        shutil.copy(source / name, target / name)
    return target


class Case:
    """One model, what it answered, and the oracle's view of the same shop."""

    def __init__(self, purvey, folder, shop, tables, case, findings):
        _, self.n_users, trained_as_of, self.asked_as_of, k = case
        self.findings, self.title = findings, " ".join(str(part) for part in case if part)
        seconds = trained_as_of and shop_tables.seconds(trained_as_of)
        self.shop = shop_tables.Shop(tables, seconds)
        self.oracle = Oracle(self.shop, k)
        self.asked_seconds = self.asked_as_of and shop_tables.seconds(self.asked_as_of)
        options = ["--as-of", trained_as_of] if trained_as_of else []
        path = purvey.train(shop, folder / "facts.model", "--min-companies", k, *SMALL, *options)
        self.model = model_file.ModelFile(path)
        signals = purvey.json("info", path)["signals"]
        self.factor = {signal["code"]: signal["weight"] / signal["scale"] for signal in signals}
        self.answers = self._ask(purvey, folder, path)
        self.newcomers = [
            purvey.json("recommend", path, "--user", user, "-n", ITEMS)
            for user in sorted(tables.users.keys() - self.shop.lines.keys())[:NEWCOMERS]
        ]
        self.strangers = sorted({row["name"] for row in tables.users.values() if row.get("name")})

    def _ask(self, purvey, folder, model):
        users = sorted(self.shop.lines)
        users = sorted(random.Random(7).sample(users, min(self.n_users, len(users))))
        csv_files.write(folder / "users.csv", ["user_id"], [{"user_id": user} for user in users])
        asked = ["--as-of", self.asked_as_of] if self.asked_as_of else []
        out = folder / "answers.jsonl"
        purvey.run("recommend", model, "--users", folder / "users.csv", "-o", out, "-n", ITEMS, "--explain", "full", *asked)
        answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        self.findings.check([answer["user"] for answer in answers] == users, f"{self.title}: not one answer a user, in order")
        return answers

    def check(self):
        for answer in self.answers:
            customer = self.oracle.customer(answer["user"], self.asked_seconds)
            if answer["source"] != "personal":
                self.findings.check(not customer.lines, f"{self.title}: {answer['user']} has purchases but no own list")
                continue
            for item in answer["items"]:
                ItemCheck(self, customer, answer, item).run()
        for answer in self.newcomers:
            self.check_newcomer(answer)

    def check_newcomer(self, answer):
        """Who has bought nothing is shown what is popular in a segment of theirs, and told so."""
        place, profile = f"{self.title}: newcomer {answer['user']}", self.shop.tables.users[answer["user"]]
        self.findings.check(answer["source"] == "popular_in_segment", f"{place}: source {answer['source']}")
        own_parent = self.shop.parent(answer["user"])
        for item in answer["items"]:
            for reason in item["reasons"]:
                facts = reason["facts"]
                columns = [name for name, value in profile.items() if value == facts.get("segment")]
                alike = {user for user, row in self.shop.tables.users.items() if columns and row[columns[0]] == facts["segment"]}
                counted = self.oracle.recent_buyers_among(alike, item["item"]) - {own_parent}
                self.findings.check(facts["buyers"] == len(counted), f"{place} {item['item']}: {facts}, counted {len(counted)}")
                self.findings.check(len(counted) >= self.oracle.min_companies, f"{place} {item['item']}: {len(counted)} below k")


class ItemCheck:
    def __init__(self, case, customer, answer, item):
        self.case, self.customer, self.answer, self.item = case, customer, answer, item
        self.shop, self.findings, self.product = case.shop, case.findings, item["item"]
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

    def check_product(self):
        shown = self.item["product"]
        self.check(shown["name"] == self.shop.name(self.product), f"name {shown['name']!r}")
        self.check(shown["category"] == self.shop.category(self.product), f"category {shown['category']!r}")
        self.check(shown["price"] == self.shop.price(self.product), f"price {shown['price']}")
        self.check(shown["discount"] == self.shop.discount(self.product), f"discount {shown['discount']}")
        kind = "reorder" if self.product in self.customer.by_product else "new"
        self.check(self.item["kind"] == kind, f"kind {self.item['kind']}, expected {kind}")

    def check_sum(self):
        item, reasons = self.item, self.item["reasons"]
        total = item["base"] + item["policy"] + item["other_positive"] + item["negative"]
        total += sum(reason["contribution"] for reason in reasons)
        self.near(item["score"], total, EXACT, "score against the sum of its reasons")
        self.near(item["check"]["sum"], item["score"], EXACT, "check.sum against score")
        self.check(item["other_positive"] == item["negative"] == 0, "full: something is not shown")
        positive = sum(reason["contribution"] for reason in reasons if reason["contribution"] > 0)
        for reason in reasons:
            part = reason["contribution"] / positive if reason["contribution"] > 0 else None
            if part is None:
                self.check(reason["share"] is None, "a negative reason has a share")
            else:
                self.near(reason["share"], part, EXACT, f"share of {reason['code']}")
            pieces = sum(piece["contribution"] for piece in reason["evidence"])
            if reason["code"] != "popularity":
                self.near(pieces + reason["evidence_other"], reason["contribution"], EXACT, f"evidence of {reason['code']}")
            removed = item["score"] - reason["contribution"]
            self.near(reason["if_removed"]["score"], removed, EXACT, f"if_removed of {reason['code']}")

    def check_reason(self, reason):
        code = reason["code"]
        if code == "als":
            self.check_factors(reason)
        else:
            expected = self.case.factor[code] * self.customer.phi(code, self.product)
            self.near(reason["contribution"], expected, EXACT, f"contribution of {code}")
        self.check_statement(reason, is_note=False)

    def check_factors(self, reason):
        if not self.customer.is_whole_history:
            return  # solved anew; test_removal and test_old_shop look at that
        x, y = self.case.model.user_factors(self.answer["user"]), self.case.model.product_factors(self.product)
        self.near(reason["contribution"], self.case.factor["als"] * model_file.dot(x, y), FACTOR_MODEL, "als against x.y")

    def check_statement(self, said, is_note):
        code, facts = said["code"], said["facts"]
        if is_note:
            silent = self.case.factor[code] * self.customer.phi(code, self.product) if code != "als" else 0
            self.check(silent == 0, f"a note {code} although it counts {silent}")
            self.check("not part of the score" in said["text"], f"note {code} does not say that it does not count")
        if code == "als":
            self.check_nearest(facts)
            return
        expected = self.expected_facts(code, facts, is_note)
        if not self.check(set(facts) == set(expected), f"{code} states {sorted(facts)}, expected {sorted(expected)}"):
            return
        for name, value in expected.items():
            if isinstance(value, (int, float)):
                self.near(facts[name], value, EXACT, f"{code}.{name}")
            else:
                self.check(facts[name] == value, f"{code}.{name} is {facts[name]!r}, expected {value!r}")
        for name in ("also", "buyers"):
            if name in facts and not (code == "bought_together" and name == "buyers"):
                self.check(facts[name] >= self.case.oracle.min_companies, f"{code}.{name} {facts[name]} is below k")

    def expected_facts(self, code, facts, is_note):
        if code == "bought_together":
            terms = self.customer.pair_terms(self.product)
            past = facts["product"]
            self.check(past in terms, f"bought_together names {past}, which does not count")
            strongest = max(terms.values(), default=0)
            self.near(terms.get(past, 0), strongest, EXACT, f"bought_together names {past}, not the strongest")
            return self.customer.bought_together_facts(past, self.product)
        if code == "discount" and is_note:
            return {"discount": self.customer.discount_now(self.product)}
        return getattr(self.customer, f"{code}_facts")(self.product)

    def nearest_purchases(self):
        """[(cosine, product)] of the past purchases that point the same way, nearest first."""
        target = self.case.model.product_factors(self.product)
        pairs = [(model_file.cosine(self.case.model.product_factors(p), target), p) for p in self.customer.by_product]
        return sorted(((c, p) for c, p in pairs if c is not None and c > 0 and p != self.product), key=lambda pair: (-pair[0], pair[1]))

    def check_nearest(self, facts):
        expected = self.nearest_purchases()[:NEAREST]
        self.check(len(facts["nearest"]) == len(expected), f"als has {len(facts['nearest'])} nearest, expected {len(expected)}")
        for stated, (cosine, product) in zip(facts["nearest"], expected):
            own = model_file.cosine(self.case.model.product_factors(stated["product"]), self.case.model.product_factors(self.product))
            self.near(stated["similarity"], own, EXACT, f"similarity of {stated['product']}")
            self.near(own, cosine, EXACT, f"als names {stated['product']} before {product}")
            self.check(stated["product"] in self.customer.by_product, f"{stated['product']} was never bought")
            self.check(stated["name"] == self.shop.name(stated["product"]), f"name of {stated['product']}")
        first = facts["nearest"][0] if facts["nearest"] else {"product": None, "name": None}
        self.check((facts["product"], facts["name"]) == (first["product"], first["name"]), "als.product is not the nearest")

    def check_all_is_said(self):
        """Similar purchases, pairs, category and discount: a reason or a note wherever the data has them."""
        said = {part["code"] for part in self.item["reasons"] + self.item["notes"]}
        holds = {
            "als": bool(self.nearest_purchases()),
            "bought_together": bool(self.customer.pair_terms(self.product)),
            "category": self.customer.speaking_category(self.product) is not None,
            "discount": self.customer.discount_now(self.product) > 0,
        }
        for code in NOTED:
            self.check(not holds[code] or code in said, f"nothing is said about {code}")
        for code in ("habit", "popularity"):
            self.check((self.customer.phi(code, self.product) > 0) == (code in said), f"{code} is said, or not, wrongly")

    def check_numbers(self, said):
        """Each number of the sentence is a fact, written as counts, percents and dates are written."""
        text, allowed = said["text"], set()
        facts = dict(said["facts"])
        names = [entry["name"] or entry["product"] for entry in facts.pop("nearest", [])]
        for name, value in facts.items():
            if isinstance(value, str):
                names.append(value)
            elif value is not None:
                allowed.add(f"{value:.0f}" if value == int(value) else f"{value:.2f}")
                percent = 100 * value
                allowed.add(f"{percent:.1f} %" if 0 < percent < 1 else f"{percent:.0f} %")
                if 0 < percent < 0.05 or 99.5 <= percent < 100:
                    allowed.add("0.1 %" if percent < 1 else "99 %")  # said as "under" and "over"
            if name in ("last_date", "before") and value:
                allowed.add(value)
                names.remove(value)
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
        shop = make_groups(folder) if name == "groups" else purvey_program.EXAMPLES / name
        read = shop_tables.read_online_retail if name == "online-retail" else shop_tables.read_standard
        tables = read(shop)
        for case in CASES:
            if case[0] == name:
                Case(purvey, folder, shop, tables, case, findings).check()
    findings.say(f"facts and contributions of {sum(case[1] for case in CASES)} answers of {len(CASES)} models, {ITEMS} products each")


if __name__ == "__main__":
    purvey_program.main(test)
