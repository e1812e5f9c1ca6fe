"""The report as a file of its own, and as a section of a page of the documentation."""

from __future__ import annotations

import dataclasses
import re

HEADING = "Measured"


@dataclasses.dataclass(frozen=True)
class Report:
    """What was measured so far; headings inside a section begin with ###."""

    machine: str
    sections: list[tuple[str, str]]  # title, text

    def text(self) -> str:
        """Markdown whose sections begin with ##."""
        parts = [self.machine, *(f"## {title}\n\n{text}" for title, text in self.sections)]
        return f"# {HEADING}\n\n" + "\n\n".join(parts) + "\n"


def publish(page: str, report: Report) -> str:
    """The page with its section `## Measured` replaced by the report, everything a level deeper; added if not there."""
    deeper = re.sub("^#", "##", report.text(), flags=re.MULTILINE)
    section = re.compile(rf"^## {HEADING}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if not section.search(page):
        return page.rstrip("\n") + "\n\n" + deeper
    return section.sub(lambda _: deeper + "\n", page, count=1).rstrip("\n") + "\n"
