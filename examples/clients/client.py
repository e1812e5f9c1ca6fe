#!/usr/bin/env python3
"""A shop's calls to purvey with Python's standard library.

    python3 client.py [URL] [USER]      PURVEY_KEY=... where the server asks for a key
"""

import datetime
import json
import os
import sys
import urllib.error
import urllib.request
import uuid


class Purvey:
    def __init__(self, url, key=None):
        self.url = url
        self.headers = {"Content-Type": "application/json", **({"X-API-Key": key} if key else {})}

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            # {"error": {"code", "message", "field"}}, from whatever answered before purvey perhaps not
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error

    def recommend(self, user, **question):
        return self.ask("POST", "/v1/recommend", {"user": user, **question})

    def send(self, *events):
        return self.ask("POST", "/v1/events", events)["results"]

    def change_items(self, *changes):
        return self.ask("PUT", "/v1/items:batch", changes)["results"]


def left_out(answer, gate):
    """How many products were left out because of this."""
    return answer["filtered"].get(gate, 0)


def main(url="http://127.0.0.1:8080", user="AW00000047"):
    purvey = Purvey(url, os.environ.get("PURVEY_KEY"))
    print("ready, with model", purvey.ask("GET", "/v1/health/ready")["model"])

    answer = purvey.recommend(user, mode="new", n=3)
    for item in answer["items"]:
        print(f"{item['rank']}. {item['product']['name'] or item['item']}")
        for reason in item["reasons"]:
            print(f"   {reason['contribution']:.2f}  {reason['text']}")

    # The customer buys the first one. `time` is when it happened; here it is just after what the example's data knows.
    item, order = answer["items"][0]["item"], uuid.uuid4().hex
    time = answer["as_of"] or datetime.datetime.now(datetime.timezone.utc).isoformat()
    event = {"event_id": f"line-{order}", "type": "purchase", "user": user, "item": item, "time": time, "order": order, "quantity": 2}
    print(f"purchase of {item}:", purvey.send(event)[0]["status"])
    before, answer = answer, purvey.recommend(user, mode="new", n=3)
    print(f"bought before: {left_out(before, 'bought_before')}, now {left_out(answer, 'bought_before')}")

    # The next one is sold out.
    item = answer["items"][0]["item"]
    print(f"no stock of {item}:", purvey.change_items({"item": item, "stock": 0})[0]["status"])
    before, answer = answer, purvey.recommend(user, mode="new", n=3)
    print(f"out of stock: {left_out(before, 'out_of_stock')}, now {left_out(answer, 'out_of_stock')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
