"""Events and rows of the overlay, written to a log by `purvey serve`, as a shop would send them."""

import http.client
import json
import re
import subprocess

BATCH = 500


class EventServer:
    """`purvey serve MODEL --events FOLDER` on a free port, until the end of a `with` block."""

    def __init__(self, program, model, events):
        command = [program, "serve", model, "--events", events, "--listen", "127.0.0.1:0", "--quiet"]
        self.process = subprocess.Popen(
            [*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        said = ""
        for line in self.process.stderr:
            ready = re.search(r"^purvey serves .* on http://(.*):(\d+)$", line)
            if ready:
                self.connection = http.client.HTTPConnection(ready[1], int(ready[2]), timeout=60)
                return
            said += line
        raise RuntimeError(f"purvey serve ended: {said}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        self.process.communicate()

    def ask(self, method, path, body):
        self.connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer

    def send(self, method, path, rows):
        """All rows are accepted, or RuntimeError."""
        for first in range(0, len(rows), BATCH):
            results = self.ask(method, path, rows[first : first + BATCH])["results"]
            refused = [result for result in results if result["status"] != "accepted"]
            if refused:
                raise RuntimeError(f"{path}: {refused[0]}")

    def events(self, rows):
        self.send("POST", "/v1/events", rows)

    def items(self, rows):
        self.send("PUT", "/v1/items:batch", rows)

    def users(self, rows):
        self.send("PUT", "/v1/users:batch", rows)

    def eligibility(self, rows):
        self.send("PUT", "/v1/eligibility:batch", rows)
