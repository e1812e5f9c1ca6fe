"""Numbers, tables, the page they go to, and the search for the smallest number of iterations."""

import unittest

import summary
from report import Report, publish
from smallest import smallest_reaching
from worker import Measurement


def run(wall):
    return Measurement(wall=wall, cpu=2 * wall, longest_thread=wall, memory=0.0)


class Summary(unittest.TestCase):
    def test_three_digits_are_significant(self):
        shown = [summary.significant(value) for value in (0, 0.00123456, 0.0999, 0.5, 1, 12.345, 999.4, 1234567.8)]
        self.assertEqual(shown, ["0", "0.00123", "0.0999", "0.500", "1.00", "12.3", "999", "1,234,568"])

    def test_the_median_is_the_middle_run(self):
        runs = [run(3.0), run(1.0), run(10.0)]
        self.assertEqual(summary.median(runs, "wall"), 3.0)
        self.assertEqual(summary.median(runs, "cpu"), 6.0)
        self.assertEqual(summary.spread(runs, "wall"), "1.00 to 10.0")

    def test_a_ratio_to_nothing_is_not_a_number(self):
        self.assertEqual(summary.ratio(6.0, 4.0), "1.50 x")
        self.assertEqual(summary.ratio(6.0, 0.0), "-")

    def test_a_table_has_equally_long_lines(self):
        lines = summary.table(["name", "s"], [["a", "10.25"], ["long name", "1"]]).split("\n")
        self.assertEqual(lines[0], "| name      |     s |")
        self.assertEqual(lines[1], "|-----------|------:|")
        self.assertEqual(lines[3], "| long name |     1 |")


class Smallest(unittest.TestCase):
    def test_it_is_found_from_below_and_from_above(self):
        for guess in range(1, 10):
            self.assertEqual(smallest_reaching(lambda n: n >= 4, guess, 9), 4)

    def test_the_first_may_do(self):
        self.assertEqual(smallest_reaching(lambda n: True, 3, 9), 1)

    def test_none_may_do(self):
        tried = []
        self.assertIsNone(smallest_reaching(lambda n: tried.append(n), 3, 5))
        self.assertEqual(tried, [3, 4, 5])


class Publishing(unittest.TestCase):
    REPORT = Report("- a machine", [("One", "### a case\n\nrows")])

    def test_only_its_section_is_replaced(self):
        page = "# Page\n\n## Before\n\ntext\n\n## Measured\n\n### old\n\nold\n\n## After\n\nmore\n"
        published = publish(page, self.REPORT)
        measured = "## Measured\n\n- a machine\n\n### One\n\n#### a case\n\nrows\n\n"
        self.assertEqual(published, "# Page\n\n## Before\n\ntext\n\n" + measured + "## After\n\nmore\n")
        self.assertEqual(publish(published, self.REPORT), published)

    def test_it_is_added_at_the_end(self):
        published = publish("# Page\n\ntext\n", self.REPORT)
        self.assertTrue(published.startswith("# Page\n\ntext\n\n## Measured\n"))
        self.assertTrue(published.endswith("rows\n"))


if __name__ == "__main__":
    unittest.main()
