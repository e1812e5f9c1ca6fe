#!/usr/bin/env python3
"""Every header compiles alone: public ones as C11 and C++17, internal ones as C17.

headers_alone.py SOURCE-FOLDER COMPILER. Without a C++ compiler beside it, C++17 is checked by clang-19.
"""

import pathlib
import shutil
import subprocess
import sys

import source_tree

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


def compile_alone(root, header, command):
    """The compiler's complaint about a file that only includes the header twice; None when there is none."""
    source = f'#include "{header}"\n#include "{header}"\n'
    result = subprocess.run([*command, *WARNINGS, "-"], input=source, cwd=root, capture_output=True, text=True)
    return result.stderr.strip() if result.returncode else None


def cxx_command():
    for compiler in ("g++", "clang++-19", "clang++"):
        if shutil.which(compiler):
            return [compiler, "-x", "c++", "-std=c++17", "-Iinclude"]
    return None


def check(root, compiler="gcc"):
    cxx = cxx_command()
    if cxx is None:
        yield "no C++ compiler: install g++ or clang-19"
        return
    public = [[compiler, "-x", "c", "-std=c11", "-Iinclude"], cxx]
    internal = [[compiler, "-x", "c", "-std=c17", "-D_GNU_SOURCE", "-Iinclude", "-Isrc"]]
    for path in source_tree.c_files(root, ("include", "src")):
        if path.suffix != ".h":
            continue
        for command in public if path.parts[0] == "include" else internal:
            name = str(path.relative_to(path.parts[0]))
            complaint = compile_alone(root, name, command)
            if complaint:
                yield f"{path}: {' '.join(command[:4])}:\n{complaint}"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} SOURCE-FOLDER COMPILER")
    violations = list(check(pathlib.Path(sys.argv[1]), sys.argv[2]))
    print("\n".join(violations))
    sys.exit(1 if violations else 0)
