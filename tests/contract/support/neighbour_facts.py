"""Facts of products and companies that stand near each other: bought_together, text, peers, substitute."""

import array
import collections
import math
import re

import model_file
from shop_tables import date
from signal_facts import DAY, NEW, ROOT, Signal

FLOAT32 = 1e-6  # weights and similarities are kept in float32
PEERS, PEERS_HALF_LIFE, BUYERS_COMPARED = 100, 60, 1024
TEXT_NEIGHBOURS, PRODUCTS_OF_TERM, WORDS_SAID, NGRAM = 64, 2000, 5, 4
SUBSTITUTES, LEAST_SIMILARITY, GAP_DAYS_UNKNOWN = 16, 0.8, 28


class BoughtTogether(Signal):
    """The weights of pairs are those of the model; how many companies stand behind them is counted."""

    form, tolerance, piece_tolerance, k_facts = ROOT, FLOAT32, FLOAT32, ("buyers", "also")

    def pair(self, past, product):
        """Others that bought the one, both, the other."""
        buyers, others = self.oracle.buyers, self.customer.others
        this = buyers.get(product, set())
        return others(buyers[past]), others(buyers[past] & this), others(this)

    def pieces(self, product):
        """{past product: weight}, only pairs that k others bought."""
        weights = ((past, self.oracle.model.pair_weights(past).get(product, 0)) for past in self.customer.bought)
        return {past: w for past, w in weights if w > 0 and self.pair(past, product)[1] >= max(1, self.min_companies)}

    def phi(self, product):
        return math.fsum(self.pieces(product).values())

    def facts(self, product, is_reason):
        pieces = self.pieces(product)
        if not pieces:
            return None
        most = max(pieces.values())
        past = next(past for past in sorted(pieces) if pieces[past] == most)
        buyers, also, this = self.pair(past, product)
        return {
            "product": past,
            "name": self.shop.name(past),
            "buyers": buyers,
            "also": also,
            "rate": also / buyers,
            "base_rate": this / self.customer.other_companies(),
        }


class Texts:
    """Words and character n-grams of all names, weighted by how rare they are."""

    def __init__(self, shop):
        products = sorted(shop.products())
        terms = {product: self._terms(shop.text(product)) for product in products}
        rarity = collections.Counter(term for counts in terms.values() for term in counts)
        self.vectors = {product: self._weigh(counts, rarity, len(products)) for product, counts in terms.items()}
        self.lists = collections.defaultdict(list)
        for product, vector in self.vectors.items():
            for term in vector:
                self.lists[term].append(product)
        self.rows = {}

    @staticmethod
    def _terms(text):
        terms = collections.Counter(("word", word) for word in words(text))
        for run in text.split():
            padded = f" {run} "
            terms.update(("ngram", padded[k : k + NGRAM]) for k in range(max(1, len(padded) - NGRAM + 1)))
        return terms

    @staticmethod
    def _weigh(counts, rarity, n_products):
        weights = {term: n * (math.log((1 + n_products) / (1 + rarity[term])) + 1) for term, n in counts.items()}
        lengths = {kind: math.sqrt(2 * sum(w * w for term, w in weights.items() if term[0] == kind)) for kind in ("word", "ngram")}
        return {term: weight / lengths[term[0]] for term, weight in weights.items()}

    def similarity(self, a, b):
        first, second = self.vectors[a], self.vectors[b]
        return math.fsum(w * second[term] for term, w in first.items() if term in second and len(self.lists[term]) <= PRODUCTS_OF_TERM)

    def last_kept(self, product):
        """How similar the last of the most similar products is."""
        if product not in self.rows:
            near = {other for term in self.vectors[product] if len(self.lists[term]) <= PRODUCTS_OF_TERM for other in self.lists[term]}
            similar = sorted((self.similarity(product, other) for other in near - {product}), reverse=True)
            self.rows[product] = similar[TEXT_NEIGHBOURS - 1] if len(similar) >= TEXT_NEIGHBOURS else 0.0
        return self.rows[product]


def words(text):
    return re.findall(r"[a-z0-9\u0080-\U0010ffff]+", text)


class Text(Signal):
    form, kinds, tolerance, piece_tolerance = ROOT, NEW, FLOAT32, FLOAT32

    def prepare(self):
        self.texts = self.oracle.once("texts", lambda: Texts(self.shop))
        self.known = {}

    def most_similar(self, product):
        """(similarity, past product), those among the neighbours of the past product that are kept."""
        if product not in self.known:
            similar = [(self.texts.similarity(past, product), past) for past in self.customer.bought]
            similar = sorted(((s, past) for s, past in similar if s > 0), key=lambda pair: -pair[0])
            kept = ((s, past) for s, past in similar if s >= self.texts.last_kept(past) - FLOAT32)
            first = next(kept, None)
            alike = [past for s, past in similar if first and abs(s - first[0]) <= FLOAT32]
            self.known[product] = (first[0], sorted(alike)) if first else (0.0, [])
        return self.known[product]

    def phi(self, product):
        return self.most_similar(product)[0]

    def facts(self, product, is_reason):
        if product in self.customer.by_product or not self.phi(product) > 0:
            return None
        past = self.most_similar(product)[1][0]
        common = set(words(self.shop.text(past)))
        said = list(dict.fromkeys(word for word in words(self.shop.text(product)) if word in common))[:WORDS_SAID]
        last = self.customer.last_time(past)
        return {"product": past, "name": self.shop.name(past), "words": ", ".join(said) or None, "last_date": last and date(last)}

    def pieces(self, product):
        phi, past = self.most_similar(product)
        return {past[0]: phi} if past else {}


class Profiles:
    """What each company bought, recent purchases weighing more, and the most recent buyers of each product."""

    def __init__(self, oracle):
        self.of, self.buyers = {}, {}
        for parent, basket in oracle.baskets.items():
            times = {product: oracle.last_bought[product][parent] for product in basket} if oracle.shop.has_time else None
            weights = [self.weight(oracle.shop.as_of - times[product]) if times else 1.0 for product in basket]
            self.of[parent] = dict(zip(basket, array.array("f", weights)))
        self.length = {parent: math.sqrt(sum(w * w for w in profile.values())) for parent, profile in self.of.items()}
        for product, parents in oracle.buyers.items():
            latest = sorted(parents, key=lambda parent: (-self.of[parent][product], parent.encode()))
            self.buyers[product] = latest[:BUYERS_COMPARED]

    @staticmethod
    def weight(seconds):
        return max(2.0 ** (-seconds / (PEERS_HALF_LIFE * DAY)), 1.1754943508222875e-38)


class Peers(Signal):
    """Undecided where the last of the peers is as near as the first that is none: rounding tells who it is."""

    form, tolerance, k_facts = ROOT, FLOAT32, ("buyers", "of")
    has_pieces = False

    def prepare(self):
        customer, profiles = self.customer, self.oracle.once("profiles", lambda: Profiles(self.oracle))
        own = {product: self._weight(product) for product in customer.bought}
        common = collections.Counter()
        for product, weight in own.items():
            for parent in profiles.buyers.get(product, ()):
                common[parent] += weight * profiles.of[parent][product]
        common.pop(customer.parent, None)
        length = math.sqrt(sum(weight * weight for weight in own.values()))
        cosines = {parent: dot * (1 / length * (1 / profiles.length[parent])) for parent, dot in common.items()}
        nearest = sorted(cosines, key=lambda parent: (-cosines[parent], parent.encode()))[:PEERS]
        self.peers = [(cosines[parent], profiles.of[parent]) for parent in nearest]
        rest = [cosine for parent, cosine in cosines.items() if parent not in nearest]
        self.is_undecided = bool(rest) and min(cosine for cosine, _ in self.peers) - max(rest) < 1e-9

    def _weight(self, product):
        last = self.customer.last_time(product)
        return 1.0 if last is None else Profiles.weight(self.customer.as_of - last)

    def _buyers(self, product):
        return sum(product in profile for _, profile in self.peers)

    def phi(self, product):
        if self._buyers(product) < self.min_companies:
            return 0.0
        return math.fsum(cosine * profile[product] for cosine, profile in self.peers if product in profile)

    def facts(self, product, is_reason):
        return {"buyers": self._buyers(product), "of": len(self.peers)} if self.phi(product) > 0 else None


class Substitute(Signal):
    def prepare(self):
        customer = self.customer
        self.recent = []
        if not self.shop.has_time:
            return
        times = [line.time for line in customer.lines]
        window = GAP_DAYS_UNKNOWN * DAY / 2
        if customer.orders.total > 1 and max(times) > min(times):
            window = (max(times) - min(times)) / (customer.orders.total - 1) / 2
        recent = [(customer.last_time(past), past) for past in customer.bought]
        self.recent = sorted(((time, past) for time, past in recent if customer.as_of - time <= window), key=lambda pair: (-pair[0], pair[1]))

    def _equivalents(self, past):
        """Of the same category, of like factors, and in no table of products bought together."""
        model, category = self.oracle.model, self.shop.category(past)
        if category is None:
            return set()
        alike = []
        for other in self.oracle.once("categories", self._by_category)[category]:
            if other == past or other in model.pair_weights(past) or past in model.pair_weights(other):
                continue
            cosine = model_file.cosine(model.product_factors(past), model.product_factors(other))
            if cosine is not None and cosine >= LEAST_SIMILARITY:
                alike.append((-cosine, other))
        return {other for _, other in sorted(alike)[:SUBSTITUTES]}

    def _by_category(self):
        members = collections.defaultdict(list)
        for product in sorted(self.shop.bought):
            members[self.shop.category(product)].append(product)
        return members

    def _latest(self, product):
        for time, past in self.recent:
            if self.shop.category(past) == self.shop.category(product) and past != product:
                if product in self.oracle.once(("equivalents", past), lambda: self._equivalents(past)):
                    return time, past
        return None

    def phi(self, product):
        return -1.0 if self._latest(product) else 0.0

    def facts(self, product, is_reason):
        latest = self._latest(product)
        return latest and {"product": latest[1], "name": self.shop.name(latest[1]), "date": date(latest[0])}

    def pieces(self, product):
        latest = self._latest(product)
        return {latest[1]: -1.0} if latest else {}


SIGNALS = {"bought_together": BoughtTogether, "text": Text, "peers": Peers, "substitute": Substitute}
