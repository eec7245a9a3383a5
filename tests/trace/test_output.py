"""Files are written fast, and exactly as the standard library writes them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bongsu.trace.output import to_json

LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
VALUE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
    ),
    max_leaves=20,
)


@given(VALUE)
def test_json_is_what_the_standard_library_would_write(value: object) -> None:
    assert to_json(value) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"
