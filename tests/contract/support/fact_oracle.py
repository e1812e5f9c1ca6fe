"""What is true about a customer and a product: every fact and every signal value, counted anew from the raw tables.

The definitions are those of the contract (section 4) and of the mathematics page; no number comes from purvey. A company
is a parent with all its users; counts of others never include the asking company.
"""

import collections
import math

from shop_tables import date, with_ancestors

DAY = 86400
HALF_LIFE_DAYS = 180
POPULARITY_DAYS = 90
SMOOTHING = 20
G2_MIN = 10.8
NEIGHBOURS_MAX = 256


def _association(both, buyers_past, buyers_this, companies):
    usual = buyers_this / companies
    return max(0.0, (both + SMOOTHING * usual) / (buyers_past + SMOOTHING) - usual)


def _g2(both, n_i, n_j, n):
    """Log-likelihood ratio of the two-by-two table (Dunning 1993)."""
    cells = (
        (both, n_i * n_j / n),
        (n_i - both, n_i * (n - n_j) / n),
        (n_j - both, n_j * (n - n_i) / n),
        (n - n_i - n_j + both, (n - n_i) * (n - n_j) / n),
    )
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen > 0)


class Orders:
    """The orders of some lines: how many each stands for, when its last line was, what it touches."""

    def __init__(self, lines):
        self.count, self.last, self.products = {}, {}, collections.defaultdict(set)
        for line in lines:
            self.count[line.order] = line.orders
            self.products[line.order].add(line.product)
            if line.time is not None:
                self.last[line.order] = max(line.time, self.last.get(line.order, line.time))
        self.total = sum(self.count.values())

    def with_product(self, product):
        return [order for order, products in self.products.items() if product in products]

    def touching(self, shop):
        """{category: orders with a product of it or of what lies below it}."""
        touching = collections.Counter()
        for order, products in self.products.items():
            categories = set()
            for product in products:
                if shop.category(product):
                    categories.update(with_ancestors(shop.category(product)))
            for category in categories:
                touching[category] += self.count[order]
        return touching


class Oracle:
    """The shop as a model knows it: what all companies together did."""

    def __init__(self, shop, min_companies=5):
        self.shop = shop
        self.min_companies = min_companies
        self.baskets = collections.defaultdict(set)
        self.buyers, self.recent_buyers = collections.defaultdict(set), collections.defaultdict(set)
        self.members = collections.defaultdict(list)
        self.discounts = collections.defaultdict(lambda: [0, 0])
        self.touching, self.all_orders = collections.Counter(), 0
        for user, lines in shop.lines.items():
            self._take(user, lines)
        self.most_recent_buyers = max(len(parents) for parents in self.recent_buyers.values())
        self._ranks_of, self._ends = {}, {}

    def _take(self, user, lines):
        parent = self.shop.parent(user)
        self.members[parent].append(user)
        for line in lines:
            self.baskets[parent].add(line.product)
            self.buyers[line.product].add(parent)
            if not self.shop.has_time or line.time >= self.shop.as_of - POPULARITY_DAYS * DAY:
                self.recent_buyers[line.product].add(parent)
            self.discounts[line.product][0] += 1
            self.discounts[line.product][1] += line.discounted
        orders = Orders(lines)
        self.touching.update(orders.touching(self.shop))
        self.all_orders += orders.total

    def customer(self, user, as_of=None):
        return Customer(self, user, as_of)

    def recent_buyers_among(self, users, product):
        """Parents of those of the users who bought the product lately."""
        start = self.shop.as_of - POPULARITY_DAYS * DAY if self.shop.has_time else None
        return {
            self.shop.parent(user)
            for user in users
            for line in self.shop.lines.get(user, ())
            if line.product == product and (start is None or line.time >= start)
        }

    def is_neighbour(self, past, product):
        """The pair counts: enough companies, more than chance, and among the strongest of `past`."""
        ranks = self._ranks(past)
        if product not in ranks or not self._is_beyond_chance(past, product):
            return False
        return ranks[product] < NEIGHBOURS_MAX or ranks[product] < self._end_of_table(past)

    def _ranks(self, past):
        """{product: rank by strength} of everything that k companies bought beside `past`, more often than usual."""
        if past not in self._ranks_of:
            both = collections.Counter()
            for parent in self.buyers[past]:
                both.update(self.baskets[parent])
            companies, buyers, strengths = len(self.baskets), len(self.buyers[past]), []
            for product, n in both.items():
                if n >= self.min_companies and product != past:
                    strength = _association(n, buyers, len(self.buyers[product]), companies)
                    if strength > 0:
                        strengths.append((-strength, product))
            self._ranks_of[past] = {product: rank for rank, (_, product) in enumerate(sorted(strengths))}
        return self._ranks_of[past]

    def _end_of_table(self, past):
        """The rank at which the table of `past` is full."""
        if past not in self._ends:
            ranks, kept, end = self._ranks(past), 0, 0
            for product in ranks:
                if kept == NEIGHBOURS_MAX:
                    break
                kept += self._is_beyond_chance(past, product)
                end += 1
            self._ends[past] = end
        return self._ends[past]

    def _is_beyond_chance(self, past, product):
        both = len(self.buyers[past] & self.buyers[product])
        return _g2(both, len(self.buyers[product]), len(self.buyers[past]), len(self.baskets)) > G2_MIN


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
        self.orders = Orders(self.lines)
        own_orders = [Orders(self.shop.lines[member]) for member in oracle.members[self.parent]]
        self._other_touching = collections.Counter(oracle.touching)
        for orders in own_orders:
            self._other_touching.subtract(orders.touching(self.shop))
        self._other_orders = oracle.all_orders - sum(orders.total for orders in own_orders)
        self._touching = self.orders.touching(self.shop)
        self._other_companies = len(oracle.baskets) - (self.parent in oracle.baskets)
        self._omega = {product: self._decay(max(l.time or 0 for l in lines)) for product, lines in self.by_product.items()}
        self._norm = math.sqrt(sum(self._omega.values()))
        self._expected = self._expected_share()
        self._terms = {}

    def _decay(self, time):
        return 2.0 ** (-(self.as_of - time) / (HALF_LIFE_DAYS * DAY)) if self.shop.has_time else 1.0

    def _others(self, parents):
        return len(parents) - (self.parent in parents)

    # --- bought_together

    def pair(self, past, product):
        buyers, also = self.oracle.buyers[past], self.oracle.buyers[past] & self.oracle.buyers[product]
        return self._others(buyers), self._others(also), self._others(self.oracle.buyers[product])

    def pair_terms(self, product):
        """{past product: its term}, only those that count."""
        if product in self._terms:
            return self._terms[product]
        terms = self._terms[product] = {}
        for past in self.by_product:
            buyers, also, this = self.pair(past, product)
            if past == product or also < self.oracle.min_companies or not self.oracle.is_neighbour(past, product):
                continue
            term = self._omega[past] * _association(also, buyers, this, self._other_companies) / self._norm
            if term > 0:
                terms[past] = term
        return terms

    def bought_together_facts(self, past, product):
        buyers, also, this = self.pair(past, product)
        return {
            "product": past,
            "name": self.shop.name(past),
            "buyers": buyers,
            "also": also,
            "rate": also / buyers if buyers else 0,
            "base_rate": this / self._other_companies,
        }

    # --- category

    def speaking_category(self, product):
        leaf = self.shop.category(product)
        if leaf is None or self.orders.total >= 3:
            return leaf
        return with_ancestors(leaf)[min(1, len(with_ancestors(leaf)) - 1)]

    def _usual_share(self, category):
        return self._other_touching[category] / self._other_orders if self._other_orders else None

    def category_phi(self, product):
        category = self.speaking_category(product)
        if category is None:
            return 0.0
        if self._usual_share(category) is None:
            return 0.0  # nobody else has ordered: nothing is usual
        excess = self._touching[category] - self.orders.total * self._usual_share(category)
        return max(0.0, excess / (self.orders.total + SMOOTHING))

    def category_facts(self, product):
        category = self.speaking_category(product)
        return {
            "value": category,
            "your_orders": self.orders.total,
            "with_it": self._touching[category],
            "share": self._touching[category] / self.orders.total,
            "usual_share": self._usual_share(category),
        }

    # --- discount

    def _expected_share(self):
        """How often others' lines of the same products are discounted; of all products where nobody else bought one."""
        own = collections.defaultdict(lambda: [0, 0])
        for member in self.oracle.members[self.parent]:
            for line in self.shop.lines[member]:
                own[line.product][0] += 1
                own[line.product][1] += line.discounted

        def others(product):
            return [a - b for a, b in zip(self.oracle.discounts.get(product, (0, 0)), own.get(product, (0, 0)))]

        counts = [others(product) for product in self.shop.bought]
        all_lines, all_discounted = sum(n for n, _ in counts), sum(d for _, d in counts)
        overall = all_discounted / all_lines if all_lines else 0.0
        if self.shop.discount_is_current or not self.lines:
            return overall
        shares = []
        for line in self.lines:
            lines, discounted = others(line.product)
            shares.append(discounted / lines if lines else overall)
        return sum(shares) / len(shares)

    def discount_now(self, product):
        return self.shop.discount(product) or 0.0

    def _discounted_lines(self):
        return sum(line.discounted for line in self.lines)

    def discount_phi(self, product):
        if not self.shop.has_line_discounts:
            return 0.0
        excess = self._discounted_lines() - len(self.lines) * self._expected
        return max(0.0, excess / (len(self.lines) + SMOOTHING)) * self.discount_now(product)

    def discount_facts(self, product):
        return {
            "discount": self.discount_now(product),
            "your_lines": len(self.lines),
            "discounted_lines": self._discounted_lines(),
            "share": self._discounted_lines() / len(self.lines) if self.lines else 0,
            "expected_share": self._expected,
        }

    # --- habit

    def habit_phi(self, product):
        def weight(order):
            return self.orders.count[order] * self._decay(self.orders.last.get(order))

        total = sum(weight(order) for order in self.orders.count)
        return sum(weight(order) for order in self.orders.with_product(product)) / total if total else 0.0

    def habit_facts(self, product):
        times = [line.time for line in self.by_product[product]]
        return {
            "orders_with": sum(self.orders.count[order] for order in self.orders.with_product(product)),
            "orders": self.orders.total,
            "last_date": date(max(times)) if self.shop.has_time else None,
        }

    # --- popularity

    def recent_others(self, product):
        return self._others(self.oracle.recent_buyers[product])

    def popularity_phi(self, product):
        buyers = self.recent_others(product)
        if buyers < self.oracle.min_companies:
            return 0.0
        return math.log(1 + buyers) / math.log(1 + self.oracle.most_recent_buyers)

    def popularity_facts(self, product):
        return {
            "buyers": self.recent_others(product),
            "days": POPULARITY_DAYS if self.shop.has_time else None,
            "before": date(self.shop.as_of) if self.shop.has_time else None,
        }

    def phi(self, code, product):
        if code == "bought_together":
            return sum(self.pair_terms(product).values())
        return getattr(self, f"{code}_phi")(product)
