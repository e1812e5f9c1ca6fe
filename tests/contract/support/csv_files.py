"""CSV files as lists of dicts, plain or gzipped."""

import csv
import gzip
import pathlib


def find(folder, name):
    """folder/name or folder/name.gz; None when there is neither."""
    for path in (pathlib.Path(folder) / name, pathlib.Path(folder) / f"{name}.gz"):
        if path.exists():
            return path
    return None


def read(path):
    opened = gzip.open(path, "rt", encoding="utf-8-sig", newline="") if path.suffix == ".gz" else open(
        path, encoding="utf-8-sig", newline=""
    )
    with opened as file:
        return list(csv.DictReader(file))


def write(path, columns, rows):
    """rows: dicts; missing values are empty."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
