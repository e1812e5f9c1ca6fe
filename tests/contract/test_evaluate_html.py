#!/usr/bin/env python3
"""The page of an evaluation says what its JSON says, reads without script and without a network, and shows names of the
data as text, whatever they are."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import csv_files
import html_page
import purvey_program

OPTIONS = ("--factors", 8, "--iterations", 3, "--draws", 200, "--cutoffs", 2)
TASKS = ("all", "repeat", "new")
HOSTILE = {
    "Warehouse": "</td><script>alert(1)</script>",
    "Specialty Bike Shop": "\"'><img src=x onerror=alert(1)> & \U0001f6b2",
}


def page_of(purvey, folder, shop, *options):
    purvey.run("evaluate", shop, "--quiet", "-o", folder / "report.html", *OPTIONS, *options)
    return (folder / "report.html").read_bytes().decode("utf-8")


def hostile_shop(folder, source):
    """Business types that look like markup; everything else as it is."""
    folder.mkdir()
    for name in ("user_purchases.csv", "products.csv"):
        rows = csv_files.read(csv_files.find(source, name))
        csv_files.write(folder / name, rows[0].keys(), rows)
    users = csv_files.read(csv_files.find(source, "users.csv"))
    for user in users:
        user["business_type"] = HOSTILE.get(user["business_type"], user["business_type"])
    csv_files.write(folder / "users.csv", users[0].keys(), users)
    return folder


def number(text):
    return math.nan if text == "\u2013" else float(text.replace("\u2212", "-").replace(",", ""))


def check_numbers(page, report, findings):
    """Recall, its interval and purvey's lead of every contender and task, to the four places shown."""
    for k, task in enumerate(TASKS):
        scores = report["pooled"]["tasks"][task]["contenders"]
        for contender in report["contenders"]:
            score = scores[contender["code"]]
            row = page.row("headline", contender["title"], k)
            if not findings.check(row is not None, f"no row of {contender['title']} in {task}"):
                continue
            value, low, _, high = row[0].split()
            recall = score["intervals"]["recall"]
            for shown, expected in ((value, recall["value"]), (low, recall["low"]), (high, recall["high"])):
                findings.near(number(shown), expected, 0.5001e-4, f"{task} {contender['code']}")
            if contender["code"] == "purvey":
                continue
            difference = score["against"]["recall"]["difference"]
            findings.near(number(row[2].split()[0]), difference["value"], 0.5001e-4, f"{task} lead over {contender['code']}")
            beyond = "better" if difference["low"] > 0 else "worse" if difference["high"] < 0 else "not distinguishable"
            findings.check(row[-1].startswith(beyond), f"{task} {contender['code']}: {row[-1]}, interval says {beyond}")


def check_slices(page, report, findings):
    for piece in report["slices"]:
        row = page.row("slices", piece["value"])
        if not findings.check(row is not None, f"no row of the part {piece['value']}"):
            continue
        findings.check(row[0] == f"{piece['tasks']['all']['users']:,}", f"customers of {piece['value']}: {row[0]}")


def check_drawings(page, report, findings):
    """A dot a contender and task in the plots, one circle a bin; no text but numbers and titles."""
    dots = [e for drawing in page.drawings for e in drawing.iter(html_page.SVG + "circle") if "dot" in e.get("class").split()]
    expected = sum(report["pooled"]["tasks"][task]["users"] > 0 for task in TASKS) * (2 * len(report["contenders"]) - 1)
    findings.check(len(dots) == expected, f"{len(dots)} dots, expected {expected}")
    for drawing in page.drawings:
        for element in drawing.iter():
            for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"):
                if element.get(name) is not None:
                    value = float(element.get(name))
                    findings.check(-1 <= value <= 1000, f"{element.tag} {name}={value}: outside of the drawing")


def test(purvey, folder, findings):
    source = purvey_program.EXAMPLES / "adventureworks"
    shop = hostile_shop(folder / "shop", source)
    text = page_of(purvey, folder, shop, "--threads", 1)
    findings.check(page_of(purvey, folder, shop, "--threads", 2) == text, "the number of threads changes the page")
    page = html_page.Page(text)
    for fault in page.faults:
        findings.check(False, fault)
    findings.check("<script" not in text and "nan" not in page.words.lower().split(), "script or nan")
    for name in HOSTILE.values():
        findings.check(name in page.words, f"{name} is not shown as it is")
    report = purvey.json("evaluate", shop, *OPTIONS)
    findings.check(report["data_hash"] in page.words, "the page does not name the data")
    check_numbers(page, report, findings)
    check_slices(page, report, findings)
    check_drawings(page, report, findings)
    findings.say(f"{len(text)} bytes, {len(page.drawings)} drawings, {len(page.rows)} table rows")


if __name__ == "__main__":
    purvey_program.main(test)
