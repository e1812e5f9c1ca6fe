#!/usr/bin/env python3
"""Pages of a hand-made evaluation, with names that look like markup, and of an empty one are well-formed."""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract" / "support"))

import html_page


def main(program):
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("made.html", "empty.html")]
        subprocess.run([program, *paths], check=True)
        pages = [html_page.Page(path.read_bytes().decode("utf-8")) for path in paths]
    for page in pages:
        faults += page.faults
    if '<script>alert("1")</script> & \'Z\u00fcrich\' \ufffd\ufffd' not in pages[0].words:
        faults.append("the hostile name is not shown as text")
    if len(pages[0].drawings) < 5:
        faults.append(f"{len(pages[0].drawings)} drawings")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
