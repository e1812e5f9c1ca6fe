"""Shops in which what others bought is why a product is bought."""

import random

from planted_shop import Planted, buy, orders_of, product_ids, rows_of, shuffle_line, shuffle_times, user_ids

YEAR = 360


def pairs(seed):
    """Whoever buys one product of a pair buys the other with the next order. More pairs than the model has factors."""
    rng = random.Random(seed)
    ids, users = product_ids(400, rng), user_ids(400)
    firsts = ids[0:300:2]
    partner = {first: ids[k + 1] for k, first in zip(range(0, 300, 2), firsts)}
    waiting = {user: [] for user in users}

    def choose(user, day):
        if waiting[user] and rng.random() < 0.6:
            return waiting[user].pop(0)
        product = rng.choice(firsts)
        waiting[user].append(partner[product])
        return product

    lines = buy(rng, ids[300:], orders_of(rng, users, YEAR + 60, 36), 2, choose)
    return Planted(("bought_together",), "new", rows_of(ids), [], lines, YEAR, shuffle_line("product_id"))


def peers(seed):
    """Groups of companies with the same list of products; each product is on the lists of many groups."""
    rng = random.Random(seed)
    ids, users = product_ids(300, rng), user_ids(720)
    term, cut = 270, 480
    lists = [[rng.sample(ids, 24) for _ in range(60)] for _ in range(2)]
    own = {user: k % 60 for k, user in enumerate(users)}

    def choose(user, day):
        return rng.choice(lists[day // term][own[user]])

    lines = buy(rng, ids, orders_of(rng, users, cut + 60, 36), 2, choose)
    return Planted(("peers", "bought_together"), "new", rows_of(ids), [], lines, cut, shuffle_line("product_id"))


def taste(seed):
    """A mixture of few tastes, each company its own mixture."""
    rng = random.Random(seed)
    ids, users = product_ids(500, rng), user_ids(300)
    tastes = [[rng.gammavariate(0.15, 1) for _ in ids] for _ in range(8)]
    mixture = {user: [rng.gammavariate(0.25, 1) for _ in range(8)] for user in users}

    def choose(user, day):
        return rng.choices(ids, rng.choices(tastes, mixture[user])[0])[0]

    lines = buy(rng, ids, orders_of(rng, users, YEAR + 60, 24), 2, choose)
    cause = ("als", "als_recent", "peers", "bought_together")
    return Planted(cause, "new", rows_of(ids), [], lines, YEAR, shuffle_line("product_id"))


def substitute(seed):
    """Each company goes round its four kinds of products, one a month: it does not need two of a kind in a row."""
    rng = random.Random(seed)
    ids, users = product_ids(1000, rng), user_ids(400)
    kinds = [ids[k::80] for k in range(80)]
    own = {user: k % 20 for k, user in enumerate(users)}
    turn = {user: rng.randrange(4) for user in users}
    orders = orders_of(rng, users, YEAR + 60, 30)
    place = {}
    for user, day, _ in orders:
        place[user, day] = turn[user]
        turn[user] += 1
    lines = buy(rng, ids, orders, 1, lambda user, day: rng.choice(kinds[4 * own[user] + place[user, day] % 4]))
    kind_of = {id: f"Kind {k}" for k, members in enumerate(kinds) for id in members}
    return Planted(("substitute",), "new", rows_of(sorted(ids), category=kind_of.get), [], lines, YEAR, shuffle_times)
