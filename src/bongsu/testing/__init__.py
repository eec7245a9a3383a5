"""Fakes and worlds for tests and benches: nothing in the product depends on them."""
