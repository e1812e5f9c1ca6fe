#!/usr/bin/env python3
"""The contract, section 1: which files make a shop, what their columns mean, and what shop.yaml changes."""

import gzip
import math
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import purvey_program
from small_shop import Shops, csv_text, run_checks

COLUMNS = ("user_id", "product_id", "time", "quantity", "unit_price", "discount", "order_id")
ROWS = [
    ("a", "p1", "2024-01-05", 2, 10.5, 0, "o1"),
    ("a", "p2", "2024-01-05", 1, 5, 0.1, "o1"),
    ("b", "p1", "2024-02-01", 3, 11, 0, "o2"),
    ("b", "p3", "2024-02-03", 1, 2.25, 0.25, "o3"),
    ("c", "p2", "2024-03-01", 4, 5, 0, "o4"),
    ("c", "p3", "2024-03-02", 2, 2.5, 0, "o5"),
]
LINES = csv_text(COLUMNS, ROWS)
PRODUCTS = "product_id,name,category,price,discount,stock\np1,Bolt,Metal > Bolts,12,0.2,3\np2,Nut,Metal > Nuts,6,0,\np3,Saw,Tools,3,0,9\n"
USERS = "user_id,parent_id,country\na,h1,AT\nb,h1,DE\nc,,AT\n"
SHOP = {"user_purchases.csv": LINES, "products.csv": PRODUCTS, "users.csv": USERS}


def text_columns(file, prefix):
    """{column: values by row} of a table of text columns."""

    def texts(name):
        offsets, text = file.values(f"{prefix}.{name}_offsets"), file.values(f"{prefix}.{name}_bytes").tobytes()
        return [text[offsets[k] : offsets[k + 1]].decode() for k in range(len(offsets) - 1)]

    return texts("name"), texts("value")


def only_two_columns_are_needed(shops, findings):
    fitted = shops.fitted({"user_purchases.csv": "product_id,user_id\np1,a\np2,a\np1,b\n"})
    findings.check(set(fitted.pairs()) == {("a", "p1"), ("a", "p2"), ("b", "p1")}, f"two columns: {fitted.pairs()}")
    product = fitted.items("--user", "a", "--mode", "mixed")["p1"]["product"]
    findings.check(product == {"name": None, "category": None, "price": None, "discount": None}, f"bare product: {product}")
    sentence = fitted.items("--user", "b", "--mode", "new")["p2"]["reasons"][0]["text"]
    findings.check("p1" in sentence, f"a product without a name goes by its id: {sentence}")
    findings.check(text_columns(fitted.file, "segments")[0] == [], "segments without users.csv")
    findings.check(fitted.info["companies"] == 2, "each user is its own parent")
    for missing in ("user_id", "product_id"):
        other = {"user_id": "product_id", "product_id": "user_id"}[missing]
        done, _ = shops.train({"user_purchases.csv": f"{other},x\n1,2\n"})
        findings.check(done.code == 3 and f"no column {missing}" in done.err, f"without {missing}: {done}")
    done, _ = shops.train({"products.csv": PRODUCTS})
    findings.check(done.code == 3 and "user_purchases.csv" in done.err, f"without user_purchases.csv: {done}")


def ways_to_write_the_same_table_are_the_same(shops, findings):
    plain = shops.fitted(SHOP).path.read_bytes()
    quoted = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in LINES.splitlines())
    zst = subprocess.run(["zstd", "-q", "-c"], input=LINES.encode(), capture_output=True) if has_zstd() else None
    ways = {
        "a BOM": {"user_purchases.csv": "\ufeff" + LINES},
        "CRLF": {"user_purchases.csv": LINES.replace("\n", "\r\n")},
        "no last line end": {"user_purchases.csv": LINES[:-1]},
        "quotes": {"user_purchases.csv": quoted},
        "empty lines": {"user_purchases.csv": LINES.replace("\n", "\n\n")},
        "gz": {"user_purchases.csv.gz": gzip.compress(LINES.encode())},
        "gz in two members": {"user_purchases.csv.gz": gzip.compress(LINES[:50].encode()) + gzip.compress(LINES[50:].encode())},
        "gz products": {"products.csv.gz": gzip.compress(PRODUCTS.encode())},
    }
    if zst:
        ways["zst"] = {"user_purchases.csv.zst": zst.stdout}
    for way, files in ways.items():
        kept = {name: text for name, text in SHOP.items() if not any(new.startswith(name) for new in files)}
        findings.check(shops.fitted({**kept, **files}).path.read_bytes() == plain, f"{way}: another model")


def has_zstd():
    return subprocess.run(["sh", "-c", "command -v zstd"], capture_output=True).returncode == 0


def ids_are_text(shops, findings):
    fitted = shops.fitted({"user_purchases.csv": 'user_id,product_id\n007,p\n7,p\n" 7",p\n"7 ",q\nA,p\na,p\n"x,""y""\nz",p\n'})
    expected = sorted(["007", "7", " 7", "7 ", "A", "a", 'x,"y"\nz'], key=lambda id: id.encode())
    findings.check(fitted.file.ids("user_ids") == expected, f"ids, bytewise: {fitted.file.ids('user_ids')}")


def shop_yaml_maps_a_foreign_ledger(shops, findings):
    columns = "Invoice;Customer;SKU;Beschreibung;Date;Qty;Price;Rabatt;Holding;Land\n"
    lines = (
        "1;K1;10001;Schräube;01.02.2024 10:30;2;1,50;25;H1;Österreich\n"
        "2;K2;10001;Schraube neu;03.02.2024 09:00;1;1,75;0;H1;Österreich\n"
        "3;K1;10002;Säge;04.02.2024 00:00;1;7,00;50;H1;Österreich\n"
        "4;;10002;Säge;04.02.2024 00:00;1;7,00;0;H2;Schweiz\n"  # skipped: no customer
        "5;K2;POST;Porto;04.02.2024 00:00;1;7,00;0;H1;Schweiz\n"  # skipped: no article
        "6;K3;10002;Säge;05.02.2024 00:00;3;6,50;0;H3;Schweiz\n"
        "C7;K3;10002;Säge;06.02.2024 00:00;-3;6,50;0;H3;Schweiz\n"  # cancels 6
        "8;K3;10001;Schraube neu;06.02.2024 00:00;3;1,75;0;H3;Schweiz\n"
    )
    yaml = """\
purchases: {file: ledger.csv, delimiter: ";", decimal: ",", encoding: latin1, time_format: "%d.%m.%Y %H:%M",
  columns: {user_id: Customer, product_id: SKU, order_id: Invoice, time: Date, quantity: Qty, unit_price: Price, discount: Rabatt},
  skip: [{column: Customer, empty: true}, {column: SKU, not_matching: "^[0-9]{5}[A-Za-z]*$"}],
  cancelled: {column: Invoice, matching: "^C"}, discount_unit: percent}
products: {from_purchases: {name: Beschreibung, price: Price}}
users: {from_purchases: {country: Land, holding: Holding}, segments: [country], parent: holding}
"""
    fitted = shops.fitted({"ledger.csv": (columns + lines).encode("latin-1"), "shop.yaml": yaml})
    rows = fitted.rows
    findings.check((rows["read"], rows["skipped"], rows["bad"], rows["cancelled"]) == (8, 2, 0, 1), f"counts: {rows}")
    expected = {("K1", "10001"): 1, ("K2", "10001"): 1, ("K1", "10002"): 1, ("K3", "10001"): 1}
    findings.check(fitted.pairs() == expected, f"purchases: {fitted.pairs()}")
    findings.check(fitted.info["companies"] == 2, f"parent from purchases: {fitted.info['companies']} companies")
    file = fitted.file
    findings.check(text_columns(file, "segments")[0] == ["country"], f"segments: {text_columns(file, 'segments')}")
    findings.check(sorted(text_columns(file, "segments")[1]) == ["Schweiz", "Österreich"], "latin1 is read as such")
    items = fitted.items("--user", "K1")
    findings.check(items["10001"]["product"]["name"] == "Schraube neu", f"the last name wins: {items['10001']['product']}")
    findings.check(items["10001"]["product"]["price"] == 1.75, f"the last price wins: {items['10001']['product']}")
    findings.check(items["10002"]["product"]["name"] == "Säge", "latin1 name")
    discounted = {p: int(d) for p, d in zip(file.ids("product_ids"), file.values("discount.discounted"))}
    findings.check(discounted == {"10001": 1, "10002": 1}, f"percent discounts: {discounted}")
    findings.check(fitted.info["as_of"] == "2024-02-06T00:00:01Z", f"time_format: {fitted.info['as_of']}")
    earlier = shops.fitted({"ledger.csv": (columns + lines).encode("latin-1"), "shop.yaml": yaml}, "--as-of", "2024-02-02")
    name = earlier.items("--user", "K1")["10001"]["product"]["name"]
    findings.check(name == "Schräube", f"the last value before the as-of date: {name!r}")


def segments_are_text_columns_with_a_few_values(shops, findings):
    rows = [(f"u{k:03}", "all the same", k, f"v{k % 200}", f"w{k}", "x" if k % 2 else "y", "mix" if k else 7) for k in range(201)]
    users = csv_text(("user_id", "same", "number", "v200", "v201", "two", "mixed"), rows)
    purchases = csv_text(("user_id", "product_id"), [(row[0], "p") for row in rows])
    named = text_columns(shops.fitted({"user_purchases.csv": purchases, "users.csv": users}).file, "segments")[0]
    findings.check(sorted(named) == ["mixed", "two", "v200"], f"segments: {named}")
    files = {"user_purchases.csv": purchases, "users.csv": users, "shop.yaml": "users: {segments: [two]}"}
    named = text_columns(shops.fitted(files).file, "segments")[0]
    findings.check(named == ["two"], f"segments of shop.yaml: {named}")
    done, _ = shops.train({**files, "shop.yaml": "users: {segments: [three]}"})
    findings.check(done.code == 3 and "three" in done.err, f"a segment that is no column: {done}")


def parents_hold_users_together(shops, findings):
    fitted = shops.fitted(SHOP)
    findings.check(fitted.info["companies"] == 2, f"parent_id: {fitted.info['companies']} companies, expected h1 and c")


def eligibility_names_what_a_company_may_see(shops, findings):
    users = "user_id,parent_id,price_list\na,h1,\nb,h1,L\nc,,L\nd,,\n"
    purchases = "user_id,product_id\n" + "".join(f"{u},{p}\n" for u in "abcd" for p in ("p1", "p2", "p3", "p4"))
    contracts = "user_id,parent_id,price_list,product_id\na,,,p1\n,h1,,p2\n,,L,p3\na,,,unknown\n"
    shop = {"user_purchases.csv": purchases, "users.csv": users, "contracts.csv": contracts, "shop.yaml": "eligibility: {file: contracts.csv}"}
    fitted = shops.fitted(shop)
    expected = {"a": {"p1", "p2"}, "b": {"p2", "p3"}, "c": {"p3"}, "d": {"p1", "p2", "p3", "p4"}}
    for user, products in expected.items():
        seen = set(fitted.items("--user", user, "--mode", "mixed"))
        findings.check(seen == products, f"eligible for {user}: {sorted(seen)}, expected {sorted(products)}")
    gate = shops.run("explain", fitted.path, "--user", "c", "--product", "p1", "--format", "json").json["gate"]
    findings.check(gate == "not_in_assortment", f"gate of what is not eligible: {gate}")


def shop_yaml_is_checked(shops, findings):
    wrong = {
        "purchases:\n  file: user_purchases.csv\n  delimter: x\n": "shop.yaml:3:3: ",
        "purchase: {}\n": "shop.yaml:1:1: ",
        "users:\n    parents: x\n": "shop.yaml:2:5: ",
        "eligibility: {file: contracts.csv, colour: red}\n": "shop.yaml:1:36: ",
        "purchases: {file: ../outside.csv}\n": "shop.yaml:1:19: ",
        "purchases: {file: /etc/passwd}\n": "shop.yaml:1:19: ",
        "products: {file: a/../../outside.csv}\n": "shop.yaml:1:18: ",
        "purchases: {\n": "shop.yaml:",
    }
    for yaml, place in wrong.items():
        done, _ = shops.train({**SHOP, "shop.yaml": yaml})
        findings.check(done.code == 3 and place in done.err and done.err.count("\n") == 1, f"{yaml!r}: {done}")
    outside = shops.folder / "outside.csv"
    outside.write_text(LINES)
    folder = shops.write({**SHOP, "shop.yaml": "purchases: {file: linked.csv}\n"})
    (folder / "linked.csv").symlink_to(outside)
    done = shops.run("train", folder, "-o", shops.folder / "linked.model")
    findings.check(done.code == 3 and "folder" in done.err, f"a link out of the folder: {done}")


def every_key_is_optional(shops, findings):
    plain = shops.fitted(SHOP)
    for yaml in ("", "# nothing\n", "purchases: {}\n", "purchases: {file: user_purchases.csv}\nproducts: {}\nusers: {}\nevents: {purchase: 1.0}\n"):
        same = shops.fitted({**SHOP, "shop.yaml": yaml})
        findings.check(same.pairs() == plain.pairs() and same.file.values("user_factors") == plain.file.values("user_factors"), f"{yaml!r}")
    doubled = shops.fitted({**SHOP, "shop.yaml": "events: {purchase: 2.0}\n"}, "--weight", "linear")
    alpha = shops.fitted(SHOP, "--weight", "linear", "--alpha", 2)
    same = doubled.file.values("product_factors") == alpha.file.values("product_factors")
    findings.check(same, "a purchase weight of 2 is alpha 2 with linear weights")


def products_are_as_of_now_or_as_of_a_date(shops, findings):
    now = shops.fitted(SHOP).items("--user", "c", "--mode", "mixed")
    findings.check(now["p1"]["product"] == {"name": "Bolt", "category": "Metal > Bolts", "price": 12.0, "discount": 0.2}, f"now: {now['p1']['product']}")
    then = shops.fitted(SHOP, "--as-of", "2024-02-02").items("--user", "a", "--mode", "mixed")
    findings.check(then["p1"]["product"]["price"] == 11.0, f"last unit_price before the date: {then['p1']['product']}")
    findings.check(then["p1"]["product"]["discount"] is None, f"discount is silent: {then['p1']['product']}")
    later = shops.fitted(SHOP, "--as-of", "2030-01-01").items("--user", "a", "--mode", "mixed")
    findings.check(later["p1"]["product"]["price"] == 11.0 and later["p1"]["product"]["discount"] is None, "a date after the data, too")
    empty = {**SHOP, "products.csv": PRODUCTS.replace(",9\n", ",0\n")}
    findings.check("p3" not in shops.fitted(empty).items("--user", "a", "--mode", "mixed"), "stock 0 is not shown")
    silent = shops.fitted(empty, "--as-of", "2024-03-15").items("--user", "a", "--mode", "mixed")
    findings.check("p3" in silent, "stock is silent as of a date")
    asked_now = shops.fitted(SHOP, "--as-of", "now").items("--user", "c", "--mode", "mixed")
    findings.check(asked_now["p1"]["product"]["price"] == 12.0, "--as-of now: products.csv holds")
    no_price = {**SHOP, "user_purchases.csv": csv_text(COLUMNS, [(*row[:4], "", *row[5:]) for row in ROWS])}
    product = shops.fitted(no_price, "--as-of", "2024-06-01").items("--user", "a", "--mode", "mixed")["p1"]["product"]
    findings.check(product["price"] is None, f"no unit_price before the date: {product}")


def a_discontinued_product_is_not_shown(shops, findings):
    for word, is_shown in (("1", False), ("true", False), ("Yes", False), ("0", True), ("no", True), ("FALSE", True), ("", True)):
        products = "\n".join(f"{line},{word if line.startswith('p1') else ''}" for line in PRODUCTS.splitlines()[1:])
        shop = {**SHOP, "products.csv": f"{PRODUCTS.splitlines()[0]},discontinued\n{products}\n"}
        items = shops.fitted(shop).items("--user", "a", "--mode", "mixed")
        findings.check(("p1" in items) == is_shown, f"discontinued {word!r}: {sorted(items)}")
        dated = shops.fitted(shop, "--as-of", "2030-01-01").items("--user", "a", "--mode", "mixed")
        findings.check("p1" in dated, f"discontinued {word!r} is silent as of a date")
    done, _ = shops.train({**shop, "products.csv": f"{PRODUCTS.splitlines()[0]},discontinued\np1,Bolt,Metal > Bolts,12,0.2,3,maybe\n"}, "--max-bad-rows", "100%")
    findings.check("discontinued" in done.err and "maybe" in done.err, f"no yes or no: {done}")


def products_may_be_unlisted_or_not_known_yet(shops, findings):
    products = PRODUCTS.replace("stock", "stock,available_from").replace(",3\n", ",3,\n").replace(",\np3", ",,\np3").replace(",9\n", ",9,\n")
    listed = products.replace("p3,Saw,Tools,3,0,9,\n", "") + "p7,Later,Tools,1,0,9,2024-05-01\np8,Soon,Tools,1,0,9,2024-02-02\np9,Never,Tools,1,0,9,\n"
    fitted = shops.fitted({**SHOP, "products.csv": listed})
    findings.check(fitted.summary["products_unlisted"] == 1, f"unlisted: {fitted.summary['products_unlisted']}")
    items = fitted.items("--user", "a", "--mode", "mixed")
    findings.check(set(items) == {"p1", "p2", "p3", "p8"}, f"shown: {sorted(items)}")
    findings.check(items["p3"]["product"]["name"] is None, "an unlisted product has no name but its id")
    findings.check(fitted.answer("--user", "a")["filtered"]["not_known_yet"] == 2, "counted as not known yet")
    shown = fitted.items("--user", "a", "--mode", "mixed", "--as-of", "2024-05-01T00:00:01Z")
    findings.check("p7" in shown and "p9" not in shown, f"available just before the date: {sorted(shown)}")
    findings.check("p7" not in fitted.items("--user", "a", "--as-of", "2024-05-01"), "available from is strictly before")
    sold = [set(fitted.items("--user", "a", "--as-of", date)) for date in ("2024-02-03", "2024-02-03T00:00:01Z")]
    findings.check(sold == [{"p1", "p2", "p8"}, {"p1", "p2", "p3", "p8"}], f"first sold is strictly before, too: {sold}")
    before = fitted.items("--user", "a", "--as-of", "2024-02-01")
    findings.check(set(before) == {"p1", "p2"}, f"first sold before the date: {sorted(before)}")


def orders_are_found_without_an_order_id(shops, findings):
    def habit(columns, rows, *options):
        return shops.fitted({"user_purchases.csv": csv_text(columns, rows)}).facts("habit", "a", "p", *options)

    with_time = habit(("user_id", "product_id", "time"), [("a", "p", "2024-01-01"), ("a", "q", "2024-01-01"), ("a", "p", "2024-01-02"), ("a", "p", "2024-01-02T00:00:01Z")])
    findings.check((with_time["orders_with"], with_time["orders"]) == (3, 3), f"one user at one time is one order: {with_time}")
    counted = habit(("user_id", "product_id", "purchase_count"), [("a", "p", 3), ("a", "q", 2)])
    findings.check((counted["orders_with"], counted["orders"]) == (3, 5), f"purchase_count is the number of orders: {counted}")
    uncounted = habit(("user_id", "product_id"), [("a", "p"), ("a", "q"), ("a", "p")])
    findings.check((uncounted["orders_with"], uncounted["orders"]) == (2, 3), f"each line is one order: {uncounted}")
    ordered = habit(("user_id", "product_id", "order_id"), [("a", "p", 1), ("a", "q", 1), ("a", "p", 2)])
    findings.check((ordered["orders_with"], ordered["orders"]) == (2, 2), f"order_id makes orders: {ordered}")


def a_simple_shop_says_what_is_silent(shops, findings):
    simple = shops.fitted({"user_purchases.csv": "user_id,product_id,purchase_count\na,p,1\nb,p,2\nb,q,1\n"})
    silent = {signal["code"] for signal in simple.info["signals"] if signal["silent"]}
    need_time = {"als_recent", "reorder_due", "trend", "season", "age", "last_sold", "substitute"}
    findings.check(need_time <= silent, f"silent without time: {sorted(silent)}")
    findings.check(simple.info["as_of"] is None and simple.answer("--user", "a")["as_of"] is None, "as_of is null without time")
    findings.check(simple.answer("--user", "a")["mode"] == "new", "without time and order the mode is new")
    told = {signal["code"]: signal["silent"] for signal in shops.fitted(SHOP).info["signals"]}
    findings.check(all(told[code] is None for code in ("als_recent", "trend", "age", "last_sold", "reorder_due")), f"with time: {told}")


def returns_take_back_newest_first(shops, findings):
    columns = ("user_id", "product_id", "time", "quantity", "order_id")
    rows = [("a", "p", "2024-01-01", 5, 1), ("a", "p", "2024-01-02", 3, 2), ("a", "q", "2024-01-02", 1, 2), ("b", "p", "2024-01-01", 1, 3)]

    def kept(*returned):
        return shops.fitted({"user_purchases.csv": csv_text(columns, [*rows, *returned])})

    one = kept(("a", "p", "2024-01-03", -3, 9))
    findings.check(one.pairs()["a", "p"] == 1 and one.info["as_of"] is not None, f"the newest line is taken back: {one.pairs()}")
    habit = one.facts("habit", "a", "p")
    findings.check(habit["last_date"] == "2024-01-01", f"the older line stays: {habit}")
    findings.check(kept(("a", "p", "2024-01-03", -4, 9)).pairs()["a", "p"] == 1, "what is left of a return goes on to the line before")
    everything = kept(("a", "p", "2024-01-03", -8, 9))
    findings.check(("a", "p") not in everything.pairs(), "all of it returned")
    over = kept(("a", "p", "2024-01-03", -9, 9))
    findings.check(over.summary["returns_unmatched"] == 1, f"left over: {over.summary['returns_unmatched']}")
    findings.check("returns" in over.messages, "what is left over is told")
    other = kept(("b", "q", "2024-01-03", -1, 9))
    findings.check(other.pairs()["a", "q"] == 1 and other.summary["returns_unmatched"] == 1, "another user's purchase stays")
    early = kept(("a", "p", "2023-12-31", -3, 9))
    findings.check(early.pairs()["a", "p"] == 2 and early.summary["returns_unmatched"] == 1, "a return takes back earlier lines only")
    counted = shops.fitted({"user_purchases.csv": "user_id,product_id,purchase_count\na,p,3\na,p,-3\na,q,1\na,r,0\n"})
    findings.check(set(counted.pairs()) == {("a", "q")} and counted.rows["zero"] == 1, f"counts: {counted.pairs()} {counted.rows}")


def a_negative_count_can_be_a_dislike(shops, findings):
    files = {"user_purchases.csv": "user_id,product_id,purchase_count\na,p,3\na,q,-2\nb,p,1\nb,q,2\nc,q,1\n"}
    disliked = shops.fitted(files, "--loss", "hkv", "--weight", "linear")
    findings.check(disliked.rows["returned"] == 0, f"not a return: {disliked.rows}")
    row = disliked.file
    score = math.fsum(x * y for x, y in zip(row.user_factors("a"), row.product_factors("q")))
    liked = shops.fitted({"user_purchases.csv": files["user_purchases.csv"].replace("-2", "2")}, "--loss", "hkv", "--weight", "linear").file
    findings.check(score < math.fsum(x * y for x, y in zip(liked.user_factors("a"), liked.product_factors("q"))), "a dislike lowers the score")
    returned = shops.fitted(files, "--loss", "hkv")
    findings.check(returned.rows["returned"] == 1 and ("a", "q") not in returned.pairs(), "with --weight log it is a return")


def ratings_matter_only_with_dislike_at(shops, findings):
    files = {"user_purchases.csv": "user_id,product_id,rating\na,p,5\na,q,1\nb,p,1\nb,q,5\n"}
    silent = shops.fitted(files)
    findings.check("rating" in silent.messages and silent.summary["rating_unused"], f"rating is unused: {silent.messages!r}")
    used = shops.fitted({**files, "shop.yaml": "purchases: {dislike_at: 2}\n"})
    findings.check("rating" not in used.messages and not used.summary["rating_unused"], "with dislike_at it is used")
    findings.check(used.file.values("user_factors") != silent.file.values("user_factors"), "dislike_at changes nothing")


def nothing_left_is_no_shop(shops, findings):
    for title, text in {
        "header only": "user_id,product_id\n",
        "all returned": "user_id,product_id,quantity\na,p,2\na,p,-2\n",
        "all zero": "user_id,product_id,purchase_count\na,p,0\n",
    }.items():
        done, model = shops.train({"user_purchases.csv": text})
        findings.check(done.code == 3 and "no purchase" in done.err and not model.exists(), f"{title}: {done}")
    done, _ = shops.train({"user_purchases.csv": LINES}, "--as-of", "2020-01-01")
    findings.check(done.code == 3 and "no purchase" in done.err, f"nothing before the as-of date: {done}")


def a_product_listed_twice_must_agree(shops, findings):
    again = PRODUCTS + "p1,Bolt,Metal > Bolts,12,0.2,3\n"
    findings.check(shops.train({**SHOP, "products.csv": again})[0].code == 0, "the same line twice is no error")
    done, _ = shops.train({**SHOP, "products.csv": PRODUCTS + "p1,Other,Metal > Bolts,12,0.2,3\n"})
    findings.check(done.code == 3 and "p1" in done.err, f"the same product_id with other contents: {done}")


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
