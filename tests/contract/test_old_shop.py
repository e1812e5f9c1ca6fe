#!/usr/bin/env python3
"""The three files of a simple shop are served as they are, and right: ids are text, products carry their metadata.

With the options that such a shop gave implicit (factors 50, regularization 0.1, iterations 20) the factor model minimises
implicit's own objective, and `--signals als` serves x.y itself.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import model_file
import purvey_program

SHOP = purvey_program.EXAMPLES / "simple-shop"
REGULARIZATION = 0.1
AS_BEFORE = ("--loss", "hkv", "--weight", "linear", "--signals", "als", "--factors", 50)
AS_BEFORE += ("--regularization", REGULARIZATION, "--iterations", 20)
SCORE, RESIDUAL = 1e-6, 1e-5


def check_served(purvey, findings, model, purchases, products):
    """Two plain commands: every customer's list, new products only, each with what products.csv says of it."""
    for user in sorted(purchases, key=int):
        answer = purvey.json("recommend", model, "--user", user, "-n", 5)
        findings.check(answer["user"] == user and answer["source"] == "personal", f"{user}: {answer['source']}")
        findings.check((answer["mode"], answer["as_of"]) == ("new", None), f"{user}: {answer['mode']} {answer['as_of']}")
        findings.check(len(answer["items"]) == 5, f"{user}: {len(answer['items'])} items")
        texts = [item["reasons"][0]["text"] for item in answer["items"] if item["reasons"]]
        findings.check(len(texts) == 5, f"{user}: a product without a reason")
        for item in answer["items"]:
            listed, shown = products[item["item"]], item["product"]
            findings.check(item["item"] not in purchases[user], f"{user}: {item['item']} was bought before")
            findings.check(shown["name"] == listed["name"], f"{item['item']}: name {shown['name']}")
            findings.check(shown["category"] == listed["category"], f"{item['item']}: category {shown['category']}")
            findings.check(shown["price"] == float(listed["price"]), f"{item['item']}: price {shown['price']}")
            findings.check(shown["discount"] == float(listed["discount"]), f"{item['item']}: discount {shown['discount']}")


def check_numbers_are_ids(purvey, folder, findings, model, purchases):
    """A user id is no row number: unknown numbers are unknown, and what ids are called changes nothing but ties and rounding."""
    for stranger in ("0", "007", "999999"):
        answer = purvey.json("recommend", model, "--user", stranger)
        findings.check(answer["source"] != "personal" and answer["fallback"], f"user {stranger}: {answer['source']}")
    renamed = folder / "renamed"
    renamed.mkdir()
    for name, key in (("users.csv", "user_id"), ("user_purchases.csv", "user_id"), ("products.csv", None)):
        rows = csv_files.read(SHOP / name)
        for row in rows:
            if key:
                row[key] = f"{int(row[key]):05}"  # bytewise order is now the order of the numbers
        csv_files.write(renamed / name, rows[0].keys(), rows)
    other = purvey.train(renamed, folder / "renamed.model", "--signals", "bought_together,category,discount,popularity")
    same = purvey.train(SHOP, folder / "counts.model", "--signals", "bought_together,category,discount,popularity")
    for user in sorted(purchases)[::15]:
        own, of_renamed = purvey.scores(same, "--user", user), purvey.scores(other, "--user", f"{int(user):05}")
        findings.check(own.keys() == of_renamed.keys(), f"user {user}: other products under the id {int(user):05}")
        for product in own.keys() & of_renamed.keys():
            findings.near(of_renamed[product], own[product], SCORE, f"user {user} {product}: another score under the id {int(user):05}")


def confidences(purchases, user):
    return {product: float(count) for product, count in purchases[user].items()}


def solve_residual(gram, model, confidence, x):
    """|A x - b| / |b| with A = Y'Y + sum (c - 1) y y' + R I and b = sum c y: implicit's normal equations."""
    size = model.n_factors
    left = [sum(gram[f][g] * x[g] for g in range(size)) + REGULARIZATION * x[f] for f in range(size)]
    right = [0.0] * size
    for product, c in confidence.items():
        y = model.product_factors(product)
        score = model_file.dot(x, y)
        for f in range(size):
            left[f] += (c - 1) * score * y[f]
            right[f] += c * y[f]
    rest = [a - b for a, b in zip(left, right)]
    return (model_file.dot(rest, rest) / model_file.dot(right, right)) ** 0.5


def check_as_before(purvey, folder, findings, purchases, products):
    path = purvey.train(SHOP, folder / "implicit.model", *AS_BEFORE)
    model = model_file.ModelFile(path)
    findings.check(model.n_factors == 50, f"{model.n_factors} factors")
    rows = [model.product_factors(product) for product in model.ids("product_ids")]
    columns = list(zip(*rows))
    gram = [[model_file.dot(a, b) for b in columns] for a in columns]
    for user in sorted(purchases):
        x = model.user_factors(user)
        residual = solve_residual(gram, model, confidences(purchases, user), x)
        findings.check(residual <= RESIDUAL, f"user {user}: residual {residual} of the normal equations")
    for user in sorted(purchases)[::10]:
        served = purvey.scores(path, "--user", user, "--mode", "mixed")
        findings.check(served.keys() == products.keys(), f"user {user}: {len(served)} of {len(products)} products")
        for product, score in served.items():
            expected = model_file.dot(model.user_factors(user), model.product_factors(product))
            findings.near(score, expected, SCORE, f"user {user} {product}: score against x.y")
    check_learned(findings, model, purchases)


def check_learned(findings, model, purchases):
    """The model has learned: what was bought scores far above what was not."""
    bought, others = [], []
    for user, own in purchases.items():
        x = model.user_factors(user)
        for product in model.ids("product_ids"):
            (bought if product in own else others).append(model_file.dot(x, model.product_factors(product)))
    means = sum(bought) / len(bought), sum(others) / len(others)
    findings.check(means[0] > 0.7 and means[1] < 0.1, f"mean score {means[0]} of what was bought, {means[1]} of the rest")


def test(purvey, folder, findings):
    purchases = {}
    for row in csv_files.read(SHOP / "user_purchases.csv"):
        purchases.setdefault(row["user_id"], {})[row["product_id"]] = row["purchase_count"]
    products = {row["product_id"]: row for row in csv_files.read(SHOP / "products.csv")}
    model = purvey.train(SHOP, folder / "plain.model")
    check_served(purvey, findings, model, purchases, products)
    check_numbers_are_ids(purvey, folder, findings, model, purchases)
    check_as_before(purvey, folder, findings, purchases, products)
    findings.say(f"{len(purchases)} customers of the simple shop served from three files; implicit's objective solved")


if __name__ == "__main__":
    purvey_program.main(test)
