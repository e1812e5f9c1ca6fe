#!/usr/bin/env python3
"""The zip for arm64 as `./run package` makes it: its bootstrap, run by qemu-user, answers AWS's emulator.

test_package_arm64.py PURVEY

The program is given libc, libm and the loader of arm64 alone: any other library would have to be one of this machine, which
is of another kind. Instruction sets add in another order, so that answers are compared within 1e-9; with PURVEY_ISA=scalar on
both sides they are the same bytes.
"""

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import packages

packages.enter()
from emulator import Emulator

SHOP = ROOT / "examples" / "simple-shop"
CROSS_LIBRARIES = pathlib.Path("/usr/aarch64-linux-gnu/lib")
RUNTIME = ("ld-linux-aarch64.so.1", "libc.so.6", "libm.so.6")
ARM64 = 183  # EM_AARCH64, the machine in an ELF file's head
CLOSE = 1e-9
EVENT = json.dumps({"user_id": 123, "n": 5, "envelope": False}).encode()


def unpack(archive, folder):
    with zipfile.ZipFile(archive) as unpacked:
        for entry in unpacked.infolist():
            pathlib.Path(unpacked.extract(entry, folder)).chmod(entry.external_attr >> 16)


class PackageArm64(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-arm64-")
        cls.addClassCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        cls.model, cls.task, cls.libraries = folder / "shop.model", folder / "task", folder / "root"
        subprocess.run([cls.program, "train", SHOP, "-o", cls.model, "--quiet"], check=True)
        archive = folder / "arm64.zip"
        subprocess.run([ROOT / "run", "package", "--arch", "arm64", "--model", cls.model, "-o", archive], check=True, stdin=subprocess.DEVNULL)
        unpack(archive, cls.task)
        (cls.libraries / "lib").mkdir(parents=True)
        for name in RUNTIME:
            shutil.copyfile(CROSS_LIBRARIES / name, cls.libraries / "lib" / name)

    def answer(self, **environment):
        command = ["qemu-aarch64-static", "-L", self.libraries, self.task / "bootstrap"]
        with Emulator(command=command, LAMBDA_TASK_ROOT=str(self.task), **environment) as emulator:
            status, body = emulator.invoke(EVENT)
            self.assertEqual(status, 200, emulator.logged())
            return body.decode()

    def expected(self, **environment):
        command = [self.program, "recommend", self.model, "--user", "123", "-n", "5", "--format", "json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
        return done.stdout.rstrip("\n")

    def assert_close(self, got, wanted, place=""):
        self.assertIs(type(got), type(wanted), place)
        if isinstance(wanted, dict):
            self.assertEqual(list(got), list(wanted), place)
            for name in wanted:
                self.assert_close(got[name], wanted[name], f"{place}/{name}")
        elif isinstance(wanted, list):
            self.assertEqual(len(got), len(wanted), place)
            for k, (one, other) in enumerate(zip(got, wanted)):
                self.assert_close(one, other, f"{place}/{k}")
        elif isinstance(wanted, float):
            self.assertLessEqual(abs(got - wanted), CLOSE * max(1, abs(wanted)), place)
        else:
            self.assertEqual(got, wanted, place)

    def test_it_is_a_program_for_arm64(self):
        head = (self.task / "bootstrap").read_bytes()[:20]
        self.assertEqual((head[:4], int.from_bytes(head[18:20], "little")), (b"\x7fELF", ARM64))

    def test_plain_loops_give_the_bytes_of_this_machine(self):
        self.assertEqual(self.answer(PURVEY_ISA="scalar"), self.expected(PURVEY_ISA="scalar"))

    def test_vectors_give_the_same_answer(self):
        self.assert_close(json.loads(self.answer()), json.loads(self.expected()))


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        sys.exit("this test emulates arm64 on x86_64")
    PackageArm64.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
