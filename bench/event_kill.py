#!/usr/bin/env python3
"""kill -9 while events arrive: is what was acknowledged there afterwards, once?

event_kill.py [--program PURVEY] [--shop SHOP | --model FILE] [--rounds 200] [--seed 3]

Three clients send batches of 1, 4 and 7 purchases until the server is killed at a random moment; then
it is started again on the same folder, and each client sends again what was not acknowledged, as a shop would. After
each start the list of pending events is read page by page and compared with what was acknowledged. Prints a line and, as
its last line, one JSON object.
"""

import argparse
import collections
import http.client
import itertools
import json
import pathlib
import random
import tempfile
import threading
import time

import serve_bench

BATCHES = (1, 4, 7)
KILLED_WITHIN = 0.15  # seconds after the clients began
HEADERS = {"Content-Type": "application/json"}


def event(number):
    return {
        "event_id": f"k{number}", "type": "purchase", "user": f"user {number % 7}", "item": f"item {number % 11}",
        "time": "2013-06-01T10:00:00Z", "order": f"o{number}", "quantity": 1 + number % 5,
    }


class Client:
    """Sends until the server is gone; `open` is what was sent and not acknowledged."""

    def __init__(self, numbers, size):
        self.numbers, self.size = numbers, size
        self.open, self.acknowledged, self.faults = [], [], []

    def send(self, port):
        """In a thread of its own."""
        self.thread = threading.Thread(target=self._send, args=(http.client.HTTPConnection("127.0.0.1", port, timeout=60),))
        self.thread.start()

    def _send(self, connection):
        try:
            while self._send_batch(connection):
                pass
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def _send_batch(self, connection):
        self.open += itertools.islice(self.numbers, self.size - len(self.open))
        connection.request("POST", "/v1/events", json.dumps([event(number) for number in self.open]), HEADERS)
        response = connection.getresponse()
        body = response.read()
        taken = response.status == 200 and all(row["status"] in ("accepted", "duplicate") for row in json.loads(body)["results"])
        if not taken:
            self.faults.append(body.decode(errors="replace")[:500])
            return False
        self.acknowledged += [f"k{number}" for number in self.open]
        self.open = []
        return True


def pending(port):
    """The ids of all pending events, page by page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ids, cursor = [], ""
    while cursor is not None:
        connection.request("GET", f"/v1/events/pending?limit=1000{cursor and '&cursor=' + cursor}")
        page = json.loads(connection.getresponse().read())
        ids += [row["event_id"] for row in page["events"]]
        cursor = page["next"]
    connection.close()
    return ids


def run(program, model, folder, rounds, seed):
    """Figures of so many kills: acknowledged, lost and twice, and what was answered wrongly."""
    chance = random.Random(seed)
    clients = [Client(itertools.count(k, len(BATCHES)), size) for k, size in enumerate(BATCHES)]
    lost, twice, open_at_kills = set(), set(), 0
    for k in range(rounds + 1):
        server = serve_bench.Server(program, model, "--events", folder)
        count = collections.Counter(pending(server.port))
        lost |= {one for client in clients for one in client.acknowledged if one not in count}
        twice |= {one for one, times in count.items() if times > 1}
        if k < rounds:
            for client in clients:
                client.send(server.port)
            time.sleep(chance.uniform(0, KILLED_WITHIN))
        server.process.kill()
        server.process.wait()
        for client in clients if k < rounds else []:
            client.thread.join()
            open_at_kills += len(client.open)
    return {
        "kills": rounds,
        "acknowledged": sum(len(client.acknowledged) for client in clients),
        "open_at_kills": open_at_kills,
        "lost": sorted(lost),
        "twice": sorted(twice),
        "faults": [fault for client in clients for fault in client.faults],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=serve_bench.ROOT / "build/purvey")
    parser.add_argument("--shop", type=pathlib.Path, default=serve_bench.ROOT / "examples/adventureworks")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    options.program = options.program.resolve()
    with tempfile.TemporaryDirectory(prefix="purvey-kill-") as scratch:
        folder = pathlib.Path(scratch)
        model = serve_bench.model_of(options, folder)
        figures = run(options.program, model, folder / "events", options.rounds, options.seed)
    print(
        f"{figures['kills']} kills, {figures['acknowledged']} events acknowledged, {figures['open_at_kills']} open at a kill: "
        f"{len(figures['lost'])} lost, {len(figures['twice'])} twice (goal 0), {len(figures['faults'])} wrong answers"
    )
    print(json.dumps({"kill": figures}))


if __name__ == "__main__":
    main()
