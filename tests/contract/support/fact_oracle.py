"""What is true about a customer and a product: every fact and every signal value, counted anew from the raw tables.

The definitions are those of the contract (section 4) and of the mathematics page; no count comes from purvey. A company
is a parent with all its users; counts of others never include the asking company. What training fitted and nobody can
count, factors, weights of pairs and coefficients, is read from the model file.
"""

import collections

import factor_facts
import neighbour_facts
import order_facts
import others_facts
import product_facts

DAY = 86400

SIGNALS = {
    **factor_facts.SIGNALS,
    **neighbour_facts.SIGNALS,
    **order_facts.SIGNALS,
    **others_facts.SIGNALS,
    **product_facts.SIGNALS,
}


class Orders:
    """The orders of some lines: how many each stands for, when its last line was, what it touches."""

    def __init__(self, lines):
        self.count, self.last, self.products = {}, {}, collections.defaultdict(set)
        starts = {}
        for line in lines:
            self.count[line.order] = line.orders
            self.products[line.order].add(line.product)
            start = (line.time or 0, line.place)
            starts[line.order] = min(start, starts.get(line.order, start))
            if line.time is not None:
                self.last[line.order] = max(line.time, self.last.get(line.order, line.time))
        self.in_time = sorted(starts, key=starts.get)
        self.total = sum(self.count.values())
        self._with = collections.defaultdict(list)
        for order in self.in_time:
            for product in self.products[order]:
                self._with[product].append(order)

    def with_product(self, product):
        """Orders with the product, in order of time."""
        return self._with.get(product, [])

    def since_first_with(self, product):
        """Orders from the first one with the product on."""
        first = self.in_time.index(self.with_product(product)[0])
        return sum(self.count[order] for order in self.in_time[first:])

    def bought(self):
        return self._with.keys()

    def touching(self, groups_of):
        """{group: orders with a product of it}; groups_of(product) lists a product's groups."""
        touching = collections.Counter()
        for order, products in self.products.items():
            for group in {group for product in products for group in groups_of(product)}:
                touching[group] += self.count[order]
        return touching


class Oracle:
    """The shop as a model knows it: what all companies together did. `model` is a ModelFile."""

    def __init__(self, shop, model, min_companies=5):
        self.shop, self.model, self.min_companies = shop, model, min_companies
        self.baskets = collections.defaultdict(set)
        self.buyers = collections.defaultdict(set)
        self.last_bought = collections.defaultdict(dict)  # {product: {parent: time}}
        self.first_sold = {}
        self.members = collections.defaultdict(list)
        self.orders = {user: Orders(lines) for user, lines in shop.lines.items()}
        for user, lines in shop.lines.items():
            self.members[shop.parent(user)].append(user)
            for line in lines:
                self._take(shop.parent(user), line)
        self.tables = {}  # what signals count once

    def _take(self, parent, line):
        self.baskets[parent].add(line.product)
        self.buyers[line.product].add(parent)
        if self.shop.has_time:
            last = self.last_bought[line.product]
            last[parent] = max(line.time, last.get(parent, line.time))
            self.first_sold[line.product] = min(line.time, self.first_sold.get(line.product, line.time))

    def once(self, name, make):
        """What make() returned the first time."""
        if name not in self.tables:
            self.tables[name] = make()
        return self.tables[name]

    def recent_buyers(self, product, days):
        """Parents with a purchase in the days before the shop's date; of all time in a shop without time."""
        if not self.shop.has_time:
            return self.buyers.get(product, set())
        start = self.shop.as_of - days * DAY
        return {parent for parent, time in self.last_bought.get(product, {}).items() if time >= start}

    def recent_buyers_among(self, users, product, days):
        """Parents of those of the users who bought the product in the days before the shop's date."""
        start = self.shop.as_of - days * DAY if self.shop.has_time else None
        return {
            self.shop.parent(user)
            for user in users
            for line in self.shop.lines.get(user, ())
            if line.product == product and (start is None or line.time >= start)
        }

    def customer(self, user, as_of=None):
        return Customer(self, user, as_of)


class Customer:
    """One customer's question: their own lines before a date, everybody else as the model knows them."""

    def __init__(self, oracle, user, as_of):
        self.oracle, self.shop, self.user = oracle, oracle.shop, user
        self.as_of = self.shop.as_of if as_of is None else as_of
        self.parent = self.shop.parent(user)
        all_lines = self.shop.lines.get(user, [])
        self.lines = [line for line in all_lines if line.time is None or line.time < self.as_of]
        self.is_whole_history = len(self.lines) == len(all_lines)
        self.by_product = collections.defaultdict(list)
        for line in self.lines:
            self.by_product[line.product].append(line)
        self.bought = sorted(self.by_product)
        self.orders = Orders(self.lines)
        self.company_users = oracle.members.get(self.parent, [])
        self._signals = {}

    def signal(self, code):
        if code not in self._signals:
            self._signals[code] = SIGNALS[code](self)
        return self._signals[code]

    def phi(self, code, product):
        """The value of a signal; 0 where it does not speak for such a product."""
        kind = "reorder" if product in self.by_product else "new"
        return self.signal(code).phi(product) if kind in SIGNALS[code].kinds else 0.0

    def decay(self, time, half_life_days):
        return 2.0 ** (-(self.as_of - time) / (half_life_days * DAY)) if self.shop.has_time else 1.0

    def last_time(self, product):
        """None in a shop without time."""
        return max(line.time for line in self.by_product[product]) if self.shop.has_time else None

    def others(self, parents):
        """How many of these companies are not the asking one."""
        return len(parents) - (self.parent in parents)

    def other_buyers(self, product):
        return self.others(self.oracle.buyers.get(product, ()))

    def other_companies(self):
        return len(self.oracle.baskets) - (self.parent in self.oracle.baskets)

    def company_orders(self):
        """Orders of each user of the asking company, as the model knows them."""
        return [self.oracle.orders[user] for user in self.company_users]
