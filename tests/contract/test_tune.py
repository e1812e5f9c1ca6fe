#!/usr/bin/env python3
"""purvey tune: a file that train takes, whatever the time; resumed after an interrupt; mistakes in one clear line."""

import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
DAYS, COMPANIES, PRODUCTS = 90, 30, 12
SMALL = ("--factors", "4", "--iterations", "3", "--candidates", "4", "--signals", "als,habit,popularity")


def write_shop(folder):
    draw = random.Random(5)
    folder.mkdir()
    with open(folder / "user_purchases.csv", "w", encoding="utf-8") as file:
        file.write("user_id,product_id,time\n")
        for day in range(DAYS):
            for company in range(COMPANIES):
                if day in (0, DAYS - 1) or draw.random() < 0.2:
                    product = company % 3 * 4 + draw.randrange(PRODUCTS // 3)
                    file.write(f"c{company},p{product},2010-{day // 30 + 1:02}-{day % 28 + 1:02}\n")
    return folder


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


def check(condition, message):
    if not condition:
        sys.exit(f"FAILED: {message}")


def check_short_budget(shop, folder):
    best = folder / "short.yaml"
    result = run("tune", shop, "-o", best, "--budget", "0.00001", *SMALL, "--format", "json")
    check(result.returncode == 0, result.stderr)
    report = json.loads(result.stdout)
    check(report["trials_run"] == 1 and report["rungs_done"] == 0, f"more than one trial in no time: {report}")
    check(report["validation_windows"][0]["end"] <= report["test_window"]["begin"], "a window ends in the test window")
    check("test window, not looked at: " + report["test_window"]["begin"] in best.read_text(), "the file hides the test")
    return best


def check_train_takes_it(shop, folder, best):
    options = {}
    for name, more in (("file", []), ("line", ["--factors", "5"])):
        model = folder / f"{name}.model"
        result = run("train", shop, "--settings", best, "-o", model, *more)
        check(result.returncode == 0, result.stderr)
        header = model.read_bytes()
        size = int.from_bytes(header[:8], "little")
        options[name] = json.loads(json.loads(header[8 : 8 + size])["__metadata__"]["options"])
    check(options["file"]["factors"] == 4 and options["file"]["iterations"] == 3, f"settings not taken: {options}")
    check(options["file"]["signals"] == "als,habit,popularity", f"signals not taken: {options}")
    check(options["line"]["factors"] == 5 and options["line"]["iterations"] == 3, "the command line does not win")


def check_interrupt(shop, folder):
    whole, stopped = folder / "whole.yaml", folder / "stopped.yaml"
    check(run("tune", shop, "-o", whole, *SMALL).returncode == 0, "the whole search fails")
    trials = pathlib.Path(f"{stopped}.trials")
    with subprocess.Popen([PROGRAM, "tune", shop, "-o", stopped, *SMALL], stderr=subprocess.PIPE) as process:
        while process.poll() is None and not (trials.exists() and trials.read_bytes().count(b"\n") > 1):
            time.sleep(0.001)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate()
        check(process.returncode in (0, 1), f"exit code {process.returncode}")
        check(stopped.exists() == (process.returncode == 0), "an interrupted search leaves a result")
    check(trials.read_bytes().endswith(b"\n"), "a trial was written in part")
    result = run("tune", shop, "-o", stopped, *SMALL, "--format", "json")
    check(json.loads(result.stdout)["trials_reused"] > 0, "no trial was used again")
    check(stopped.read_bytes() == whole.read_bytes(), "a resumed search finds something else")


def check_mistakes(shop, folder):
    bad = folder / "bad.yaml"
    for text, message in (
        ("factor: 8\n", "bad.yaml:1:1: unknown key"),
        ("factors: 8\nalpha: much\n", 'bad.yaml:2:8: "much" is no number'),
        ("factors: 0\n", "bad.yaml:1:10: factors"),
        ("factors: [\n", "bad.yaml:2:1: "),
    ):
        bad.write_text(text)
        result = run("train", shop, "--settings", bad, "-o", folder / "bad.model")
        check(result.returncode == 3 and message in result.stderr, f"{text!r}: {result.stderr}")
        check(result.stderr.count("\n") == 1, f"more than one line: {result.stderr}")
        check(not (folder / "bad.model").exists(), "a model was written")
    check(run("train", shop, "--settings", folder / "none", "-o", folder / "bad.model").returncode == 3, "no file")
    check(run("tune", shop).returncode == 2, "-o is not missed")
    check(run("tune", shop, "-o", folder / "nowhere" / "best.yaml").returncode == 1, "nowhere to write")
    check(run("tune", folder / "none", "-o", folder / "none.yaml").returncode == 3, "no shop")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shop = write_shop(folder / "shop")
        best = check_short_budget(shop, folder)
        check_train_takes_it(shop, folder, best)
        check_interrupt(shop, folder)
        check_mistakes(shop, folder)


main()
