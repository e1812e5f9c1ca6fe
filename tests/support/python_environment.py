"""A virtual environment with the packages of some tests, made by a packages.py outside the source tree."""

import os
import pathlib
import sys


def enter(python, is_made, script):
    """Go on with the packages of the environment `python`; a test without them fails, it does not pass. `script` makes it."""
    if not is_made:
        sys.exit(f"the packages of this test are not in {python.parent}, or of other versions; to install them:\n  python3 {script}")
    if pathlib.Path(sys.prefix).resolve() != python.resolve():
        program = str(python / "bin" / "python")
        os.execv(program, [program, "-B", *sys.argv])
