#!/usr/bin/env python3
"""What package.py lets into a zip: small programs, one beside each line that Amazon Linux 2023 draws.

test_package_symbols.py CC
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

PACKAGE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "package.py"
PLAIN = "static int number; int *volatile pointer = &number; int main(void) { return *pointer; }"
NEWER = "#include <stdlib.h>\nint main(void) { return (int)arc4random(); }"  # glibc 2.36
COMPRESSES = "#include <zlib.h>\nint main(void) { return zlibVersion()[0]; }"


class PackageSymbols(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="purvey-symbols-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def package(self, source, *options):
        """What is said of a program of this source, or None where there is a zip."""
        program, archive = self.folder / "bootstrap", self.folder / "made.zip"
        subprocess.run([self.compiler, "-x", "c", "-", "-o", program, *options], input=source, text=True, check=True)
        done = subprocess.run([sys.executable, "-B", PACKAGE, program, "-o", archive], capture_output=True, text=True)
        self.assertEqual(done.returncode == 0, archive.exists())
        return None if archive.exists() else done.stderr

    def test_libc_and_libm_are_there(self):
        self.assertIsNone(self.package(PLAIN))
        self.assertIsNone(self.package(PLAIN, "-Wl,--no-as-needed", "-lm"))

    def test_a_function_that_is_newer_is_refused(self):
        self.assertIn("needs GLIBC_2.36; AWS Lambda has GLIBC_2.34", self.package(NEWER))

    def test_relocations_that_an_older_loader_cannot_read_are_refused(self):
        self.assertIn("needs GLIBC_ABI_DT_RELR", self.package(PLAIN, "-pie", "-fPIE", "-Wl,-z,pack-relative-relocs"))

    def test_another_library_is_refused(self):
        self.assertIn("needs libz.so.1, which AWS Lambda does not have", self.package(COMPRESSES, "-lz"))


if __name__ == "__main__":
    PackageSymbols.compiler = sys.argv.pop(1)
    unittest.main()
