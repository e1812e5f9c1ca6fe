#!/usr/bin/env python3
"""The contract, section 3: the shape of every JSON answer, key by key and in order, its sums and its numbers."""

import json
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import model_file
import purvey_program
from fact_oracle import SIGNALS
from small_shop import Shops, run_checks

EXAMPLES = purvey_program.EXAMPLES
EXACT = 1e-9
PROMOTED, RANKS = "BB-9108", 10
NUMBER, TEXT, COUNT, TEXT_OR_NULL, NUMBER_OR_NULL = "number", "text", "count", "text or null", "number or null"
TESTS = {
    NUMBER: lambda value: isinstance(value, float),
    NUMBER_OR_NULL: lambda value: value is None or isinstance(value, float),
    TEXT: lambda value: isinstance(value, str),
    TEXT_OR_NULL: lambda value: value is None or isinstance(value, str),
    COUNT: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "count or null": lambda value: value is None or (isinstance(value, int) and value >= 0),
    "true or false": lambda value: isinstance(value, bool),
    "hash": lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}", value),
    "time or null": lambda value: value is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value),
    "mode": lambda value: value in ("mixed", "new", "reorder"),
    "kind": lambda value: value in ("new", "reorder"),
    "source": lambda value: value in ("personal", "popular", "popular_in_segment"),
    "code": lambda value: value in SIGNALS,
    "object": lambda value: isinstance(value, dict),
    "gate": lambda value: value is None or value in ("not_known_yet", "not_in_assortment", "discontinued", "out_of_stock"),
}
PRODUCT = {"name": TEXT_OR_NULL, "category": TEXT_OR_NULL, "price": NUMBER_OR_NULL, "discount": NUMBER_OR_NULL}
REASON = {
    "code": "code", "contribution": NUMBER, "share": NUMBER_OR_NULL, "if_removed": {"score": NUMBER, "rank": "count or null"},
    "facts": "object", "evidence": "evidence", "evidence_other": NUMBER, "text": TEXT_OR_NULL,
}
NOTE = {"code": "code", "facts": "object", "text": TEXT}
SCORE = {"score": NUMBER, "base": NUMBER, "policy": NUMBER, "probability": NUMBER_OR_NULL, "horizon_days": "count or null", "reasons": [REASON], "notes": [NOTE],
         "other_positive": NUMBER, "negative": NUMBER, "check": {"sum": NUMBER, "shown_share": NUMBER}}
ITEM = {"item": TEXT, "rank": COUNT, "kind": "kind", "product": PRODUCT, **SCORE}
HEAD = {"user": TEXT_OR_NULL, "model": "hash", "as_of": "time or null", "mode": "mode", "source": "source", "fallback": TEXT_OR_NULL}
ANSWER = {**HEAD, "requested": COUNT, "returned": COUNT, "candidates": COUNT, "filtered": "counts", "items": [ITEM]}
PURCHASE = {"item": TEXT, "contribution": NUMBER, "if_removed": {"score": NUMBER}}
EXPLANATION = {"user": TEXT_OR_NULL, "item": TEXT, **{key: HEAD[key] for key in list(HEAD)[1:]}, "rank": "count or null", "kind": "kind",
               "product": PRODUCT, **SCORE, "gate": "gate", "gap": NUMBER_OR_NULL, "purchases": [PURCHASE]}
PARTS = {part: NUMBER for part in ("read", "fit", "signals", "weights", "score", "write", "total")}
TIMES = {"seconds": PARTS, "cpu_seconds": PARTS, "peak_memory_bytes": COUNT}
# Evidence names what it comes from, as the signal counts it: a product, with a date where the signal looks at one, or a
# label for what is no purchase.
EVIDENCE_KEYS = (["product", "contribution"], ["product", "date", "contribution"], ["label", "contribution"])


def mismatches(value, schema, path="$"):
    """Where `value` is not what `schema` says; keys in order."""
    if isinstance(schema, dict):
        if not isinstance(value, dict) or list(value) != list(schema):
            return [f"{path}: keys {list(value) if isinstance(value, dict) else value}, expected {list(schema)}"]
        return [fault for key in schema for fault in mismatches(value[key], schema[key], f"{path}.{key}")]
    if isinstance(schema, list):
        if not isinstance(value, list):
            return [f"{path}: no list"]
        return [fault for k, one in enumerate(value) for fault in mismatches(one, schema[0], f"{path}[{k}]")]
    if schema == "evidence":
        good = isinstance(value, list) and all(list(piece) in EVIDENCE_KEYS and TESTS[NUMBER](piece.get("contribution")) for piece in value)
        return [] if good else [f"{path}: {value}"]
    if schema == "counts":
        return [] if isinstance(value, dict) and list(value)[:2] == ["excluded", "not_known_yet"] and all(map(TESTS[COUNT], value.values())) else [f"{path}: {value}"]
    return [] if TESTS[schema](value) else [f"{path}: {value!r} is no {schema}"]


def parse(text, findings, title):
    """The JSON value; numbers must be written the shortest way that reads back the same."""

    def number(written):
        shortest = repr(float(written))
        findings.check(written == shortest, lambda: f"{title}: {written}, shortest is {shortest}")
        return float(written)

    def constant(written):
        findings.check(False, f"{title}: {written} is no JSON")

    return json.loads(text, parse_float=number, parse_constant=constant)


def ask(shops, findings, *arguments):
    done = shops.run(*arguments, "--format", "json")
    title = " ".join(map(str, arguments[2:]))
    if done.code:
        raise RuntimeError(str(done))
    findings.check(done.out.count("\n") == 1 and done.out.endswith("\n"), f"{title}: one object, one line")
    return parse(done.out, findings, title)


def check_schema(findings, value, schema, title):
    faults = mismatches(value, schema)
    findings.check(not faults, lambda: f"{title}: {faults[0]}")


def check_sums(findings, item, level, title):
    """score = base + policy + all contributions; shares and what is not shown."""
    reasons = item["reasons"]
    contributions = [reason["contribution"] for reason in reasons]
    total = item["base"] + item["policy"] + sum(contributions) + item["other_positive"] + item["negative"]
    findings.near(total, item["score"], EXACT, f"{title}: sum")
    findings.near(item["check"]["sum"], item["score"], EXACT, f"{title}: check.sum")
    findings.check(item["other_positive"] >= 0 >= item["negative"], f"{title}: signs of what is not shown")
    positive = item["other_positive"] + sum(c for c in contributions if c > 0)
    for reason in reasons:
        if reason["contribution"] < 0:
            findings.check(reason["share"] is None, f"{title}: a negative reason has no share")
        elif positive > 0:
            findings.near(reason["share"], reason["contribution"] / positive, EXACT, f"{title}: share of {reason['code']}")
        findings.near(reason["if_removed"]["score"], item["score"] - reason["contribution"], EXACT, f"{title}: if_removed of {reason['code']}")
        if level != "explain":
            findings.check(reason["contribution"] != 0 and reason["text"] is not None, f"{title}: an empty reason {reason['code']}")
            findings.check(len(reason["evidence"]) <= 3, f"{title}: {len(reason['evidence'])} evidence pieces")
    shown = sum(c for c in contributions if c > 0) / positive if positive else 0.0
    findings.near(item["check"]["shown_share"], shown, EXACT, f"{title}: shown_share")
    if level == "none":
        findings.check(reasons == [] and item["notes"] == [], f"{title}: with none both lists are empty")
    if level == "top3":
        findings.check(len(reasons) <= 3, f"{title}: {len(reasons)} reasons")
    if level == "full":
        findings.check(item["other_positive"] == item["negative"] == 0, f"{title}: full leaves nothing out")
    codes = [part["code"] for part in reasons]
    findings.check(len(codes) == len(set(codes)), f"{title}: a reason twice")


class Bundled:
    """The models of the bundled shops that have them all: ids and counts; times, orders and discounts."""

    def __init__(self, shops):
        self.paths = {}
        for name, users in (("simple-shop", ("123", "1", "nobody")), ("adventureworks", ("AW00000047", "AW00000100", "AW00000001", "nobody"))):
            path = shops.folder / f"{name}.model"
            if not path.exists():
                shops.run("train", EXAMPLES / name, "-o", path, "--quiet")
            self.paths[path] = users


def every_answer_has_its_shape_and_its_sums(shops, findings):
    for path, users in Bundled(shops).paths.items():
        for user in users:
            scores = {}
            for level in ("none", "top3", "full"):
                answer = ask(shops, findings, "recommend", path, "--user", user, "-n", 8, "--explain", level)
                title = f"{path.stem} {user} {level}"
                check_schema(findings, answer, ANSWER, title)
                findings.check((answer["user"], answer["requested"], answer["returned"]) == (user, 8, len(answer["items"])), f"{title}: head")
                findings.check((answer["fallback"] is None) == (answer["source"] == "personal"), f"{title}: fallback")
                findings.check(answer["model"] == model_file.ModelFile(path).metadata["checksum"][:8], f"{title}: model {answer['model']}")
                for item in answer["items"]:
                    check_sums(findings, item, level, f"{title} {item['item']}")
                    scores.setdefault(item["item"], set()).add((item["score"], item["rank"]))
            findings.check(all(len(seen) == 1 for seen in scores.values()), f"{path.stem} {user}: the level of explanation changes scores")


def top3_shows_the_strongest(shops, findings):
    for path, users in Bundled(shops).paths.items():
        for user in users:
            full, top = (ask(shops, findings, "recommend", path, "--user", user, "-n", 5, "--explain", level)["items"] for level in ("full", "top3"))
            for whole, cut in zip(full, top):
                strongest = sorted(whole["reasons"], key=lambda reason: -abs(reason["contribution"]))[:3]
                title = f"{path.stem} {user} {cut['item']}"
                findings.check({r["code"] for r in cut["reasons"]} == {r["code"] for r in strongest}, f"{title}: the three strongest")
                hidden = [r["contribution"] for r in whole["reasons"] if r["code"] not in {s["code"] for s in cut["reasons"]}]
                findings.near(cut["other_positive"], sum(c for c in hidden if c > 0), EXACT, f"{title}: other_positive")
                findings.near(cut["negative"], sum(c for c in hidden if c < 0), EXACT, f"{title}: negative")


def the_rank_without_a_reason_follows(shops, findings):
    path = list(Bundled(shops).paths)[1]
    items = ask(shops, findings, "recommend", path, "--user", "AW00000047", "-n", 1000, "--explain", "full")["items"]
    for item in items[:40]:
        others = [(-other["score"], other["item"].encode()) for other in items if other is not item]
        for reason in item["reasons"]:
            without = (-reason["if_removed"]["score"], item["item"].encode())
            rank = 1 + sum(other < without for other in others)
            findings.check(reason["if_removed"]["rank"] == rank, f"{item['item']} without {reason['code']}: rank {reason['if_removed']['rank']}, expected {rank}")


def explain_tells_everything(shops, findings):
    for path, users in Bundled(shops).paths.items():
        for user in users:
            answer = ask(shops, findings, "recommend", path, "--user", user, "-n", 4, "--explain", "full")
            for item in answer["items"]:
                told = ask(shops, findings, "explain", path, "--user", user, "--product", item["item"])
                title = f"explain {path.stem} {user} {item['item']}"
                check_schema(findings, told, EXPLANATION, title)
                check_sums(findings, told, "explain", title)
                findings.check((told["score"], told["rank"], told["gate"]) == (item["score"], item["rank"], None), f"{title}: not as recommended")
                findings.check(told["gap"] == 0, f"{title}: gap {told['gap']} of what is in the list")
                findings.check((told["user"], told["item"]) == (user, item["item"]), f"{title}: about another")
                shown = {reason["code"]: reason["contribution"] for reason in item["reasons"]}
                findings.check({r["code"]: r["contribution"] for r in told["reasons"] if r["contribution"]} == shown, f"{title}: other contributions")
                for reason in told["reasons"]:
                    if reason["evidence"]:
                        pieces = sum(piece["contribution"] for piece in reason["evidence"]) + reason["evidence_other"]
                        findings.near(pieces, reason["contribution"], EXACT, f"{title}: evidence of {reason['code']}")
                if answer["source"] == "personal":
                    codes = {reason["code"] for reason in told["reasons"]}
                    findings.check(codes == SIGNALS.keys(), f"{title}: signals {codes}")
                    bought = {purchase["item"] for purchase in told["purchases"]}
                    findings.check(bought and len(bought) == len(told["purchases"]), f"{title}: each product of the history once")


def promoted_shop(shops, promotion):
    """adventureworks with a promotion of one product."""
    folder = shops.folder / f"promoted{promotion}"
    folder.mkdir()
    source = EXAMPLES / "adventureworks"
    products = csv_files.read(source / "products.csv")
    csv_files.write(folder / "products.csv", [*products[0], "promotion"], [{**row, "promotion": promotion if row["product_id"] == PROMOTED else ""} for row in products])
    for name in ("users.csv", "user_purchases.csv.gz"):
        shutil.copy(source / name, folder / name)
    path = shops.folder / f"promoted{promotion}.model"
    shops.run("train", folder, "-o", path, "--quiet")
    return path


def a_promotion_lifts_by_ten_places_at_most(shops, findings):
    plain = list(Bundled(shops).paths)[1]
    for promotion in (0.01, 100):
        path = promoted_shop(shops, promotion)
        for user in ("AW00000047", "AW00000100"):
            before, after = (ask(shops, findings, "recommend", model, "--user", user, "-n", 1000)["items"] for model in (plain, path))
            without, item = (next(item for item in items if item["item"] == PROMOTED) for items in (before, after))
            title = f"promotion {promotion} for {user}"
            above = before[max(0, without["rank"] - 1 - RANKS)]["score"] - without["score"]
            most = min(promotion, above)  # less where products that may not be shown stand between
            findings.check(0 < item["policy"] <= most + EXACT, f"{title}: policy {item['policy']}, at most {most}")
            findings.near(item["score"], without["score"] + item["policy"], EXACT, f"{title}: score")
            findings.check(without["rank"] - RANKS <= item["rank"] <= without["rank"], f"{title}: rank {without['rank']} became {item['rank']}")
            findings.check(item["probability"] == without["probability"], f"{title}: the probability moved")
            others = [(one["item"], one["score"]) for items in (before, after) for one in items if one["item"] != PROMOTED]
            findings.check(others[: len(others) // 2] == others[len(others) // 2 :], f"{title}: other products moved")
            check_sums(findings, item, "top3", title)


def a_wish_for_new_products_moves_some(shops, findings):
    path = list(Bundled(shops).paths)[1]
    for user in ("AW00000047", "AW00000100"):
        plain = ask(shops, findings, "recommend", path, "--user", user, "-n", 8)["items"]
        whole = ask(shops, findings, "recommend", path, "--user", user, "-n", 1000)["items"]
        for share in (0, 0.25, 0.5, 1):
            title, items = f"new share {share} for {user}", ask(shops, findings, "recommend", path, "--user", user, "-n", 8, "--new-share", share)["items"]
            new = [item for item in items if item["kind"] == "new"]
            findings.check(len(items) == 8 and len(new) == round(share * 8), f"{title}: {len(new)} of {len(items)} are new")
            best = {kind: [item["item"] for item in whole if item["kind"] == kind] for kind in ("new", "reorder")}
            expected = set(best["new"][: len(new)] + best["reorder"][: 8 - len(new)])
            findings.check({item["item"] for item in items} == expected, f"{title}: not the best of each kind")
            findings.check([i["score"] for i in items] == sorted((i["score"] for i in items), reverse=True), f"{title}: not in order")
            moved = {item["item"] for item in items if "moved_by" in item}
            findings.check(moved == expected - {item["item"] for item in plain}, f"{title}: moved {moved}")
            findings.check(all(item["moved_by"] == "new_share" for item in items if "moved_by" in item), f"{title}: moved by another")
    findings.check(shops.run("recommend", path, "--user", user, "--new-share", 1.5).code == 2, "a share above 1")


def the_gap_is_what_is_missing_to_the_list(shops, findings):
    path = list(Bundled(shops).paths)[1]
    items = ask(shops, findings, "recommend", path, "--user", "AW00000047", "-n", 1000)["items"]
    for n in (1, 5, 20):
        for item in (items[0], items[n - 1], items[n], items[-1]):
            told = ask(shops, findings, "explain", path, "--user", "AW00000047", "--product", item["item"], "-n", n)
            expected = max(0.0, items[n - 1]["score"] - item["score"])
            findings.near(told["gap"], expected, EXACT, f"gap of rank {item['rank']} to a list of {n}")


def bulk_lines_are_the_single_answers(shops, findings):
    for (path, users), level in zip(Bundled(shops).paths.items(), ("full", "none")):
        who, out = shops.folder / "who.csv", shops.folder / "who_gets.jsonl"
        who.write_text("user_id\n" + "".join(f"{user}\n" for user in users))
        for threads in (1, 4):
            shops.run("recommend", path, "--users", who, "-o", out, "-n", 6, "--explain", level, "--threads", threads)
            single = [shops.run("recommend", path, "--user", user, "-n", 6, "--explain", level, "--format", "json").out for user in users]
            findings.check(out.read_text(encoding="utf-8") == "".join(single), f"{path.stem} {level}: bulk lines are not the single answers")
        shops.run("recommend", path, "--users", who, "-o", out, "-n", 6)
        for line, user in zip(out.read_text(encoding="utf-8").splitlines(), users):
            answer = parse(line, findings, "bulk")
            check_schema(findings, answer, ANSWER, f"bulk {user}")
            ranks = {reason["if_removed"]["rank"] for item in answer["items"] for reason in item["reasons"]}
            findings.check(ranks <= {None}, f"bulk {user}: rank without a reason is null in bulk, {ranks}")


def the_same_question_gives_the_same_bytes(shops, findings):
    path = list(Bundled(shops).paths)[1]
    for arguments in (("recommend", path, "--user", "AW00000047"), ("explain", path, "--user", "AW00000047", "--product", "BK-M68B-38"), ("similar", path, "--product", "BK-M68B-38"), ("info", path)):
        texts = {shops.run(*arguments, "--format", "json", "--threads", threads, cwd=cwd).out for threads in (1, 3) for cwd in ("/", shops.folder)}
        findings.check(len(texts) == 1, f"{arguments[0]}: {len(texts)} different answers")


def bulk_commands_print_a_summary(shops, findings):
    simple, folder = EXAMPLES / "simple-shop", shops.folder
    path = list(Bundled(shops).paths)[0]
    (folder / "pairs.csv").write_text("user_id,product_id\n123,BB-7421\n123,nothing\n")
    commands = {
        "train": ("train", simple, "-o", folder / "again.model", "--iterations", 3),
        "import": ("import", simple, "-o", folder / "again.sqlite"),
        "recommend": ("recommend", path, "--all", "-n", 1, "-o", folder / "all.csv"),
        "rank": ("rank", path, "--pairs", folder / "pairs.csv", "-o", folder / "ranked.csv"),
    }
    for name, arguments in commands.items():
        summary = ask(shops, findings, *arguments)
        check_schema(findings, {key: summary.get(key) for key in TIMES}, TIMES, name)
        findings.check(set(summary["rows"]) >= {"read", "bad", "skipped", "returned"}, f"{name}: rows {summary['rows']}")
        findings.check(summary["seconds"]["total"] > 0 and summary["peak_memory_bytes"] > 100000, f"{name}: times and memory")
        if name == "train":
            check_schema(findings, summary["iterations"], [{"loss": NUMBER, "seconds": NUMBER}], name)
            losses = [iteration["loss"] for iteration in summary["iterations"]]
            findings.check(len(losses) == 3 and losses == sorted(losses, reverse=True), f"train: losses {losses}")
            findings.check(summary["model_bytes"] == (folder / "again.model").stat().st_size, "train: model_bytes")


def text_is_escaped_as_json_wants_it(shops, findings):
    strange = 'a"b\\c\td\u2028e\U0001f600'
    quoted = '"' + strange.replace('"', '""') + '"'
    fitted = shops.fitted({"user_purchases.csv": f"user_id,product_id\n{quoted},{quoted}\n{quoted},p\nb,p\n", "products.csv": f"product_id,name\n{quoted},{quoted}\n"})
    answer = ask(shops, findings, "recommend", fitted.path, "--user", strange, "--mode", "mixed")
    item = {item["item"]: item for item in answer["items"]}.get(strange)
    findings.check(answer["user"] == strange and item and item["product"]["name"] == strange, f"{answer['user']!r}")


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
