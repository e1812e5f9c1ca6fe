#!/usr/bin/env python3
"""Publishers that race for one registry: exactly one wins a round, and no model is lost.

    publisher_race.py PURVEY [--rounds 200] [--publishers 8]

Each round all publish a model of their own at once. With `--expect` the model that was put in use before the round, so one may win
and the others must be told; every tenth round without, so all must succeed, one after the other. Against a real versitygw
(tests/aws/s3_server.py).
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import s3_server

ADDRESS = f"s3://{s3_server.BUCKET}/race"


class Race:
    def __init__(self, program, server, folder, publishers):
        self.program, self.environment = program, server.environment(XDG_CACHE_HOME=str(folder))
        self.server = server
        self.models = []
        for number in range(publishers + 1):
            model = pathlib.Path(folder) / f"{number}.model"
            shop = ROOT / "examples" / "simple-shop"
            self.run("train", shop, "-o", model, "--factors", "2", "--iterations", "1", "--signals", "als", "--seed", str(number), "--quiet")
            self.models.append((model, json.loads(self.run("info", model, "--format", "json"))["model"]))
        self.before = self.models.pop()

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], env=self.environment, check=True, capture_output=True, text=True).stdout

    def published(self):
        return json.loads(self.run("models", ADDRESS, "--format", "json"))["models"]

    def in_use(self):
        return next(model["model"] for model in self.published() if model["in_use"])

    def round(self, expected):
        """All at once; their exit codes and what they said."""
        expect = ["--expect", expected] if expected else []
        started = [
            subprocess.Popen([self.program, "publish", model, ADDRESS, *expect], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for model, _ in self.models
        ]
        return [(process.communicate()[1], process.returncode) for process in started]

    def check_whole(self):
        """Every model that was published is still told and still there."""
        published = {model["model"]: model for model in self.published()}
        for _, model in self.models:
            assert model in published, f"model {model} is lost"
            status, headers, _ = self.server.ask("HEAD", f"/{s3_server.BUCKET}/race/{published[model]['key']}")
            assert status == 200 and int(headers["Content-Length"]) == published[model]["size"], f"object of {model}: {status}"

    def one_wins(self):
        model, expected = self.before
        self.run("publish", model, ADDRESS)
        outcomes = self.round(expected)
        winners = [model for (_, model), (_, code) in zip(self.models, outcomes) if code == 0]
        assert len(winners) == 1, f"{len(winners)} winners: {outcomes}"
        for said, code in outcomes:
            assert code == 0 or (code == 1 and "nothing was moved" in said and said.count("\n") == 1), said
        assert self.in_use() == winners[0], "in use is another model than the winner's"

    def all_succeed(self):
        outcomes = self.round(None)
        assert all(code == 0 for _, code in outcomes), outcomes
        assert self.in_use() in {model for _, model in self.models}
        self.check_whole()


def run(program, rounds, publishers):
    with s3_server.S3Server() as server, tempfile.TemporaryDirectory(prefix="purvey-race-") as folder:
        race = Race(program, server, folder, publishers)
        race.all_succeed()
        for number in range(rounds):
            race.all_succeed() if number % 10 == 9 else race.one_wins()
        race.check_whole()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--publishers", type=int, default=8)
    options = parser.parse_args()
    run(options.program, options.rounds, options.publishers)
    print(f"{options.publishers} publishers, {options.rounds} rounds: one winner in each with --expect, all in those without, 0 models lost")


if __name__ == "__main__":
    main()
