#!/usr/bin/env python3
"""What the tests of AWS need from outside, apart from the source tree; made once, made again when a version changes.

    python3 tests/aws/packages.py

It lies in $PURVEY_AWS_ENVIRONMENT, else ~/.cache/purvey-aws: `python` is a virtual environment with requirements.txt, `emulator`
is AWS's own runtime interface emulator, which its package aws-sam-cli carries, `versitygw` is the S3 server
(build_versitygw.py), `samples` are the events of AWS's Go library.
"""

import concurrent.futures
import io
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import urllib.request
import venv
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import build_versitygw
import python_environment

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
FOLDER = pathlib.Path(os.environ.get("PURVEY_AWS_ENVIRONMENT") or CACHE / "purvey-aws")
PYTHON = FOLDER / "python"
PROGRAMS = PYTHON / "bin"
EMULATOR = FOLDER / "emulator" / f"aws-lambda-rie-{'arm64' if platform.machine() == 'aarch64' else 'x86_64'}"
SAMPLES = FOLDER / "samples"
STAMP = FOLDER / "stamp"

SAM = "aws-sam-cli==1.170.0"
SAMPLES_MODULE = "github.com/aws/aws-lambda-go/@v/v1.55.1.zip"
SAMPLES_INSIDE = "/events/testdata/"


def wanted():
    return "\n".join([(HERE / "requirements.txt").read_text(encoding="utf-8"), SAM, SAMPLES_MODULE])


def is_made():
    return STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted() and build_versitygw.is_made()


def pip(*arguments):
    subprocess.run([PROGRAMS / "python", "-m", "pip", "--disable-pip-version-check", "-q", *arguments], check=True)


def make_emulator():
    """The one file of the package that is wanted."""
    EMULATOR.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pip("download", "--no-deps", "-d", folder, SAM)
        (wheel,) = pathlib.Path(folder).iterdir()
        with zipfile.ZipFile(wheel) as archive:
            EMULATOR.write_bytes(archive.read(f"samcli/local/rapid/{EMULATOR.name}"))
    EMULATOR.chmod(0o755)


def go_proxies():
    named = os.environ.get("GOPROXY", "").replace("|", ",").split(",")
    return [proxy for proxy in named if proxy.startswith("http")] or ["https://proxy.golang.org"]


def make_samples():
    """AWS's own examples of events: read by the tests, not copied into the tree."""
    SAMPLES.mkdir(exist_ok=True)
    with urllib.request.urlopen(f"{go_proxies()[0]}/{SAMPLES_MODULE}", timeout=60) as answer:
        content = io.BytesIO(answer.read())
    with zipfile.ZipFile(content) as archive:
        for name in archive.namelist():
            if SAMPLES_INSIDE in name and name.endswith(".json"):
                (SAMPLES / pathlib.PurePosixPath(name).name).write_bytes(archive.read(name))


def make():
    FOLDER.mkdir(parents=True, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        server = pool.submit(build_versitygw.make) if not build_versitygw.is_made() else None
        samples = pool.submit(make_samples)
        venv.create(PYTHON, clear=True, with_pip=True)
        pip("install", "--no-deps", "--no-compile", "-r", HERE / "requirements.txt")
        make_emulator()
        samples.result()
        if server:
            server.result()
    STAMP.write_text(wanted(), encoding="utf-8")


def enter():
    """Go on with the packages at hand."""
    python_environment.enter(PYTHON, is_made(), HERE / "packages.py")


if __name__ == "__main__":
    if not is_made():
        make()
