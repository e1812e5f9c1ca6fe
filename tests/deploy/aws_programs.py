#!/usr/bin/env python3
"""AWS's own programs `aws` and `sam` and the server `moto_server`, installed once: $PURVEY_AWS_ENVIRONMENT/programs, else
~/.cache/purvey-aws/programs. Over 500 MB, so only the slow tests want them; made again when aws_programs.txt changes.

    python3 tests/deploy/aws_programs.py
"""

import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import build_versitygw

WANTED = pathlib.Path(__file__).with_suffix(".txt")
FOLDER = build_versitygw.FOLDER.parent / "programs"
PROGRAMS = FOLDER / "bin"
STAMP = FOLDER / "stamp"


def is_made():
    return STAMP.exists() and STAMP.read_text(encoding="utf-8") == WANTED.read_text(encoding="utf-8")


def make():
    venv.create(FOLDER, clear=True, with_pip=True)
    pip = [PROGRAMS / "python", "-m", "pip", "install", "--disable-pip-version-check", "-q", "--no-deps"]
    subprocess.run([*pip, "-r", WANTED], check=True)
    STAMP.write_text(WANTED.read_text(encoding="utf-8"), encoding="utf-8")


def environment(**more):
    """Of a process that finds these programs first, and nothing of AWS that the caller's has."""
    if not is_made():
        make()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**kept, **account, "PATH": path, "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0", **more}


if __name__ == "__main__":
    if not is_made():
        make()
    print(PROGRAMS)
