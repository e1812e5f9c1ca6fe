"""A worker's marked part is measured, and nothing else of it."""

import os
import pathlib
import sys
import tempfile
import textwrap
import unittest
import unittest.mock

import worker

PEERS = worker.BENCH / "peers"


class Worker(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_worker(self, text, environment=None):
        script = self.folder / "script.py"
        script.write_text(f"import sys; sys.path.insert(0, {str(PEERS)!r}); import marks\n" + textwrap.dedent(text))
        return worker.run([sys.executable, script], environment or {}, self.folder / "errors")

    def test_only_the_marked_memory_counts(self):
        measured = self.run_worker(
            """
            before = bytearray(b"x") * 80_000_000
            del before
            with marks.measured("part"):
                within = bytearray(b"x") * 20_000_000
            after = bytearray(b"x") * 90_000_000
            """
        )
        self.assertEqual(list(measured), ["part"])
        self.assertGreater(measured["part"].memory, 15e6)
        self.assertLess(measured["part"].memory, 85e6)

    def test_the_work_of_the_part_is_seen_on_both_clocks(self):
        part = self.run_worker(
            """
            with marks.measured("part"):
                sum(range(1_000_000))
            """
        )["part"]
        self.assertGreater(part.wall, 0)
        self.assertGreater(part.cpu, 0)
        self.assertLess(part.cpu, 60)

    def test_what_a_library_prints_does_not_disturb(self):
        measured = self.run_worker('print("end part")\nwith marks.measured("a"): print("begin b")\n')
        self.assertEqual(list(measured), ["a"])

    def test_a_worker_that_fails_says_why(self):
        with self.assertRaisesRegex(worker.WorkerError, "(?s)exit 1.*no such thing"):
            self.run_worker('raise ValueError("no such thing")')

    def test_settings_of_the_shell_do_not_reach_a_worker(self):
        with unittest.mock.patch.dict(os.environ, {"OPENBLAS_NUM_THREADS": "7", "PURVEY_ISA": "scalar"}):
            self.assertNotIn("PURVEY_ISA", worker.clean_environment({}))
            self.assertEqual(worker.clean_environment({"OPENBLAS_NUM_THREADS": "1"})["OPENBLAS_NUM_THREADS"], "1")


if __name__ == "__main__":
    unittest.main()
