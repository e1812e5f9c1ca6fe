"""Read the columns of user_purchases.csv with polars: read_polars.py FILE dates|text (how `time` is read)."""

from __future__ import annotations

import sys

import marks
import polars
from purchase_columns import COLUMNS


def main() -> None:
    with marks.measured("read"):
        table = polars.read_csv(sys.argv[1], columns=list(COLUMNS), try_parse_dates=sys.argv[2] == "dates")
    print(table.schema, table.height, polars.thread_pool_size())


if __name__ == "__main__":
    main()
