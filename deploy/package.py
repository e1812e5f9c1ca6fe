#!/usr/bin/env python3
"""The zip that AWS Lambda takes: `bootstrap` at its root, executable, and what belongs beside it.

    package.py BOOTSTRAP -o ZIP [--model FILE] [--strip PROGRAM] [--readelf PROGRAM]

Beside it lie purvey.model, with --model, and certificates.pem: Amazon's certificate authorities, from this machine's list
(Debian's ca-certificates), so that a start with S3 does not read all 140 of them. The same inputs give the same bytes: fixed
times, order and modes. A program that needs more than libc and libm, or a symbol newer than Amazon Linux 2023 has, is refused.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

LIBRARIES = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
GLIBC_NEWEST = (2, 34)  # of Amazon Linux 2023
AUTHORITIES = pathlib.Path("/etc/ssl/certs")
# Amazon Trust Services: what the certificates of AWS's services come from.
AUTHORITY_NAMES = (
    "Amazon_Root_CA_1.pem",
    "Amazon_Root_CA_2.pem",
    "Amazon_Root_CA_3.pem",
    "Amazon_Root_CA_4.pem",
    "Starfield_Services_Root_Certificate_Authority_-_G2.pem",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can tell


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_program(path, readelf):
    """What keeps the program from starting on AWS Lambda."""
    needed = set(re.findall(r"\(NEEDED\).*\[(.+?)\]", output_of(readelf, "--dynamic", path)))
    if needed - LIBRARIES:
        sys.exit(f"package.py: {path} needs {', '.join(sorted(needed - LIBRARIES))}, which AWS Lambda does not have")
    # What the loader asks of each library before it starts a program: versions of symbols, and of what is no symbol (GLIBC_ABI_...).
    for version in sorted(set(re.findall(r"Name: (\S+)", output_of(readelf, "--version-info", "--wide", path)))):
        numbers = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", version)
        if not numbers or tuple(map(int, numbers.groups())) > GLIBC_NEWEST:
            sys.exit(f"package.py: {path} needs {version}; AWS Lambda has GLIBC_{GLIBC_NEWEST[0]}.{GLIBC_NEWEST[1]}")


def certificates():
    missing = [name for name in AUTHORITY_NAMES if not (AUTHORITIES / name).exists()]
    if missing:
        sys.exit(f"package.py: {AUTHORITIES}/{missing[0]} is missing: install ca-certificates")
    return b"".join((AUTHORITIES / name).read_bytes() for name in AUTHORITY_NAMES)


def add(archive, name, content, mode, compress=True):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system = 3  # Unix: the mode counts
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    archive.writestr(entry, content, compresslevel=9)


def make(options):
    check_program(options.bootstrap, options.readelf)
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "bootstrap"
        subprocess.run([options.strip, "-o", stripped, options.bootstrap], check=True)
        part = options.output.with_name(options.output.name + ".part")
        with zipfile.ZipFile(part, "w") as archive:
            add(archive, "bootstrap", stripped.read_bytes(), 0o755)
            add(archive, "certificates.pem", certificates(), 0o644)
            if options.model:
                add(archive, "purvey.model", options.model.read_bytes(), 0o644)
        part.replace(options.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bootstrap", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--strip", default="strip")
    parser.add_argument("--readelf", default="readelf")
    options = parser.parse_args()
    for tool in (options.strip, options.readelf):
        if not shutil.which(tool):
            sys.exit(f"package.py: {tool} is missing: install binutils")
    for path in filter(None, (options.bootstrap, options.model)):
        if not path.is_file():
            sys.exit(f"package.py: {path}: no such file")
    make(options)
    print(f"{options.output}: {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
