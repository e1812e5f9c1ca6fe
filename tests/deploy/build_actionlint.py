#!/usr/bin/env python3
"""The reader of workflows, built once with Go: $PURVEY_AWS_ENVIRONMENT/actionlint, else ~/.cache/purvey-aws/actionlint.

    python3 tests/deploy/build_actionlint.py
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import build_versitygw

MODULE = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
PROGRAM = build_versitygw.FOLDER.parent / "actionlint" / "v1.7.12" / "actionlint"


def program():
    """Its path; it is built when it is not there."""
    if not PROGRAM.exists():
        make()
    return PROGRAM


def make():
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PROGRAM.parent, prefix="build-") as name:
        build = pathlib.Path(name)
        go = build_versitygw.installed_go() or build_versitygw.fetched_go(build / "python")
        places = {"GOCACHE": str(build / "objects"), "GOMODCACHE": str(build / "modules"), "GOBIN": str(build / "programs")}
        settings = {"CGO_ENABLED": "0", "GOENV": "off", "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        if "/site-packages/" in go:
            settings["GOROOT"] = str(pathlib.Path(go).parents[1])
        subprocess.run([go, "install", MODULE], env={**os.environ, **places, **settings}, check=True)
        os.replace(build / "programs" / "actionlint", PROGRAM)


if __name__ == "__main__":
    print(program())
