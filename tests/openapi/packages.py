#!/usr/bin/env python3
"""The packages that the tests of the OpenAPI document need, outside the source tree; made once, made again when a version
changes.

    python3 tests/openapi/packages.py

They lie in $PURVEY_OPENAPI_ENVIRONMENT, else ~/.cache/purvey-openapi: `python` is a virtual environment with
requirements.txt, which brings Node.js too, `node` has the npm packages of package-lock.json.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import venv

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import python_environment

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
FOLDER = pathlib.Path(os.environ.get("PURVEY_OPENAPI_ENVIRONMENT") or CACHE / "purvey-openapi")
PYTHON = FOLDER / "python"
PROGRAMS = PYTHON / "bin"
TSC = FOLDER / "node" / "node_modules" / "typescript" / "bin" / "tsc"
STAMP = FOLDER / "stamp"


def wanted():
    return "".join((HERE / name).read_text(encoding="utf-8") for name in ("requirements.txt", "package-lock.json"))


def is_made():
    return STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted()


def make():
    STAMP.unlink(missing_ok=True)
    venv.create(PYTHON, clear=True, with_pip=True)
    pip = [PROGRAMS / "python", "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
    node = FOLDER / "node"
    node.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, node / name)
    subprocess.run([PROGRAMS / "npm", "ci", "--no-audit", "--no-fund"], cwd=node, env=with_programs(), check=True)
    STAMP.write_text(wanted(), encoding="utf-8")


def with_programs():
    """The environment of a process that finds the packages' programs first."""
    return {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def enter():
    """Go on with the packages at hand."""
    python_environment.enter(PYTHON, is_made(), HERE / "packages.py")


if __name__ == "__main__":
    if not is_made():
        make()
