#!/usr/bin/env python3
"""The virtual environments with the peers, outside the source tree; made once, made again when a version changes.

    python3 bench/environment.py FOLDER [--irspack-source PATH]

FOLDER/wheels holds the peers as `pip install` gives them, FOLDER/native irspack built with -march=native: from the
sources on PyPI, or from PATH, a checkout. Needs nothing but Python, a C++ compiler, Eigen and OpenBLAS.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import venv

BENCH = pathlib.Path(__file__).resolve().parent
NATIVE = {"CFLAGS": "-march=native -O3", "CXXFLAGS": "-march=native -O3", "EIGEN3_INCLUDE_DIR": "/usr/include/eigen3"}


def pip_install(folder: pathlib.Path, arguments: list[str], environment: dict[str, str]) -> None:
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env={**os.environ, **environment})


def make(folder: pathlib.Path, requirements: str, options: list[str], environment: dict[str, str]) -> None:
    """Make the environment unless it is already what the requirements and options ask for."""
    wanted = "\n".join([requirements, *options])
    stamp = folder / "requirements.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    venv.create(folder, clear=True, with_pip=True)
    listing = folder / "requirements.txt"
    listing.write_text(requirements, encoding="utf-8")
    pip_install(folder, ["-r", str(listing), *options], environment)
    stamp.write_text(wanted, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--irspack-source", type=pathlib.Path)
    arguments = parser.parse_args()
    wheels = (BENCH / "requirements-wheels.txt").read_text(encoding="utf-8")
    make(arguments.folder / "wheels", wheels, [], {})
    native = (BENCH / "requirements-native.txt").read_text(encoding="utf-8")
    if arguments.irspack_source:
        source = f"irspack @ {arguments.irspack_source.resolve().as_uri()}"
        native = "".join(source + "\n" if line.startswith("irspack==") else line for line in native.splitlines(True))
    # No cache: a wheel that another processor built would be taken from there.
    make(arguments.folder / "native", native, ["--no-binary", "irspack", "--no-cache-dir"], NATIVE)


if __name__ == "__main__":
    main()
