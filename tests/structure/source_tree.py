"""What the structure checks share: which files there are, their text, and how a check reports.

Each check is a program with a function check(root) that yields one line per violation. Its arguments are the root of
the source tree; it prints the violations and fails if there are any.
"""

import pathlib
import re
import sys

C_FOLDERS = ("include", "src", "apps", "tests", "fuzz")


def c_files(root, folders=C_FOLDERS):
    """Every .c, .h and .def file, as paths relative to the root."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".def") and path.is_file():
                yield path.relative_to(root)


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_lines(text):
    """(line number, line) with comments and the insides of string and character literals blanked out.

    #include lines keep their file name.
    """

    def blank(match):
        found = match.group()
        if found[0] == '"' and re.search(r"#\s*include\s*$", text[: match.start()].rpartition("\n")[2]):
            return found
        return "".join("\n" if c == "\n" else " " for c in found)

    return enumerate(COMMENT_OR_TEXT.sub(blank, text).split("\n"), 1)


def main(check):
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} SOURCE-FOLDER")
    violations = list(check(pathlib.Path(sys.argv[1])))
    for violation in violations:
        print(violation)
    sys.exit(1 if violations else 0)
