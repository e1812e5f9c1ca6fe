#!/usr/bin/env python3
"""actionlint reads the workflows, shellcheck the scripts.

test_lint.py
"""

import pathlib
import shutil
import subprocess
import unittest

import build_actionlint

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = [*sorted((ROOT / "deploy").glob("*.sh")), ROOT / "run"]


class Lint(unittest.TestCase):
    def check(self, *command, code=0, text=None):
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def test_workflows(self):
        self.check(build_actionlint.program(), *WORKFLOWS)
        broken = WORKFLOWS[0].read_text(encoding="utf-8").replace("matrix.runner", "matrix.machine")
        self.check(build_actionlint.program(), "-", code=1, text=broken)

    def test_scripts(self):
        self.assertTrue(shutil.which("shellcheck"), "shellcheck is not installed: apt-get install shellcheck")
        self.check("shellcheck", *SCRIPTS)
        self.check("shellcheck", "-", code=1, text="#!/bin/sh\nrm $1\n")


if __name__ == "__main__":
    unittest.main()
