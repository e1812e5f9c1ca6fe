"""Facts of groups, discounts and prices of products: category, brand, discount, price_fit."""

import collections
import math

from shop_tables import date, with_ancestors
from signal_facts import DAY, ROOT, Signal

SMOOTHING, ORDERS_FOR_OWN_GROUP, RECENT_DAYS = 20, 3, 30
LINES_FOR_PRICE, PRODUCTS_FOR_MEDIAN = 5, 5


class OrderAffinity(Signal):
    """Orders of the customer and of everybody else that touch a group of products."""

    form = ROOT

    def groups(self, product):
        """The product's own group and those above it."""
        raise NotImplementedError

    def prepare(self):
        oracle, customer = self.oracle, self.customer

        def count():
            counts = [orders.touching(self.groups) for orders in oracle.orders.values()]
            return sum(counts, collections.Counter()), sum(orders.total for orders in oracle.orders.values())

        touching, total = oracle.once(type(self).__name__, count)
        self.others, self.other_orders = collections.Counter(touching), total
        for orders in customer.company_orders():
            self.others.subtract(orders.touching(self.groups))
            self.other_orders -= orders.total
        self.own = customer.orders.touching(self.groups)

    def speaking(self, product):
        """The group that speaks: one above the product's own while the customer has few orders."""
        groups = self.groups(product)
        if not groups:
            return None
        return groups[0 if self.customer.orders.total >= ORDERS_FOR_OWN_GROUP else min(1, len(groups) - 1)]

    def _usual(self, group):
        return self.others[group] / self.other_orders if self.other_orders else None

    def phi(self, product):
        group = self.speaking(product)
        if group is None or self._usual(group) is None:
            return 0.0  # where nobody else has ordered nothing is usual
        total = self.customer.orders.total
        return max(0.0, (self.own[group] - total * self._usual(group)) / (total + SMOOTHING))

    def facts(self, product, is_reason):
        group, total = self.speaking(product), self.customer.orders.total
        if group is None:
            return None
        return {
            "value": group,
            "your_orders": total,
            "with_it": self.own[group],
            "share": self.own[group] / total,
            "usual_share": self._usual(group),
        }

    def pieces(self, product):
        group, orders, parts = self.speaking(product), self.customer.orders, collections.Counter()
        for order, products in orders.products.items():
            members = [member for member in products if group in self.groups(member)]
            for member in members:
                parts[member] += orders.count[order] / len(members)
        return {member: self.phi(product) * part / self.own[group] for member, part in parts.items()}


class Category(OrderAffinity):
    def groups(self, product):
        category = self.shop.category(product)
        return with_ancestors(category) if category else []


class Brand(OrderAffinity):
    def groups(self, product):
        brand = self.shop.brand(product)
        return [brand] if brand else []


def _count_discounts(lines):
    counts = collections.defaultdict(lambda: [0, 0])
    for line in lines:
        counts[line.product][0] += 1
        counts[line.product][1] += line.discounted
    return counts


class Discount(Signal):
    form, k_facts = ROOT, ("companies",)

    def prepare(self):
        shop, customer = self.shop, self.customer
        everybody = self.oracle.once("discounts", lambda: _count_discounts(line for lines in shop.lines.values() for line in lines))
        own = _count_discounts(line for user in customer.company_users for line in shop.lines[user])
        self.counts = {product: [a - b for a, b in zip(counts, own.get(product, (0, 0)))] for product, counts in everybody.items()}
        self.is_recent = shop.has_line_discounts and shop.has_time and not any(shop.discount(product) for product in shop.products())
        self.discounted = sum(line.discounted for line in customer.lines)
        self.expected = self._expected_share()

    def _expected_share(self):
        """How often others' lines of the same products are discounted; of all products where nobody else bought one."""
        lines = sum(n for n, _ in self.counts.values())
        if lines == 0:
            return None
        overall = sum(discounted for _, discounted in self.counts.values()) / lines
        if self.shop.discount_is_current or not self.customer.lines:
            return overall
        shares = [self.counts[line.product] for line in self.customer.lines]
        return sum(discounted / n if n else overall for n, discounted in shares) / len(shares)

    def _recent(self, product):
        """(companies, lines, discounted lines) of others in the last days; all 0 below k."""
        if not self.shop.has_time:
            return 0, 0, 0
        recent = self.oracle.once("recent discounts", self._count_recent)
        of_others = {parent: counts for parent, counts in recent.get(product, {}).items() if parent != self.customer.parent}
        if len(of_others) < self.min_companies:
            return 0, 0, 0
        return len(of_others), sum(n for n, _ in of_others.values()), sum(d for _, d in of_others.values())

    def _count_recent(self):
        start = self.shop.as_of - RECENT_DAYS * DAY
        counts = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
        for user, lines in self.shop.lines.items():
            for line in lines:
                if line.time >= start:
                    of_company = counts[line.product][self.shop.parent(user)]
                    of_company[0] += 1
                    of_company[1] += line.discounted
        return counts

    def now(self, product):
        if self.is_recent:
            _, lines, discounted = self._recent(product)
            return discounted / lines if lines else 0.0
        return self.shop.discount(product) or 0.0

    def _affinity(self):
        if not self.shop.has_line_discounts or self.expected is None:
            return 0.0
        lines = len(self.customer.lines)
        return max(0.0, (self.discounted - lines * self.expected) / (lines + SMOOTHING))

    def phi(self, product):
        return self._affinity() * self.now(product)

    def facts(self, product, is_reason):
        if not self.now(product) > 0:
            return None
        facts = {"discount": self.now(product)}
        if self.is_recent:
            companies, lines, discounted = self._recent(product)
            facts = {"recent_discount": discounted / lines, "recent_discounted": discounted, "recent_lines": lines}
            facts.update({"companies": companies, "days": RECENT_DAYS, "before": date(self.shop.as_of)})
        if is_reason and self._affinity() > 0:
            lines = len(self.customer.lines)
            facts.update({"your_lines": lines, "discounted_lines": self.discounted})
            facts.update({"share": self.discounted / lines, "expected_share": self.expected})
        return facts

    def pieces(self, product):
        parts = collections.Counter(line.product for line in self.customer.lines if line.discounted)
        return {past: self.phi(product) * n / self.discounted for past, n in parts.items()} if self.phi(product) > 0 else {}


class Prices:
    """Medians of the prices of each category with enough products, and of all products."""

    def __init__(self, shop):
        self.shop, self.prices = shop, collections.defaultdict(list)
        for product in shop.products():
            if (shop.price(product) or 0) > 0:
                for group in [*self._groups(product), None]:
                    self.prices[group].append(shop.price(product))
        for prices in self.prices.values():
            prices.sort()

    def _groups(self, product):
        return with_ancestors(self.shop.category(product)) if self.shop.category(product) else []

    def place(self, product):
        """(measuring category or None, its median, log of price over median); None without a price."""
        if not (self.shop.price(product) or 0) > 0:
            return None
        enough = (group for group in self._groups(product) if len(self.prices[group]) >= PRODUCTS_FOR_MEDIAN)
        group = next(enough, None)
        prices = self.prices[group]
        median = (prices[(len(prices) - 1) // 2] + prices[len(prices) // 2]) / 2
        return group, median, math.log(self.shop.price(product) / median)


class PriceFit(Signal):
    def prepare(self):
        self.prices = self.oracle.once("prices", lambda: Prices(self.shop))
        self.levels = []
        if len(self.customer.lines) >= LINES_FOR_PRICE:
            places = map(self.prices.place, self.customer.bought)
            self.levels = sorted(place[2] for place in places if place is not None)

    def phi(self, product):
        place = self.prices.place(product)
        if place is None or not self.levels:
            return 0.0
        return max(0.0, 1 - abs(place[2] - math.fsum(self.levels) / len(self.levels)) / 2)

    def facts(self, product, is_reason):
        if not self.phi(product) > 0:
            return None
        group, median, _ = self.prices.place(product)
        low, high = (self.levels[(len(self.levels) * tenths + 9) // 10 - 1] for tenths in (1, 9))
        facts = {"price": self.shop.price(product)}
        facts.update({name: round(100 * median * math.exp(level)) / 100 for name, level in (("usual_low", low), ("usual_high", high))})
        return {**facts, "value": group} if group is not None else facts

    def pieces(self, product):
        return {"your prices": self.phi(product)}


SIGNALS = {"category": Category, "brand": Brand, "discount": Discount, "price_fit": PriceFit}
