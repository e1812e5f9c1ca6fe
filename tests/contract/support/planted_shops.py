"""Shops in which every purchase has one known cause, and the same shops with the cause's column shuffled.

A maker returns a Planted: tables, and the questions whose right answer is the cause. Everything else is drawn evenly, so
that no other signal has more to say. Tables are lists of dicts; times lie within one year before TODAY.
"""

import datetime
import random

import csv_files

TODAY = datetime.date(2024, 1, 1)
DAYS = 360


class Planted:
    """cause      code of the signal that must speak first
    mode       the question: new or reorder
    n          how many products a list has
    relevant   {user: products that the cause speaks for}
    shuffle    function(products, purchases, random): shuffles the column that carries the cause, in place
    """

    def __init__(self, cause, mode, n, products, purchases, relevant, shuffle):
        self.cause, self.mode, self.n, self.relevant = cause, mode, n, relevant
        self.products, self.purchases = products, purchases
        self._shuffle = shuffle

    def write(self, folder):
        folder.mkdir()
        csv_files.write(folder / "products.csv", self.products[0].keys(), self.products)
        csv_files.write(folder / "user_purchases.csv", self.purchases[0].keys(), self.purchases)
        csv_files.write(folder / "questions.csv", ["user_id"], [{"user_id": user} for user in sorted(self.relevant)])
        return folder

    def shuffled(self, seed):
        products, purchases = [dict(row) for row in self.products], [dict(row) for row in self.purchases]
        self._shuffle(products, purchases, random.Random(seed))
        return Planted(self.cause, self.mode, self.n, products, purchases, self.relevant, self._shuffle)


def _shuffle_column(rows, column, rng):
    values = [row[column] for row in rows]
    rng.shuffle(values)
    for row, value in zip(rows, values):
        row[column] = value


def _line(user, product, day, order, **more):
    when = TODAY - datetime.timedelta(days=DAYS - day)
    return {"user_id": user, "product_id": product, "time": str(when), "quantity": 1, "order_id": order, **more}


def _bought(purchases):
    bought = {}
    for row in purchases:
        bought.setdefault(row["user_id"], set()).add(row["product_id"])
    return bought


def discount(seed):
    """Hunters buy only what is discounted on the day, everybody else buys evenly. Offers change every month."""
    rng = random.Random(seed)
    ids = [f"P{k:03}" for k in range(600)]
    months = [dict.fromkeys(rng.sample(ids, 90)) for _ in range(DAYS // 30 + 1)]
    for offers in months:
        for product in offers:
            offers[product] = rng.choice((0.15, 0.25, 0.4))
    purchases, hunters = [], [f"hunter-{k:03}" for k in range(60)]
    for user in hunters + [f"other-{k:03}" for k in range(180)]:
        for order in range(12):
            day = 30 * order + rng.randrange(30)
            offers = months[day // 30]
            for product in rng.sample(sorted(offers) if user in hunters else ids, 3):
                purchases.append(_line(user, product, day, f"{user}-{order}", discount=offers.get(product, 0)))
    now = months[-1]
    products = [{"product_id": id, "name": f"Part {id}", "discount": now.get(id, 0)} for id in ids]
    bought = _bought(purchases)
    relevant = {user: set(now) - bought[user] for user in hunters}
    return Planted("discount", "new", 5, products, purchases, relevant, lambda p, rows, r: _shuffle_column(rows, "discount", r))


def category(seed):
    """Each company buys evenly from one category of a deep assortment: hardly two buy the same product."""
    rng = random.Random(seed)
    names = ("Screws", "Nuts", "Washers", "Anchors", "Nails", "Rivets", "Hinges", "Chains")
    members = {name: [f"{name[:2].upper()}{k:03}" for k in range(250)] for name in names}
    purchases, relevant = [], {}
    for k in range(240):
        user, own = f"company-{k:03}", names[k % len(names)]
        for order in range(12):
            purchases.append(_line(user, rng.choice(members[own]), 30 * order + rng.randrange(30), f"{user}-{order}"))
        relevant[user] = set(members[own])
    products = [{"product_id": id, "name": f"Part {id}", "category": name} for name in names for id in members[name]]
    bought = _bought(purchases)
    relevant = {user: relevant[user] - bought[user] for user in list(relevant)[::4]}
    return Planted("category", "new", 5, products, purchases, relevant, lambda p, rows, r: _shuffle_column(p, "category", r))


def pair(seed):
    """Whoever buys one product of a pair buys the other later, but for those who have just begun. More pairs than the
    factor model has factors, so that counting knows more of them than it does."""
    rng = random.Random(seed)
    ids = [f"P{k:03}" for k in range(400)]
    partner = {ids[2 * k]: ids[2 * k + 1] for k in range(120)}
    filler, firsts, purchases, relevant = ids[240:], sorted(partner), [], {}
    for k in range(4800):
        user, first = f"company-{k:04}", firsts[k % len(firsts)]
        baskets = [[first], [rng.choice(filler)]]
        if k >= 4800 - len(firsts):
            relevant[user] = {partner[first]}
        else:
            baskets[1].append(partner[first])
        for order, basket in enumerate(baskets):
            day = 260 + 50 * order + rng.randrange(40)
            purchases += [_line(user, product, day, f"{user}-{order}") for product in basket]
    products = [{"product_id": id, "name": f"Part {id}"} for id in ids]
    return Planted("bought_together", "new", 1, products, purchases, relevant, lambda p, rows, r: _shuffle_column(rows, "product_id", r))


def habit(seed):
    """Each company reorders its own five products, four of them at a time."""
    rng = random.Random(seed)
    ids = [f"P{k:03}" for k in range(300)]
    purchases, relevant = [], {}
    for k in range(150):
        user = f"company-{k:03}"
        own = rng.sample(ids, 5)
        relevant[user] = set(own)
        for order in range(9):
            day = 40 * order + rng.randrange(40)
            purchases += [_line(user, product, day, f"{user}-{order}") for product in rng.sample(own, 4)]
    products = [{"product_id": id, "name": f"Part {id}"} for id in ids]
    return Planted("habit", "reorder", 5, products, purchases, relevant, lambda p, rows, r: _shuffle_column(rows, "product_id", r))


MAKERS = (discount, category, pair, habit)
