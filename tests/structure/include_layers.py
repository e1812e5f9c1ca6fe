#!/usr/bin/env python3
"""Includes point downward only, public headers stand alone, and each outside library is used in one place."""

import re

import source_tree

# Modules that stand side by side in CMakeLists.txt: neither may include the other.
SIBLINGS = ({"als", "topk", "events"},)

# A module that stands on few others, and who may stand on it, among the modules of src/.
STANDS_ON = {"remote": {"base", "remote"}}
STOOD_ON_BY = {"remote": {"remote", "registry"}}

# What a program of apps/ may include beside <purvey/...> and its own headers.
APPS_STAND_ON = {"lambda": ("base/", "remote/")}

# Header of an outside library or of processor intrinsics -> the folders that may include it, in how many files at most.
PLACES = {
    "sqlite3.h": (("src/shop/",), 1),
    "yaml.h": (("src/shop/",), 1),
    "zlib.h": (("src/shop/", "apps/server/"), 2),
    "zstd.h": (("src/shop/",), 1),
    "xxhash.h": (("src/model/", "src/shop/", "src/events/", "apps/server/"), 7),
    "microhttpd.h": (("apps/server/",), 1),
    "jansson.h": (("src/model/", "apps/cli/", "src/base/"), 4),
    "expat.h": (("src/remote/",), 1),
    "openssl/ssl.h": (("src/remote/",), 1),
    "openssl/bio.h": (("src/remote/",), 1),
    "openssl/err.h": (("src/remote/",), 1),
    "openssl/x509v3.h": (("src/remote/",), 1),
    "openssl/evp.h": (("src/remote/",), 1),
    "openssl/hmac.h": (("src/remote/",), 1),
    "openssl/sha.h": (("apps/server/",), 1),
    "openssl/crypto.h": (("src/remote/", "apps/server/"), 2),
    "emmintrin.h": (("src/shop/", "src/model/"), 2),  # SSE2, part of every x86-64
    "immintrin.h": (("src/kernels/",), 9),
    "arm_neon.h": (("src/kernels/",), 9),
    "cpuid.h": (("src/kernels/",), 1),
}

SYSTEM_HEADERS = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype "
    "dirent fcntl fnmatch ftw getopt glob iconv langinfo libgen poll pthread pwd regex sched spawn strings termios unistd "
    "endian sys/ioctl sys/mman sys/resource sys/stat sys/statvfs sys/time sys/types sys/uio sys/wait sys/file "
    "sys/random arpa/inet netdb netinet/in netinet/tcp sys/epoll sys/eventfd sys/socket linux/filter".split()
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(root, path):
    for number, line in source_tree.code_lines(source_tree.read(root, path)):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1] == "<", match[2]


def module_order(root):
    """The modules of src/, lowest first, in the order that CMakeLists.txt adds them."""
    text = source_tree.read(root, "CMakeLists.txt")
    return re.findall(r"^add_subdirectory\(src/(\w+)\)", text, re.MULTILINE)


def check_module(order, module, target):
    if target not in order:
        return f"{target}/ is no module of src/"
    if order.index(target) > order.index(module):
        return f"{module} stands below {target}"
    if target not in STANDS_ON.get(module, {target}):
        return f"{module} stands on {' and '.join(sorted(STANDS_ON[module] - {module}))} alone"
    if module not in STOOD_ON_BY.get(target, {module}):
        return f"{target} is for {' and '.join(sorted(STOOD_ON_BY[target] - {target}))} alone"
    if target != module and any({module, target} <= siblings for siblings in SIBLINGS):
        return f"{module} and {target} stand side by side"
    return None


def check_angled(path, name):
    """A file in <>: the public API, a standard header, or one that stands in its place."""
    if name.startswith("purvey/") or name.removesuffix(".h") in SYSTEM_HEADERS:
        return None
    if name not in PLACES:
        return f"<{name}> is neither standard nor a library that purvey stands on"
    folders = PLACES[name][0]
    if not str(path).startswith(folders):
        return f"<{name}> belongs to {' or '.join(folders)}"
    return None


def check_file(root, path, order):
    top, *rest = path.parts
    for number, is_angled, name in includes(root, path):
        problem = None
        if top == "include" and not (is_angled and check_angled(path, name) is None):
            problem = f"a public header includes {name}"
        elif is_angled:
            problem = check_angled(path, name)
        elif top == "src" and "/" in name:
            problem = check_module(order, rest[0], name.split("/")[0])
        elif top == "src":
            problem = f'"{name}" has no folder'
        elif top == "apps" and name.startswith("server/") and (root / "apps" / name).is_file():
            problem = None  # the server is a part of the program
        elif top == "apps" and name.startswith(APPS_STAND_ON.get(rest[0], ())) and (root / "src" / name).is_file():
            problem = None
        elif top == "apps" and not (root / path.parent / name).is_file():
            problem = f'"{name}" is no header of this program; apps use <purvey/...>'
        if problem:
            yield f"{path}:{number}: {problem}"


def check(root):
    order = module_order(root)
    for folder in sorted(path.name for path in (root / "src").iterdir() if path.is_dir()):
        if folder not in order:
            yield f"src/{folder}: CMakeLists.txt does not add it"
    users = {name: set() for name in PLACES}
    for path in source_tree.c_files(root, ("include", "src", "apps")):
        if path.parts[0] != "src" or path.parts[1] in order:
            yield from check_file(root, path, order)
        for _, is_angled, name in includes(root, path):
            if is_angled and name in users:
                users[name].add(str(path))
    for name, paths in users.items():
        if len(paths) > PLACES[name][1]:
            yield f"<{name}> is included by {', '.join(sorted(paths))}: at most {PLACES[name][1]}"


if __name__ == "__main__":
    source_tree.main(check)
