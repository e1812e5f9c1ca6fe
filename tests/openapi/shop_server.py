"""What the tests of the document share: the document, and `purvey serve` with the shop that its examples are about."""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "server" / "support"))

from server_process import EXAMPLES, JSON, Server, Setting, main  # also for the tests beside

DOCUMENT = ROOT / "src" / "service" / "openapi.json"
KEY = "a-key-of-the-shop"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def read_document():
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def operations(document):
    """Method, path and operation of every call."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def resolved(document, node):
    """The node, or what its $ref points to."""
    while "$ref" in node:
        target = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def train(shop, *options):
    """The model of a shop of examples/; made once a run of the test."""
    key = (shop, *options)
    if key not in Setting.models:
        path = Setting.folder / f"{shop}{len(Setting.models)}.model"
        command = [Setting.program, "train", EXAMPLES / shop, "-o", path, *options, "--quiet"]
        subprocess.run([str(word) for word in command], check=True, stderr=subprocess.DEVNULL)
        Setting.models[key] = path
    return Setting.models[key]


def small_model():
    return train("adventureworks", "--factors", "4", "--iterations", "2")


def serve_with_events(model, *options):
    """A server with an empty log of events."""
    events = tempfile.mkdtemp(prefix="events-", dir=Setting.folder)
    return Server("--events", events, "--quiet", *options, model=model)


def write_key_file(requests_a_second=""):
    """A file with KEY."""
    path = Setting.folder / f"keys{requests_a_second}"
    path.write_text(f"shop {hashlib.sha256(KEY.encode()).hexdigest()} {requests_a_second}\n", encoding="utf-8")
    return path
