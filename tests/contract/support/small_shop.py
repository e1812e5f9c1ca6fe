"""Small shops written for one check, and commands whose exit code and messages matter."""

import inspect
import json
import subprocess

import model_file

SMALL = ("--factors", 4, "--iterations", 2, "--threads", 1)


class Done:
    """What a command left: code, out, err."""

    def __init__(self, process):
        self.code = process.returncode
        self.out, self.err = (process.stdout or b"").decode("utf-8"), process.stderr.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code}; {self.err.strip() or self.out[:200]}"


class Shops:
    """Makes folders of files and asks the program about them. Models go to `folder`/NUMBER.model."""

    def __init__(self, purvey, folder):
        self.program, self.folder, self.count = purvey.path, folder, 0

    def run(self, *arguments, stdout=subprocess.PIPE, cwd=None):
        command = [self.program, *map(str, arguments)]
        return Done(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd or self.folder))

    def write(self, files):
        """A new folder with `files`: {name: text or bytes}."""
        self.count += 1
        shop = self.folder / f"shop{self.count}"
        shop.mkdir()
        for name, content in files.items():
            (shop / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return shop

    def train(self, files, *options, model=None):
        """(what the command left, path of the model) of a shop of `files`."""
        shop = self.write(files)
        model = model or self.folder / f"{self.count}.model"
        return self.run("train", shop, "-o", model, "--format", "json", *SMALL, *options), model

    def fitted(self, files, *options):
        """A Fitted; training must succeed."""
        done, model = self.train(files, *options)
        if done.code != 0:
            raise RuntimeError(f"train of {sorted(files)} failed: {done}")
        return Fitted(self, done.json, done.err, model)


class Fitted:
    """A model with the summary that `train` printed."""

    def __init__(self, shops, summary, messages, path):
        self.shops, self.summary, self.messages, self.path = shops, summary, messages, path
        self.rows = summary["rows"]

    @property
    def file(self):
        return model_file.ModelFile(self.path)

    @property
    def info(self):
        return self.shops.run("info", self.path, "--format", "json").json

    def answer(self, *options):
        done = self.shops.run("recommend", self.path, "--format", "json", *options)
        if done.code != 0:
            raise RuntimeError(f"recommend {options}: {done}")
        return done.json

    def items(self, *options):
        """{product: item} of one answer, everything listed."""
        return {item["item"]: item for item in self.answer("-n", 1000, *options)["items"]}

    def facts(self, code, user, product, *options):
        """What a signal states, whether it counts or not."""
        told = self.shops.run("explain", self.path, "--user", user, "--product", product, "--format", "json", *options).json
        return next(reason["facts"] for reason in told["reasons"] if reason["code"] == code)

    def pairs(self):
        """{(user, product): count of the model's purchase lines}: what was kept."""
        file, kept = self.file, {}
        users, products = file.ids("user_ids"), file.ids("product_ids")
        offsets, rows = file.values("purchases.offset"), file.values("purchases.product")
        for u, user in enumerate(users):
            for row in rows[offsets[u] : offsets[u + 1]]:
                kept[user, products[row]] = kept.get((user, products[row]), 0) + 1
        return kept


def csv_text(columns, rows):
    return "".join(",".join(map(str, row)) + "\n" for row in [columns, *rows])


def run_checks(names, shops, findings):
    """Every function of a test's globals() that takes (shops, findings): a sentence of the contract each."""
    checks = [made for made in names.values() if inspect.isfunction(made) and list(inspect.signature(made).parameters) == ["shops", "findings"]]
    for check in checks:
        try:
            check(shops, findings)
        except Exception as problem:  # what breaks one check must not hide the others
            findings.check(False, f"{check.__name__}: {type(problem).__name__}: {problem}")
    findings.say(f"{len(checks)} sentences of the contract")
