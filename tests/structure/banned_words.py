#!/usr/bin/env python3
"""Functions and marks that do not belong in the sources."""

import re

import source_tree

BANNED = {
    "strcpy": "no bound",
    "strcat": "no bound",
    "sprintf": "no bound",
    "vsprintf": "no bound",
    "gets": "no bound",
    "strtok": "hidden state",
    "atoi": "no error",
    "atol": "no error",
    "atof": "no error",
    "alloca": "no failure",
    "setlocale": "changes the whole process",
    "rand": "one hidden state for all; base/random.h",
    "srand": "one hidden state for all; base/random.h",
}
CALL = re.compile(rf"\b({'|'.join(BANNED)})\s*\(")
# The library neither prints nor ends the process.
LIBRARY_CALL = re.compile(r"\b(printf|puts|putchar|vprintf|abort|exit|_exit|perror)\s*\(|\b(stdout|stderr)\b")
MARK = re.compile(r"\b(TO[D]O|FIX[M]E|X{3}|HACK)\b")


def check(root):
    for path in source_tree.c_files(root):
        text = source_tree.read(root, path)
        for number, line in source_tree.code_lines(text):
            match = CALL.search(line)
            if match:
                yield f"{path}:{number}: {match[1]}: {BANNED[match[1]]}"
            match = LIBRARY_CALL.search(line) if path.parts[0] == "src" else None
            if match:
                yield f"{path}:{number}: {match[1] or match[2]}: the library does not print and does not end the process"
        for number, line in enumerate(text.split("\n"), 1):
            match = MARK.search(line)
            if match:
                yield f"{path}:{number}: {match[1]}: unfinished"


if __name__ == "__main__":
    source_tree.main(check)
