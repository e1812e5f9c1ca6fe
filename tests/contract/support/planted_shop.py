"""A generated shop whose customers choose for one reason, and what they buy next.

Days are counted from START. What was bought before `cut` is the shop; what is bought in the `window` days after it is
the truth that a list is held against. A share of NOISE of all lines is drawn evenly from all products.
"""

import copy
import datetime
import random

import csv_files

START = datetime.datetime(2021, 1, 1)
NOISE = 0.1
MOST_TRIES = 60  # of a choice that may come to nothing


class Planted:
    """cause     codes of the signals that see the cause; the first is the one it was made for
    kind      new or reorder
    products  rows of products.csv as they are at the cut
    users     rows of users.csv, empty: none
    lines     rows of user_purchases.csv, with `day`, the later ones too
    shuffle   function(planted, random): shuffles the column that carries the cause, in place

    truth     {user: products of the kind bought in the window}
    """

    def __init__(self, cause, kind, products, users, lines, cut, shuffle, window=60):
        self.cause, self.kind = cause, kind
        self.products, self.users, self._shuffle = products, users, shuffle
        self.lines = [line for line in lines if line["day"] < cut]
        self.truth = self._bought_later([line for line in lines if cut <= line["day"] < cut + window])

    def write(self, folder, has_time=True):
        """Write the tables. Without time, lines have neither time nor order."""
        folder.mkdir()
        hidden = {"day"} if has_time else {"day", "time", "order_id"}
        columns = [column for column in self.lines[0] if column not in hidden]
        csv_files.write(folder / "user_purchases.csv", columns, [{c: row[c] for c in columns} for row in self.lines])
        csv_files.write(folder / "products.csv", self.products[0].keys(), self.products)
        if self.users:
            csv_files.write(folder / "users.csv", self.users[0].keys(), self.users)
        return folder

    def _bought_later(self, later):
        """Of users and products that the shop knows."""
        bought, truth = {}, {}
        known = {row["product_id"] for row in self.products}
        for line in self.lines:
            bought.setdefault(line["user_id"], set()).add(line["product_id"])
        for line in later:
            user, product = line["user_id"], line["product_id"]
            if user in bought and product in known and (product in bought[user]) == (self.kind == "reorder"):
                truth.setdefault(user, set()).add(product)
        return truth

    def shuffled(self, seed):
        """The same shop with the cause's column shuffled; the truth stays."""
        twin = copy.copy(self)
        twin.products, twin.users = [dict(row) for row in self.products], [dict(row) for row in self.users]
        twin.lines = [dict(line) for line in self.lines]
        self._shuffle(twin, random.Random(seed))
        return twin


def shuffle_columns(rows, columns, rng):
    """Give each row the values that another one had in these columns."""
    values = [[row[column] for column in columns] for row in rows]
    rng.shuffle(values)
    for row, taken in zip(rows, values):
        row.update(zip(columns, taken))


def shuffle_line(*columns):
    return lambda planted, rng: shuffle_columns(planted.lines, columns, rng)


def shuffle_product(*columns):
    return lambda planted, rng: shuffle_columns(planted.products, columns, rng)


def shuffle_user(*columns):
    return lambda planted, rng: shuffle_columns(planted.users, columns, rng)


def shuffle_times(planted, rng):
    """Orders stay together and keep their customer."""
    orders = {}
    for line in planted.lines:
        orders.setdefault(line["order_id"], []).append(line)
    groups = list(orders.values())
    times = [(lines[0]["day"], lines[0]["time"]) for lines in groups]
    rng.shuffle(times)
    for lines, (day, time) in zip(groups, times):
        for line in lines:
            line["day"], line["time"] = day, time


def product_ids(n, rng):
    """In no order, so that an id says nothing."""
    return rng.sample([f"P{k:04}" for k in range(n)], n)


def user_ids(n):
    return [f"company-{k:04}" for k in range(n)]


def line_of(user, product, day, order, minute=0, **more):
    when = START + datetime.timedelta(days=day, minutes=minute)
    return {"user_id": user, "product_id": product, "time": when.strftime("%Y-%m-%d %H:%M:%S"), "order_id": order,
            "day": day, **more}


def orders_of(rng, users, end, gap):
    """(user, day, order) in the order of time; `gap` days between the orders of a customer, on average."""
    found = []
    for user in users:
        day, k = rng.uniform(0, gap), 0
        while day < end:
            found.append((user, int(day), f"{user}-{k}"))
            day, k = day + rng.uniform(0.5, 1.5) * gap, k + 1
    return sorted(found, key=lambda order: (order[1], order[0]))


def buy(rng, ids, orders, size, choose, more=None, noise=NOISE):
    """Lines of all orders, `size` distinct products each: choose(user, day) gives one; `more` its further columns."""
    lines = []
    for user, day, order in orders:
        basket = {}
        for _ in range(MOST_TRIES * size):
            product = rng.choice(ids) if rng.random() < noise else choose(user, day)
            if product is not None:
                basket[product] = None
            if len(basket) == size:
                break
        minute = rng.randrange(480, 1080)
        for product in basket:
            lines.append(line_of(user, product, day, order, minute, **(more(product, day) if more else {})))
    return lines


def rows_of(ids, **columns):
    """Rows of products.csv; a column is a function of the id."""
    return [{"product_id": id, "name": f"Part {id}", **{c: f(id) for c, f in columns.items()}} for id in ids]
