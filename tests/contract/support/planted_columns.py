"""Shops in which a column of the tables is why products are bought: what is new to a customer follows it."""

import math
import random

from planted_shop import (NOISE, Planted, buy, orders_of, product_ids, rows_of, shuffle_columns, shuffle_product,
                          shuffle_user, user_ids)

YEAR = 360


def _from_groups(rng, n_users, groups, end, gap, size, noise=NOISE):
    """Each customer buys evenly from one group: {group: ids}."""
    users, names = user_ids(n_users), sorted(groups)
    own = {user: names[k % len(names)] for k, user in enumerate(users)}
    ids = [id for name in names for id in groups[name]]
    lines = buy(rng, ids, orders_of(rng, users, end, gap), size, lambda user, day: rng.choice(groups[own[user]]),
                noise=noise)
    return ids, own, lines


def _grouped(column, seed):
    """A deep assortment in groups, of which each customer has bought little: hardly two bought the same product."""
    rng = random.Random(seed)
    ids = product_ids(1200, rng)
    groups = {f"Group {k}": ids[60 * k : 60 * k + 60] for k in range(20)}
    group_of = {id: name for name, members in groups.items() for id in members}
    ids, _, lines = _from_groups(rng, 360, groups, YEAR + 60, 60, 1, 0.4)
    rows = rows_of(sorted(ids), **{column: group_of.get})
    return Planted((column,), "new", rows, [], lines, YEAR, shuffle_product(column))


def category(seed):
    return _grouped("category", seed)


def brand(seed):
    return _grouped("brand", seed)


def segment(seed):
    """Each trade has its own products, evenly bought; a company has bought few of them so far."""
    rng = random.Random(seed)
    ids = product_ids(400, rng)
    groups = {f"trade {k}": ids[20 * k : 20 * k + 20] for k in range(20)}
    ids, own, lines = _from_groups(rng, 1200, groups, YEAR + 60, 150, 1, 0.5)
    users = [{"user_id": user, "trade": own[user]} for user in sorted(own)]
    return Planted(("segment",), "new", rows_of(sorted(ids)), users, lines, YEAR, shuffle_user("trade"))


def _word(rng):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(6))


def text(seed):
    """Each customer likes one word of the names. A sixth of the products comes to the shop just before the cut."""
    rng = random.Random(seed)
    tastes = sorted({_word(rng) for _ in range(30)})
    ids = product_ids(50 * len(tastes), rng)
    groups = {taste: ids[50 * k : 50 * k + 50] for k, taste in enumerate(tastes)}
    word_of = {id: taste for taste, members in groups.items() for id in members}
    is_late = {id: k % 6 == 0 for members in groups.values() for k, id in enumerate(members)}
    users = user_ids(300)
    own = {user: tastes[k % len(tastes)] for k, user in enumerate(users)}
    early = {taste: [id for id in members if not is_late[id]] for taste, members in groups.items()}
    early_ids = sorted(id for members in early.values() for id in members)

    def choose(user, day):
        return rng.choice((groups if day >= YEAR else early)[own[user]])

    lines = buy(rng, early_ids, orders_of(rng, users, YEAR + 60, 60), 1, choose, noise=0.35)
    rows = rows_of(sorted(ids), available_from=lambda id: "2021-12-20" if is_late[id] else "")
    for row in rows:
        row["name"] = f"{_word(rng)} {word_of[row['product_id']]} {_word(rng)}"
    return Planted(("text",), "new", rows, [], lines, YEAR, shuffle_product("name"))


def price(seed):
    """Each company buys at its own level of price, whatever the product is."""
    rng = random.Random(seed)
    ids, users = product_ids(1200, rng), user_ids(300)
    level = {id: rng.uniform(-4, 4) for id in ids}
    price_of = {id: round(100 * math.exp(z), 2) for id, z in level.items()}
    usual = {user: rng.uniform(-3.5, 3.5) for user in users}

    def choose(user, day):
        product = rng.choice(ids)
        return product if abs(level[product] - usual[user]) < rng.uniform(0, 0.7) else None

    lines = buy(rng, ids, orders_of(rng, users, YEAR + 60, 45), 1, choose, lambda id, day: {"unit_price": price_of[id]},
                noise=0.005)
    rows = rows_of(ids, price=price_of.get)

    def shuffle(planted, rng):
        shuffle_columns(planted.products, ["price"], rng)
        now = {row["product_id"]: row["price"] for row in planted.products}
        for line in planted.lines:
            line["unit_price"] = now[line["product_id"]]

    return Planted(("price_fit",), "new", rows, [], lines, YEAR, shuffle)


def discount(seed):
    """A quarter of the customers buys only what is discounted on the day; offers change every six weeks."""
    rng = random.Random(seed)
    term, cut = 45, 380  # 20 days after a change, as is the date 90 days earlier
    ids, users = product_ids(600, rng), user_ids(360)
    hunters = set(users[::4])
    offers = [{id: rng.choice((0.15, 0.25, 0.4)) for id in rng.sample(ids, 90)} for _ in range((cut + 25) // term + 1)]
    listed = [sorted(offer) for offer in offers]

    def choose(user, day):
        return rng.choice(listed[day // term] if user in hunters else ids)

    lines = buy(rng, ids, orders_of(rng, users, cut + 25, 12), 2, choose,
                lambda id, day: {"discount": offers[day // term].get(id, 0)})
    rows = rows_of(ids, discount=lambda id: offers[cut // term].get(id, 0))

    def shuffle(planted, rng):
        shuffle_columns(planted.lines, ["discount"], rng)
        shuffle_columns(planted.products, ["discount"], rng)

    return Planted(("discount",), "new", rows, [], lines, cut, shuffle, window=25)
