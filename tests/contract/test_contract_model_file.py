#!/usr/bin/env python3
"""The contract, section 5: what stands in a model file, byte by byte, and that a changed one is refused."""

import ctypes
import ctypes.util
import json
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import purvey_program
from small_shop import Shops, csv_text, run_checks

EXAMPLES = purvey_program.EXAMPLES
SIZES = {"F32": 4, "F64": 8, "BOOL": 1, **{f"{sign}{bits}": bits // 8 for sign in "IU" for bits in (8, 16, 32, 64)}}
ALIGNMENT, NEIGHBOURS_MAX, DIGITS = 64, 256, 32
CHANGED_BYTES, CUT_LENGTHS = 300, 100


class Hash128(ctypes.Structure):
    _fields_ = [("low64", ctypes.c_uint64), ("high64", ctypes.c_uint64)]


def xxh3_128(data):
    """Lower-case hex digits, by the reference library; None where it is not installed."""
    name = ctypes.util.find_library("xxhash")
    if name is None:
        return None
    hash = ctypes.CDLL(name).XXH3_128bits
    hash.restype, hash.argtypes = Hash128, (ctypes.c_char_p, ctypes.c_size_t)
    made = hash(data, len(data))
    return f"{made.high64:016x}{made.low64:016x}"


class Parsed:
    """A safetensors file, read by its own rules: 8 bytes of length, JSON, data."""

    def __init__(self, path):
        self.bytes = pathlib.Path(path).read_bytes()
        (self.header_size,) = struct.unpack_from("<Q", self.bytes)
        self.text = self.bytes[8 : 8 + self.header_size].decode("utf-8")
        self.header = json.loads(self.text)
        self.metadata = self.header.pop("__metadata__")
        self.data = self.bytes[8 + self.header_size :]

    def tensor(self, name):
        begin, end = self.header[name]["data_offsets"]
        return self.data[begin:end]

    def numbers(self, name):
        entry = self.header[name]
        kind = {"F32": "f", "F64": "d", "I32": "i", "I64": "q", "U8": "B", "BOOL": "B"}[entry["dtype"]]
        raw = self.tensor(name)
        return struct.unpack(f"<{len(raw) // SIZES[entry['dtype']]}{kind}", raw)


def model(shops, name="simple-shop", file="m.model", *options):
    path = shops.folder / file
    done = shops.run("train", EXAMPLES / name, "-o", path, "--quiet", "--factors", 8, "--iterations", 2, *options)
    if done.code:
        raise RuntimeError(str(done))
    return path


def the_container_is_safetensors(shops, findings):
    for name in ("simple-shop", "adventureworks"):
        file = Parsed(model(shops, name))
        start = 8 + file.header_size
        findings.check(start % ALIGNMENT == 0, f"{name}: the header ends at {start}")
        findings.check(file.text.rstrip(" ").endswith("}") and file.text.startswith("{"), f"{name}: header is padded with spaces")
        end = 0
        for key, entry in sorted(file.header.items(), key=lambda pair: (pair[1]["data_offsets"], pair[0])):
            begin, next_end = entry["data_offsets"]
            size = SIZES.get(entry["dtype"], 0)
            for extent in entry["shape"]:
                size *= extent
            findings.check(entry["dtype"] in SIZES, f"{name}: {key} has dtype {entry['dtype']}")
            findings.check(begin == end, f"{name}: {key} begins at {begin}, what is before it ends at {end}")
            findings.check(next_end - begin == size, f"{name}: {key} has {next_end - begin} bytes, its shape {size}")
            is_aligned = (start + begin) % ALIGNMENT == 0 or key.startswith("padding.")
            findings.check(is_aligned, f"{name}: {key} begins at {start + begin} of the file")
            end = next_end
        findings.check(end == len(file.data), f"{name}: tensors end at {end}, data at {len(file.data)}")
        findings.check(all(isinstance(value, str) for value in file.metadata.values()), f"{name}: metadata values are texts")


def the_agreed_tensors_are_there(shops, findings):
    file = Parsed(model(shops))
    users, products, factors = 161, 147, 8
    expected = {
        "user_factors": ("F32", [users, factors]), "product_factors": ("F32", [products, factors]),
        "user_ids.offsets": ("I64", [users + 1]), "product_ids.offsets": ("I64", [products + 1]),
    }
    for key, (dtype, shape) in expected.items():
        entry = file.header.get(key)
        findings.check(entry is not None and (entry["dtype"], entry["shape"]) == (dtype, shape), f"{key}: {entry}")
    for key in ("user_ids", "product_ids"):
        offsets, text = file.numbers(f"{key}.offsets"), file.tensor(f"{key}.bytes")
        findings.check(file.header[f"{key}.bytes"]["dtype"] == "U8", f"{key}.bytes is U8")
        ids = [text[begin:end] for begin, end in zip(offsets, offsets[1:])]
        findings.check(offsets[0] == 0 and offsets[-1] == len(text), f"{key}: offsets {offsets[0]} to {offsets[-1]}")
        findings.check(ids == sorted(set(ids)), f"{key}: in bytewise order, each once")
    named = [key for key in file.header if "." not in key and key not in ("user_factors", "product_factors") ]
    findings.check(not named, f"tensors that are not PART.NAME: {named}")
    for metadata in ("format_version", "data_hash", "as_of", "checksum"):
        findings.check(metadata in file.metadata, f"metadata has no {metadata}: {sorted(file.metadata)}")
    everything = " ".join(file.metadata)
    for word in ("options", "metrics", "weights"):
        findings.check(word in everything, f"metadata has no {word}: {sorted(file.metadata)}")


def the_checksum_is_that_of_the_whole_file(shops, findings):
    for name in ("simple-shop", "adventureworks"):
        file = Parsed(model(shops, name))
        checksum = file.metadata["checksum"].encode()
        findings.check(len(checksum) == DIGITS and file.bytes.count(checksum) == 1, f"{name}: checksum {checksum}")
        blanked = file.bytes.replace(checksum, b"0" * DIGITS)
        recomputed = xxh3_128(blanked)
        if recomputed is None:
            findings.say("libxxhash is not there: the checksum is not recomputed")
            return
        findings.check(recomputed == checksum.decode(), f"{name}: checksum {checksum.decode()}, recomputed {recomputed}")


def the_same_input_and_options_give_the_same_bytes(shops, findings):
    first = model(shops).read_bytes()
    copy = shops.folder / "elsewhere" / "copy"
    copy.mkdir(parents=True)
    for name in ("user_purchases.csv", "products.csv", "users.csv"):
        (copy / name).write_bytes((EXAMPLES / "simple-shop" / name).read_bytes())
    options = ("--quiet", "--factors", 8, "--iterations", 2)
    for threads in (1, 2, 3, 7):
        done = shops.run("train", copy, "-o", shops.folder / f"other{threads}", *options, "--threads", threads)
        findings.check(done.code == 0 and (shops.folder / f"other{threads}").read_bytes() == first, f"{threads} threads, another folder: other bytes")
    done = shops.run("train", "copy", "-o", "m", *options, cwd=copy.parent)
    findings.check((copy.parent / "m").read_bytes() == first, f"a relative path: other bytes {done}")
    for word in (b"elsewhere", b"purvey-contract", str(EXAMPLES).encode()):
        findings.check(word not in first, f"the model names the path {word}")
    big = model(shops, "adventureworks", "a1", "--threads", 1).read_bytes()
    findings.check(big == model(shops, "adventureworks", "a2", "--threads", 4).read_bytes(), "adventureworks: threads change bytes")
    findings.check(model(shops, "simple-shop", "seeded", "--seed", 7).read_bytes() != first, "another seed gives another model")


def tables_keep_at_most_256_neighbours(shops, findings):
    rows = [(f"u{u}", f"p{p:03}") for u in range(24) for p in range(300) if u < 12]
    rows += [(f"u{u}", f"q{u}") for u in range(12, 60)]
    file = Parsed(shops.fitted({"user_purchases.csv": csv_text(("user_id", "product_id"), rows)}).path)
    offsets = file.numbers("bought_together.offset")
    longest = max(end - begin for begin, end in zip(offsets, offsets[1:]))
    findings.check(longest == NEIGHBOURS_MAX, f"300 products always bought together: {longest} neighbours")


def refused(shops, path):
    """The complaint of `recommend`, or None when it answers."""
    done = shops.run("recommend", path, "--user", "1", "-n", 1)
    if done.code != 3 or done.out or done.err.count("\n") != 1 or path.name not in done.err:
        return f"{done}"
    return None


def any_missing_byte_is_noticed(shops, findings):
    whole = model(shops).read_bytes()
    picked = random.Random(1)
    lengths = {0, 1, 7, 8, 9, 63, 64, len(whole) // 2, len(whole) - 1} | {picked.randrange(len(whole)) for _ in range(CUT_LENGTHS)}
    path = shops.folder / "cut.model"
    for length in sorted(lengths):
        path.write_bytes(whole[:length])
        fault = refused(shops, path)
        findings.check(fault is None, f"cut at {length} of {len(whole)}: {fault}")
    for more in (b"\0", b"x" * 100):
        path.write_bytes(whole + more)
        fault = refused(shops, path)
        findings.check(fault is None, f"{len(more)} bytes too many: {fault}")


def any_changed_byte_is_noticed(shops, findings):
    source = model(shops)
    whole = source.read_bytes()
    header_end = 8 + struct.unpack_from("<Q", whole)[0]
    picked = random.Random(2)
    places = [*range(0, 16), header_end - 1, header_end, len(whole) - 1]
    places += [picked.randrange(header_end) for _ in range(CHANGED_BYTES // 2)] + [picked.randrange(len(whole)) for _ in range(CHANGED_BYTES // 2)]
    digits = whole.index(Parsed(source).metadata["checksum"].encode())
    places += range(digits, digits + DIGITS)
    path = shops.folder / "changed.model"
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= picked.choice((1, 2, 4, 8, 16, 32, 64, 128, 255))
        path.write_bytes(changed)
        fault = refused(shops, path)
        findings.check(fault is None, f"byte {place} changed: {fault}")
    path.write_bytes(whole[:header_end] + bytes(len(whole) - header_end))
    findings.check(refused(shops, path) is None, "data all zero")


def all_commands_refuse_a_changed_model(shops, findings):
    whole = bytearray(model(shops).read_bytes())
    whole[-100] ^= 1
    path = shops.folder / "changed.model"
    path.write_bytes(whole)
    (shops.folder / "pairs.csv").write_text("user_id,product_id\n1,2\n")
    for arguments in (("info",), ("explain", "--user", "1", "--product", "BB-7421"), ("similar", "--product", "BB-7421"), ("recommend", "--all", "-o", "x.csv"), ("rank", "--pairs", "pairs.csv", "-o", "x.csv")):
        done = shops.run(arguments[0], path, *arguments[1:])
        findings.check(done.code == 3 and "altered" in done.err, f"{arguments[0]}: {done}")


def another_format_version_is_told(shops, findings):
    """With a right checksum, so that the version itself is looked at."""
    whole = model(shops).read_bytes()
    old = b'"format_version":"2"'
    if not findings.check(whole.count(old) == 1, "format_version stands in the header as such"):
        return
    checksum = Parsed(shops.folder / "m.model").metadata["checksum"].encode()
    blanked = whole.replace(checksum, b"0" * DIGITS).replace(old, b'"format_version":"9"')
    recomputed = xxh3_128(blanked)
    if recomputed is None:
        return
    path = shops.folder / "newer.model"
    at = whole.index(checksum)
    path.write_bytes(blanked[:at] + recomputed.encode() + blanked[at + DIGITS :])
    done = shops.run("info", path)
    findings.check(done.code == 3 and "version" in done.err and "altered" not in done.err, f"format version 9: {done}")


def test(purvey, folder, findings):
    run_checks(globals(), Shops(purvey, folder), findings)


if __name__ == "__main__":
    purvey_program.main(test)
