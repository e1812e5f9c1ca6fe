#!/usr/bin/env python3
"""The models that most transcripts ask, trained once instead of once a transcript.

    train_examples.py PURVEY FOLDER
"""

import pathlib
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for shop in ("simple-shop", "adventureworks"):
        # In its folder: the model keeps the name of the shop as it was given.
        subprocess.run([pathlib.Path(program).resolve(), "train", shop, "-o", folder.resolve() / shop, "--quiet"], cwd=EXAMPLES, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
