#!/usr/bin/env python3
"""Make the shop in this folder: make.py FOLDER, where FOLDER holds the AdventureWorksDW tables as *.csv.gz.

The same tables give the same bytes.
"""

import gzip
import io
import os
import sys

from reseller_sales import ResellerSales, number, price, write_csv

TODAY = "2013-11-30"  # the day after the last order


def users(sales):
    for row in sales.resellers:
        place = sales.geography[row["GeographyKey"]]
        yield (
            row["ResellerAlternateKey"],
            row["ResellerName"],
            row["BusinessType"],
            row["ProductLine"],
            place["EnglishCountryRegionName"],
            place["City"],
            row["NumberEmployees"],
        )


def products(sales):
    for sku in sorted({sales.sku_of_key[line["ProductKey"]] for line in sales.lines}):
        product = sales.version_on(sku, TODAY)
        yield (
            sku,
            product["EnglishProductName"],
            " > ".join(sales.category(product)),
            price(product["ListPrice"]),
            sales.discount_on(product, TODAY),
            "" if product["Status"] == "Current" else "0",
        )


def purchases(sales):
    reseller_id = {row["ResellerKey"]: row["ResellerAlternateKey"] for row in sales.resellers}
    for line in sales.lines:
        yield (
            reseller_id[line["ResellerKey"]],
            sales.sku_of_key[line["ProductKey"]],
            line["OrderDate"][:10],
            line["OrderQuantity"],
            number(line["UnitPrice"]),
            number(line["UnitPriceDiscountPct"]),
            line["SalesOrderNumber"],
        )


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make.py FOLDER-WITH-THE-ADVENTUREWORKSDW-TABLES")
    sales = ResellerSales(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "users.csv"), "w", encoding="utf-8", newline="") as file:
        header = ("user_id", "name", "business_type", "product_line", "country", "city", "employees")
        write_csv(file, header, users(sales))
    with open(os.path.join(here, "products.csv"), "w", encoding="utf-8", newline="") as file:
        write_csv(file, ("product_id", "name", "category", "price", "discount", "stock"), products(sales))
    with (
        open(os.path.join(here, "user_purchases.csv.gz"), "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as file,
    ):
        header = ("user_id", "product_id", "time", "quantity", "unit_price", "discount", "order_id")
        write_csv(file, header, purchases(sales))


if __name__ == "__main__":
    main()
