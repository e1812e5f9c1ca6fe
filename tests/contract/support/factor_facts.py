"""Facts of the factor model: als and als_recent. Factors are the model's; a customer's row is solved here once more.

  (A0 Y'Y + R (n + A0 m) I + sum w y y') x = sum w y + R (n + A0 m) A'f
"""

import math

import model_file
from signal_facts import LINEAR, ROOT, Signal

REGULARIZATION, UNOBSERVED_WEIGHT, RECENT_HALF_LIFE, NEAREST = 0.01, 0.2, 90, 3


def solve(matrix, right):
    """x of a symmetric positive definite system, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    n = len(rows)
    for k in range(n):
        pivot = rows[k]
        for row in rows[k + 1 :]:
            factor = row[k] / pivot[k]
            if factor:
                for j in range(k, n + 1):
                    row[j] -= factor * pivot[j]
    x = [0.0] * n
    for k in reversed(range(n)):
        x[k] = (rows[k][n] - sum(rows[k][j] * x[j] for j in range(k + 1, n))) / rows[k][k]
    return x


def _gram(model):
    """Y'Y of all products with purchases."""
    d = model.n_factors
    columns = [model.product_columns(f) for f in range(d)]
    return [[math.fsum(a * b for a, b in zip(columns[f], columns[g])) for g in range(d)] for f in range(d)]


class Factors(Signal):
    form, tolerance, piece_tolerance = LINEAR, 1e-6, 1e-4
    half_life = None

    def prepare(self):
        model = self.oracle.model
        self.factors = {product: model.product_factors(product) for product in self.customer.bought}
        self.weights = {product: self._weight(product) for product in self.customer.bought}
        self.ridge = REGULARIZATION * (len(self.weights) + UNOBSERVED_WEIGHT * len(self.shop.bought))
        self._system = self._solution = None

    def _weight(self, product):
        orders = self.customer.orders

        def decayed(order):
            lines = [line.time for line in self.customer.by_product[product] if line.order == order]
            return self.customer.decay(max(lines), self.half_life) if self.half_life and self.shop.has_time else 1.0

        return math.log2(1 + sum(orders.count[order] * decayed(order) for order in orders.with_product(product)))

    def system(self):
        if self._system is None:
            model, d = self.oracle.model, self.oracle.model.n_factors
            gram = self.oracle.once("gram", lambda: _gram(model))
            self._system = [[UNOBSERVED_WEIGHT * value for value in row] for row in gram]
            for f in range(d):
                self._system[f][f] += self.ridge
            for product, weight in self.weights.items():
                y = self.factors[product]
                for f in range(d):
                    row, part = self._system[f], weight * y[f]
                    for g in range(d):
                        row[g] += part * y[g]
        return self._system

    def row(self):
        """The customer's factors."""
        if self._solution is None:
            model = self.oracle.model
            right = [0.0] * model.n_factors
            for product, weight in self.weights.items():
                right = [b + weight * y for b, y in zip(right, self.factors[product])]
            for _, value, weights in model.user_features(self.customer.user):
                right = [b + self.ridge * value * w for b, w in zip(right, weights)]
            self._solution = solve(self.system(), right)
        return self._solution

    def phi(self, product):
        y = self.oracle.model.product_factors(product)
        return model_file.dot(self.row(), y) if y is not None else 0.0

    def pieces(self, product):
        """What each past product, and each feature of the customer, has in the solution."""
        h = solve(self.system(), self.oracle.model.product_factors(product))
        pieces = {past: weight * model_file.dot(self.factors[past], h) for past, weight in self.weights.items()}
        features = self.oracle.model.user_features(self.customer.user)
        return {**pieces, **{name: self.ridge * value * model_file.dot(weights, h) for name, value, weights in features}}

    def nearest(self, product):
        """[(cosine, product)] of the past purchases that point the same way, nearest first."""
        target = self.oracle.model.product_factors(product)
        pairs = [(model_file.cosine(self.factors[past], target), past) for past in self.customer.bought if past != product]
        return sorted(((c, past) for c, past in pairs if c is not None and c > 0), key=lambda pair: (-pair[0], pair[1]))

    def facts(self, product, is_reason):
        nearest = [
            {"product": past, "name": self.shop.name(past), "similarity": cosine} for cosine, past in self.nearest(product)[:NEAREST]
        ]
        if not nearest and not is_reason:
            return None
        first = nearest[0] if nearest else {"product": None, "name": None}
        return {"product": first["product"], "name": first["name"], "nearest": nearest}


class Als(Factors):
    def row(self):
        """Whoever is asked about as the model knows them has their factors in it."""
        stored = self.oracle.model.user_factors(self.customer.user)
        return stored if self.customer.is_whole_history and stored is not None else super().row()


class AlsRecent(Factors):
    form = ROOT
    half_life = RECENT_HALF_LIFE


SIGNALS = {"als": Als, "als_recent": AlsRecent}
