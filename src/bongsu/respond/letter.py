"""A request as a letter, English and Korean, and the folder of files that goes with it.

The wording stands in letters/*.j2; here is only what both languages share. Text from outside enters a letter as one
line (see plaintext), so that no label can add a paragraph of its own.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from bongsu.model.text import one_line
from bongsu.respond.annex import annexes, moment
from bongsu.respond.plaintext import lay

if TYPE_CHECKING:
    import jinja2

    from bongsu.model.asset import Asset
    from bongsu.respond.request import Range, Request

ASKS = {
    "en": {"freeze": "freeze", "preserve": "preserve", "disclose": "disclose", "warn": "watch"},
    "ko": {"freeze": "동결", "preserve": "자료 보전", "disclose": "자료 제공", "warn": "모니터링"},
}
"""What each power is called in a subject, by language."""
SHOWN = 40
"""How many addresses a letter names; the annex has all."""


def render(request: Request) -> dict[str, str]:
    """Return the files of one request by name: two letters, three tables, and all of it as JSON."""
    tables = annexes(request)
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in tables.items() if name.endswith(".csv")}
    letters = {
        f"letter.{language}.txt": _templates()
        .get_template(f"letter.{language}.j2")
        .render(
            request=request,
            asks={power: words[power] for power in request.asks},
            venue=request.venue,
            case=request.case,
            officer=request.officer,
            items=request.items[:SHOWN],
            left_out=len(request.items) - len(request.items[:SHOWN]),
            sums=sums,
        )
        for language, words in ASKS.items()
    }
    return letters | tables


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    folder = resources(__package__).joinpath("letters")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - plain text; finalize keeps foreign text on one line
        finalize=lambda value: one_line(str(value)),
    )
    environment.filters.update(lay=lay, moment=moment, amount=_amount, span=_span)
    return environment


def _amount(base_units: int, asset: Asset) -> str:
    return f"{asset.shown(base_units)} {asset.symbol}"


def _span(amount: Range) -> str:
    """Write a range as "0 to 1.5 ETH", or as one amount where both ends agree."""
    high = _amount(amount.high, amount.asset)
    return high if amount.low == amount.high else f"{amount.asset.shown(amount.low)} to {high}"
