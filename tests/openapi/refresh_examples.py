#!/usr/bin/env python3
"""Ask servers the questions below, and write questions and answers into src/service/openapi.json as its examples.

    python3 tests/openapi/refresh_examples.py build/purvey

test_openapi_examples.py proves that they are still what is answered.
"""

import json
import pathlib
import sys
import tempfile
from typing import Any, NamedTuple

from shop_server import DOCUMENT, KEY, Server, Setting, operations, read_document, resolved, serve_with_events, train, write_key_file

USER = "AW00000047"
FRAME = "FR-M21B-40"
SADDLE = "SE-M940"


class Example(NamedTuple):
    operation: str
    name: str
    summary: str
    path: str
    body: Any = None
    status: int = 200
    content_type: str = "application/json"
    method: str = ""  # other than the operation's
    attempts: int = 1


def purchase(event_id, time):
    return {"event_id": event_id, "type": "purchase", "user": USER, "item": "HL-U509", "time": time, "order": "o77", "quantity": 24, "unit_price": 20.99}


# In this order: events and changes are at the end, since the answers after them are others.
WITH_EVENTS = [
    Example("recommend", "known_customer", "A known customer, three reasons a product", "/v1/recommend", {"user": USER, "n": 1}),
    Example(
        "recommend",
        "visitor_with_basket",
        "A visitor without an account: its purchases and its basket",
        "/v1/recommend",
        {"history": [{"item": "HL-U509", "time": "2013-11-01", "quantity": 3}], "cart": [SADDLE], "n": 1, "explain": "none"},
    ),
    Example(
        "recommend",
        "new_company",
        "A company that bought nothing yet: the popular list of its segment, and `fallback` says so",
        "/v1/recommend",
        {"metadata": {"business_type": "Warehouse"}, "filter": {"category": ["Clothing", "Accessories"]}, "n": 1},
    ),
    Example("recommend", "unknown_field", "A field that does not exist", "/v1/recommend", {"user": USER, "count": 5}, 400),
    Example("recommend", "unknown_user", "An unknown customer, with `strict`", "/v1/recommend", {"user": "nobody", "strict": True}, 404),
    Example(
        "recommendForUser", "new_products", "New products of one category", f"/v1/users/{USER}/recommendations?n=1&mode=new&filter=category%3DClothing"
    ),
    Example("rank", "two_products", "Three ids, one of them unknown", "/v1/rank", {"user": USER, "items": ["HL-U509", SADDLE, "nonsense"]}),
    Example("explain", "why_not", "Why it is not in a list of 5", "/v1/explain", {"history": [{"item": "HL-U509", "time": "2013-11-01"}], "item": SADDLE, "n": 5}),
    Example("similar", "two", "The two most similar", f"/v1/items/{FRAME}/similar?n=2"),
    Example("boughtTogether", "two", "The two strongest", f"/v1/items/{FRAME}/bought-together?n=2"),
    Example("substitutes", "two", "At most two", f"/v1/items/{FRAME}/substitutes?n=2"),
    Example("audience", "best_customer", "The most promising customer", f"/v1/items/{FRAME}/audience?n=1&explain=none"),
    Example("peers", "two", "The two most alike", f"/v1/users/{USER}/peers?n=2"),
    Example("sendEvents", "purchase", "A line of an order", "/v1/events", [purchase("o77-1", "2013-11-29T09:30:00Z")]),
    Example(
        "sendEvents",
        "partly_wrong",
        "The first row again, and one with a wrong date",
        "/v1/events",
        [purchase("o77-1", "2013-11-29T09:30:00Z"), purchase("o77-2", "2013-13-01")],
        207,
    ),
    Example("sendEvents", "lines", "An event a line", "/v1/events", "".join(json.dumps(purchase(f"o78-{k}", "2013-11-29T10:00:00Z")) + "\n" for k in (1, 2)),
            content_type="application/x-ndjson"),
    Example("sendEvents", "too_many_rows", "More than 10,000 rows", "/v1/events", [{}] * 10001, 413),
    Example("pendingEvents", "one", "What the model in use was not trained with", "/v1/events/pending"),
    Example("changeItems", "price_and_stock", "Cheaper; sold out; as trained again", "/v1/items:batch",
            [{"item": FRAME, "price": 199.0, "discount": 0.2}, {"item": SADDLE, "stock": 0}, {"item": "HL-U509", "stock": None}]),
    Example("changeUsers", "new_company", "A new company, with what is known of it", "/v1/users:batch", [{"user": "N1", "metadata": {"business_type": "Warehouse"}}]),
    Example("changeEligibility", "one_customer", "All that a customer may buy, and as trained again", "/v1/eligibility:batch",
            [{"user": "N1", "items": [FRAME, SADDLE]}, {"price_list": "export", "items": None}]),
]  # fmt: skip
# Of a shop without times, since the age of the data is told in days, and without --events.
WITHOUT_EVENTS = [
    Example("live", "alive", "Alive", "/v1/health/live"),
    Example("ready", "ready", "Ready, without events", "/v1/health/ready"),
    Example("sendEvents", "no_events", "A server without `--events`", "/v1/events", [], 409),
    Example("recommend", "wrong_method", "GET where only POST is", "/v1/recommend", status=405, method="GET"),
    Example("recommend", "wrong_type", "A body that says it is XML", "/v1/recommend", {}, 415, "application/xml"),
    Example("similar", "too_long", "More than 8,192 bytes", f"/v1/items/{'x' * 8192}/similar", status=414),
]
# Of a server that asks for a key, and gets none, or one that may ask once a second.
WITHOUT_KEY = [Example("models", "no_key", "No key", "/v1/models", status=401)]
WITH_KEY = [
    Example("models", "in_use", "The model in use", "/v1/models"),
    Example("models", "too_fast", "Too often in a second", "/v1/models", status=429, attempts=1000),
]


def ask(server, method, example, headers):
    body = example.body if example.body is None or isinstance(example.body, str) else json.dumps(example.body)
    if body is not None:
        headers = {**headers, "Content-Type": example.content_type}
    for _ in range(example.attempts):
        answer = server.ask(example.method or method, example.path, body, headers)
        if answer.status == example.status:
            return answer
    raise AssertionError(f"{example.operation} {example.name}: {answer.status} {answer.body}")


def check_headers(document, response, answer):
    for name, header in response["headers"].items():
        if resolved(document, header).get("required") and name.lower() not in answer.headers:
            raise AssertionError(f"{answer.status} without {name}")


def put(media, example, value):
    media.setdefault("examples", {})[example.name] = {"summary": example.summary, "value": value}


def media_types(document):
    """Every place that may hold examples."""
    for _, _, operation in operations(document):
        yield from operation.get("requestBody", {}).get("content", {}).values()
        for response in operation["responses"].values():
            yield from resolved(document, response).get("content", {}).values()


def add_examples(document, server, examples, headers):
    by_id = {operation["operationId"]: (method, operation) for method, _, operation in operations(document)}
    for example in examples:
        method, operation = by_id[example.operation]
        answer = ask(server, method, example, headers)
        if example.body is not None and example.status == 200:
            put(operation["requestBody"]["content"][example.content_type], example, example.body)
        response = resolved(document, operation["responses"][str(example.status)])
        check_headers(document, response, answer)
        put(response["content"]["application/json"], example, answer.json())


def with_examples(document):
    """The document with the examples that the program at hand gives."""
    for media in media_types(document):
        media.pop("examples", None)
    with serve_with_events(train("adventureworks")) as server:
        add_examples(document, server, WITH_EVENTS, {})
    with Server("--quiet", model=train("simple-shop")) as server:
        add_examples(document, server, WITHOUT_EVENTS, {})
    with Server("--quiet", "--key-file", write_key_file(1), model=train("adventureworks")) as server:
        add_examples(document, server, WITHOUT_KEY, {})
        add_examples(document, server, WITH_KEY, {"X-API-Key": KEY})
    return document


def text_of(document):
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Setting.program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="purvey-examples-") as folder:
        Setting.folder = pathlib.Path(folder)
        DOCUMENT.write_text(text_of(with_examples(read_document())), encoding="utf-8")


if __name__ == "__main__":
    main()
