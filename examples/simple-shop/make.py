#!/usr/bin/env python3
"""Make the shop in this folder: make.py FOLDER, where FOLDER holds the AdventureWorksDW tables as *.csv.gz.

The same tables give the same bytes.
"""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "adventureworks"))
from reseller_sales import ResellerSales, price, write_csv

TODAY = "2013-01-15"  # a day with promotions on
LAST_RESELLER = 250  # customers 1 to 250 of the source


def sold_lines(sales):
    """(reseller key, SKU) of each order line before TODAY that is no bicycle."""
    for line in sales.lines:
        sku = sales.sku_of_key[line["ProductKey"]]
        if (
            line["OrderDate"] < TODAY
            and int(line["ResellerKey"]) <= LAST_RESELLER
            and sales.category(sales.versions[sku][0])[0] != "Bikes"
        ):
            yield line["ResellerKey"], sku


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make.py FOLDER-WITH-THE-ADVENTUREWORKSDW-TABLES")
    sales = ResellerSales(sys.argv[1])
    counts = collections.Counter(sold_lines(sales))
    buyers = {reseller for reseller, _ in counts}

    users = [
        (
            row["ResellerKey"],
            row["BusinessType"],
            row["ProductLine"],
            sales.geography[row["GeographyKey"]]["EnglishCountryRegionName"],
        )
        for row in sales.resellers
        if row["ResellerKey"] in buyers
    ]
    products = []
    for sku in sorted({sku for _, sku in counts}):
        product = sales.version_on(sku, TODAY)
        products.append(
            (
                sku,
                product["EnglishProductName"],
                sales.category(product)[1],
                price(product["ListPrice"]),
                sales.discount_on(product, TODAY),
            )
        )
    purchases = [(user, sku, count) for (user, sku), count in sorted(counts.items(), key=lambda x: (int(x[0][0]), x[0]))]

    here = os.path.dirname(os.path.abspath(__file__))
    for name, header, rows in (
        ("users", ("user_id", "business_type", "product_line", "country"), users),
        ("products", ("product_id", "name", "category", "price", "discount"), products),
        ("user_purchases", ("user_id", "product_id", "purchase_count"), purchases),
    ):
        with open(os.path.join(here, name + ".csv"), "w", encoding="utf-8", newline="") as file:
            write_csv(file, header, rows)


if __name__ == "__main__":
    main()
