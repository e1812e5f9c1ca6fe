#!/usr/bin/env python3
"""Known as of a date is what happened strictly before it, and nothing later leaves a trace but the data hash."""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import model_file
import purvey_program
import shop_tables

T = "2013-01-15T12:00:00Z"
SMALL = ("--factors", 16, "--iterations", 3)
COLUMNS = ["user_id", "product_id", "time", "quantity", "unit_price", "discount", "order_id"]
FUTURE = [
    {"user_id": "AW00000676", "product_id": "ONLY-LATER", "time": "2013-01-15T12:00:00Z", "order_id": "later-1"},
    {"user_id": "NEVER-BEFORE", "product_id": "BK-M18B-40", "time": "2013-05-01", "order_id": "later-2"},
    {"user_id": "AW00000001", "product_id": "HL-U509", "time": "2014-12-31", "order_id": "later-3"},
]


def write_shop(folder, purchases, products, users):
    folder.mkdir()
    csv_files.write(folder / "user_purchases.csv", COLUMNS, ({"quantity": 1, **row} for row in purchases))
    csv_files.write(folder / "products.csv", products[0].keys(), products)
    csv_files.write(folder / "users.csv", users[0].keys(), users)
    return folder


def second(text, offset):
    return shop_tables.timestamp(shop_tables.seconds(text) + offset)


def check_no_trace(purvey, folder, findings, shops):
    """Rows at or after the date may be there, absent or more: the model is the same."""
    models = {}
    for name, shop in shops.items():
        path = purvey.train(shop, folder / f"{name}.model", *SMALL, "--as-of", T)
        models[name] = model_file.ModelFile(path)
    plain = {name: model.bytes_without("data_hash", "checksum") for name, model in models.items()}
    for name in shops:
        findings.check(plain[name] == plain["known"], f"rows at or after the date leave a trace: {name} shop")
    hashes = {model.metadata["data_hash"] for model in models.values()}
    findings.check(len(hashes) == len(models), "the data hash does not tell the shops apart")
    without_date = model_file.ModelFile(purvey.train(shops["all"], folder / "now.model", *SMALL))
    findings.check(without_date.bytes_without("data_hash", "checksum") != plain["all"], "the as-of date changes nothing")
    findings.check("ONLY-LATER" not in models["more"].ids("product_ids"), "a product of the future has factors")
    return folder / "more.model"


def check_only_later(purvey, findings, model):
    """What was first bought later, or is listed without ever having been bought, is never shown."""
    for user in ("AW00000676", "AW00000001", "NEVER-BEFORE", "nobody"):
        scores = purvey.scores(model, "--user", user)
        findings.check(len(scores) > 50, f"{user}: only {len(scores)} products")
        for product in ("ONLY-LATER", "LISTED-NEVER-BOUGHT"):
            findings.check(product not in scores, f"{user}: {product} is recommended")
    answer = purvey.json("recommend", model, "--user", "NEVER-BEFORE")
    findings.check(answer["source"] != "personal", "purchases of the future make a personal list")
    findings.check(answer["as_of"] == T, f"as_of is {answer['as_of']}")


def tiny_shop(folder):
    """Eight customers buy A and B on the first day; customer 1 buys C at noon of the tenth, in an order with B."""
    rows = [
        {"user_id": str(u), "product_id": p, "time": "2020-01-01", "order_id": f"first-{u}"} for u in range(1, 9) for p in "AB"
    ]
    rows += [{"user_id": "1", "product_id": p, "time": "2020-01-10T12:00:00", "order_id": "noon"} for p in "BC"]
    return write_shop(folder, rows, [{"product_id": p, "name": p} for p in "ABC"], [{"user_id": str(u)} for u in range(1, 9)])


def habit(purvey, model, *options):
    """Orders of customer 1 with B: explain tells them whether they count or not."""
    told = purvey.json("explain", model, "--user", "1", "--product", "B", *options)
    return next(reason["facts"] for reason in told["reasons"] if reason["code"] == "habit").get("orders_with", 0)


def check_boundary(purvey, folder, findings):
    """A row exactly at the date is not known, a second before it is: in training and in questions."""
    noon = "2020-01-10T12:00:00Z"
    shop = tiny_shop(folder / "tiny")
    for offset, orders_with_b, knows_c in ((-1, 1, False), (0, 1, False), (1, 2, True)):
        when = second(noon, offset)
        trained = purvey.train(shop, folder / "tiny.model", "--factors", 2, "--as-of", when)
        answer = purvey.json("recommend", trained, "--user", "1", "--explain", "full")
        seen = habit(purvey, trained)
        findings.check(seen == orders_with_b, f"train --as-of {when}: {seen} orders with B")
        shown = {item["item"] for item in answer["items"]}
        findings.check(("C" in shown) == knows_c, f"train --as-of {when}: {sorted(shown)} are shown")
    whole = purvey.train(shop, folder / "tiny.model", "--factors", 2)
    findings.check(purvey.json("info", whole)["as_of"] == second(noon, 1), "as of is not just after the last purchase")
    for offset, orders_with_b, knows_c in ((-1, 1, False), (0, 1, False), (1, 2, True)):
        when = second(noon, offset)
        answer = purvey.json("recommend", whole, "--user", "1", "--explain", "full", "--as-of", when)
        findings.check(answer["as_of"] == when, f"recommend --as-of {when}: as_of is {answer['as_of']}")
        seen = habit(purvey, whole, "--as-of", when)
        findings.check(seen == orders_with_b, f"recommend --as-of {when}: {seen} orders with B")
        shown = {item["item"] for item in answer["items"]}
        findings.check(("C" in shown) == knows_c, f"recommend --as-of {when}: {sorted(shown)} are shown")
    check_history_date(purvey, folder, findings, whole, noon)


def check_history_date(purvey, folder, findings, model, noon):
    """Without --as-of the later counts: the model's date or just after the last purchase of the history."""
    for when, expected in ((second(noon, -3600), second(noon, 1)), (second(noon, 3600), second(noon, 3601))):
        path = csv_files.write(folder / "history.csv", ["product_id", "time"], [{"product_id": "A", "time": when}])
        answer = purvey.json("recommend", model, "--history", path)
        findings.check(answer["as_of"] == expected, f"a history until {when}: as_of {answer['as_of']}, expected {expected}")


def check_time_zone_and_dates(purvey, folder, findings, shop):
    """A date is its midnight in UTC."""
    by_date = purvey.train(shop, folder / "date.model", *SMALL, "--as-of", "2013-01-15")
    by_time = purvey.train(shop, folder / "time.model", *SMALL, "--as-of", "2013-01-15T00:00:00Z")
    findings.check(by_date.read_bytes() == by_time.read_bytes(), "--as-of DATE is not its midnight")
    day = datetime.date(2013, 1, 15)
    findings.check(model_file.ModelFile(by_date).metadata["as_of"].startswith(str(day)), "the model does not tell its date")


def check_no_time(purvey, folder, findings):
    shop = purvey_program.EXAMPLES / "simple-shop"
    model = purvey.train(shop, folder / "simple.model", *SMALL)
    answer = purvey.json("recommend", model, "--user", "1")
    findings.check(answer["as_of"] is None, f"a shop without time has as_of {answer['as_of']}")
    purvey.run("recommend", model, "--user", "1", "--as-of", T, expect=2)


def test(purvey, folder, findings):
    source = purvey_program.EXAMPLES / "adventureworks"
    purchases = csv_files.read(csv_files.find(source, "user_purchases.csv"))
    products = csv_files.read(source / "products.csv") + [{"product_id": "LISTED-NEVER-BOUGHT", "name": "x"}]
    users = csv_files.read(source / "users.csv")
    products += [{"product_id": "ONLY-LATER", "name": "y"}]
    users += [{"user_id": "NEVER-BEFORE"}]
    known = [row for row in purchases if shop_tables.seconds(row["time"]) < shop_tables.seconds(T)]
    shops = {
        "known": write_shop(folder / "known", known, products, users),
        "all": write_shop(folder / "all", purchases, products, users),
        "more": write_shop(folder / "more", purchases + FUTURE, products, users),
    }
    model = check_no_trace(purvey, folder, findings, shops)
    check_only_later(purvey, findings, model)
    check_time_zone_and_dates(purvey, folder, findings, shops["all"])
    check_boundary(purvey, folder, findings)
    check_no_time(purvey, folder, findings)
    findings.say(f"{len(purchases) - len(known)} rows after {T} leave no trace; one second decides at the boundary")


if __name__ == "__main__":
    purvey_program.main(test)
