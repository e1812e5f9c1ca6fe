"""A shop's raw tables read as contract section 1 says, in plain Python that shares nothing with purvey.

Times are whole seconds since 1970, UTC. A Shop is what is known as of a date: rows at or after it do not exist.
"""

import collections
import datetime
import re

import csv_files

EPOCH = datetime.date(1970, 1, 1).toordinal()

Row = collections.namedtuple("Row", "user product order time count quantity price discount cancelled name country")
Line = collections.namedtuple("Line", "user product order time orders discounted place")
Tables = collections.namedtuple("Tables", "rows products users has_time has_order has_discount")

_days = {}


def seconds(text):
    """2010-12-01 or 2010-12-01 08:26:00 (also with T and Z) as seconds since 1970."""
    day, clock = text[:10], text[11:].rstrip("Z")
    if day not in _days:
        _days[day] = (datetime.date.fromisoformat(day).toordinal() - EPOCH) * 86400
    if not clock:
        return _days[day]
    hours, minutes, rest = clock.split(":")
    return _days[day] + int(hours) * 3600 + int(minutes) * 60 + int(rest)


def timestamp(time):
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def date(time):
    return timestamp(time)[:10]


def _number(text):
    return float(text) if text else None


def _is_number(text):
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text.strip()) is not None


def read_standard(folder):
    """users.csv, products.csv and user_purchases.csv under their standard names."""
    purchases = csv_files.read(csv_files.find(folder, "user_purchases.csv"))
    products_file, users_file = csv_files.find(folder, "products.csv"), csv_files.find(folder, "users.csv")
    columns = purchases[0].keys()
    rows = [
        Row(
            row["user_id"],
            row["product_id"],
            row.get("order_id") or None,
            seconds(row["time"]) if row.get("time") else None,
            _number(row.get("purchase_count")),
            _number(row.get("quantity")),
            _number(row.get("unit_price")),
            _number(row.get("discount")),
            False,
            None,
            None,
        )
        for row in purchases
    ]
    return Tables(
        rows,
        {row["product_id"]: row for row in csv_files.read(products_file)} if products_file else {},
        {row["user_id"]: row for row in csv_files.read(users_file)} if users_file else {},
        "time" in columns,
        "order_id" in columns,
        "discount" in columns,
    )


def read_online_retail(folder):
    """The transactions of examples/online-retail, mapped by hand as its shop.yaml says."""
    rows = []
    for row in csv_files.read(csv_files.find(folder, "transactions.csv")):
        if not row["CustomerID"] or not re.search("^[0-9]{5}[A-Za-z]*$", row["StockCode"]):
            continue
        if not re.search("[1-9]", row["Price"]):
            continue
        invoice = row["Invoice"]
        rows.append(
            Row(
                row["CustomerID"],
                row["StockCode"],
                invoice,
                seconds(row["InvoiceDate"]),
                None,
                float(row["Quantity"]),
                float(row["Price"]),
                None,
                invoice.startswith("C"),
                row["Description"] or None,
                row["Country"] or None,
            )
        )
    return Tables(rows, {}, {}, True, True, False)


def _amount(row):
    if row.quantity is not None:
        return abs(row.quantity)
    return abs(row.count) if row.count is not None else 1.0


def _is_return(row):
    return row.cancelled or (row.quantity or 0) < 0 or (row.count or 0) < 0


def _left_after_returns(rows):
    """[(row, place, amount left)] of the purchases among one user's rows of one product; returns take the newest first."""
    open_rows = []
    for row, place in sorted(rows, key=lambda entry: entry[0].time or 0):
        amount = _amount(row)
        if not _is_return(row):
            open_rows.append([row, place, amount])
            continue
        for entry in reversed(open_rows):
            taken = min(entry[2], amount)
            entry[2] -= taken
            amount -= taken
    return [entry for entry in open_rows if entry[2] > 0]


class Shop:
    """The shop as of `as_of` (None: just after its last row)."""

    def __init__(self, tables, as_of=None):
        self.tables = tables
        self.has_time = tables.has_time
        self._parents = {user: row["parent_id"] for user, row in tables.users.items() if row.get("parent_id")}
        self.is_simple = not tables.has_time and not tables.has_order
        self.is_dated = as_of is not None
        rows = tables.rows if as_of is None else [row for row in tables.rows if row.time < as_of]
        self.as_of = as_of if as_of is not None or not self.has_time else max(row.time for row in rows) + 1
        self._seen = {row.product for row in rows}
        self._told = self._last_told(rows)
        self.profiles = tables.users or {user: {"country": country} for user, country in self._told[2].items()}
        self.discount_is_current = self.is_simple and not tables.has_discount and not self.is_dated
        self.has_line_discounts = tables.has_discount or self.discount_is_current
        self.lines = self._make_lines(rows)
        self.bought = {line.product for lines in self.lines.values() for line in lines}

    def _last_told(self, rows):
        """Names and prices of products and countries of users as their last purchase tells them."""
        names, prices, countries = {}, {}, {}
        for row in sorted(rows, key=lambda row: row.time) if self.has_time else rows:
            if _is_return(row):
                continue
            if row.name is not None:
                names[row.product] = row.name
            if row.price is not None:
                prices[row.product] = row.price
            if row.country is not None:
                countries[row.user] = row.country
        return names, prices, countries

    def _make_lines(self, rows):
        groups = collections.defaultdict(list)
        for place, row in enumerate(rows):
            row = row if row.order or row.time else row._replace(order=("line", place))
            groups[row.user, row.product].append((row, place))
        lines = collections.defaultdict(list)
        for (user, product), of_product in groups.items():
            for row, place, left in _left_after_returns(of_product):
                orders = (row.count if row.count is not None else 1.0) * left / _amount(row) if self.is_simple else 1.0
                rate = self.discount(product) if self.discount_is_current else row.discount
                key = row.order if row.order is not None else ("time", row.time)
                lines[user].append(Line(user, product, key, row.time, orders, (rate or 0) > 0, place))
        return dict(lines)

    def segment_columns(self):
        """Columns of users.csv that are segments: not all numbers, 2 to 200 values."""
        columns = next(iter(self.profiles.values()), {})
        values = {name: {row[name] for row in self.profiles.values() if row.get(name)} for name in columns}
        return [
            name
            for name, seen in values.items()
            if name not in ("user_id", "parent_id") and 2 <= len(seen) <= 200 and not all(map(_is_number, seen))
        ]

    def products(self):
        """Everything seen in purchases, returned or not, or listed."""
        return self._seen | self.tables.products.keys()

    def parent(self, user):
        return self._parents.get(user, user)

    def name(self, product):
        return self.tables.products.get(product, {}).get("name") or self._told[0].get(product)

    def label(self, product):
        return self.name(product) or product

    def category(self, product):
        return self.tables.products.get(product, {}).get("category") or None

    def price(self, product):
        if self.is_dated or not self.tables.products:
            return self._told[1].get(product)
        return _number(self.tables.products.get(product, {}).get("price"))

    def text(self, product):
        """Name and description, as they are compared."""
        return " ".join(filter(None, (self.name(product), self.tables.products.get(product, {}).get("description")))).lower()

    def brand(self, product):
        return self.tables.products.get(product, {}).get("brand") or None

    def discount(self, product):
        """The discount now, None when it is not told; products.csv says nothing about another date."""
        return None if self.is_dated else _number(self.tables.products.get(product, {}).get("discount"))


def with_ancestors(category):
    """'A > B > C' -> ['A > B > C', 'A > B', 'A']."""
    parts = category.split(" > ")
    return [" > ".join(parts[:n]) for n in range(len(parts), 0, -1)]
