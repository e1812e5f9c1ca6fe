#!/usr/bin/env python3
"""A file's name tells what it is: unique in the whole tree, snake_case, and no drawer for leftovers."""

import re

import source_tree

DRAWERS = {"util", "utils", "misc", "common", "helper", "helpers"}
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\.(c|h|def)")


def check(root):
    seen = {}
    for path in source_tree.c_files(root):
        if not NAME.fullmatch(path.name):
            yield f"{path}: the name is not snake_case"
        if DRAWERS & set(path.stem.split("_")):
            yield f"{path}: the name does not say what is in it"
        # A public header may have an internal counterpart: <purvey/text.h> and "base/text.h".
        key = (path.name, path.parts[0] == "include")
        if key in seen:
            yield f"{path}: {seen[key]} has the same name"
        seen.setdefault(key, path)


if __name__ == "__main__":
    source_tree.main(check)
