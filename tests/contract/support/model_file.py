"""A safetensors reader of its own: what stands in a model file, without purvey's help."""

import array
import json
import math
import struct

TYPES = {"F64": "d", "F32": "f", "I64": "q", "I32": "i", "I16": "h", "I8": "b", "U8": "B", "BOOL": "B", "U64": "Q", "U32": "I"}


class ModelFile:
    def __init__(self, path):
        self.bytes = path.read_bytes()
        (size,) = struct.unpack_from("<Q", self.bytes, 0)
        self.header_end = 8 + size
        self.header = json.loads(self.bytes[8 : self.header_end])
        self.metadata = self.header.pop("__metadata__")
        factors = self.header["product_factors"]["shape"]
        self.n_factors = factors[1]
        self._product_row = {id: row for row, id in enumerate(self.ids("product_ids"))}
        self._user_row = {id: row for row, id in enumerate(self.ids("user_ids"))}
        self._products = self.values("product_factors")
        self._users = self.values("user_factors")
        self._pair_weights, self._features = {}, None

    def values(self, name):
        """The numbers of a tensor, flat."""
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        numbers = array.array(TYPES[entry["dtype"]])
        numbers.frombytes(self.bytes[self.header_end + begin : self.header_end + end])
        return numbers

    def ids(self, name):
        offsets, text = self.values(f"{name}.offsets"), self.values(f"{name}.bytes").tobytes()
        return [text[offsets[k] : offsets[k + 1]].decode("utf-8") for k in range(len(offsets) - 1)]

    def user_factors(self, user):
        """None for a user without factors."""
        return self._row(self._users, self._user_row.get(user))

    def product_factors(self, product):
        return self._row(self._products, self._product_row.get(product))

    def _row(self, factors, row):
        return None if row is None else factors[row * self.n_factors : (row + 1) * self.n_factors]

    def product_columns(self, factor):
        return self._products[factor :: self.n_factors]

    def pair_weights(self, past):
        """{product: weight} of the products bought together with `past`."""
        if past not in self._pair_weights:
            if not self._pair_weights:
                self._pairs = [self.values(f"bought_together.{part}") for part in ("offset", "product", "weight")]
                self._product_ids = self.ids("product_ids")
            offsets, products, weights = self._pairs
            row = self._product_row[past]
            span = range(offsets[row], offsets[row + 1])
            self._pair_weights[past] = {self._product_ids[products[k]]: weights[k] for k in span}
        return self._pair_weights[past]

    def user_features(self, user):
        """[(name, value, weights)] of what was learned of the user's columns; none where nothing was."""
        if "side.user_weights" not in self.header or user not in self._user_row:
            return []
        if self._features is None:
            names = self.ids("side.user_feature")
            self._features = (names, *(self.values(f"side.user_{part}") for part in ("offset", "code", "value", "weights")))
        names, offsets, codes, values, weights = self._features
        d, row = self.n_factors, self._user_row[user]
        return [
            (names[codes[k]], values[k], weights[codes[k] * d : (codes[k] + 1) * d]) for k in range(offsets[row], offsets[row + 1])
        ]

    def bytes_without(self, *keys):
        """The whole file with the values of these metadata keys blanked out."""
        header = self.bytes[: self.header_end]
        for key in keys:
            value = self.metadata[key].encode()
            if header.count(value) != 1:
                raise ValueError(f"{key} does not stand in the header once")
            header = header.replace(value, b"-" * len(value))
        return header + self.bytes[self.header_end :]


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def cosine(a, b):
    """None when a vector is 0 or missing."""
    if a is None or b is None:
        return None
    norms = math.sqrt(dot(a, a)) * math.sqrt(dot(b, b))
    return dot(a, b) / norms if norms > 0 else None
