#!/usr/bin/env python3
"""The next training takes in the event log (contract sections 2 and 6): a shop whose rows came partly by events is the
shop with all rows in its files, and the same user, product and order counts once."""

import itertools
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import purvey_program
import shop_tables
import small_shop
from event_server import EventServer

DAY = 86400
START = shop_tables.seconds("2022-01-03")
COLUMNS = ["user_id", "product_id", "time", "order_id", "quantity", "unit_price", "discount"]
PLAIN = {"user_id": "b", "product_id": "P1", "time": "2022-01-01", "order_id": "o1", "quantity": 2}
events_made = itertools.count()


def random_rows(n_users=70, n_products=24, seed=7):
    """Orders of 500 days in order of time, a return now and then."""
    draw, rows = random.Random(seed), []
    for number in range(900):
        time = shop_tables.timestamp(START + number * 500 * DAY // 900 + draw.randrange(3600))
        user = f"u{draw.randrange(n_users)}"
        for product in draw.sample(range(n_products), draw.randint(1, 4)):
            row = {"user_id": user, "product_id": f"P{product}", "time": time, "order_id": f"o{number}"}
            row |= {"quantity": draw.randint(1, 9), "unit_price": draw.randint(1, 50), "discount": draw.choice([0, 0, 0.1])}
            rows.append(row)
        if number % 9 == 8:
            bought = draw.choice([row for row in rows if row["quantity"] > 0])
            rows.append(bought | {"time": time, "order_id": f"r{number}", "quantity": -draw.randint(1, bought["quantity"] + 2)})
    return rows


def files(rows, columns=COLUMNS, **others):
    table = small_shop.csv_text(columns, [[row.get(column, "") for column in columns] for row in rows])
    return {"user_purchases.csv": table, **{f"{name}.{'yaml' if name == 'shop' else 'csv'}": text for name, text in others.items()}}


def event(row):
    """A row of user_purchases.csv as an event."""
    names = {"user_id": "user", "product_id": "item", "order_id": "order", "unit_price": "unit_price", "discount": "discount"}
    made = {names[column]: row[column] for column in names if column in row}
    quantity = row.get("quantity", 1)
    made |= {"event_id": f"e{next(events_made)}", "type": "return" if quantity < 0 else "purchase", "time": row["time"]}
    return made | ({"quantity": abs(quantity)} if "quantity" in row else {})


def log(shops, *batches):
    """A folder with a log of `batches`: (name of the server's call, rows)."""
    shops.count += 1
    folder = shops.folder / f"events{shops.count}"
    model = shops.fitted(files([PLAIN])).path
    with EventServer(shops.program, model, folder) as server:
        for call, rows in batches:
            getattr(server, call)(rows)
    return folder


def tensors(fitted):
    file = fitted.file
    return file.header, file.bytes[file.header_end :]


def counts(fitted, *names):
    return tuple(fitted.summary["events"][name] for name in names)


def by_events_or_by_files(shops, findings):
    """Purchases and returns split between files and events make the model of all rows in the files."""
    rows = random_rows()
    cut = len(rows) * 7 // 10
    whole = shops.fitted(files(rows))
    folder = log(shops, ("events", [event(row) for row in rows[cut:]]))
    split = shops.fitted(files(rows[:cut]), "--events", folder)
    findings.check(tensors(split) == tensors(whole), "rows by events make another model than rows in the files")
    returned = sum(row["quantity"] < 0 for row in rows[cut:])
    told = counts(split, "in_log", "purchases", "returns", "known", "later")
    findings.check(told == (len(rows) - cut, len(rows) - cut - returned, returned, 0, 0), f"events counted {told}")
    findings.check(whole.summary["events"] is None, "a training without events tells of some")
    findings.check("events_taken" not in whole.file.metadata, "a model without events names a position")
    size = (folder / "events.log").stat().st_size
    taken = split.file.metadata["events_taken"]
    findings.check(taken.startswith(f"{size}:"), f"events_taken {taken}, the log has {size} bytes")
    findings.check(split.file.metadata["data_hash"] != whole.file.metadata["data_hash"], "the data hash ignores the log")
    again = shops.fitted(files(rows), "--events", folder)
    findings.check(tensors(again) == tensors(whole), "rows that come by both count twice")
    findings.check(counts(again, "purchases", "returns", "known") == (0, 0, len(rows) - cut), f"known: {again.summary['events']}")
    check_as_of(shops, findings, rows, cut, folder)
    check_serving(shops, findings, shops.fitted(files(rows[:cut])), split, folder)


def check_as_of(shops, findings, rows, cut, folder):
    """Events at or after the date leave no trace, and a server that has the log takes in what the model left out."""
    date = rows[(cut + len(rows)) // 2]["time"]
    whole = shops.fitted(files(rows), "--as-of", date)
    split = shops.fitted(files(rows[:cut]), "--events", folder, "--as-of", date)
    findings.check(tensors(split) == tensors(whole), "events after the as-of date leave a trace")
    later = sum(row["time"] >= date for row in rows[cut:])
    findings.check(later > 0 and counts(split, "later") == (later,), f"later: {split.summary['events']}, expected {later}")
    taken = int(split.file.metadata["events_taken"].split(":")[0])
    lines = (folder / "events.log").read_bytes()[:taken].count(b"\n")
    first = next(k for k, row in enumerate(rows[cut:]) if row["time"] >= date)
    findings.check(lines == first, f"events_taken stands behind line {lines}, the first later event is number {first}")


def habit_facts(explain, user, product):
    told = explain(user, product)
    return next(reason["facts"] for reason in told["reasons"] if reason["code"] == "habit")


def check_serving(shops, findings, older, newer, folder):
    """The older model with the log has the histories of the newer one, and the newer one counts nothing twice."""
    as_of = newer.info["as_of"]
    pairs = [(f"u{u}", f"P{p}") for u in range(0, 70, 7) for p in range(0, 24, 5)]

    def facts_of(server):
        return [
            habit_facts(lambda u, p: server.ask("POST", "/v1/explain", {"user": u, "item": p, "as_of": as_of}), *pair)
            for pair in pairs
        ]

    trained = [newer.facts("habit", *pair) for pair in pairs]
    for name, model in (("older", older), ("newer", newer)):
        with EventServer(shops.program, model.path, folder) as server:
            served = facts_of(server)
        for pair, told, expected in zip(pairs, served, trained):
            findings.check(told == expected, f"{name} model, served, {pair}: {told}, trained {expected}")


def once_among_events_too(shops, findings):
    """The same product of the same order counts once, by files, by events and among events; a return is another row."""
    rows = [PLAIN, PLAIN | {"user_id": "c", "order_id": "o2"}]
    sent = [PLAIN | {"quantity": 5}, PLAIN | {"order_id": "o3", "time": "2022-01-05"}]
    sent += [sent[1] | {"time": "2022-01-06"}, PLAIN | {"quantity": -1}, PLAIN | {"quantity": -1}]
    model = shops.fitted(files(rows), "--events", log(shops, ("events", [event(row) for row in sent])))
    findings.check(counts(model, "purchases", "returns", "known") == (1, 1, 3), f"once: {model.summary['events']}")
    same = shops.fitted(files([*rows, sent[1], sent[3]]))
    findings.check(tensors(model) == tensors(same), "what counts once makes another model")


def returns_take_back(shops, findings):
    """A return by event takes back what the files say, whole or in part."""
    rows = [PLAIN, PLAIN | {"product_id": "P2"}, PLAIN | {"user_id": "c", "order_id": "o2"}]
    back = {"time": "2022-02-01", "order_id": "r1"}
    sent = [PLAIN | back | {"quantity": -2}, PLAIN | back | {"product_id": "P2", "quantity": -1}]
    model = shops.fitted(files(rows), "--events", log(shops, ("events", [event(row) for row in sent])))
    findings.check(model.pairs() == {("b", "P2"): 1, ("c", "P1"): 1}, f"after returns: {model.pairs()}")


def shops_without_columns(shops, findings):
    """What a shop has no column for is dropped: events are read as its own files would have them."""
    sent = [PLAIN | {"product_id": "P2"}, PLAIN | {"product_id": "P3", "time": "2022-01-07", "order_id": "o9"}]
    folder = log(shops, ("events", [event(row) for row in sent]))
    for without in (["order_id"], ["time"], ["order_id", "time"], ["discount"], ["unit_price"]):
        columns = [column for column in COLUMNS if column not in without]
        model = shops.fitted(files([PLAIN], columns), "--events", folder)
        same = shops.fitted(files([PLAIN, *sent], columns))
        findings.check(tensors(model) == tensors(same), f"a shop without {without} reads events otherwise")
        again = shops.fitted(files([PLAIN, *sent], columns), "--events", folder)
        expected = (2, 0) if without == ["order_id", "time"] else (0, 2)
        told = counts(again, "purchases", "known")
        findings.check(told == expected, f"a shop without {without}: {told} new and known, expected {expected}")


def quantity_is_kept(shops, findings):
    """In a shop without quantity a purchase is one piece; an event says how many, so a part of them can come back."""
    sent = [PLAIN | {"product_id": product, "order_id": "o2"} for product in ("P2", "P3")]
    sent += [row | {"time": "2022-01-08", "order_id": "r1", "quantity": back} for row, back in zip(sent, (-1, -2))]
    sent += [PLAIN | {"time": "2022-01-08", "order_id": "r1", "quantity": -1}, PLAIN | {"user_id": "c", "order_id": "o7"}]
    columns = [column for column in COLUMNS if column != "quantity"]
    model = shops.fitted(files([PLAIN], columns), "--events", log(shops, ("events", [event(row) for row in sent])))
    findings.check(model.pairs() == {("b", "P2"): 1, ("c", "P1"): 1}, f"after returns of pieces: {model.pairs()}")


def rules_of_the_shop(shops, findings):
    """`skip` holds for users, products and orders of events; prices from purchases come with events as well."""
    yaml = 'purchases: {skip: [{column: product_id, not_matching: "^P"}]}\nproducts: {from_purchases: {price: unit_price, discount: discount}}\n'
    sent = [PLAIN | {"product_id": "POSTAGE", "order_id": "o2"}, PLAIN | {"product_id": "X1", "order_id": "o2"}]
    sent += [PLAIN | {"order_id": "o3", "time": "2022-01-09", "unit_price": 7.5, "discount": 0.1}]
    first = PLAIN | {"unit_price": 5, "discount": 0.3}
    model = shops.fitted(files([first], shop=yaml), "--events", log(shops, ("events", [event(row) for row in sent])))
    same = shops.fitted(files([first, *sent], shop=yaml))
    findings.check(tensors(model) == tensors(same), "shop.yaml is not kept for events")
    findings.check(counts(model, "purchases", "skipped") == (2, 1), f"skipped: {model.summary['events']}")
    for column, expected in (("price", 7.5), ("discount", 0.1)):
        found = model.file.values(f"products.{column}")[0]
        findings.check(found == expected, f"the {column} is {found}, not that of the last purchase")


def overlay_is_what_holds_now(shops, findings):
    """Prices, stocks, companies and lists of the overlay are as if the shop's files said so; not as of a past date."""
    rows = [PLAIN | {"user_id": user, "product_id": product} for user in "bcd" for product in ("P1", "P2", "P3")]
    products = "product_id,price,discount,stock,discontinued,available_from\n"
    users, lists = "user_id,country,parent_id\n", "user_id,parent_id,price_list,product_id\n"
    yaml = "eligibility: {file: contracts.csv}\n"
    before = {"shop": yaml, "products": products + "P1,10,0,5,0,\nP2,20,0,5,0,\nP3,30,0,5,0,\n"}
    before |= {"users": users + "b,AT,\nc,DE,\nd,DE,\n", "contracts": lists + "b,,,P1\nc,,,P3\n"}
    after = {"shop": yaml, "products": products + "P1,11,0.15,0,0,\nP2,20,0,5,1,2022-06-01\nP3,30,0,5,0,\n"}
    after |= {"users": users + "b,FR,\nc,DE,holding\nd,DE,\nnew,AT,\n", "contracts": lists + "b,,,P2\nb,,,P3\nc,,,P3\n,holding,,P1\n"}
    folder = log(
        shops,
        ("items", [{"item": "P1", "price": 11, "discount": 0.15, "stock": 3}, {"item": "P1", "stock": 0}, {"item": "NONE", "price": 1}]),
        ("items", [{"item": "P2", "discontinued": True, "available_from": "2022-06-01"}]),
        ("items", [{"item": "P3", "price": 99}, {"item": "P3", "price": None}]),
        ("users", [{"user": "b", "metadata": {"country": "FR"}}, {"user": "c", "parent_id": "holding"}]),
        ("users", [{"user": "new", "metadata": {"country": "AT"}}]),
        ("eligibility", [{"user": "b", "items": ["P2", "NONE", "P3"]}, {"parent": "holding", "items": ["P1"]}]),
        ("eligibility", [{"user": "d", "items": ["P1"]}, {"user": "d", "items": None}]),
    )
    model, same = shops.fitted(files(rows, **before), "--events", folder), shops.fitted(files(rows, **after))
    findings.check(tensors(model) == tensors(same), "the overlay is not as if the files said so")
    findings.check(counts(model, "in_log", "overlay", "unknown") == (13, 10, 2), f"overlay: {model.summary['events']}")
    past = "2022-01-02"
    findings.check(
        tensors(shops.fitted(files(rows, **before), "--events", folder, "--as-of", past))
        == tensors(shops.fitted(files(rows, **before), "--as-of", past)),
        "the overlay of now is in a model as of a past date",
    )
    nothing = log(shops, ("eligibility", [{"user": "b", "items": []}]))
    for name, tables in (("with", before), ("without", {})):
        empty = shops.fitted(files(rows, **tables), "--events", nothing)
        findings.check(empty.items("--user", "b", "--mode", "mixed") == {}, f"an empty list shows products ({name} eligibility)")
        findings.check(len(empty.items("--user", "d", "--mode", "mixed")) == 3, f"an empty list of another hides ({name})")


def logs_that_end_badly(shops, findings):
    """A broken last line was never acknowledged; damage, a file and a folder that is not there are exit 3."""
    sent = [event(PLAIN | {"order_id": f"o{k}", "time": "2022-01-05"}) for k in range(3, 6)]
    folder = log(shops, ("events", sent))
    whole = shops.fitted(files([PLAIN]), "--events", folder)
    path = folder / "events.log"
    sound = path.read_bytes()
    path.write_bytes(sound + b'0123456789abcdef {"event_id":"x","ty')
    findings.check(shops.fitted(files([PLAIN]), "--events", folder).path.read_bytes() == whole.path.read_bytes(), "a broken last line is read")
    findings.check(path.read_bytes().startswith(sound) and len(path.read_bytes()) > len(sound), "training changes the log")
    path.write_bytes(sound.replace(b'"o4"', b'"o9"'))
    done, _ = shops.train(files([PLAIN]), "--events", folder)
    findings.check(done.code == 3 and "events.log" in done.err, f"a damaged log: {done}")
    done, model = shops.train(files([PLAIN]), "--events", shops.folder / "nowhere")
    findings.check(done.code == 3 and "nowhere" in done.err and not model.exists(), f"no folder: {done}")
    path.unlink()
    empty = shops.fitted(files([PLAIN]), "--events", folder)
    findings.check(tensors(empty) == tensors(shops.fitted(files([PLAIN]))), "a folder without a log changes the model")
    findings.check(counts(empty, "in_log", "purchases") == (0, 0), f"no log: {empty.summary['events']}")


def test(purvey, folder, findings):
    small_shop.run_checks(globals(), small_shop.Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
