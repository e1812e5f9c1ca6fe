"""Shops in which when something was bought is why it is bought next."""

import random

from planted_shop import Planted, buy, line_of, orders_of, product_ids, rows_of, shuffle_line, shuffle_times, user_ids


def season(seed):
    """Each product is bought in its own month of the year."""
    rng = random.Random(seed)
    ids, users = product_ids(600, rng), user_ids(240)
    starts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]
    month_of_day = [m for m in range(12) for _ in range(starts[m], starts[m + 1])]
    of_month = [ids[m::12] for m in range(12)]
    cut = 730 + 91  # 2 April: the last purchase is of 1 April, and 90 days before it is 1 January

    def choose(user, day):
        return rng.choice(of_month[month_of_day[day % 365]])

    lines = buy(rng, ids, orders_of(rng, users, cut + 30, 20), 2, choose)
    return Planted(("season",), "new", rows_of(ids), [], lines, cut, shuffle_times, window=29)


def trend(seed):
    """Each product has a time at which it begins to rise, and is bought mostly in the 120 days after it."""
    rng = random.Random(seed)
    ids, users, end = product_ids(400, rng), user_ids(300), 480
    begin = {id: rng.uniform(-120, end) for id in ids}
    by_day = []
    for day in range(end):
        by_day.append([8 if 0 <= day - begin[id] < 120 else 0.3 for id in ids])
    cut = end - 60
    lines = buy(rng, ids, orders_of(rng, users, end, 20), 2, lambda u, day: rng.choices(ids, by_day[day])[0])
    return Planted(("trend",), "new", rows_of(ids), [], lines, cut, shuffle_times)


def age(seed):
    """Customers try what is new: the chance of a product halves every 30 days after its first sale."""
    rng = random.Random(seed)
    ids, users, end = product_ids(500, rng), user_ids(240), 480
    first = {id: rng.uniform(-60, end) for id in ids}
    cut = end - 60

    def choose(user, day):
        known = [id for id in ids if first[id] <= day]
        return rng.choices(known, [2 ** (-(day - first[id]) / 30) for id in known])[0]

    lines = buy(rng, ids, orders_of(rng, users, end, 20), 2, choose, noise=0)
    sold = {line["product_id"] for line in lines if line["day"] < cut}
    return Planted(("age", "trend"), "new", rows_of(sorted(sold)), [], lines, cut, shuffle_times)


def _own_products(rng, users, ids, n):
    return {user: rng.sample(ids, n) for user in users}


def habit(seed):
    """Each company has its own products, a few of which it needs nearly every time."""
    rng = random.Random(seed)
    ids, users = product_ids(300, rng), user_ids(200)
    own = _own_products(rng, users, ids, 24)
    weights = [2 ** (-k / 4) for k in range(24)]
    lines = buy(rng, ids, orders_of(rng, users, 420, 20), 3, lambda u, day: rng.choices(own[u], weights)[0])
    return Planted(("habit",), "reorder", rows_of(ids), [], lines, 360, shuffle_line("product_id"), window=20)


def reorder_cycle(seed):
    """Each company reorders each of its products about every 150 days."""
    rng = random.Random(seed)
    ids, users, cut = product_ids(300, rng), user_ids(200), 900
    own = _own_products(rng, users, ids, 14)
    lines = []
    for user in users:
        for product in own[user]:
            day = rng.uniform(0, 150)
            while day < cut + 45:
                lines.append(line_of(user, product, int(day), f"{user}-{int(day)}"))
                day += 150 * rng.uniform(0.9, 1.1)
    return Planted(("reorder_due",), "reorder", rows_of(ids), [], lines, cut, shuffle_times, window=45)


def last_sold(seed):
    """Products go out of the shop one after the other; of the rest each company reorders its own."""
    rng = random.Random(seed)
    ids, users, end = product_ids(100, rng), user_ids(240), 420
    gone = {id: rng.uniform(200, 460) for id in ids}
    own = _own_products(rng, users, ids, 20)
    demand = [{id: rng.choice((1, 3, 9)) for id in ids} for _ in range(end // 30 + 1)]

    def choose(user, day):
        product = rng.choices(own[user], [demand[day // 30][id] for id in own[user]])[0]
        return product if gone[product] > day else None

    lines = buy(rng, ids, orders_of(rng, users, end, 20), 4, choose, noise=0)
    return Planted(("last_sold",), "reorder", rows_of(ids), [], lines, 360, shuffle_times)


def popularity(seed):
    """What is in demand changes every half year; each company reorders of its own what everybody wants now."""
    rng = random.Random(seed)
    ids, users = product_ids(300, rng), user_ids(240)
    own = _own_products(rng, users, ids, 40)
    wanted = [{id: (10 if k % 6 == term % 6 else 1) for k, id in enumerate(ids)} for term in range(6)]

    def choose(user, day):
        now = wanted[(day + 120) // 240]
        return rng.choices(own[user], [now[id] for id in own[user]])[0]

    lines = buy(rng, ids, orders_of(rng, users, 600, 20), 4, choose)
    return Planted(("popularity", "peers"), "reorder", rows_of(ids), [], lines, 560, shuffle_times, window=40)


def rebuy_rate(seed):
    """Some products are used up and bought again, the others are bought once."""
    rng = random.Random(seed)
    ids, users = product_ids(400, rng), user_ids(240)
    used_up = set(ids[::4])
    had = {user: set() for user in users}

    def choose(user, day):
        product = rng.choice(sorted(had[user])) if had[user] and rng.random() < 0.6 else rng.choice(ids)
        if product in had[user] and product not in used_up:
            return None
        had[user].add(product)
        return product

    lines = buy(rng, ids, orders_of(rng, users, 420, 24), 3, choose, noise=0.05)
    cause = ("rebuy_rate", "habit", "reorder_due")
    return Planted(cause, "reorder", rows_of(ids), [], lines, 360, shuffle_line("product_id"))


def changing_taste(seed):
    """Each company turns to another kind of products every few months."""
    rng = random.Random(seed)
    ids, users, end = product_ids(600, rng), user_ids(300), 780
    kinds = [ids[k::10] for k in range(10)]
    turns = {user: [rng.randrange(10) for _ in range(8)] for user in users}
    offset = {user: rng.randrange(180) for user in users}

    def choose(user, day):
        return rng.choice(kinds[turns[user][(day + offset[user]) // 180]])

    lines = buy(rng, ids, orders_of(rng, users, end, 20), 2, choose)
    return Planted(("als_recent", "peers"), "new", rows_of(ids), [], lines, 720, shuffle_times)
