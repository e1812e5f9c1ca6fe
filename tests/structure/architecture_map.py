#!/usr/bin/env python3
"""ARCHITECTURE.md names every folder of src/ and apps/, and no folder of theirs that does not exist."""

import re

import source_tree


def check(root):
    text = source_tree.read(root, "ARCHITECTURE.md")
    folders = {
        f"{top}/{path.name}"
        for top in ("src", "apps")
        for path in (root / top).iterdir()
        if path.is_dir() and any(path.iterdir())
    }
    named = {match.rstrip("/") for match in re.findall(r"\b(?:src|apps)/\w+", text)}
    for folder in sorted(folders - named):
        yield f"ARCHITECTURE.md: does not name {folder}"
    for folder in sorted(named - folders):
        yield f"ARCHITECTURE.md: names {folder}, which does not exist"


if __name__ == "__main__":
    source_tree.main(check)
