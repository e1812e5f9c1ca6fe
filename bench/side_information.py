"""What side information is worth to users with few ratings: the factor model of MovieLens-latest-small with and without
the genres and the words of the titles.

Each user has a cut-off of its own, the moment before its sixth rating of 4 or more: the model is trained as of then,
on what all users had done by then, the user's own one to nine such ratings among it. Candidates are the movies that
anybody had rated 4 or more; the truth is what the user rated so in the 90 days from then on. Users whose cut-off is
before --split choose the regularization of the model, for each of the two by itself, and that of the features; those
after it are the test.

usage: side_information.py --purvey PROGRAM --data FOLDER [--regularization R ...] [--side-regularization N ...]
FOLDER holds ratings.csv.gz and movies.csv.gz. Prints NDCG@20 and recall@20 of both, and the paired difference with the
95 % interval of a bootstrap over users.
"""

import argparse
import collections
import csv
import datetime
import gzip
import itertools
import json
import pathlib
import subprocess
import tempfile

import numpy as np

DEPTH = 20
HISTORY = 5
MOST_HISTORY = 9
FIRST_USERS = 60  # nobody to learn from yet
WINDOW_SECONDS = 90 * 86400
SAMPLES = 2000
NAMES = ("ndcg@20", "recall@20")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--purvey", required=True, help="the program to measure")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder of MovieLens-latest-small")
    parser.add_argument("--regularization", nargs="+", type=float, default=[0.01, 0.03, 0.1])
    parser.add_argument("--side-regularization", nargs="+", type=float, default=[1.0, 10.0, 100.0])
    parser.add_argument("--limit", type=int, help="so many users of each part, for a trial")
    parser.add_argument("--split", default="2007-01-01", help="cut-offs from this date on are the test")
    parser.add_argument("--train-options", default="", help="further options of `purvey train`")
    return parser.parse_args()


def read_table(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def time_text(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_shop(folder, ratings, movies):
    with open(folder / "user_purchases.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "product_id", "time"])
        for time, user, movie in ratings:
            out.writerow([user, movie, time_text(time)])
    with open(folder / "products.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["product_id", "name", "genres"])
        for movie in movies:
            genres = "" if movie["genres"] == "(no genres listed)" else movie["genres"]
            out.writerow([movie["movieId"], movie["title"], genres])


def questions(ratings):
    """(cut-off, user, truth) of every user that has a history and a truth, by time."""
    by_user, first_seen, asked = collections.defaultdict(list), {}, []
    for time, user, movie in ratings:
        by_user[user].append((time, movie))
        first_seen.setdefault(movie, time)
    for user, own in by_user.items():
        if len(own) <= HISTORY:
            continue
        cut = own[HISTORY][0]
        history = {movie for time, movie in own if time < cut}
        later = {movie for time, movie in own if cut <= time < cut + WINDOW_SECONDS and first_seen[movie] < cut}
        if 1 <= len(history) <= MOST_HISTORY and later - history:
            asked.append((cut, user, later - history, history))
    return sorted(asked, key=lambda question: question[:2])[FIRST_USERS:]


def read_model(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    types = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "U8": np.uint8}

    def tensor(name):
        begin, end = header[name]["data_offsets"]
        values = np.frombuffer(data[8 + size + begin : 8 + size + end], types[header[name]["dtype"]])
        return values.reshape(header[name]["shape"])

    def texts(name):
        raw, offsets = tensor(name + ".bytes").tobytes(), tensor(name + ".offsets")
        return [raw[a:b].decode() for a, b in zip(offsets, offsets[1:])]

    return texts("user_ids"), texts("product_ids"), tensor("user_factors"), tensor("product_factors")


def figures(model, user, truth, history):
    users, products, x, y = model
    scores = y.astype(np.float64) @ x[users.index(user)].astype(np.float64)
    number = {product: k for k, product in enumerate(products)}
    scores[[number[product] for product in history]] = -np.inf
    best = np.argsort(-scores, kind="stable")[:DEPTH]
    wanted = {number[product] for product in truth}
    hits = np.array([k in wanted for k in best], float)
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    ideal = discounts[: min(DEPTH, len(wanted))].sum()
    return hits @ discounts / ideal, hits.sum() / min(DEPTH, len(wanted))


def measure(program, shop, asked, setting, extra):
    """Figures [questions x 2] of a setting (regularization, of the features), the latter 0: no side information."""
    out = []
    model = shop / "measured.model"
    regularization, side = setting
    options = ["--signals", "als", "--quiet", "--regularization", str(regularization)]
    options += ["--product-side-regularization", str(side), *extra]
    for cut, user, truth, history in asked:
        command = [program, "train", str(shop), "-o", str(model), "--as-of", time_text(cut), *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        out.append(figures(read_model(model), user, truth, history))
    return np.array(out)


def interval(differences):
    drawn = np.random.default_rng(1).integers(0, len(differences), (SAMPLES, len(differences)))
    return np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])


def report(title, alone, along):
    print(f"{title}: {len(alone)} users")
    for column, name in enumerate(NAMES):
        difference = along[:, column] - alone[:, column]
        low, high = interval(difference)
        print(
            f"  {name:10} als {alone[:, column].mean():.4f}  with side information {along[:, column].mean():.4f}"
            f"  difference {difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
        )


def main():
    given = arguments()
    extra = given.train_options.split()
    ratings = sorted(
        (int(row["timestamp"]), row["userId"], row["movieId"])
        for row in read_table(given.data / "ratings.csv.gz")
        if float(row["rating"]) >= 4
    )
    asked = questions(ratings)
    split = datetime.datetime.fromisoformat(given.split).replace(tzinfo=datetime.timezone.utc).timestamp()
    validation = [question for question in asked if question[0] < split][: given.limit]
    test = [question for question in asked if question[0] >= split][: given.limit]
    with tempfile.TemporaryDirectory() as folder:
        shop = pathlib.Path(folder)
        write_shop(shop, ratings, read_table(given.data / "movies.csv.gz"))
        def choose(sides):
            tried = {}
            for setting in itertools.product(given.regularization, sides):
                tried[setting] = measure(given.purvey, shop, validation, setting, extra)
                ndcg, recall = tried[setting].mean(axis=0)
                print(f"validation, regularization {setting[0]:g}, side {setting[1]:g}: {ndcg:.4f} {recall:.4f}")
            best = max(tried, key=lambda setting: tried[setting][:, 0].mean())
            return best, tried[best]

        alone, of_alone = choose([0.0])
        along, of_along = choose(given.side_regularization)
        report(f"validation, {alone} and {along}", of_alone, of_along)
        of_alone, of_along = (measure(given.purvey, shop, test, setting, extra) for setting in (alone, along))
        report(f"test, {alone} and {along}", of_alone, of_along)


if __name__ == "__main__":
    main()
