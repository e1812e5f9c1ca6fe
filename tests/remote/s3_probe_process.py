"""tests/remote/s3_probe.c as a process that a test asks, one line after the other."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "aws"))


class Probe:
    """`with Probe(program, environment) as probe: probe("look", "key")` gives the answer's fields."""

    def __init__(self, program, environment, bucket="shop", seconds=20):
        command = [program, bucket, str(seconds)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait(timeout=60) != 0:  # a sanitizer complained, say
            raise AssertionError(f"the probe ended with {self.process.returncode}")

    def __call__(self, *fields):
        self.process.stdin.write("\t".join(map(str, fields)) + "\n")
        self.process.stdin.flush()
        return self.line()

    def line(self):
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the probe ended with {self.process.wait()}")
        return answer.rstrip("\n").split("\t")

    def write(self, key, path, if_match="", if_none_match=""):
        return self("write", key, path, if_match, if_none_match)

    def read(self, key, path, most="", if_none_match=""):
        return self("read", key, path, most, if_none_match)

    def file(self, key, path, sha256=""):
        return self("file", key, path, sha256)

    def list(self, prefix):
        answer = self("list", prefix)
        return [self.line() for _ in range(int(answer[1]))] if answer[0] == "listed" else answer
