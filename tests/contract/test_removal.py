#!/usr/bin/env python3
"""What `explain` says of a purchase never made is what the program answers when it never was made.

For hundreds of (past purchase, product) pairs: purchases[].if_removed.score against the score that `recommend --user U
--history FILE` gives, FILE being the customer's own rows without that purchase, at the same as-of date.
"""

import collections
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import purvey_program
import shop_tables

COLUMNS = ["product_id", "order_id", "time", "purchase_count", "quantity", "unit_price", "discount"]
REMOVED, GIVEN_BACK = 1e-6, 1e-5
USERS, TARGETS, PAST = 8, 6, 8
LONGEST_HISTORY = 400

# shop, as-of date of training and of the questions
CASES = (("simple-shop", None, None), ("adventureworks", None, None), ("adventureworks", None, "2013-06-15"), ("online-retail", None, None))


def history_rows(rows):
    """Raw rows as `--history` takes them; what is cancelled takes back."""
    for row in rows:
        quantity = -abs(row.quantity) if row.cancelled else row.quantity
        yield {
            "product_id": row.product,
            "order_id": row.order,
            "time": shop_tables.timestamp(row.time) if row.time is not None else None,
            "purchase_count": row.count,
            "quantity": quantity,
            "unit_price": row.price,
            "discount": row.discount,
        }


class Case:
    def __init__(self, purvey, folder, tables, case, findings):
        name, trained, asked = case
        self.purvey, self.folder, self.findings = purvey, folder, findings
        self.title = " ".join(part for part in case if part)
        options = ["--as-of", trained] if trained else []
        self.model = purvey.train(purvey_program.EXAMPLES / name, folder / "removal.model", "--factors", 32, *options)
        self.rows = collections.defaultdict(list)
        for row in tables.rows:
            self.rows[row.user].append(row)
        self.columns = [column for column in COLUMNS if self.is_told(tables.rows, column)]
        self.asked = ["--as-of", asked] if asked else []
        self.random = random.Random(11)
        self.pairs = self.reorders = 0

    @staticmethod
    def is_told(rows, column):
        field = {"product_id": "product", "order_id": "order", "purchase_count": "count", "unit_price": "price"}.get(column, column)
        return any(getattr(row, field) is not None for row in rows[:1000])

    def scores(self, user, *options):
        return self.purvey.scores(self.model, "--user", user, "--mode", "mixed", *self.asked, *options)

    def scores_with_history(self, user, without=None):
        rows = [row for row in self.rows[user] if row.product != without]
        path = csv_files.write(self.folder / "history.csv", self.columns, history_rows(rows))
        return self.scores(user, "--history", path)

    def choose_users(self):
        """Long and short histories, one with a single product where there is one."""
        products = {user: len({row.product for row in rows}) for user, rows in self.rows.items()}
        users = sorted(user for user, n in products.items() if n <= LONGEST_HISTORY)
        chosen = self.random.sample(users, min(USERS, len(users)))
        return chosen + [user for user in users if products[user] == 1][:1]

    def check_user(self, user):
        own, findings = self.scores(user), self.findings
        again = self.scores_with_history(user)
        findings.check(own.keys() == again.keys(), f"{self.title}: {user}: own history given back, other products")
        for product in own.keys() & again.keys():
            findings.near(again[product], own[product], GIVEN_BACK, lambda: f"{self.title}: {user} {product}: own history given back")
        bought = sorted({row.product for row in self.rows[user]} & own.keys())
        targets = self.random.sample(bought, min(TARGETS // 2, len(bought)))
        targets += self.random.sample(sorted(own.keys() - set(targets)), TARGETS - len(targets))
        explained = {target: self.explain(user, target, own[target]) for target in targets}
        past = sorted({product for removed in explained.values() for product in removed})
        chosen = self.random.sample(past, min(PAST, len(past)))
        for product in chosen + [target for target in targets if target in past and target not in chosen]:
            without = self.scores_with_history(user, without=product)
            for target in targets:
                self.check_pair(user, target, product, explained[target], without)

    def explain(self, user, target, score):
        """{past product: the score without it}."""
        answer = self.purvey.json("explain", self.model, "--user", user, "--product", target, *self.asked)
        place = f"{self.title}: explain {user} {target}"
        self.findings.near(answer["score"], score, 1e-9, f"{place}: score")
        self.findings.check(answer["gate"] in (None, "bought_before"), f"{place}: gate {answer['gate']}")
        removed = {purchase["item"]: purchase["if_removed"]["score"] for purchase in answer["purchases"]}
        self.findings.check(len(removed) == len(answer["purchases"]), f"{place}: a past product twice")
        return removed

    def check_pair(self, user, target, product, removed, without):
        self.pairs += 1
        self.reorders += target == product
        place = f"{self.title}: {user} {target} without {product}"
        if self.findings.check(target in without, f"{place}: not recommended at all"):
            self.findings.near(removed.get(product), without[target], REMOVED, place)


def test(purvey, folder, findings):
    read = {"online-retail": shop_tables.read_online_retail}
    for case in CASES:
        tables = read.get(case[0], shop_tables.read_standard)(purvey_program.EXAMPLES / case[0])
        checked = Case(purvey, folder, tables, case, findings)
        for user in checked.choose_users():
            checked.check_user(user)
        findings.say(f"{checked.title}: {checked.pairs} removals, {checked.reorders} of them of the product itself")


if __name__ == "__main__":
    purvey_program.main(test)
