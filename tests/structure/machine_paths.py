#!/usr/bin/env python3
"""No file of the project names a folder of somebody's machine."""

import re

import source_tree

PATH = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/")
TEXT_SUFFIXES = {".c", ".h", ".def", ".py", ".md", ".cmake", ".txt", ".json", ".yaml", ".yml", ".in", ".1", ".sh", ""}
SKIPPED = re.compile(r"(^|/)(\.git|build|build-[^/]*|corpus|__pycache__)(/|$)")


def check(root):
    this_folder = "tests/structure"  # plants such paths on purpose
    for path in sorted(root.rglob("*")):
        relative = str(path.relative_to(root))
        if path.suffix not in TEXT_SUFFIXES or SKIPPED.search(relative) or not path.is_file():
            continue
        if relative.startswith(this_folder):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
            if PATH.search(line):
                yield f"{relative}:{number}: a path of one machine"


if __name__ == "__main__":
    source_tree.main(check)
