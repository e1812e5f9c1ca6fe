"""What all signals of the oracle have in common."""

DAY = 86400
NEW, REORDER, ALL = ("new",), ("reorder",), ("new", "reorder")
ROOT, LINEAR = "root", "linear"


class Signal:
    """One signal of one customer.

    form    of z, the number that a weight multiplies: root of phi / s, or phi / s
    kinds   of products that it speaks for
    k_facts facts that count other companies, and so are at least k
    """

    form, kinds, k_facts = LINEAR, ALL, ()
    tolerance = piece_tolerance = 1e-9  # of phi and of evidence: what the model keeps in float32 is less exact
    has_pieces = True
    is_undecided = False  # the definition leaves open which of equals is meant

    def __init__(self, customer):
        self.customer, self.oracle, self.shop = customer, customer.oracle, customer.shop
        self.min_companies = customer.oracle.min_companies
        self.prepare()

    def prepare(self):
        pass

    def phi(self, product):
        raise NotImplementedError

    def facts(self, product, is_reason):
        """What is stated about the product, None for nothing."""
        raise NotImplementedError

    def pieces(self, product):
        """{product or label: its part of phi}."""
        return {}
