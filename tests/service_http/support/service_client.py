"""Shops, models and a server that keeps events, as the tests of the service want them."""

import csv
import gzip
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/server/support"))

from server_process import EXAMPLES, JSON, PATIENCE, Server, Setting, main  # noqa: F401 (for the tests)

SHOP = EXAMPLES / "adventureworks"
LINES = {"Content-Type": "application/x-ndjson"}
LONG = "L" * 1000
NEVER_BOUGHT = "NEW-1"
ODD_IDS = (
    "a/b", "a%2Fb", "100%", "x+y", "x y", " leading", 'say "hi"', "it's", "back\\slash", "\N{PILE OF POO}", "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "?q=1&r=2", "#hash", "..", ".", "null", "{id}", "tab\there", "semi;colon", "007", LONG,
)


def _train(shop, name, *options):
    """A model of the shop, made once a test file."""
    if name not in Setting.models:
        path = Setting.folder / f"{name}.model"
        command = [Setting.program, "train", shop, "-o", path, "--factors", "8", "--iterations", "3", "--threads", "1", "--quiet", *options]
        subprocess.run([str(word) for word in command], check=True, stderr=subprocess.DEVNULL)
        Setting.models[name] = path
    return Setting.models[name]


def shop_model(seed=42):
    """Bicycles and parts: orders, times, discounts, categories, segments, and a product that nobody has bought."""
    folder = Setting.folder / "shop"
    if not folder.exists():
        shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("*.py", "*.md", "LICENSE"))
        with open(folder / "products.csv", "a", encoding="utf-8") as file:
            file.write(f"{NEVER_BOUGHT},Cargo Bike,Bikes > Cargo Bikes,999,0,\n")
    return _train(folder, f"shop{seed}", "--seed", seed)


def odd_model():
    """A shop whose ids are all that an id may be. Everybody bought most of it, so that the k rule holds nothing back."""
    folder = Setting.folder / "odd-shop"
    if not folder.exists():
        folder.mkdir()
        with open(folder / "user_purchases.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "product_id", "order_id", "time"])
            for u, user in enumerate(ODD_IDS):
                for p, product in enumerate(ODD_IDS):
                    if (u + p) % 3:
                        writer.writerow([user, product, f"{u}-{p % 4}", f"2024-0{p % 4 + 1}-{u + 1:02}"])
    return _train(folder, "odd")


class Purchases:
    """The shop's own lines, by customer, as they stand in its file."""

    def __init__(self):
        self.of = {}
        with gzip.open(SHOP / "user_purchases.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.of.setdefault(row["user_id"], []).append(row)
        self.users = sorted(self.of)
        self.products = sorted({row["product_id"] for rows in self.of.values() for row in rows})


def write_history(name, rows):
    """A file for --history; rows: dicts of user_purchases.csv."""
    path = Setting.folder / name
    columns = ["product_id", "time", "quantity", "unit_price", "discount", "order_id"]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def command(*arguments, expect=0):
    """Standard output of a command, as bytes."""
    done = subprocess.run([Setting.program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != expect:
        raise AssertionError(f"purvey {arguments}: exit {done.returncode}: {done.stderr.decode()[-500:]}")
    return done.stdout


def quote(text):
    """One segment of a path."""
    return urllib.parse.quote(text, safe="")


class Service(Server):
    """A server with short words for the calls of the service."""

    def __init__(self, *options, model=None, events=None, **how):
        self.folder = events
        super().__init__("--quiet", *(("--events", events) if events else ()), *options, model=model or shop_model(), **how)

    def post(self, path, value, headers=JSON):
        body = value if isinstance(value, (str, bytes)) else json.dumps(value)
        return self.ask("POST", path, body.encode() if isinstance(body, str) else body, headers)

    def put(self, path, value):
        return self.ask("PUT", path, json.dumps(value), JSON)

    def answer(self, **question):
        """The answer to POST /v1/recommend, which must succeed."""
        answer = self.post("/v1/recommend", question)
        assert answer.status == 200, answer.body
        return answer.json()

    def items(self, **question):
        """{item: its entry} of a long answer."""
        return {item["item"]: item for item in self.answer(n=1000, **question)["items"]}

    def explain(self, user, item):
        answer = self.post("/v1/explain", {"user": user, "item": item})
        assert answer.status == 200, answer.body
        return answer.json()

    def send(self, *events):
        """Statuses of the rows of a batch of events."""
        answer = self.post("/v1/events", list(events))
        assert answer.status in (200, 207), answer.body
        return [row["status"] for row in answer.json()["results"]]

    def pending(self, limit=1000):
        """All pending events, page by page: their objects, and the count of the first page."""
        events, cursor, count = [], None, None
        while True:
            query = f"?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            page = self.ask("GET", f"/v1/events/pending{query}").json()
            count = page["count"] if count is None else count
            assert len(page["events"]) <= limit
            events += page["events"]
            cursor = page["next"]
            if cursor is None:
                return events, count


def purchase(event_id, user, item, time="2013-06-01T10:00:00Z", **more):
    return {"event_id": event_id, "type": "purchase", "user": user, "item": item, "time": time, **more}
