#!/usr/bin/env python3
"""The goals of AWS Lambda, measured: the start, the start with S3, an answer through AWS's emulator, memory, the zip.

lambda_bench.py start  --build BUILD --peer PYTHON [--times 200]
lambda_bench.py s3     --build BUILD [--times 50]
lambda_bench.py answer --build BUILD [--times 2000]
lambda_bench.py memory --build BUILD [--times 2000]

BUILD holds purvey, bootstrap and bench/lambda_echo (cmake -DPURVEY_BENCH=ON; ./run package builds bootstrap). PYTHON has implicit
(./run bench makes one: ENVIRONMENTS/wheels/bin/python). The packages of tests/aws/packages.py are needed for s3 and answer.
Each prints a table and, as its last line, one JSON object.

start   from exec to the first request for an event, with a model of 10 MB beside the program as in the zip, all of it checked: CPU
        time of the process, all threads, and wall time; in turns with Python that imports implicit, loads a
        model of as many users, products and factors and recommends once. implicit runs with OPENBLAS_NUM_THREADS=1 and without
        OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE.
s3      the same with the model on a versitygw on loopback, over TLS; and what its parts take.
answer  one recommendation of five products with full reasons through AWS's emulator against a program that echoes its event.
memory  peak resident memory over so many answers, above the size of the model's file.
"""

import argparse
import csv
import gzip
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "aws"), str(ROOT / "tests" / "package" / "support")]

SHOP = ROOT / "examples" / "online-retail"
# About ten megabytes: what a shop keeps that is answered from Lambda.
SMALL = ("--factors", "24", "--signals", "als,habit,popularity,rebuy,category,discount")

PEER = """\
import sys, time
import implicit, numpy
model = implicit.cpu.als.AlternatingLeastSquares.load(sys.argv[1])
import scipy.sparse
n = model.item_factors.shape[0]
row = scipy.sparse.csr_matrix((numpy.ones(3, "float32"), ([0, 0, 0], [1, 2, 3])), shape=(1, n))
print(model.recommend(0, row, N=5)[0][:1], flush=True)
"""
MAKE_PEER = """\
import sys, implicit, numpy
model = implicit.cpu.als.AlternatingLeastSquares(factors=int(sys.argv[4]))
rng = numpy.random.default_rng(1)
model.user_factors = rng.standard_normal((int(sys.argv[2]), int(sys.argv[4])), dtype="float32")
model.item_factors = rng.standard_normal((int(sys.argv[3]), int(sys.argv[4])), dtype="float32")
model.save(sys.argv[1])
"""


def median(values):
    return statistics.median(values)


class Shop:
    """A trained model, and the customers to ask for."""

    def __init__(self, build, folder, options):
        self.program, self.bootstrap = build / "purvey", build / "bootstrap"
        self.model = folder / "shop.model"
        subprocess.run([self.program, "train", SHOP, "-o", self.model, "--quiet", *options], check=True)
        self.size = self.model.stat().st_size
        told = json.loads(subprocess.run([self.program, "info", self.model, "--format", "json"], check=True, capture_output=True).stdout)
        self.users, self.products = told["users"], told["products"]
        with gzip.open(SHOP / "transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
            self.customers = sorted({row["CustomerID"] for row in csv.DictReader(file)} - {""})


def process_clock(pid):
    """The clock of the CPU time of a process, all of its threads: clock_getcpuclockid(3)."""
    return ~pid << 3 | 2


class RuntimeApi:
    """The other side of the first request for an event."""

    def __init__(self):
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(8)
        self.listening.settimeout(60)
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"

    def measure(self, program, **environment):
        """Milliseconds from exec to the first request: CPU of all threads, wall; and peak memory in bytes."""
        environment = {"AWS_LAMBDA_RUNTIME_API": self.address, "AWS_LAMBDA_FUNCTION_NAME": "recommend", "AWS_REGION": "us-east-1", **environment}
        begin = time.perf_counter()
        process = subprocess.Popen([program], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            connection, _ = self.listening.accept()
            request = connection.recv(4096)
            wall = time.perf_counter() - begin
            if b"/runtime/invocation/next" not in request:
                sys.exit(f"no request for an event: {request!r}")
            # Threads that have ended by now stand in the process's own clock alone.
            clock = time.clock_gettime(process_clock(process.pid)) * 1e3
            memory = next(line for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
            process.kill()  # before its connection is closed, which would make it ask again
            process.wait()
            connection.close()
            return clock, wall * 1e3, int(memory.split()[1]) * 1024
        finally:
            process.kill()
            process.wait()


def measure_exit(command, environment):
    """CPU and wall milliseconds of a whole process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed")
    return (usage.ru_utime + usage.ru_stime) * 1e3, (time.perf_counter() - begin) * 1e3


def peer_environment():
    dropped = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    return {**{name: value for name, value in os.environ.items() if name not in dropped}, "OPENBLAS_NUM_THREADS": "1"}


def start(options, folder):
    shop, api = Shop(options.build, folder, SMALL), RuntimeApi()
    peer = folder / "implicit.npz"
    subprocess.run([options.peer, "-c", MAKE_PEER, peer, str(shop.users), str(shop.products), SMALL[1]], check=True, env=peer_environment())
    ours, theirs = [], []
    for number in range(options.times):
        ours.append(api.measure(shop.bootstrap, PURVEY_MODEL=str(shop.model)))
        if number % 10 == 0:
            theirs.append(measure_exit([options.peer, "-c", PEER, peer], peer_environment()))
    cpu, wall = median([one[0] for one in ours]), median([one[1] for one in ours])
    peer_cpu, peer_wall = median([one[0] for one in theirs]), median([one[1] for one in theirs])
    print(f"model {shop.size / 1e6:.1f} MB, {shop.users:,} users, {shop.products:,} products, medians of {len(ours)} and {len(theirs)}\n")
    print(f"{'':34}{'CPU ms':>9}{'wall ms':>9}")
    print(f"{'purvey: exec to the first next':34}{cpu:9.2f}{wall:9.2f}     (least {min(one[0] for one in ours):.2f}, {min(one[1] for one in ours):.2f})")
    print(f"{'implicit: import, load, recommend':34}{peer_cpu:9.1f}{peer_wall:9.1f}")
    print(f"{'times':34}{peer_cpu / cpu:9.1f}{peer_wall / wall:9.1f}")
    return {"model_bytes": shop.size, "cpu_ms": cpu, "wall_ms": wall, "peer_cpu_ms": peer_cpu, "peer_wall_ms": peer_wall}


def s3(options, folder):
    import s3_server

    shop, api = Shop(options.build, folder, SMALL), RuntimeApi()
    with s3_server.S3Server(tls=True, folder=folder) as server:
        address = f"s3://{s3_server.BUCKET}/purvey"
        environment = server.environment()
        subprocess.run([shop.program, "publish", shop.model, address], env=environment, check=True, stdout=subprocess.DEVNULL)
        cases = {"model on S3": {"PURVEY_REGISTRY": address}, "model beside, S3 for overlay and events": {"PURVEY_REGISTRY": address, "PURVEY_MODEL": str(shop.model)}, "model beside, no S3": {"PURVEY_MODEL": str(shop.model)}}
        measured = {name: [] for name in cases}
        for number in range(options.times):
            for name, more in cases.items():
                cache = folder / f"cache-{number}"  # a sandbox begins with nothing
                measured[name].append(api.measure(shop.bootstrap, PURVEY_CACHE=str(cache), **{**environment, **more}))
    print(f"model {shop.size / 1e6:.1f} MB, TLS on loopback with an authority of its own, medians of {options.times}\n")
    print(f"{'':42}{'CPU ms':>9}{'wall ms':>9}")
    for name, values in measured.items():
        print(f"{name:42}{median([one[0] for one in values]):9.2f}{median([one[1] for one in values]):9.2f}")
    return {name: {"cpu_ms": median([one[0] for one in values]), "wall_ms": median([one[1] for one in values])} for name, values in measured.items()}


def answer(options, folder):
    import emulator

    shop = Shop(options.build, folder, ())
    events = [json.dumps({"user_id": user, "n": 5, "explain": "full"}).encode() for user in shop.customers]
    answers = {}
    with emulator.Emulator(command=[options.build / "bench" / "lambda_echo"]) as echo, emulator.Emulator(command=[shop.bootstrap], PURVEY_MODEL=str(shop.model)) as ours:
        for name in ("echo", "purvey"):
            (echo if name == "echo" else ours).invoke(events[0])
            answers[name] = []
        for number in range(options.times):
            for name, asked in (("echo", echo), ("purvey", ours)):
                begin = time.perf_counter()
                status, body = asked.invoke(events[number % len(events)])
                answers[name].append((time.perf_counter() - begin) * 1e3)
                if status != 200 or (name == "purvey" and json.loads(body)["statusCode"] != 200):
                    sys.exit(f"{name}: {status} {body[:200]!r}")
    p50 = {name: median(times) for name, times in answers.items()}
    p99 = {name: statistics.quantiles(times, n=100)[98] for name, times in answers.items()}
    print(f"five products with full reasons, {shop.products:,} products, all signals, {options.times} events in turns, through AWS's emulator\n")
    print(f"{'':12}{'p50 ms':>9}{'p99 ms':>9}")
    for name in answers:
        print(f"{name:12}{p50[name]:9.3f}{p99[name]:9.3f}")
    print(f"{'difference':12}{p50['purvey'] - p50['echo']:9.3f}{p99['purvey'] - p99['echo']:9.3f}")
    return {"p50_ms": p50, "p99_ms": p99, "difference_ms": p50["purvey"] - p50["echo"]}


def memory(options, folder):
    import emulator

    shop = Shop(options.build, folder, ())
    with emulator.Emulator(command=[shop.bootstrap], PURVEY_MODEL=str(shop.model)) as ours:
        for number in range(options.times):
            ours.invoke(json.dumps({"user_id": shop.customers[number % len(shop.customers)], "n": 5, "explain": "full"}).encode())
        peaks = []
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            text = status.read_text()
            if text.startswith("Name:\tbootstrap\n") and (status.parent / "exe").resolve() == shop.bootstrap.resolve():
                peaks.append(int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024)
    peak = max(peaks)
    print(f"model {shop.size / 1e6:.1f} MB, {options.times} answers: peak {peak / 1e6:.1f} MB, {(peak - shop.size) / 1e6:.1f} MB above the model")
    return {"model_bytes": shop.size, "peak_bytes": peak, "above_bytes": peak - shop.size}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("start", "s3", "answer", "memory"))
    parser.add_argument("--build", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--peer", help="a Python that has implicit")
    parser.add_argument("--times", type=int)
    options = parser.parse_args()
    parts = {"start": (start, 200), "s3": (s3, 50), "answer": (answer, 2000), "memory": (memory, 2000)}
    run, times = parts[options.part]
    options.times = options.times or times
    if options.part == "start" and not options.peer:
        parser.error("start needs --peer PYTHON")
    with tempfile.TemporaryDirectory(prefix="purvey-lambda-bench-") as folder:
        print(json.dumps(run(options, pathlib.Path(folder))))


if __name__ == "__main__":
    main()
