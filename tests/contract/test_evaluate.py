#!/usr/bin/env python3
"""An evaluation sees no future: purchases after the window change no number, products of the future are in no list, and
a past with shuffled times tells less."""

import csv
import io
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import purvey_program
import shop_tables

CUTOFF = "2013-05-31"
HORIZON = 90
SMALL = ("--factors", 16, "--iterations", 5, "--draws", 200)
COLUMNS = ["user_id", "product_id", "time", "quantity", "unit_price", "discount", "order_id"]
RETAIL_CUTOFF = "2010-08-31"


def write_shop(folder, purchases, products, users):
    folder.mkdir()
    csv_files.write(folder / "user_purchases.csv", COLUMNS, purchases)
    csv_files.write(folder / "products.csv", products[0].keys(), products)
    csv_files.write(folder / "users.csv", users[0].keys(), users)
    return folder


def report(purvey, shop, *options):
    return purvey.json("evaluate", shop, *options)


def numbers(evaluation):
    """Everything but the hash of the files, as text."""
    return json.dumps({key: value for key, value in evaluation.items() if key != "data_hash"}, sort_keys=True)


def check_no_trace_of_later_rows(purvey, folder, findings, tables):
    """Rows at or after the end of the window may be absent, there, or many more."""
    purchases, products, users = tables
    end = shop_tables.seconds(CUTOFF) + HORIZON * 86400
    within = [row for row in purchases if shop_tables.seconds(row["time"]) < end]
    more = [dict(row, time=shop_tables.timestamp(end + k), order_id=f"later-{k}") for k, row in enumerate(within[:500])]
    more += [{"user_id": row["user_id"], "product_id": "LATER", "time": "2014-12-31", "order_id": "z"} for row in within[:50]]
    shops = {"within": within, "all": purchases, "more": purchases + more}
    reports = {
        name: report(purvey, write_shop(folder / name, rows, products, users), "--cutoff", CUTOFF, *SMALL)
        for name, rows in shops.items()
    }
    for name in shops:
        findings.check(numbers(reports[name]) == numbers(reports["within"]), f"rows after the window change a number: {name}")
    findings.check(
        len({evaluation["data_hash"] for evaluation in reports.values()}) == len(shops), "the hash does not tell the shops apart"
    )
    findings.check(reports["all"]["windows"][0]["pairs"] > 1000, "there is next to no truth")
    return reports["within"]


def check_future_products(purvey, folder, findings, tables, plain):
    """A product that everybody buys in the window and nobody before stands in no list: no score changes."""
    purchases, products, users = tables
    buyers = sorted({row["user_id"] for row in purchases})
    new = [
        {"user_id": user, "product_id": "ONLY-LATER", "time": "2013-07-01T12:00:00Z", "quantity": 1, "unit_price": 5, "order_id": f"n-{user}"}
        for user in buyers
    ]
    listed = products + [{"product_id": "ONLY-LATER", "name": "everybody wants it"}]
    shop = write_shop(folder / "future", purchases + new, listed, users)
    evaluation = report(purvey, shop, "--cutoff", CUTOFF, *SMALL)
    window, before = evaluation["windows"][0], plain["windows"][0]
    findings.check(window["tasks"] == before["tasks"], "a product that exists only in the future changes a score")
    findings.check(window["products_known"] == before["products_known"], "a product of the future is known")
    findings.check(window["products_unknown"] == before["products_unknown"] + 1, "the new product is not counted apart")
    findings.check(window["pairs_unknown"] == before["pairs_unknown"] + before["users_known"], "its purchases are not counted apart")


def check_boundary(purvey, folder, findings, tables):
    """A purchase at the cut-off belongs to the truth, one at the end of the window does not."""
    purchases, products, users = tables
    truth = {}
    for name, time in (("before", "2013-05-30T23:59:59Z"), ("at", "2013-05-31"), ("last", "2013-08-28T23:59:59Z"), ("end", "2013-08-29")):
        row = {"user_id": "AW00000001", "product_id": "FIRST-SEEN", "time": time, "quantity": 1, "order_id": "x"}
        shop = write_shop(folder / f"boundary-{name}", purchases + [row], products, users)
        window = report(purvey, shop, "--cutoff", CUTOFF, *SMALL)["windows"][0]
        truth[name] = (window["products_known"], window["pairs_unknown"])
    known, pairs = truth["end"]
    findings.check(truth["before"] == (known + 1, pairs), "a second before the cut-off: not known")
    findings.check(truth["at"] == (known, pairs + 1), "at the cut-off: not in the truth")
    findings.check(truth["last"] == (known, pairs + 1), "a second before the end: not in the truth")


def check_shuffled_times(purvey, folder, findings):
    """Lines of Online Retail from before the cut-off swap their times: the same purchases, the same truth, no timing.

    Times of all lines would be no control: orders would be torn apart by the cut-off, and their one half tells the other.
    """
    source = purvey_program.EXAMPLES / "online-retail"
    rows = csv_files.read(csv_files.find(source, "transactions.csv"))
    past = [row for row in rows if row["InvoiceDate"] < RETAIL_CUTOFF]
    times = [row["InvoiceDate"] for row in past]
    random.Random(6).shuffle(times)
    mixed = [dict(row, InvoiceDate=time) for row, time in zip(past, times)]
    shop = folder / "shuffled"
    shop.mkdir()
    (shop / "shop.yaml").write_text((source / "shop.yaml").read_text().replace("transactions.csv.gz", "transactions.csv"))
    csv_files.write(shop / "transactions.csv", rows[0].keys(), mixed + [row for row in rows if row["InvoiceDate"] >= RETAIL_CUTOFF])
    tasks = [report(purvey, path, "--cutoff", RETAIL_CUTOFF, *SMALL)["pooled"]["tasks"] for path in (source, shop)]
    for task in ("all", "new"):
        recall = [found[task]["contenders"]["purvey"]["intervals"]["recall"] for found in tasks]
        findings.check(recall[1]["high"] < recall[0]["low"], f"{task}: shuffled times do not lose: {recall}")
        findings.say(f"recall@20 of {task}: {recall[0]['value']:.4f}, with shuffled times {recall[1]['value']:.4f}")


def check_forms(purvey, folder, findings):
    """The same report as JSON, as CSV and as a file, for any number of threads; errors say what is wrong."""
    source = purvey_program.EXAMPLES / "adventureworks"
    options = ("--cutoffs", 2, *SMALL)
    text = purvey.run("evaluate", source, "--format", "json", "--threads", 1, *options)
    table = purvey.run("evaluate", source, "--threads", 2, "-o", folder / "report.json", *options)
    findings.check((folder / "report.json").read_text() == text, "the file, another number of threads: another report")
    findings.check("recall@20" in table and "purvey" in table, "the table shows no recall")
    lines = dict(csv.reader(io.StringIO(purvey.run("evaluate", source, "--format", "csv", *options))))
    value = json.loads(text)["pooled"]["tasks"]["new"]["contenders"]["purvey"]["metrics"]["recall"]["20"]
    findings.near(float(lines["pooled.tasks.new.contenders.purvey.metrics.recall.20"]), value, 1e-12, "CSV")
    purvey.run("evaluate", purvey_program.EXAMPLES / "simple-shop", expect=2)
    purvey.run("evaluate", source, "--cutoff", "soon", expect=2)
    purvey.run("evaluate", source, "-o", folder / "report.txt", expect=2)
    purvey.run("evaluate", source, "--cutoff", "2030-01-01", expect=3)
    purvey.run("evaluate", folder / "nothing", expect=3)


def test(purvey, folder, findings):
    source = purvey_program.EXAMPLES / "adventureworks"
    tables = (
        csv_files.read(csv_files.find(source, "user_purchases.csv")),
        csv_files.read(source / "products.csv"),
        csv_files.read(source / "users.csv"),
    )
    plain = check_no_trace_of_later_rows(purvey, folder, findings, tables)
    check_future_products(purvey, folder, findings, tables, plain)
    check_boundary(purvey, folder, findings, tables)
    check_forms(purvey, folder, findings)
    check_shuffled_times(purvey, folder, findings)


if __name__ == "__main__":
    purvey_program.main(test)
