#!/usr/bin/env python3
"""May a new model take the place of the one in use? deploy/retrain.sh asks; the files are those that it makes.

    quality_gate.py judge FOLDER [options]         exit 0: yes; 1: no. Writes FOLDER/verdict.json, prints a line a check
    quality_gate.py has-time INFO.json             exit 0: past and future can be told apart, so a model can be evaluated
    quality_gate.py settings INFO.json --unless-those-of OTHER.json   options of `purvey evaluate`, one a line; none if equal

The checks, and why these:
  baselines    purvey is not shown to be worse than any simple method on the customers of the last windows (paired interval)
  settings     the settings of the new model are not shown to be worse than those of the model in use: same data, same dates
  lately       the newest window is not far below the one before it: data that went bad of late, or a season (--drop)
  size         lines of purchases, customers and products did not shrink (--shrink): half a table was delivered
  customers    who is in the lists of the model in use is in the new ones (--shrink): ids were renamed
  lists        the lists did not change beyond recognition (--overlap): anything else that nobody thought of
The model in use itself is not evaluated: it has seen the purchases that it would be asked to foresee. Where there is nothing to
compare with (a first model, a shop without time) a check is skipped and says so. FOLDER has new.json, live.json (purvey
info), new.csv, live.csv (purvey recommend --all), evaluation.json, live_evaluation.json (purvey evaluate).
"""

import argparse
import csv
import json
import pathlib
import sys

TASK, METRIC = "all", "recall"
PLAIN = ("factors", "iterations", "loss", "regularization", "unobserved_weight", "user_side_regularization")
PLAIN += ("product_side_regularization", "alpha", "weight", "half_life", "solver", "min_companies", "seed")


def read(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def settings_of(info):
    """What `purvey info` says of a model's training as options of `purvey evaluate`."""
    options = info["options"]
    told = [(name, options.get(name)) for name in PLAIN]
    words = [word for name, value in told if value is not None for word in ("--" + name.replace("_", "-"), str(value))]
    signals = options.get("signals")
    if signals:
        words += ["--signals", signals if isinstance(signals, str) else ",".join(signals)]
    return words


def lists_of(path):
    """user -> products recommended; None where the file is not there."""
    if not path.exists():
        return None
    lists = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            lists.setdefault(row["user_id"], set()).add(row["product_id"])
    return lists


def purvey_of(part):
    return part["tasks"][TASK]["contenders"]["purvey"]["intervals"][METRIC]


# Each check returns (whether it holds; None: skipped, what it saw).


def check_baselines(report):
    if not report:
        return None, "nothing was evaluated"
    contenders = report["pooled"]["tasks"][TASK]["contenders"]
    against = {code: each["against"][METRIC]["difference"] for code, each in contenders.items() if code not in ("purvey", "als")}
    worse = [code for code, difference in against.items() if difference["high"] < 0]
    if worse:
        return False, f"recall@20 {purvey_of(report['pooled'])['value']:.4f} is worse than that of {', '.join(worse)}"
    nearest = min(against, key=lambda code: against[code]["value"])
    difference = against[nearest]
    return True, f"recall@20 {purvey_of(report['pooled'])['value']:.4f}; minus {nearest}: {difference['value']:+.4f} ({difference['low']:+.4f} to {difference['high']:+.4f})"


def check_settings(report, live_report):
    if not report or not live_report:
        return None, "the settings are those of the model in use, or there is none to compare with"
    new, live = purvey_of(report["pooled"]), purvey_of(live_report["pooled"])
    return new["value"] >= live["low"], f"recall@20 {new['value']:.4f}; with the settings in use {live['value']:.4f} ({live['low']:.4f} to {live['high']:.4f})"


def check_lately(report, drop):
    windows = [window for window in (report or {}).get("windows", []) if window["users_scored"] > 0]
    if len(windows) < 2:
        return None, "fewer than two windows"
    former, newest = purvey_of(windows[-2]), purvey_of(windows[-1])
    is_low = newest["high"] < former["value"] and newest["value"] < former["value"] * (1 - drop)
    return not is_low, f"recall@20 {newest['value']:.4f} in the newest window, {former['value']:.4f} in the one before"


def check_size(new, live, shrink):
    if not live:
        return None, "no model is in use"
    counts = {name: (live[name], new[name]) for name in ("purchase_lines", "users", "products")}
    small = [name for name, (before, now) in counts.items() if now < before * (1 - shrink)]
    told = ", ".join(f"{name} {before} -> {now}" for name, (before, now) in counts.items())
    return not small, told


def check_customers(new, live, shrink):
    if not live:
        return None, "no model is in use"
    kept = sum(user in new for user in live) / len(live)
    return kept >= 1 - shrink, f"{kept:.1%} of {len(live)} customers are still there"


def check_lists(new, live, overlap):
    both = [user for user in live or {} if user in new]
    if not both:
        return None, "no customers in common"
    share = sum(len(live[user] & new[user]) / len(live[user]) for user in both) / len(both)
    return share >= overlap, f"{share:.1%} of the first ten products are the same, mean over {len(both)} customers"


def judge(folder, limits):
    new, live = read(folder / "new.json"), read(folder / "live.json")
    new_lists, live_lists = lists_of(folder / "new.csv"), lists_of(folder / "live.csv")
    report, live_report = read(folder / "evaluation.json"), read(folder / "live_evaluation.json")
    checks = {
        "baselines": check_baselines(report),
        "settings": check_settings(report, live_report),
        "lately": check_lately(report, limits.drop),
        "size": check_size(new, live, limits.shrink),
        "customers": check_customers(new_lists, live_lists, limits.shrink),
        "lists": check_lists(new_lists, live_lists, limits.overlap),
    }
    passes = all(holds is not False for holds, _ in checks.values())
    verdict = {
        "model": new["model"],
        "in_use": live["model"] if live else None,
        "passes": passes,
        "checks": {name: {"holds": holds, "seen": seen} for name, (holds, seen) in checks.items()},
    }
    (folder / "verdict.json").write_text(json.dumps(verdict, indent=1) + "\n", encoding="utf-8")
    for name, (holds, seen) in checks.items():
        print(f"quality_gate: {name:10} {'skipped' if holds is None else 'holds' if holds else 'FAILS':8} {seen}")
    return 0 if passes else 1


def arguments_of(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("judge")
    command.add_argument("folder", type=pathlib.Path)
    command.add_argument("--shrink", type=float, default=0.1, help="share that may be missing (default: %(default)s)")
    command.add_argument("--drop", type=float, default=0.3, help="share by which recall may fall (default: %(default)s)")
    command.add_argument("--overlap", type=float, default=0.2, help="share of the lists that must stay (default: %(default)s)")
    command = commands.add_parser("has-time")
    command.add_argument("info", type=pathlib.Path)
    command = commands.add_parser("settings")
    command.add_argument("info", type=pathlib.Path)
    command.add_argument("--unless-those-of", type=pathlib.Path, required=True)
    return parser.parse_args(argv)


def main():
    arguments = arguments_of(sys.argv[1:])
    if arguments.command == "judge":
        return judge(arguments.folder, arguments)
    info = read(arguments.info)
    if arguments.command == "has-time":
        return 0 if info["as_of"] else 1
    words = settings_of(info)
    if words != settings_of(read(arguments.unless_those_of)):
        print("\n".join(words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
