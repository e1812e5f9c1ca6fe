#!/usr/bin/env python3
"""The goals of `purvey serve`, measured: speed beside the HTTP library's empty answer, memory, reloads, stops, the start.

serve_bench.py speed  --program PURVEY --empty EMPTY_SERVER [--shop SHOP] [--rounds 5] [--seconds 5] [--connections 16]
serve_bench.py memory --program PURVEY [--requests 1000000]
serve_bench.py reload --program PURVEY [--times 100]
serve_bench.py stop   --program PURVEY [--times 20]
serve_bench.py start  --program PURVEY [--model FILE] [--times 20]

Each prints a table and, as its last line, one JSON object. The load is wrk's, or that of Python's own clients where
each single failure has to be seen. --model FILE takes a trained model in place of training one from --shop
(examples/online-retail). EMPTY_SERVER is build/bench/empty_server (-DPURVEY_BENCH=ON).

speed   every request asks for five products with full reasons for another customer, POST /v1/recommend. The two servers
        take turns, with the same threads, connections and requests; medians of the rounds.
memory  resident memory over so many requests, sampled; the goal compares the last quarter with the second.
reload  another model takes the file's place, so many times, under load; failed requests are counted.
stop    SIGTERM under load, so many times; a request that was sent and not answered is a failure.
start   from exec to the line that says that it serves, and to the first answer.
"""

import argparse
import csv
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
JSON = {"Content-Type": "application/json"}
READY = re.compile(r"^purvey serves .* on http://127\.0\.0\.1:(\d+)$")

LUA = """\
-- Every request asks for another customer.
local users = {%s}
local count, threads = 0, 0
function setup(thread) thread:set("offset", threads * 7919); threads = threads + 1 end
function request()
  count = count + 1
  local user = users[(offset + count) %% #users + 1]
  return wrk.format("POST", "/v1/recommend", {["Content-Type"] = "application/json"},
    '{"user":' .. user .. ',"n":5,"explain":"full"}')
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests":%%d,"microseconds":%%d,"p50":%%d,"p99":%%d,"errors":%%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def customers(shop):
    """The ids of all who bought, from the file of purchases in any of its forms."""
    settings = shop / "shop.yaml"
    column = "user_id"
    if settings.exists():
        found = re.search(r"user_id:\s*[\"']?([^,}\"'\n]+)", settings.read_text(encoding="utf-8"))
        column = found[1].strip() if found else column
    for path in sorted(shop.glob("*.csv*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
            head = file.readline()
            delimiter = max(",;\t", key=head.count)
            names = next(csv.reader([head], delimiter=delimiter))
            if column in names:
                place = names.index(column)
                return sorted({row[place] for row in csv.reader(file, delimiter=delimiter) if len(row) > place} - {""})
    sys.exit(f"{shop}: no file with a column {column}")


class Server:
    """`purvey serve` on a free port."""

    def __init__(self, program, model, *options):
        self.started = time.perf_counter()
        command = [program, "serve", model, "--listen", "127.0.0.1:0", "--quiet", *options]
        self.process = subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline().rstrip("\n")
        self.ready = time.perf_counter()
        match = READY.match(line)
        if not match:
            sys.exit(f"the server does not start: {line}")
        self.port = int(match[1])
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for _ in self.process.stderr:
            pass

    def resident(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class EmptyServer:
    """The library's empty answer."""

    def __init__(self, program, threads):
        self.process = subprocess.Popen([str(program), str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(60)


def wrk(port, script, connections, seconds):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))[7:])
    return {
        "requests_per_second": result["requests"] / (result["microseconds"] * 1e-6),
        "p50_ms": result["p50"] / 1e3,
        "p99_ms": result["p99"] / 1e3,
        "requests": result["requests"],
        "errors": result["errors"],
    }


class Clients:
    """Python clients on connections that are kept alive, each a thread: they see every single failure.

    A connection that is closed between two requests is opened anew; who is refused one then stops.
    """

    def __init__(self, port, users, count=8):
        self.port, self.users = port, users
        self.answers, self.failures = 0, []
        self.is_stopped, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._ask, args=(k,)) for k in range(count)]
        for thread in self.threads:
            thread.start()

    def _ask(self, number):
        connection = None
        while not self.is_stopped.is_set():
            number += len(self.threads)
            body = json.dumps({"user": self.users[number % len(self.users)], "n": 5})
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                    connection.connect()
            except OSError:
                return
            try:
                connection.request("POST", "/v1/recommend", body, JSON)
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self._count(repr(error))
                connection = None
                continue
            self._count(None if response.status == 200 else f"status {response.status}")
            if response.getheader("Connection") == "close":
                connection.close()
                connection = None

    def _count(self, failure):
        with self.lock:
            self.answers += 1
            if failure:
                self.failures.append(failure)

    def wait_for(self, count):
        until = self.answers + count
        while self.answers < until and any(thread.is_alive() for thread in self.threads):
            time.sleep(0.002)

    def finish(self):
        self.is_stopped.set()
        for thread in self.threads:
            thread.join()


def train(options, folder, seed=42):
    path = folder / f"seed{seed}.model"
    command = [options.program, "train", options.shop, "-o", path, "--quiet", "--seed", seed]
    subprocess.run([str(word) for word in command], check=True, stderr=subprocess.DEVNULL)
    return path


def model_of(options, folder):
    return options.model or train(options, folder)


def write_script(folder, users):
    script = folder / "requests.lua"
    script.write_text(LUA % ",".join(json.dumps(json.dumps(user)) for user in users), encoding="utf-8")
    return script


def speed(options, folder):
    users = customers(options.shop)
    script = write_script(folder, users)
    server = Server(options.program, model_of(options, folder), "--threads", options.threads)
    empty = EmptyServer(options.empty, options.threads)
    rounds = {"empty": [], "recommend": []}
    for name, port in (("empty", empty.port), ("recommend", server.port)):
        wrk(port, script, options.connections, 1)
    print(f"{'round':>5} {'server':>10} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'errors':>7}")
    for k in range(options.rounds):
        for name, port in (("empty", empty.port), ("recommend", server.port)):
            result = wrk(port, script, options.connections, options.seconds)
            rounds[name].append(result)
            print(f"{k + 1:5} {name:>10} {result['requests_per_second']:11.0f} {result['p50_ms']:8.2f} {result['p99_ms']:8.2f} {result['errors']:7}")
    empty.stop()
    server.stop()
    medians = {
        name: {key: statistics.median(result[key] for result in results) for key in ("requests_per_second", "p50_ms", "p99_ms")}
        for name, results in rounds.items()
    }
    share = medians["recommend"]["requests_per_second"] / medians["empty"]["requests_per_second"]
    errors = sum(result["errors"] for result in rounds["recommend"])
    print(f"\n{share:.1%} of the empty answer (goal 30 %), p99 {medians['recommend']['p99_ms']:.2f} ms (goal 10), {errors} errors")
    return {"share": share, "errors": errors, "customers": len(users), **medians}


def memory(options, folder):
    script = write_script(folder, customers(options.shop))
    server = Server(options.program, model_of(options, folder))
    samples, done, errors = [], 0, 0
    while done < options.requests:
        result = wrk(server.port, script, options.connections, 2)
        done += result["requests"]
        errors += result["errors"]
        samples.append((done, server.resident()))
    server.stop()

    def mean(begin, end):
        inside = [size for count, size in samples if begin * done < count <= end * done]
        return statistics.mean(inside or [samples[-1][1]])

    second, last = mean(0.25, 0.5), mean(0.75, 1)
    print(f"{'requests':>10} {'resident MB':>12}")
    for count, size in samples[:: max(1, len(samples) // 16)]:
        print(f"{count:10} {size / 1e6:12.2f}")
    print(f"\nlast quarter against second: {last / second - 1:+.2%} (goal 1 %), {errors} errors")
    return {"requests": done, "errors": errors, "second_quarter_bytes": second, "last_quarter_bytes": last, "growth": last / second - 1}


def reload(options, folder):
    users = customers(options.shop)
    models = [train(options, folder, seed) for seed in (1, 2)]
    served, partial = folder / "served.model", folder / "partial"
    shutil.copyfile(models[0], served)
    server = Server(options.program, served)
    clients = Clients(server.port, users)
    for k in range(options.times):
        shutil.copyfile(models[(k + 1) % 2], partial)
        os.replace(partial, served)
        server.process.send_signal(signal.SIGHUP)
        clients.wait_for(20)
    clients.finish()
    server.stop()
    print(f"{options.times} reloads, {clients.answers} requests, {len(clients.failures)} failed (goal 0)")
    return {"reloads": options.times, "requests": clients.answers, "failed": len(clients.failures), "failures": clients.failures[:5]}


def stop(options, folder):
    users, model = customers(options.shop), model_of(options, folder)
    answers, failures, codes = 0, [], []
    for _ in range(options.times):
        server = Server(options.program, model)
        clients = Clients(server.port, users)
        clients.wait_for(200)
        codes.append(server.stop())
        clients.finish()
        answers += clients.answers
        failures += clients.failures
    print(f"{options.times} stops, {answers} requests, {len(failures)} failed (goal 0), exit codes {sorted(set(codes))}")
    return {"stops": options.times, "requests": answers, "failed": len(failures), "failures": failures[:5], "exit_codes": sorted(set(codes))}


def start(options, folder):
    model = model_of(options, folder)
    ready, first = [], []
    for _ in range(options.times):
        server = Server(options.program, model)
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/v1/health/ready")
        connection.getresponse().read()
        first.append(time.perf_counter() - server.started)
        ready.append(server.ready - server.started)
        connection.close()
        server.stop()
    size = os.path.getsize(model)
    print(f"model of {size / 1e6:.1f} MB: ready in {statistics.median(ready) * 1e3:.1f} ms, first answer after {statistics.median(first) * 1e3:.1f} ms")
    return {"model_bytes": size, "ready_ms": statistics.median(ready) * 1e3, "first_answer_ms": statistics.median(first) * 1e3}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "memory", "reload", "stop", "start"))
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/purvey")
    parser.add_argument("--empty", type=pathlib.Path, default=ROOT / "build/bench/empty_server")
    parser.add_argument("--shop", type=pathlib.Path, default=ROOT / "examples/online-retail")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--threads", type=int, default=max(2, len(os.sched_getaffinity(0))))
    parser.add_argument("--requests", type=int, default=1000000)
    parser.add_argument("--times", type=int)
    options = parser.parse_args()
    if options.times is None:
        options.times = 100 if options.what == "reload" else 20
    options.program, options.empty = options.program.resolve(), options.empty.resolve()
    with tempfile.TemporaryDirectory(prefix="purvey-serve-") as folder:
        measured = globals()[options.what](options, pathlib.Path(folder))
    print(json.dumps({options.what: measured}))


if __name__ == "__main__":
    main()
