"""Reading user_purchases.csv on one thread: purvey's reader, polars and duckdb, the same columns of the same file.

purvey's reader does more: it checks every cell, numbers the ids and hashes the rows, as training needs it.
"""

from __future__ import annotations

import csv
import gzip
import pathlib

import inputs
import summary
import worker
from programs import Places
from purchase_columns import COLUMNS

SOURCE = ("CustomerID", "StockCode", "Invoice", "InvoiceDate", "Quantity", "Price")
COPIES = 4
HEADS = ("reader", "CPU s", "smallest to largest", "seconds", "MB/s of CPU time", "MB grown", "CPU : purvey")


def write_purchases(shop: pathlib.Path) -> pathlib.Path:
    """A shop with one plain user_purchases.csv: the purchases of Online Retail, several times over."""
    path = shop / "user_purchases.csv"
    shop.mkdir(parents=True, exist_ok=True)
    with gzip.open(inputs.RETAIL / "transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [[row[column] for column in SOURCE] for row in csv.DictReader(file) if inputs.is_purchase(row)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for _ in range(COPIES):
            writer.writerows(rows)
    return path


def measure(places: Places, repeat: int) -> str:
    """The section of the report."""
    path = write_purchases(places.work / "purchases")
    polars = places.peer("wheels", "read_polars.py")
    readers = {
        "purvey": ([places.programs / "reader_bench", path.parent], {}),
        "polars": ([*polars, path, "dates"], {"POLARS_MAX_THREADS": "1"}),
        "polars, time left as text": ([*polars, path, "text"], {"POLARS_MAX_THREADS": "1"}),
        "duckdb": ([*places.peer("wheels", "read_duckdb.py"), path], {}),
    }
    runs: dict[str, list[worker.Measurement]] = {name: [] for name in readers}
    for _ in range(repeat):
        for name, (command, environment) in readers.items():
            runs[name].append(worker.run(command, environment, places.work / "errors.txt")["read"])
    base = summary.median(runs["purvey"], "cpu")
    size = path.stat().st_size
    rows = []
    for name, done in runs.items():
        cpu = summary.median(done, "cpu")
        rows.append(
            [
                name,
                summary.significant(cpu),
                summary.spread(done, "cpu"),
                summary.significant(summary.median(done, "wall")),
                summary.significant(size / cpu / worker.MEGABYTE),
                summary.significant(summary.median(done, "memory") / worker.MEGABYTE),
                summary.ratio(cpu, base),
            ]
        )
    with open(path, "rb") as file:
        n_rows = sum(1 for _ in file) - 1
    return f"{n_rows:,} rows, {size / worker.MEGABYTE:.0f} MB, columns {', '.join(COLUMNS)}; one thread.\n\n" + (
        summary.table(HEADS, rows)
    )
