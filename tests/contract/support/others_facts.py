"""Facts that count other companies: popularity, trend, age, last_sold, season, segment."""

import collections
import math

from shop_tables import date, timestamp
from signal_facts import DAY, NEW, REORDER, Signal

POPULARITY_DAYS, TREND_DAYS, AGE_DAYS, LAST_SOLD_DAYS = 90, 30, 366, 90
SMOOTHING, STEADY = 20, 4
DAYS_NEEDED, SECONDS_PER_YEAR, DAYS_AROUND = 396, 31557600, 21
TIERS, SEGMENT_VALUES, SEGMENT_COLUMNS = 5, 64, 32
MONTHS = "January February March April May June July August September October November December".split()


def _recency(time, as_of, horizon):
    if time is None or time > as_of:
        return 0.0
    return max(0.0, math.log((1 + horizon) / (1 + (as_of - time) // DAY)))


class Popularity(Signal):
    k_facts = ("buyers",)
    has_pieces = False

    def _buyers(self, product):
        return self.customer.others(self.oracle.recent_buyers(product, POPULARITY_DAYS))

    def phi(self, product):
        def most():
            return max(len(self.oracle.recent_buyers(other, POPULARITY_DAYS)) for other in self.shop.bought)

        buyers = self._buyers(product)
        if buyers < self.min_companies:
            return 0.0
        return math.log(1 + buyers) / math.log(1 + self.oracle.once("most recent buyers", most))

    def facts(self, product, is_reason):
        if self._buyers(product) < self.min_companies:
            return None
        days, before = (POPULARITY_DAYS, date(self.shop.as_of)) if self.shop.has_time else (None, None)
        return {"buyers": self._buyers(product), "days": days, "before": before}


class Trend(Signal):
    k_facts = ("buyers", "of", "fewer_than")
    has_pieces = False

    def _buyers(self, product):
        recent, usual = (self.oracle.recent_buyers(product, days) for days in (TREND_DAYS, POPULARITY_DAYS))
        return self.customer.others(recent), self.customer.others(usual)

    def phi(self, product):
        recent, usual = self._buyers(product)
        if not self.shop.has_time or usual < self.min_companies:
            return 0.0
        return max(0.0, math.log(STEADY * (recent + 1) / (usual * TREND_DAYS / POPULARITY_DAYS + 1)))

    def facts(self, product, is_reason):
        if not self.phi(product) > 0:
            return None
        recent, usual = self._buyers(product)
        counted = {"buyers": recent} if recent >= self.min_companies else {"fewer_than": self.min_companies}
        return {**counted, "days": TREND_DAYS, "of": usual, "of_days": POPULARITY_DAYS, "before": date(self.shop.as_of)}


class Age(Signal):
    kinds = NEW
    has_pieces = False

    def phi(self, product):
        return _recency(self.oracle.first_sold.get(product), self.customer.as_of, AGE_DAYS) if self.shop.has_time else 0.0

    def facts(self, product, is_reason):
        if product in self.customer.by_product or not self.phi(product) > 0:
            return None
        return {"first_sold": date(self.oracle.first_sold[product])}


class LastSold(Signal):
    kinds, k_facts = REORDER, ("buyers",)
    has_pieces = False

    def _last(self, product):
        times = self.oracle.last_bought.get(product, {})
        return max((time for parent, time in times.items() if parent != self.customer.parent), default=None)

    def phi(self, product):
        if not self.shop.has_time or self.customer.other_buyers(product) < self.min_companies:
            return 0.0
        return _recency(self._last(product), self.customer.as_of, LAST_SOLD_DAYS)

    def facts(self, product, is_reason):
        if product not in self.customer.by_product or not self.phi(product) > 0:
            return None
        return {"buyers": self.customer.other_buyers(product), "last_sold": date(self._last(product))}


class Months:
    """Orders by calendar month over the whole years before the shop's date."""

    def __init__(self, oracle):
        shop = oracle.shop
        first = min(oracle.first_sold.values())
        self.is_silent = shop.as_of - first < DAYS_NEEDED * DAY
        if self.is_silent:
            return
        self.start = shop.as_of - (shop.as_of - first) // SECONDS_PER_YEAR * SECONDS_PER_YEAR
        self.orders = collections.defaultdict(collections.Counter)  # {(kind, name, month): {parent: orders}}
        self.all_orders = collections.defaultdict(collections.Counter)
        for user, lines in shop.lines.items():
            last = {}
            for line in lines:
                last[line.product, line.order] = max(line.time, last.get((line.product, line.order), line.time))
            for (product, _), time in last.items():
                if time >= self.start:
                    self._count(shop, shop.parent(user), product, month_of(time))

    def _count(self, shop, parent, product, month):
        places = [("product", product)]
        if shop.category(product):
            places.append(("category", shop.category(product)))
        for place in places:
            self.orders[(*place, month)][parent] += 1
            self.all_orders[place][parent] += 1

    def of_others(self, place, month, parent):
        """(companies in the month, orders in the month, orders)"""

        def others(counter):
            return sum(counter.values()) - counter.get(parent, 0)

        in_month = self.orders.get((*place, month), {})
        return len(in_month) - (parent in in_month), others(in_month), others(self.all_orders.get(place, {}))


def month_of(time):
    return int(timestamp(time)[5:7]) - 1


class Season(Signal):
    def prepare(self):
        self.months = self.oracle.once("months", lambda: Months(self.oracle)) if self.shop.has_time else None
        self.is_silent = self.months is None or self.months.is_silent
        self.month = month_of(self.customer.as_of) if not self.is_silent else None

    def _lift(self, product):
        """(gain of the month, share in the month, category that stands for the product)"""
        category, parent = self.shop.category(product), self.customer.parent
        usual, told = 1 / 12, (0, 0, 0)
        if category is not None:
            told = self.months.of_others(("category", category), self.month, parent)
            usual = (told[1] + SMOOTHING / 12) / (told[2] + SMOOTHING)
        share = usual
        if self.customer.other_buyers(product) >= self.min_companies:
            category = None
            told = self.months.of_others(("product", product), self.month, parent)
            share = (told[1] + SMOOTHING * usual) / (told[2] + SMOOTHING)
        elif category is None:
            return 0.0, None, None
        gain = min(2.0, max(0.0, 12 * share - 1)) if told[0] >= self.min_companies else 0.0
        return gain, told[1] / told[2] if told[2] else None, category

    def _last_year(self, product):
        day = self.customer.as_of - 365 * DAY
        times = [line.time for line in self.customer.by_product.get(product, ()) if abs(line.time - day) <= DAYS_AROUND * DAY]
        return max(times, default=None)

    def phi(self, product):
        return 0.0 if self.is_silent else self._lift(product)[0] + (self._last_year(product) is not None)

    def facts(self, product, is_reason):
        if not self.phi(product) > 0:
            return None
        (gain, share, category), last_year = self._lift(product), self._last_year(product)
        told = {"share": share, "even_share": 1 / 12} if gain > 0 else {"share": None}
        if gain > 0 and category is not None:
            told["value"] = category
        return {"month": MONTHS[self.month], **told, "last_year_date": last_year and date(last_year)}

    def pieces(self, product):
        if self.is_silent:
            return {}
        gain = self._lift(product)[0]
        pieces = {product: 1.0} if self._last_year(product) is not None else {}
        return {**pieces, MONTHS[self.month]: gain} if gain > 0 else pieces


class Segments:
    """Companies and buyers by column and value; tiers of users by the size of their orders and of their history."""

    def __init__(self, oracle):
        self.oracle, shop = oracle, oracle.shop
        self.edges = {}
        self.columns = shop.segment_columns()[: SEGMENT_COLUMNS - 2]
        for column in () if shop.is_simple else ("order size",):
            self.columns.append(self._cut(column))
        self.columns.append(self._cut("history size"))
        self.users = collections.defaultdict(list)  # {(column, value): users}
        for column in self.columns:
            for user, orders in oracle.orders.items():
                value = self.value(column, user, orders)
                if value:
                    self.users[column, value].append(user)
        values = collections.Counter(column for column, _ in self.users)
        self.columns = [column for column in self.columns if 0 < values[column] <= SEGMENT_VALUES]

    def _cut(self, column):
        sizes = sorted(_size(column, orders) for orders in self.oracle.orders.values())
        self.edges[column] = []
        for k in range(1, TIERS):
            below, rest = divmod((len(sizes) - 1) * k, TIERS)
            step = sizes[below + 1] - sizes[below] if rest else 0
            self.edges[column].append(sizes[below] + step * rest / TIERS)
        return column

    def value(self, column, user, orders):
        if column not in self.edges:
            return self.oracle.shop.profiles.get(user, {}).get(column) or None
        if not orders.count:
            return None
        return f"tier {1 + sum(_size(column, orders) >= edge for edge in self.edges[column])} of {TIERS}"

    def companies(self, column, value):
        def make():
            return {self.oracle.shop.parent(user) for user in self.users.get((column, value), ())}

        return self.oracle.once(("companies", column, value), make)

    def buyers(self, column, value, product):
        def make():
            buyers = collections.defaultdict(set)
            for user in self.users.get((column, value), ()):
                for bought in self.oracle.orders[user].bought():
                    buyers[bought].add(self.oracle.shop.parent(user))
            return buyers

        return self.oracle.once(("buyers", column, value), make).get(product, set())


def _size(column, orders):
    if column == "history size":
        return float(len(orders.bought()))
    return sum(len(products) for products in orders.products.values()) / len(orders.count)


class Segment(Signal):
    k_facts = ("buyers", "of")

    def prepare(self):
        customer, self.segments = self.customer, self.oracle.once("segments", lambda: Segments(self.oracle))
        values = [(column, self.segments.value(column, customer.user, customer.orders)) for column in self.segments.columns]
        self.own = [(column, value) for column, value in values if self.segments.companies(column, value)]

    def _told(self, column, value, product):
        """(gain, buyers, companies, usual share)"""
        others = self.customer.others
        buyers, of = others(self.segments.buyers(column, value, product)), others(self.segments.companies(column, value))
        if buyers < self.min_companies:
            return 0.0, buyers, of, None
        usual = self.customer.other_buyers(product) / self.customer.other_companies()
        lift = (buyers + SMOOTHING * usual) / ((of + SMOOTHING) * usual)
        return max(0.0, math.log(lift)), buyers, of, usual

    def phi(self, product):
        return sum(self._told(column, value, product)[0] for column, value in self.own)

    def facts(self, product, is_reason):
        told = [(*self._told(column, value, product), column, value) for column, value in self.own]
        told = [entry for entry in told if entry[0] > 0]
        if not told:
            return None
        most = max(entry[0] for entry in told)
        _, buyers, of, usual, column, value = next(entry for entry in told if entry[0] >= most - 1e-12)
        if not is_reason and column in self.segments.edges:
            return None  # beside the score only the shop's own columns speak
        return {"segment": column, "value": value, "buyers": buyers, "of": of, "share": buyers / of, "usual_share": usual}

    def pieces(self, product):
        gains = {f"{column} = {value}": self._told(column, value, product)[0] for column, value in self.own}
        return {label: gain for label, gain in gains.items() if gain > 0}


SIGNALS = {"popularity": Popularity, "trend": Trend, "age": Age, "last_sold": LastSold, "season": Season, "segment": Segment}
