"""Facts of a customer's own orders: habit, rebuy_rate, rebuy, reorder_due."""

import collections
import math

from shop_tables import date, with_ancestors
from signal_facts import DAY, REORDER, Signal

SMOOTHING, HABIT_SMOOTHING, LEAST_RATE = 20, 6, 0.01
HORIZON_DAYS, USUAL_GAPS, LEAST_VARIANCE, GAPS_UNTIL_LAPSED = 90, 2, 0.0625, 4
REBUY_LABELS = ("share of lines bought before", "number of orders", "number of products", "days since the last order")

Count = collections.namedtuple("Count", "buyers again repeats chances")


def _add(a, b, sign=1):
    return type(a)(*(x + sign * y for x, y in zip(a, b)))


class RebuyCounts:
    """How often products are bought again: buyers and those with two orders of it, companies; repeats and chances, users."""

    def __init__(self, oracle):
        self.by_product = collections.defaultdict(lambda: Count(0, 0, 0, 0))
        self.all = Count(0, 0, 0, 0)
        self.oracle = oracle
        for parent in oracle.members:
            for product, count in self.of_company(parent).items():
                self.by_product[product] = _add(self.by_product[product], count)
                self.all = _add(self.all, count)

    def of_company(self, parent):
        made = {}
        for user in self.oracle.members.get(parent, ()):
            orders = self.oracle.orders[user]
            place = {order: k for k, order in enumerate(orders.in_time)}
            for product in orders.bought():
                own = orders.with_product(product)
                seen, repeats, chances = made.get(product, (0, 0, 0))
                made[product] = (seen + len(own), repeats + len(own) - 1, chances + len(place) - place[own[0]] - 1)
        return {product: Count(1, seen >= 2, repeats, chances) for product, (seen, repeats, chances) in made.items()}


class RebuySignal(Signal):
    """What the signals that ask how often others buy again share."""

    kinds = REORDER

    def prepare(self):
        self.counts = {}
        if self.shop.is_simple:
            self.counts, self.all = collections.defaultdict(lambda: Count(0, 0, 0, 0)), Count(0, 0, 0, 0)
            return
        everybody = self.oracle.once("rebuy", lambda: RebuyCounts(self.oracle))
        own = everybody.of_company(self.customer.parent)
        self.all = everybody.all
        for count in own.values():
            self.all = _add(self.all, count, -1)
        for product in self.customer.bought:
            self.counts[product] = _add(everybody.by_product[product], own.get(product, Count(0, 0, 0, 0)), -1)

    def _smoothed(self, product, part, whole):
        overall = getattr(self.all, part) / getattr(self.all, whole) if getattr(self.all, whole) else 0.0
        count = self.counts[product]
        if count.buyers < self.min_companies:
            return overall
        return (getattr(count, part) + SMOOTHING * overall) / (getattr(count, whole) + SMOOTHING)

    def share_again(self, product):
        return self._smoothed(product, "again", "buyers")

    def frequency(self, product):
        return self._smoothed(product, "repeats", "chances")


class Habit(RebuySignal):
    def orders_with(self, product):
        orders = self.customer.orders
        return sum(orders.count[order] for order in orders.with_product(product))

    def phi(self, product):
        orders = self.customer.orders
        if not self.shop.has_time:
            return self.orders_with(product) / orders.total
        with_it, since = self.orders_with(product), orders.since_first_with(product)
        rate = (with_it - 1 + HABIT_SMOOTHING * self.frequency(product)) / (since - 1 + HABIT_SMOOTHING)
        return math.log(rate / LEAST_RATE) if rate > LEAST_RATE else 0.0

    def facts(self, product, is_reason):
        if product not in self.customer.by_product:
            return None
        last = self.customer.last_time(product)
        return {"orders_with": self.orders_with(product), "orders": self.customer.orders.total, "last_date": last and date(last)}

    def pieces(self, product):
        """{(product, date): the part of an order}, equal ones on one date."""
        orders, parts = self.customer.orders, {}
        for order in orders.with_product(product):
            times = [line.time for line in self.customer.by_product[product] if line.order == order]
            day = date(max(times)) if self.shop.has_time else None
            parts[product, day] = self.phi(product) * orders.count[order] / self.orders_with(product)
        return parts


class RebuyRate(RebuySignal):
    k_facts = ("buyers",)
    has_pieces = False

    def phi(self, product):
        return self.share_again(product) if self.counts[product].buyers >= self.min_companies else 0.0

    def facts(self, product, is_reason):
        if product not in self.customer.by_product or self.counts[product].buyers < self.min_companies:
            return None
        return {"buyers": self.counts[product].buyers, "again": self.counts[product].again}


class Rebuy(Signal):
    kinds = REORDER

    @staticmethod
    def _lines(orders):
        """(products counted once an order, products)"""
        return sum(len(products) for products in orders.products.values()), len(orders.bought())

    def prepare(self):
        model, customer = self.oracle.model, self.customer
        self.coefficients = model.values("rebuy.coefficient") if "rebuy.coefficient" in model.header else None
        self.means = model.values("rebuy.mean") if "rebuy.mean" in model.header else [0.0] * 4
        everybody = self.oracle.once("lines", lambda: [sum(column) for column in zip(*map(self._lines, self.oracle.orders.values()))])
        lines, products = everybody
        for orders in customer.company_orders():
            lines, products = lines - self._lines(orders)[0], products - self._lines(orders)[1]
        self.own_lines, self.own_products = self._lines(customer.orders)
        self.last = max((line.time for line in customer.lines), default=None) if self.shop.has_time else None
        overall = (lines - products) / lines if lines > products else 0.0
        repeats = self.own_lines - self.own_products + SMOOTHING * overall
        firsts = self.own_products + SMOOTHING * (1 - overall)
        self.terms = [math.log(repeats / firsts) if repeats > 0 else 0.0, math.log(customer.orders.total), math.log(self.own_products)]
        self.terms.append(math.log(1 + (customer.as_of - self.last) / DAY) if self.last is not None else 0.0)
        if self.coefficients is None or self.shop.is_simple:
            self.terms = [0.0] * 4
        else:
            self.terms = [weight * (value - mean) for value, mean, weight in zip(self.terms, self.means, self.coefficients)]

    def phi(self, product):
        return sum(self.terms)

    def facts(self, product, is_reason):
        if product not in self.customer.by_product or self.coefficients is None or self.shop.is_simple:
            return None
        return {
            "rebuy": (self.own_lines - self.own_products) / self.own_lines,
            "orders": self.customer.orders.total,
            "products": self.own_products,
            "last_date": self.last and date(self.last),
        }

    def pieces(self, product):
        return dict(zip(REBUY_LABELS, self.terms))


class Gaps:
    """Logarithms of the days between a user's purchases of a product, by product, category and in all, of each company."""

    def __init__(self, oracle):
        self.of = collections.defaultdict(lambda: collections.defaultdict(list))  # {place: {parent: [log gap]}}
        for user, lines in oracle.shop.lines.items():
            days = collections.defaultdict(set)
            for line in lines:
                days[line.product].add(line.time // DAY)
            for product, of_product in days.items():
                gaps = log_gaps(of_product)
                if gaps:
                    category = oracle.shop.category(product)
                    above = with_ancestors(category) if category else []
                    for place in [("product", product), *(("category", name) for name in above), ("shop", None)]:
                        self.of[place][oracle.shop.parent(user)].extend(gaps)

    def usual(self, product, category, without, min_companies):
        """(where, its category, companies, mean, variance); None when nothing is usual."""
        above = with_ancestors(category) if category else []
        for place in [("product", product), *(("category", name) for name in above), ("shop", None)]:
            others = {parent: gaps for parent, gaps in self.of.get(place, {}).items() if parent != without}
            if len(others) < min_companies or not others:
                continue
            gaps = [gap for of_company in others.values() for gap in of_company]
            mean = math.fsum(gaps) / len(gaps)
            variance = max(0.0, math.fsum((gap - mean) ** 2 for gap in gaps) / len(gaps))
            return place[0], place[1] if place[0] == "category" else None, len(others), mean, variance
        return None


def log_gaps(days):
    days = sorted(days)
    return [math.log(b - a) for a, b in zip(days, days[1:])]


def _survival(z):
    return math.erfc(z / math.sqrt(2)) / 2


class ReorderDue(RebuySignal):
    k_facts = ("companies",)

    def _expect(self, product):
        """(usual, days on which it was bought, days waited, typical gap, phi)"""
        if not self.shop.has_time or product not in self.customer.by_product:
            return None
        gaps = self.oracle.once("gaps", lambda: Gaps(self.oracle))
        known = self.__dict__.setdefault("known", {})
        if product not in known:
            key = ("usual", product, self.customer.parent)
            category = self.shop.category(product)
            usual = self.oracle.once(key, lambda: gaps.usual(product, category, self.customer.parent, self.min_companies))
            days = {line.time // DAY for line in self.customer.by_product[product]}
            known[product] = usual and (usual, len(days), self.customer.as_of // DAY - max(days), *self._wait(product, usual, days))
        return known[product]

    def _wait(self, product, usual, days):
        own, (_, _, _, usual_mean, usual_variance) = log_gaps(days), usual
        mean = (sum(own) + USUAL_GAPS * usual_mean) / (len(own) + USUAL_GAPS)
        spread = sum((gap - mean) ** 2 for gap in own) + USUAL_GAPS * usual_variance
        deviation = math.sqrt(max(LEAST_VARIANCE, spread / (len(own) + USUAL_GAPS)))
        waited = self.customer.as_of // DAY - max(days)
        survived = _survival((math.log(waited) - mean) / deviation) if waited else 1.0
        at_end = _survival((math.log(waited + HORIZON_DAYS) - mean) / deviation)
        phi = self.share_again(product) * (1 - at_end / survived if survived else 1.0)
        lapsed = waited / math.exp(mean) - GAPS_UNTIL_LAPSED
        return math.exp(mean), phi * 2.0**-lapsed if lapsed > 0 else phi

    def phi(self, product):
        expected = self._expect(product)
        return expected[4] if expected else 0.0

    def facts(self, product, is_reason):
        expected = self._expect(product)
        if not expected:
            return None
        (level, category, companies, _, _), dates, waited, typical, _ = expected
        days, last = max(1, round(typical)), self.customer.last_time(product)
        return {
            "orders": dates,
            "typical_gap_days": days,
            "last_date": date(last),
            "days_since": waited,
            "expected_date": date(last + days * DAY),
            "usual_of": level,
            "companies": companies,
            **({"value": category} if level == "category" else {}),
        }

    def pieces(self, product):
        return {product: self.phi(product)}


class Fatigue(Signal):
    """What was shown comes by events; tables know nothing of it."""

    def phi(self, product):
        return 0.0

    def facts(self, product, is_reason):
        return None


SIGNALS = {"fatigue": Fatigue, "habit": Habit, "rebuy_rate": RebuyRate, "rebuy": Rebuy, "reorder_due": ReorderDue}
