"""The reseller sales of AdventureWorksDW as Python rows: the ground both bicycle shops are made from.

The folder holds the tables as FactResellerSales.csv.gz, DimReseller.csv.gz, DimProduct.csv.gz and so on: header line,
UTF-8, comma.
"""

import csv
import decimal
import gzip
import os

# Promotions for resellers that need no minimum quantity say in their name which products they are for.
PROMOTED_NAMES = {
    "Mountain-100 Clearance Sale": "Mountain-100 ",
    "Sport Helmet Discount-2002": "Sport-100 Helmet",
    "Road-650 Overstock": "Road-650 ",
    "Sport Helmet Discount-2003": "Sport-100 Helmet",
    "LL Road Frame Sale": "LL Road Frame",
    "Touring-3000 Promotion": "Touring-3000 ",
    "Touring-1000 Promotion": "Touring-1000 ",
    "Mountain-500 Silver Clearance Sale": "Mountain-500 Silver",
}


def read_table(folder, name):
    with gzip.open(os.path.join(folder, name + ".csv.gz"), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    """The shortest spelling of a decimal number: 2024.9940 -> 2024.994, 0.0 -> 0."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(text):
    """A list price rounded to cents: 306.5636 -> 306.56."""
    return str(decimal.Decimal(text).quantize(decimal.Decimal("0.01"), rounding=decimal.ROUND_HALF_UP))


class ResellerSales:
    def __init__(self, folder):
        self.lines = read_table(folder, "FactResellerSales")
        self.resellers = read_table(folder, "DimReseller")
        self.geography = {row["GeographyKey"]: row for row in read_table(folder, "DimGeography")}
        self.promotions = read_table(folder, "DimPromotion")
        categories = {
            row["ProductCategoryKey"]: row["EnglishProductCategoryName"]
            for row in read_table(folder, "DimProductCategory")
        }
        self.category_path = {
            row["ProductSubcategoryKey"]: (categories[row["ProductCategoryKey"]], row["EnglishProductSubcategoryName"])
            for row in read_table(folder, "DimProductSubcategory")
        }
        self.versions = {}  # SKU -> its rows of DimProduct, oldest first
        self.sku_of_key = {}
        for row in sorted(read_table(folder, "DimProduct"), key=lambda row: row["StartDate"]):
            self.versions.setdefault(row["ProductAlternateKey"], []).append(row)
            self.sku_of_key[row["ProductKey"]] = row["ProductAlternateKey"]

    def version_on(self, sku, date):
        """The version of a product that was valid on a date, the oldest one before that.

        Only start dates count: the source's end dates lie years before its start dates.
        """
        begun = [row for row in self.versions[sku] if row["StartDate"][:10] <= date]
        return begun[-1] if begun else self.versions[sku][0]

    def category(self, product):
        return self.category_path[product["ProductSubcategoryKey"]]

    def discount_on(self, product, date):
        """The largest discount that promotions named after the product gave every reseller on that date."""
        name = product["EnglishProductName"]
        running = [
            promotion["DiscountPct"]
            for promotion in self.promotions
            if name.startswith(PROMOTED_NAMES.get(promotion["EnglishPromotionName"], "\0"))
            and promotion["StartDate"][:10] <= date <= promotion["EndDate"][:10]
        ]
        return number(max(running, key=float, default="0"))


def write_csv(file, header, rows):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
