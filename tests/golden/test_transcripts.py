#!/usr/bin/env python3
"""The runner of the golden transcripts sees what it must see, and refreshes what it must refresh."""

import contextlib
import io
import os
import pathlib
import stat
import tempfile
import unittest

import transcripts

PROGRAM = """\
#!/bin/sh
echo "score 0.12345678901234567 of 12"
echo
echo "done in 0.25 s."
echo "purvey: it was 17 o'clock" >&2
exit 3
"""
CASE = """\
Why.

  $ purvey
  score 0.12345678901234567 of 12

  done in <seconds> s.
  ! purvey: it was * o'clock
  [3]

The end.
"""


class Runner(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.scratch.name)
        self.program, self.case = folder / "program", folder / "case.txt"
        self.program.write_text(PROGRAM)
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        os.environ.pop("GOLDEN_REFRESH", None)

    def tearDown(self):
        os.environ.pop("GOLDEN_REFRESH", None)
        self.scratch.cleanup()

    def passes(self, text):
        self.case.write_text(text)
        with contextlib.redirect_stdout(io.StringIO()):
            return transcripts.check(self.program, self.program.parent, self.case)

    def test_what_is_expected_passes(self):
        self.assertTrue(self.passes(CASE))

    def test_the_last_digits_of_a_fraction_may_differ(self):
        self.assertTrue(self.passes(CASE.replace("901234567", "901234599")))

    def test_more_than_the_last_digits_may_not(self):
        self.assertFalse(self.passes(CASE.replace("0.12345678901234567", "0.123456799")))

    def test_whole_numbers_text_order_and_count_of_lines_may_not_differ(self):
        self.assertFalse(self.passes(CASE.replace("of 12", "of 13")))
        self.assertFalse(self.passes(CASE.replace("score", "scores")))
        self.assertFalse(self.passes(CASE.replace("\n\n  done", "\n  done")))
        self.assertFalse(self.passes(CASE.replace("  [3]", "  one more\n  [3]")))

    def test_the_exit_code_counts(self):
        self.assertFalse(self.passes(CASE.replace("[3]", "[2]")))
        self.assertFalse(self.passes(CASE.replace("  [3]\n", "")))

    def test_standard_error_counts_and_only_there_a_star_stands_for_any_text(self):
        self.assertFalse(self.passes(CASE.replace("o'clock", "hours")))
        self.assertFalse(self.passes(CASE.replace("score 0.12345678901234567", "score *")))

    def test_refreshing_writes_what_was_printed_and_keeps_comments(self):
        os.environ["GOLDEN_REFRESH"] = "1"
        self.passes("Why.\n\n  $ purvey\n\nThe end.\n")
        self.assertEqual(self.case.read_text(), CASE.replace("*", "17"))

    def test_refreshing_keeps_patterns_that_still_hold(self):
        os.environ["GOLDEN_REFRESH"] = "1"
        self.passes(CASE)
        self.assertEqual(self.case.read_text(), CASE)

    def test_output_without_an_end_of_line_is_marked(self):
        self.assertTrue(self.passes("  $ printf text\n  text\n  (no newline)\n"))
        self.assertFalse(self.passes("  $ printf text\n  text\n"))

    def test_an_empty_line_at_the_end_is_marked(self):
        self.assertTrue(self.passes("  $ echo\n  (empty line)\n"))
        self.assertFalse(self.passes("  $ echo\n"))


if __name__ == "__main__":
    unittest.main()
