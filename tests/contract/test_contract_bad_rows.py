#!/usr/bin/env python3
"""The contract, section 1, bad rows: what makes a row bad, what is said of it, where it is kept, and what stops a run."""

import csv
import datetime
import gzip
import io
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import purvey_program
from small_shop import Shops, csv_text, run_checks

COLUMNS = ("user_id", "product_id", "time", "quantity", "unit_price", "discount")
GOOD = [(f"u{k % 20}", f"p{k % 7}", "2024-01-05", 1, 2.5, 0) for k in range(200)]
TOMORROW = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)

# cause -> (row as bytes, column, what the message must hold)
BAD = {
    "empty user": (b",p1,2024-01-05,1,2.5,0", "user_id", "empty"),
    "empty product": (b"u1,,2024-01-05,1,2.5,0", "product_id", "empty"),
    "blank id": (b"u1,  ,2024-01-05,1,2.5,0", "product_id", "empty"),
    "NUL": (b"u1,p\x001,2024-01-05,1,2.5,0", "product_id", "NUL"),
    "invalid UTF-8": (b"u\xff,p1,2024-01-05,1,2.5,0", "user_id", "UTF-8"),
    "latin1": (b"M\xfcller,p1,2024-01-05,1,2.5,0", "user_id", "UTF-8"),
    "no number": (b"u1,p1,2024-01-05,two,2.5,0", "quantity", '"two" is no number'),
    "two numbers": (b"u1,p1,2024-01-05,1 2,2.5,0", "quantity", "no number"),
    "decimal comma": (b'u1,p1,2024-01-05,1,"2,5",0', "unit_price", "no number"),
    "infinite": (b"u1,p1,2024-01-05,inf,2.5,0", "quantity", "number"),
    "not a number": (b"u1,p1,2024-01-05,nan,2.5,0", "quantity", "number"),
    "hexadecimal": (b"u1,p1,2024-01-05,0x10,2.5,0", "quantity", "no number"),
    "overflow": (b"u1,p1,2024-01-05,1e999,2.5,0", "quantity", ""),
    "too large": (b"u1,p1,2024-01-05,1000000001,2.5,0", "quantity", "range"),
    "too small": (b"u1,p1,2024-01-05,-1000000001,2.5,0", "quantity", "range"),
    "discount above 1": (b"u1,p1,2024-01-05,1,2.5,1.01", "discount", "range"),
    "discount below 0": (b"u1,p1,2024-01-05,1,2.5,-0.1", "discount", "range"),
    "no date": (b"u1,p1,yesterday,1,2.5,0", "time", "no date (expected YYYY-MM-DD or ISO 8601)"),
    "month 13": (b"u1,p1,2020-13-01,1,2.5,0", "time", '"2020-13-01" is no date'),
    "29 February": (b"u1,p1,2023-02-29,1,2.5,0", "time", "no date"),
    "hour 24": (b"u1,p1,2023-02-28T24:00:01,1,2.5,0", "time", "no date"),
    "no time": (b"u1,p1,,1,2.5,0", "time", "empty"),
    "before 1900": (b"u1,p1,1899-12-31,1,2.5,0", "time", ""),
    "after 2200": (b"u1,p1,2201-01-01,1,2.5,0", "time", ""),
    "after tomorrow": (f"u1,p1,{TOMORROW + datetime.timedelta(days=1)},1,2.5,0".encode(), "time", "after tomorrow"),
    "too few fields": (b"u1,p1,2024-01-05,1,2.5", "", "5 fields, the header has 6"),
    "too many fields": (b"u1,p1,2024-01-05,1,2.5,0,", "", "7 fields, the header has 6"),
    "text after a quote": (b'"u1"x,p1,2024-01-05,1,2.5,0', "", "quote"),
}
GOOD_ODDITIES = {
    "29 February": "u1,p1,2024-02-29,1,2.5,0",
    "a zone": "u1,p1,2024-02-29T10:00:00+02:00,1,2.5,0",
    "UTC": "u1,p1,2024-02-29T10:00:00Z,1,2.5,0",
    "a fraction of a second": "u1,p1,2024-02-29T10:00:00.250,1,2.5,0",
    "tomorrow": f"u1,p1,{TOMORROW},1,2.5,0",
    "1900": "u1,p1,1900-01-01,1,2.5,0",
    "the largest": "u1,p1,2024-01-05,1000000000,2.5,0",
    "an exponent": "u1,p1,2024-01-05,1e2,2.5,0",
    "no price": "u1,p1,2024-01-05,1,,",
    "a whole discount": "u1,p1,2024-01-05,1,2.5,1",
}


def table(*rows):
    """200 good lines and then `rows`, as bytes."""
    more = [row if isinstance(row, bytes) else row.encode("utf-8") for row in rows]
    return csv_text(COLUMNS, GOOD).encode() + b"".join(row + b"\n" for row in more)


def rejects(model):
    path = pathlib.Path(f"{model}.rejects.csv")
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8", "surrogateescape"), newline=""))) if path.exists() else None


def each_kind_of_bad_row_is_found_named_and_kept_aside(shops, findings):
    for title, (row, column, words) in BAD.items():
        done, model = shops.train({"user_purchases.csv": table(row)})
        if not findings.check(done.code == 0, f"{title}: within the limit, but {done}"):
            continue
        findings.check(done.json["rows"]["bad"] == 1 and done.json["rows"]["read"] == 201, f"{title}: counts {done.json['rows']}")
        place = f"user_purchases.csv:202: column {column}: " if column else "user_purchases.csv:202: "
        told = [line for line in done.err.splitlines() if "bad" in line]
        findings.check(len(told) == 1 and place in told[0] and words in told[0], f"{title}: not told in one line: {done.err!r}")
        kept = rejects(model)
        if findings.check(kept is not None and len(kept) == 1, f"{title}: rejects file {kept}"):
            kept = kept[0]
            findings.check(list(kept) == ["file", "line", "column", "cause", "row"], f"{title}: columns {list(kept)}")
            findings.check((kept["file"], kept["line"], kept["column"]) == ("user_purchases.csv", "202", column), f"{title}: {kept}")
            findings.check(words in kept["cause"], f"{title}: cause {kept['cause']!r}")
            text = row.decode("utf-8", "surrogateescape")
            same = next(csv.reader([kept["row"]])) == next(csv.reader([text])) if b"\0" not in row and title != "text after a quote" else True
            findings.check(same, f"{title}: row {kept['row']!r} is not {text!r}")


def what_is_odd_but_right_is_read(shops, findings):
    for title, row in GOOD_ODDITIES.items():
        done, model = shops.train({"user_purchases.csv": table(row)})
        good = done.code == 0 and done.json["rows"]["bad"] == 0
        findings.check(good, f"{title}: {done}")


def lines_are_counted_as_an_editor_counts_them(shops, findings):
    text = 'user_id,product_id,quantity\n"a\nb",p,1\n\nc,p,1\nd,p,x\n' + "".join(f"e{k},p,1\n" for k in range(200))
    done, model = shops.train({"user_purchases.csv": text})
    findings.check(rejects(model)[0]["line"] == "6", f"line breaks in quotes and empty lines count: {rejects(model)}")


def all_files_are_checked(shops, findings):
    products = "product_id,name,price,discount,stock\n" + "".join(f"p{k},N,1,0,1\n" for k in range(200)) + "p900,N,1,2,1\n"
    users = "user_id,country\n" + "".join(f"u{k},AT\n" for k in range(200)) + ",AT\n"
    done, model = shops.train({"user_purchases.csv": table("u1,p1,x,1,1,0"), "products.csv": products, "users.csv": users})
    files = sorted(row["file"] for row in rejects(model) or [])
    findings.check(files == ["products.csv", "user_purchases.csv", "users.csv"], f"rejects of {files}; {done}")


def more_than_the_limit_stops_the_run(shops, findings):
    def code(n_bad, *options):
        done, model = shops.train({"user_purchases.csv": table(*["u1,p1,x,1,1,0"] * n_bad)}, *options)
        findings.check((done.code == 0) == model.exists(), f"{n_bad} bad rows: a model where there is an error, or none")
        if done.code:
            findings.check("user_purchases.csv:202" in done.err and done.err.count("\n") == 1, f"the first is named in one line: {done.err!r}")
            findings.check(len(rejects(model) or []) == n_bad, f"{n_bad} bad rows: rejects file {rejects(model)}")
        return done.code

    findings.check(code(2) == 0, "2 of 202 is within 1 %")
    findings.check(code(3) == 3, "3 of 203 is more than 1 %")
    findings.check(code(3, "--max-bad-rows", "0.02") == 0, "within 2 %")
    findings.check(code(1, "--max-bad-rows", "0") == 3, "none is allowed")
    findings.check(code(100, "--max-bad-rows", "50%") == 0, "a percentage")
    counts = "user_id,country\nu1,AT\n,DE\n"
    done, _ = shops.train({"user_purchases.csv": table(), "users.csv": counts})
    findings.check(done.code == 3 and "users.csv:3" in done.err, f"the limit holds for each file: {done}")


def later_rows_are_not_known_yet_with_an_as_of_date(shops, findings):
    done, _ = shops.train({"user_purchases.csv": table(BAD["after tomorrow"][0], "u1,p1,2024-06-01,1,2.5,0")}, "--as-of", "2024-02-01")
    findings.check(done.code == 0 and done.json["rows"]["bad"] == 0 and done.json["rows"]["later"] == 2, f"{done} {done.out[:300]}")


def what_cannot_be_a_table_stops_at_once(shops, findings):
    text = table()
    wrong = {
        "no required column": ({"user_purchases.csv": text.replace(b"product_id", b"article")}, "product_id"),
        "a column twice": ({"user_purchases.csv": text.replace(b"discount", b"user_id")}, "twice"),
        "the wrong delimiter": ({"user_purchases.csv": text.replace(b",", b";")}, "';'"),
        "tabs": ({"user_purchases.csv": text.replace(b",", b"\t")}, "delimiter"),
        "UTF-16 with a mark": ({"user_purchases.csv": text.decode().encode("utf-16")}, "UTF-16"),
        "UTF-16 without": ({"user_purchases.csv": text.decode().encode("utf-16-be")}, "UTF-16"),
        "a broken gz": ({"user_purchases.csv.gz": gzip.compress(text)[:-30]}, "user_purchases.csv.gz"),
        "a changed gz": ({"user_purchases.csv.gz": gzip.compress(text)[:-8] + b"12345678"}, "user_purchases.csv.gz"),
        "no gz at all": ({"user_purchases.csv.gz": text}, "user_purchases.csv.gz"),
        "no zst at all": ({"user_purchases.csv.zst": text}, "user_purchases.csv.zst"),
        "an unclosed quote": ({"user_purchases.csv": text + b'u1,"p1,2024-01-05,1,2.5,0\n'}, "quote"),
        "an empty file": ({"user_purchases.csv": ""}, "empty"),
        "both plain and gz": ({"user_purchases.csv": text, "user_purchases.csv.gz": gzip.compress(text)}, "both"),
        "an unreadable products.csv": ({"user_purchases.csv": text, "products.csv": "name,price\nx,1\n"}, "product_id"),
    }
    for title, (files, words) in wrong.items():
        done, model = shops.train(files)
        good = done.code == 3 and words in done.err and done.err.count("\n") == 1 and not model.exists()
        findings.check(good, f"{title}: {done}")
    for name in ("user_purchases.csv", "products.csv"):
        folder = shops.write({} if name.startswith("user") else {"user_purchases.csv": text})
        (folder / name).mkdir()
        done = shops.run("train", folder, "-o", shops.folder / "no.model")
        findings.check(done.code == 3 and "folder" in done.err, f"{name} is a folder: {done}")


def import_and_questions_reject_the_same_way(shops, findings):
    folder = shops.write({"user_purchases.csv": table("u1,p1,x,1,2.5,0")})
    done = shops.run("import", folder, "-o", shops.folder / "bad.sqlite")
    findings.check(done.code == 0 and "user_purchases.csv:202: column time" in done.err, f"import: {done}")
    findings.check(len(rejects(shops.folder / "bad.sqlite") or []) == 1, "import: rejects file")
    fitted = shops.fitted({"user_purchases.csv": table()})
    history = fitted.shops.write({"h.csv": "product_id,quantity\n" + "p1,1\n" * 100 + "p2,x\n"}) / "h.csv"
    done = shops.run("recommend", fitted.path, "--history", history, "--format", "json")
    findings.check(done.code == 0 and "h.csv:102: column quantity" in done.err, f"history: {done}")
    done = shops.run("recommend", fitted.path, "--history", history, "--max-bad-rows", "0")
    findings.check(done.code == 3 and "h.csv:102" in done.err, f"history over the limit: {done}")


def a_question_file_with_a_bad_row_gets_no_answer(shops, findings):
    """A line out for each line in: a line that cannot be read leaves no honest answer file."""
    model = shops.fitted({"user_purchases.csv": table()}).path
    pairs = shops.write({"pairs.csv": "user_id,product_id\n" + "u1,p1\n" * 200 + ",p1\n"}) / "pairs.csv"
    users = shops.write({"who.csv": "user_id,name\n" + "u1,x\n" * 200 + ",x\n"}) / "who.csv"
    for command, place in ((("rank", model, "--pairs", pairs), "pairs.csv:202: column user_id"), (("recommend", model, "--users", users), "who.csv:202: column user_id")):
        out = shops.folder / "answers.csv"
        done = shops.run(*command, "-o", out)
        findings.check(done.code == 3 and place in done.err and not out.exists(), f"{command[0]}: {done}")


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
