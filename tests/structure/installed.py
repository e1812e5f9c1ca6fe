#!/usr/bin/env python3
"""What `cmake --install` gives works: another program builds with pkg-config, shared and static, and runs.

installed.py SOURCE-FOLDER BUILD-FOLDER CMAKE COMPILER
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import source_tree

PROGRAM = """\
#include <purvey/purvey.h>
#include <stdio.h>
int main(void)
{
    pv_model *model = NULL;
    pv_error error = {0};
    const pv_status status = pv_model_open(&model, "no/such/file", &error);
    printf("%s %s\\n", pv_version(), pv_status_json_code(status));
    return 0;
}
"""


def run(*command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def only(prefix, pattern):
    found = sorted(prefix.glob(pattern))
    if not found:
        sys.exit(f"not installed: {pattern}")
    return found[0]


def declared(source):
    """Names of the functions that the public headers declare with PV_API."""
    names = set()
    for path in source_tree.c_files(source, ("include",)):
        code = "\n".join(line for _, line in source_tree.code_lines(source_tree.read(source, path)))
        names |= set(re.findall(r"^PV_API\b[^;]*?\b(pv_\w+)\(", code, re.MULTILINE))
    return names


def exported(library):
    return {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", library).splitlines()}


def check_symbols(source, library):
    different = declared(source) ^ exported(library)
    if different:
        sys.exit(f"declared with PV_API or exported, but not both: {', '.join(sorted(different))}")


def check_programs(prefix, version, compiler, scratch):
    pc_folder = only(prefix, "lib*/**/pkgconfig/purvey.pc").parent
    library_folder = str(only(prefix, "lib*/**/libpurvey.so").parent)

    def flags(*arguments):
        path = os.environ.get("PKG_CONFIG_PATH", "")
        return run("pkg-config", *arguments, "purvey", PKG_CONFIG_PATH=f"{pc_folder}:{path}").split()

    if flags("--modversion") != [version]:
        sys.exit("purvey.pc has another version")
    source = scratch / "program.c"
    source.write_text(PROGRAM)
    static = ["-l:libpurvey.a" if flag == "-lpurvey" else flag for flag in flags("--cflags", "--libs", "--static")]
    for name, options, path in (
        ("shared", flags("--cflags", "--libs"), library_folder),
        ("static", static, ""),
    ):
        program = scratch / name
        run(compiler, "-std=c11", "-Wall", "-Werror", source, "-o", program, *options)
        answer = run(program, LD_LIBRARY_PATH=path)
        if answer.split() != [version, "bad_input"]:
            sys.exit(f"{name} program printed {answer!r}")


def main():
    if len(sys.argv) != 5:
        sys.exit(f"usage: {sys.argv[0]} SOURCE-FOLDER BUILD-FOLDER CMAKE COMPILER")
    source, build, cmake, compiler = sys.argv[1:]
    version = source_tree.read(pathlib.Path(source), "VERSION").strip()
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        prefix = scratch / "prefix"
        run(cmake, "--install", build, "--prefix", prefix)
        only(prefix, "include/purvey/status.def")
        only(prefix, "share/man/man1/purvey.1")
        if "purvey" not in run(only(prefix, "bin/purvey"), "--help"):
            sys.exit("the installed program does not help")
        check_symbols(pathlib.Path(source), only(prefix, "lib*/**/libpurvey.so"))
        check_programs(prefix, version, compiler, scratch)


if __name__ == "__main__":
    main()
