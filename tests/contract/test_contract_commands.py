#!/usr/bin/env python3
"""The contract, section 2: ranges, exit codes, modes, filters, dates, unknown ids, bulk commands."""

import csv
import io
import itertools
import math
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import model_file
import purvey_program
from small_shop import Shops, csv_text, run_checks

EXAMPLES = purvey_program.EXAMPLES
USER, DAY = "AW00000047", 86400


def model_of(shops, name, *options):
    """The model of a bundled shop, trained once."""
    path = shops.folder / f"{name}{'_'.join(map(str, options)).replace('/', '')}.model"
    if not path.exists():
        done = shops.run("train", EXAMPLES / name, "-o", path, "--factors", 16, "--iterations", 3, "--quiet", *options)
        if done.code:
            raise RuntimeError(str(done))
    return path


def answer(shops, model, *options):
    done = shops.run("recommend", model, "--format", "json", *options)
    if done.code:
        raise RuntimeError(str(done))
    return done.json


def products(answered):
    return [item["item"] for item in answered["items"]]


def ranges_are_checked_before_anything_is_read(shops, findings):
    model = model_of(shops, "simple-shop")
    good = {
        "train": [("--factors", 1), ("--iterations", 0), ("--regularization", 0), ("--unobserved-weight", 0), ("--alpha", 0.5), ("--seed", 0), ("--threads", 3), ("--half-life", 0.5)],
        "recommend": [("-n", 1), ("-n", 1000000), ("--threads", 1)],
    }
    bad = {
        "train": [
            *(("--factors", value) for value in (0, 1025, -1, 1.5, "x", "", "1e3")),
            *(("--iterations", value) for value in (-1, 10001)),
            *((name, value) for name in ("--regularization", "--unobserved-weight", "--alpha") for value in (-1e-9, "nan", "inf", "1e999", "x", "0x1")),
            *(("--half-life", value) for value in (0, -1, "inf")),
            *(("--threads", value) for value in (0, -1, "x")),
            *(("--max-bad-rows", value) for value in (-0.1, 1.1, "101%", "x")),
            ("--loss", "bpr"), ("--solver", "lu"), ("--weight", "cube"), ("--signals", "als,nothing"), ("--signals", ""), ("--min-companies", 0), ("--format", "xml"), ("--as-of", "soon"), ("--nonsense", 1),
        ],
        "recommend": [*(("-n", value) for value in (0, -1, 1000001, 2.5, "x")), ("--mode", "old"), ("--explain", "some"), ("--filter", "x")],
    }
    for command, options in good.items():
        for option in options:
            arguments = ("train", EXAMPLES / "simple-shop", "-o", shops.folder / "ranges", "--factors", 2) if command == "train" else ("recommend", model, "--user", "123")
            arguments = arguments[:4] if option[0] == "--factors" else arguments
            done = shops.run(*arguments, *option, *(() if "--iterations" in option or command != "train" else ("--iterations", 1)))
            findings.check(done.code == 0, f"{command} {option}: {done}")
    for command, options in bad.items():
        for option in options:
            arguments = ("nowhere", "-o", shops.folder / "never") if command == "train" else ("nowhere", "--user", "1")
            done = shops.run(command, *arguments, *option)
            one_line = done.err.startswith(f"purvey {command}: ") and done.err.count("\n") == 1
            findings.check(done.code == 2 and one_line and not done.out, f"{command} {option}: {done}")


def exit_codes_tell_what_went_wrong(shops, findings):
    model, folder = model_of(shops, "simple-shop"), shops.folder
    (folder / "taken").mkdir(exist_ok=True)
    os.mkfifo(folder / "pipe")
    cases = [
        (0, ("--help",)), (0, ("--version",)), (0, ("help", "train")), (0, ("train", "--help")), (0, ("info", model)),
        (2, ("nonsense",)), (2, ("info",)), (2, ("info", model, "more")), (2, ("recommend", model)), (2, ("train", EXAMPLES / "simple-shop")),
        (3, ("info", "nowhere")), (3, ("info", folder)), (3, ("train", "nowhere", "-o", "x")), (3, ("explain", model, "--user", "1", "--product", "no such")),
        (3, ("similar", model, "--product", "no such")), (3, ("recommend", model, "--history", "nowhere")), (3, ("recommend", model, "--users", "nowhere", "-o", "x.csv")),
        (1, ("train", EXAMPLES / "simple-shop", "-o", "taken")), (1, ("train", EXAMPLES / "simple-shop", "-o", "pipe")), (1, ("train", EXAMPLES / "simple-shop", "-o", "/dev/null")),
        (1, ("train", EXAMPLES / "simple-shop", "-o", "nowhere/m")), (1, ("import", EXAMPLES / "simple-shop", "-o", "/dev/null")), (1, ("recommend", model, "--all", "-o", "nowhere/x.csv")),
    ]
    for code, arguments in cases:
        done = shops.run(*arguments)
        quiet = (code == 0) == (done.err == "") and (code == 0 or (done.out == "" and done.err.count("\n") == 1))
        findings.check(done.code == code and quiet, f"{arguments}: expected {code}, {done}")
    with open("/dev/full", "wb") as full:
        for arguments in (("info", model), ("recommend", model, "--user", "123"), ("--help",)):
            done = shops.run(*arguments, stdout=full)
            findings.check(done.code == 1 and done.err.count("\n") == 1, f"{arguments} to a full device: {done}")


def errors_are_json_objects_when_asked_for(shops, findings):
    model = model_of(shops, "simple-shop")
    for arguments, code, field in (
        (("recommend", model, "--user", "1", "-n", "0"), "bad_value", "/n"),
        (("similar", model, "--product", "no such"), "not_found", "/product"),
        (("train", EXAMPLES / "simple-shop", "-o", "x", "--unobserved-weight", "-1"), "bad_value", "/unobserved_weight"),
        (("info", "nowhere"), "bad_input", None),
    ):
        done = shops.run(*arguments, "--format", "json")
        error = done.json["error"]
        findings.check(list(error) == ["code", "message", "field"] and (error["code"], error["field"]) == (code, field), f"{arguments}: {error}")
        findings.check(error["message"] in done.err, f"{arguments}: the line says something else")


def modes_are_filters(shops, findings):
    model = model_of(shops, "adventureworks")
    everything = {mode: answer(shops, model, "--user", USER, "-n", 1000, "--mode", mode) for mode in ("mixed", "new", "reorder")}
    scores = {mode: {item["item"]: (item["score"], item["kind"]) for item in answered["items"]} for mode, answered in everything.items()}
    findings.check(answer(shops, model, "--user", USER)["mode"] == "mixed", "the default is mixed")
    findings.check({**scores["new"], **scores["reorder"]} == scores["mixed"], "one user, product and date has one score")
    findings.check(not set(scores["new"]) & set(scores["reorder"]), "new or reorder, not both")
    for mode in ("new", "reorder"):
        findings.check({kind for _, kind in scores[mode].values()} == {mode}, f"kind of {mode}")
        findings.check(products(everything[mode]) == [p for p in products(everything["mixed"]) if p in scores[mode]], f"{mode} keeps the order")


def lists_are_ranked_complete_and_cut_at_n(shops, findings):
    model = model_of(shops, "adventureworks")
    everything = answer(shops, model, "--user", USER, "-n", 1000000, "--explain", "none")
    items = everything["items"]
    findings.check(everything["requested"] == 1000000 and everything["returned"] == len(items) == everything["candidates"], f"{everything['returned']} returned")
    findings.check([item["rank"] for item in items] == list(range(1, len(items) + 1)), "ranks")
    order = [(-item["score"], item["item"].encode()) for item in items]
    findings.check(order == sorted(order), "by score, then by id bytewise")
    findings.check(any(item["score"] <= 0 for item in items), "scores of 0 and below are listed too (this data has some)")
    for n in (1, 3, 50):
        cut = answer(shops, model, "--user", USER, "-n", n, "--explain", "none")
        findings.check(cut["items"] == items[:n], f"-n {n} is the beginning of the whole list")


def filters_and_exclusions_hold(shops, findings):
    model = model_of(shops, "adventureworks")
    known = {row["product_id"]: row["category"] for row in csv.DictReader(open(EXAMPLES / "adventureworks" / "products.csv", encoding="utf-8", newline=""))}
    everything = products(answer(shops, model, "--user", USER, "-n", 1000))

    def filtered(*filters):
        return products(answer(shops, model, "--user", USER, "-n", 1000, *(part for value in filters for part in ("--filter", value))))

    def below(*tops):
        return [p for p in everything if any(known[p] == top or known[p].startswith(f"{top} > ") for top in tops)]

    findings.check(filtered("category=Clothing") == below("Clothing") != [], "a category stands for what lies below it")
    findings.check(filtered("category=Clothing > Shorts") == below("Clothing > Shorts") != [], "a leaf")
    findings.check(filtered("category=Clothing > Shorts", "category=Bikes") == below("Clothing > Shorts", "Bikes"), "the same column twice means either")
    findings.check(filtered("category=Cloth") == [] and filtered("category=clothing") == [], "a value is the whole value")
    done = shops.run("recommend", model, "--user", USER, "--filter", "no such column=1")
    findings.check(done.code == 2, f"a column that is not there: {done}")
    excluded = answer(shops, model, "--user", USER, "-n", 1000, "--exclude", everything[0], "--exclude", everything[5], "--exclude", "nobody knows")
    findings.check(products(excluded) == [p for p in everything if p not in (everything[0], everything[5])], "excluded products are gone, the rest stays")
    findings.check(excluded["filtered"]["excluded"] == 2, f"counted: {excluded['filtered']}")


def dates_are_strictly_before(shops, findings):
    model = model_of(shops, "adventureworks")
    findings.check(answer(shops, model, "--user", USER, "-n", 1)["as_of"] == "2013-11-29T00:00:01Z", "just after the last purchase")
    same = ("2013-01-01", "2013-01-01T00:00:00Z", "2013-01-01T02:00:00+02:00", "2013-01-01 00:00:00")
    answers = [answer(shops, model, "--user", USER, "-n", 3, "--as-of", date) for date in same]
    findings.check(all(one == answers[0] for one in answers) and answers[0]["as_of"] == "2013-01-01T00:00:00Z", "one moment, four ways to write it")
    columns = ("user_id", "product_id", "time")
    rows = [("a", "p", "2024-01-05T12:00:00Z"), ("a", "q", "2024-01-06T12:00:00Z"), ("b", "p", "2024-01-05"), ("b", "q", "2024-01-06")]
    fitted = shops.fitted({"user_purchases.csv": csv_text(columns, rows)})
    findings.check(set(fitted.items("--user", "a", "--as-of", "2024-01-06T12:00:00Z")) == {"p", "q"}, "both products known")
    kinds = {date: fitted.items("--user", "a", "--as-of", date)["q"]["kind"] for date in ("2024-01-06T12:00:00Z", "2024-01-06T12:00:01Z")}
    findings.check(list(kinds.values()) == ["new", "reorder"], f"a purchase at the date itself is not known: {kinds}")
    trained = {date: shops.fitted({"user_purchases.csv": csv_text(columns, rows)}, "--as-of", date).pairs() for date in ("2024-01-06T12:00:00Z", "2024-01-06T12:00:01Z")}
    findings.check([("a", "q") in pairs for pairs in trained.values()] == [False, True], "training, too")
    late = fitted.shops.write({"h.csv": "product_id,time\np,2025-03-01T10:00:00Z\n"}) / "h.csv"
    findings.check(fitted.answer("--history", late)["as_of"] == "2025-03-01T10:00:01Z", "the last purchase of the request, when it is later")
    early = fitted.shops.write({"h.csv": "product_id,time\np,2020-03-01\n"}) / "h.csv"
    findings.check(fitted.answer("--history", early)["as_of"] == "2024-01-06T12:00:01Z", "the model's, when that is later")
    findings.check(fitted.answer("--history", late, "--as-of", "2024-06-01")["as_of"] == "2024-06-01T00:00:00Z", "--as-of wins")
    findings.check(fitted.answer("--user", "a", "--as-of", "now")["as_of"][:2] == "20", "now is a time")
    as_of = model_of(shops, "adventureworks", "--as-of", "2012-06-01")
    findings.check(answer(shops, as_of, "--user", USER, "-n", 1)["as_of"] == "2012-06-01T00:00:00Z", "the model's --as-of")


def nothing_later_leaves_a_trace(shops, findings):
    columns = ("user_id", "product_id", "time", "unit_price")
    rows = [(f"u{k % 9}", f"p{k % 5}", f"2024-01-{k % 28 + 1:02}", 1 + k % 3) for k in range(60)]
    later = [("u1", "p0", "2024-06-01", 9), ("new user", "new product", "2024-07-01", 5)]
    models = [shops.fitted({"user_purchases.csv": csv_text(columns, table)}, "--as-of", "2024-03-01") for table in (rows, rows + later)]
    blanked = [one.file.bytes_without("data_hash", "checksum") for one in models]
    findings.check(blanked[0] == blanked[1], "rows after the as-of date change more than the data hash")


def a_shop_without_time_has_no_dates(shops, findings):
    model = model_of(shops, "simple-shop")
    for arguments in (("train", EXAMPLES / "simple-shop", "-o", "x"), ("recommend", model, "--user", "123"), ("explain", model, "--user", "123", "--product", "BB-7421")):
        done = shops.run(*arguments, "--as-of", "2024-01-01")
        findings.check(done.code == 2 and "as-of" in done.err, f"{arguments[0]}: {done}")
    done = shops.run("recommend", model_of(shops, "adventureworks"), "--user", USER, "--as-of", "2024-13-01")
    findings.check(done.code == 2 and "no date" in done.err, f"no date: {done}")


def unknown_users_get_what_is_popular(shops, findings):
    model = model_of(shops, "adventureworks", "--signals", "als")
    answered = answer(shops, model, "--user", "nobody knows me", "-n", 10)
    findings.check(answered["source"] == "popular" and answered["fallback"], f"source {answered['source']}, fallback {answered['fallback']}")
    for item in answered["items"]:
        codes = [reason["code"] for reason in item["reasons"]]
        findings.check(codes == ["popularity"], f"popular items score by the popularity contribution, whatever --signals says: {codes}")
    users = "user_id,kind\n" + "".join(f"u{k},{'x' if k < 9 else 'y'}\n" for k in range(19)) + "cold,y\n"
    rows = [(f"u{k}", "px" if k < 9 else "py") for k in range(18)] + [(f"u{k}", "pall") for k in range(9)]
    fitted = shops.fitted({"user_purchases.csv": csv_text(("user_id", "product_id"), rows), "users.csv": users})
    cold = fitted.answer("--user", "cold")
    findings.check(cold["source"] == "popular_in_segment" and "y" in cold["fallback"], f"a user without purchases: {cold['source']} {cold['fallback']}")
    findings.check(products(cold)[0] == "py", f"popular in the segment: {products(cold)}")


def alone_als_is_the_product_of_the_factors(shops, findings):
    path = model_of(shops, "simple-shop", "--signals", "als")
    file = model_file.ModelFile(path)
    for user in file.ids("user_ids")[::40]:
        for item in answer(shops, path, "--user", user, "-n", 20, "--mode", "mixed")["items"]:
            dot = model_file.dot(file.user_factors(user), file.product_factors(item["item"]))
            findings.near(item["score"], dot, 1e-6, f"{user} {item['item']}: score against x.y")


def users_file_and_all_cover_whom_they_should(shops, findings):
    model, folder = model_of(shops, "adventureworks"), shops.folder
    known = [row["user_id"] for row in csv.DictReader(open(EXAMPLES / "adventureworks" / "users.csv", encoding="utf-8", newline=""))]
    done = shops.run("recommend", model, "--all", "-n", 1, "-o", folder / "all.csv", "--format", "json")
    listed = [row["user_id"] for row in csv.DictReader(open(folder / "all.csv", encoding="utf-8", newline=""))]
    findings.check(sorted(listed) == sorted(known) and done.json["users"] == len(known), f"--all lists {len(set(listed))} of {len(known)} users")
    who = ["AW00000100", "nobody", USER, "AW00000100"]
    (folder / "who.csv").write_text(csv_text(("name", "user_id"), [("x", user) for user in who]))
    shops.run("recommend", model, "--users", folder / "who.csv", "-n", 2, "-o", folder / "who_gets.csv")
    rows = list(csv.reader(open(folder / "who_gets.csv", encoding="utf-8", newline="")))
    findings.check(rows[0] == ["user_id", "product_id", "rank", "score", "kind", "name", "reason"], f"columns: {rows[0]}")
    findings.check([row[0] for row in rows[1::2]] == who, "the users of the file, in its order")
    findings.check([row[2] for row in rows[1:]] == ["1", "2"] * len(who) and all(row[6] == "" for row in rows[1:]), "ranks, and no reason by default")
    shops.run("recommend", model, "--users", folder / "who.csv", "-n", 1, "-o", folder / "who_gets.csv", "--explain", "top3")
    rows = list(csv.DictReader(open(folder / "who_gets.csv", encoding="utf-8", newline="")))
    for row in rows:
        item = answer(shops, model, "--user", row["user_id"], "-n", 1)["items"][0]
        best = max(item["reasons"], key=lambda reason: reason["contribution"])
        findings.check(row["reason"] == best["text"] and float(row["score"]) == item["score"], f"{row['user_id']}: reason of the largest contribution")


def rank_answers_line_by_line(shops, findings):
    model, folder = model_of(shops, "adventureworks"), shops.folder
    served = {user: {i["item"]: i["score"] for i in answer(shops, model, "--user", user, "-n", 1000, "--explain", "none")["items"]} for user in (USER, "AW00000100", "nobody")}
    picked = random.Random(5)
    pairs = [(user, product) for user in served for product in picked.sample(sorted(served[user]), 20)] + [(USER, "no such"), ("nobody", "no such")]
    picked.shuffle(pairs)
    pairs.append(pairs[0])
    (folder / "pairs.csv").write_text(csv_text(("user_id", "product_id"), pairs))
    done = shops.run("rank", model, "--pairs", folder / "pairs.csv", "-o", folder / "ranked.csv")
    lines = list(csv.reader(open(folder / "ranked.csv", encoding="utf-8", newline="")))
    findings.check(done.code == 0 and lines[0] == ["user_id", "product_id", "score", "unknown"], f"{done} {lines[0]}")
    findings.check([tuple(line[:2]) for line in lines[1:]] == pairs, "one line out for each line in, in the same order")
    for user, product, score, unknown in lines[1:]:
        expected = (0.0, "1") if product == "no such" else (served[user][product], "0")
        findings.check((float(score), unknown) == expected, f"rank {user} {product}: {score} {unknown}, expected {expected}")
    hidden = answer(shops, model, "--user", USER, "-n", 1000)["filtered"]["out_of_stock"]
    gone = shops.run("explain", model, "--user", USER, "--product", "BK-M82B-42", "--format", "json").json
    (folder / "pairs.csv").write_text(f"user_id,product_id\n{USER},BK-M82B-42\n")
    shops.run("rank", model, "--pairs", folder / "pairs.csv", "-o", folder / "ranked.csv")
    score = list(csv.DictReader(open(folder / "ranked.csv")))[0]["score"]
    findings.check(hidden and gone["gate"] == "out_of_stock" and float(score) == gone["score"], "gates are ignored")


def similar_is_the_cosine_of_product_factors(shops, findings):
    path = model_of(shops, "adventureworks")
    file = model_file.ModelFile(path)
    target = "BK-M68B-38"
    expected = sorted(((-model_file.cosine(file.product_factors(p), file.product_factors(target)), p) for p in file.ids("product_ids") if p != target))
    told = shops.run("similar", path, "--product", target, "-n", 10, "--format", "json").json["items"]
    findings.check([item["item"] for item in told] == [p for _, p in expected[:10]], "the nearest, nearest first")
    for item, (cosine, _) in zip(told, expected):
        findings.near(item["similarity"], -cosine, 1e-6, f"similarity of {item['item']}")
    findings.check(len(shops.run("similar", path, "--product", target, "--format", "json").json["items"]) == 10, "ten by default")


def a_known_history_given_back_scores_the_same(shops, findings):
    model = model_of(shops, "simple-shop")
    lines = [row for row in csv.DictReader(open(EXAMPLES / "simple-shop" / "user_purchases.csv", newline="")) if row["user_id"] == "123"]
    own = shops.write({"h.csv": csv_text(("product_id", "purchase_count"), [(r["product_id"], r["purchase_count"]) for r in lines])}) / "h.csv"
    known, given = (answer(shops, model, "--user", "123", "-n", 200, "--mode", "mixed", *options) for options in ((), ("--history", own)))
    scores = {item["item"]: item["score"] for item in known["items"]}
    findings.check(all(math.isclose(scores[i["item"]], i["score"], abs_tol=1e-5) for i in given["items"]), "a user's own lines given back")
    findings.check(given["user"] == "123" and answer(shops, model, "--history", own)["user"] is None, "with --user it is that user's answer")


def outputs_replace_only_when_complete(shops, findings):
    model, folder = model_of(shops, "simple-shop"), shops.folder
    (folder / "no_id.csv").write_text("name\nx\n")
    commands = {
        "kept.model": ("train", folder / "nowhere"),
        "kept.sqlite": ("import", folder / "nowhere"),
        "kept.csv": ("recommend", model, "--users", folder / "no_id.csv"),
        "kept2.csv": ("rank", model, "--pairs", folder / "no_id.csv"),
    }
    for name, command in commands.items():
        (folder / name).write_text("old")
        done = shops.run(*command, "-o", folder / name)
        findings.check(done.code == 3 and (folder / name).read_text() == "old", f"{command[0]}: an error leaves the old file: {done}")
    target, link = folder / "target.csv", folder / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    shops.run("recommend", model, "--all", "-n", 1, "-o", link)
    findings.check(link.is_symlink() and target.read_text().startswith("user_id,"), "a link stays and its file is replaced")
    findings.check(target.stat().st_mode & 0o777 == 0o640, "the file keeps its mode")
    left = [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]
    findings.check(not left, f"left behind: {left}")


def results_and_messages_do_not_mix(shops, findings):
    """Results on standard output, everything else on standard error; no colours outside a terminal."""
    model = model_of(shops, "simple-shop")
    for arguments, form in itertools.product((("recommend", model, "--user", "123"), ("info", model), ("similar", model, "--product", "BB-7421"), ("explain", model, "--user", "123", "--product", "BB-7421")), ("table", "json", "csv")):
        done = shops.run(*arguments, "--format", form)
        findings.check(done.code == 0 and done.err == "" and "\x1b" not in done.out and done.out.endswith("\n"), f"{arguments[0]} {form}: {done}")
        if form == "csv":
            widths = {len(row) for row in csv.reader(io.StringIO(done.out, newline=""))}
            findings.check(len(widths) == 1, f"{arguments[0]}: rows of {widths} fields")
    quiet = shops.run("train", EXAMPLES / "simple-shop", "-o", shops.folder / "quiet", "--quiet")
    findings.check((quiet.out, quiet.err) == ("", ""), f"--quiet is quiet: {quiet}")


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
