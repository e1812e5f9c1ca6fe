#!/usr/bin/env python3
"""The workflows: nothing that zizmor objects to, every action by its commit, and steps that call what is in the tree.

test_workflows.py
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import packages

packages.enter()

import yaml

FOLDER = ROOT / ".github" / "workflows"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
CALLED = re.compile(r"(?:^|\s|\./)((?:deploy/\w+\.(?:sh|py))|(?:\./run))\b", re.MULTILINE)


def audit(path):
    done = subprocess.run([packages.PROGRAMS / "zizmor", "--offline", "--no-progress", path], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Workflows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workflows = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))}

    def jobs(self):
        for file, workflow in self.workflows.items():
            for name, job in workflow["jobs"].items():
                yield f"{file}: {name}", job

    def steps(self):
        for name, job in self.jobs():
            for step in job["steps"]:
                yield name, step

    def test_there_are_the_three(self):
        self.assertEqual(list(self.workflows), ["ci.yml", "deploy.yml", "retrain.yml"])

    def test_the_audit_finds_nothing(self):
        code, said = audit(FOLDER)
        self.assertEqual(code, 0, said)

    def test_the_audit_finds_what_is_wrong(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "broken.yml"
            path.write_text((FOLDER / "ci.yml").read_text(encoding="utf-8").replace("run: ./run test", "run: echo ${{ github.event.pull_request.title }}"))
            self.assertIn("template-injection", audit(path)[1])

    def test_actions_are_pinned_and_leave_no_credentials_behind(self):
        used = [step for _, step in self.steps() if "uses" in step]
        self.assertGreater(len(used), 5)
        for step in used:
            self.assertRegex(step["uses"], PINNED)
            if step["uses"].startswith("actions/checkout@"):
                self.assertIs(step["with"]["persist-credentials"], False)

    def test_rights_are_given_to_jobs_and_a_token_only_to_those_of_an_environment(self):
        for workflow in self.workflows.values():
            self.assertEqual(workflow["permissions"], {})
        for name, job in self.jobs():
            rights = dict(job["permissions"])
            self.assertEqual(rights.pop("contents"), "read", name)
            if rights:
                self.assertEqual(rights, {"id-token": "write"}, name)
                self.assertIn(job["environment"], ("production", "retraining"), name)

    def test_steps_call_what_is_in_the_tree(self):
        called = {script for _, step in self.steps() for script in CALLED.findall(step.get("run", ""))}
        self.assertIn("deploy/deploy.sh", called)
        for script in called:
            self.assertTrue((ROOT / script).is_file(), script)


if __name__ == "__main__":
    unittest.main()
