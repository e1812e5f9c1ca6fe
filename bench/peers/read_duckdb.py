"""Read the columns of user_purchases.csv into a table in memory with duckdb: read_duckdb.py FILE."""

from __future__ import annotations

import sys

import duckdb
import marks
from purchase_columns import COLUMNS


def main() -> None:
    connection = duckdb.connect(config={"threads": 1})
    with marks.measured("read"):
        connection.execute(f"CREATE TABLE purchases AS SELECT {', '.join(COLUMNS)} FROM read_csv(?)", [sys.argv[1]])
    print(connection.execute("DESCRIBE purchases").fetchall())


if __name__ == "__main__":
    main()
