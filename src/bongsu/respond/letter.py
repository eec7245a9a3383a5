"""A request as a letter: which sentence stands where, in any of the languages. The sentences stand in letters/*.toml.

The order of the sections is one for all languages; head and foot follow the custom of each (a Korean 공문, a Japanese
letter with 記 and 以上). Pure: no clock; the date is the request's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.respond.annex import moment
from bongsu.respond.paper import Fields, Heading, Letter, Para, Span, Table, Text, plain
from bongsu.respond.words import foreign, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bongsu.model.asset import Asset
    from bongsu.respond.paper import Block, Style
    from bongsu.respond.request import Item, Range, Request

SHOWN = 40
"""How many addresses a letter names with their evidence; a list at its end names all, the annexes have all evidence."""
_ARRIVALS = 5
_WIDTHS = (56, 30, 14)


def letter(request: Request, language: str, marking: str, sums: Mapping[str, str], *, draft: bool = True) -> Letter:
    """Write a letter.

    Args:
        request: what is asked.
        language: one of words.LANGUAGES.
        marking: the TLP 2.0 level, as "amber+strict".
        sums: SHA-256 of each annex by file name.
        draft: whether the letter says that it is a draft.
    """
    return _Writer(request, language, marking).letter(sums, draft=draft)


class _Writer:
    def __init__(self, request: Request, language: str, marking: str) -> None:
        self._request = request
        self._words = words(language)
        self._say = self._words.say
        self._marking = marking
        officer, given, shown = request.officer, self._words.given, request.frozen or request.totals
        self._values: dict[str, Text]
        self._values = {
            name: (given(officer.said(name, language), name),)
            for name in ("agency", "name", "title", "badge", "email", "phone", "case_number", "legal_basis", "duration")
        }
        self._values |= {
            "date": (self._date(),),
            "number": (given(officer.said("document_number", language), "number"),),
            "reference": (foreign(request.reference),),
            "incident": (foreign(request.case.incident),),
            "addressee": (foreign(self._addressee()),),
            "entity": self._say("head.entity", entity=self._words.blank("entity"))
            if "named-entity" in request.venue.demands
            else (),
            "channel": (given(request.venue.channel, "channel"),),
            "asks": (Span(self._words.listed(self._words.text(f"ask.{ask}") for ask in request.asks)),),
            "amounts": (foreign(", ".join(request.subjects)) if request.subjects else Span(self._spans(shown)),),
            "signature": (self._words.blank("signature"),),
            "seal": (self._words.blank("seal"),),
        }

    def letter(self, sums: Mapping[str, str], *, draft: bool) -> Letter:
        text, marking = self._words.text, f"TLP:{self._marking.upper()}"
        blocks: list[Block] = [Para((Span(text("form.draft")),), "notice")] if draft else []
        if self._words.language not in self._request.venue.language:
            blocks.append(Para(self._copy(), "notice"))
        blocks.append(Para((Span(f"{marking} - {text('form.banner')}", "strong"),), "banner"))
        blocks += self._frame("form.head")
        if opening := text(self._key("form.opening")):
            blocks.append(Para((Span(opening),)))
        if text("form.begin"):
            blocks.append(Para((Span(text("form.begin")),), "centre"))
        for section in (self._who, self._basis, self._facts, self._amounts, self._asks, self._scope, self._secrecy,
                        self._reply, self._limits):  # fmt: skip
            blocks += section()
        blocks += self._annexes(sums)
        if text("form.closing"):
            blocks.append(Para((Span(text("form.closing")),), "right"))
        blocks += self._frame("form.foot")
        blocks += self._all()
        return Letter(
            self._words.language,
            plain(self._say(self._key("head.subject"), **self._values)),
            f"{marking}  {self._request.reference}",
            text("form.page"),
            self._request.prepared_on,
            tuple(blocks),
        )

    def _key(self, key: str) -> str:
        """Return the key of a sentence, or of its form for what is not about stolen value where there is one."""
        about = f"{key}_about"
        return about if self._request.subjects and self._words.has(about) else key

    # -- head and foot -------------------------------------------------------------------------------------------------

    def _frame(self, key: str) -> Iterator[Block]:
        """Give the parts of a head or a foot; neighbouring fields stand together."""
        fields: list[tuple[str, Text]] = []
        for part in self._words.texts(key):
            name, _, style = part.partition(":")
            text = self._say(self._key(f"head.{name}"), **self._values)
            if style == "field":
                fields.append((self._words.text(f"label.{name}"), text))
                continue
            if fields:
                yield Fields(tuple(fields))
                fields = []
            yield Para(text, _style(style))
        if fields:
            yield Fields(tuple(fields))

    def _addressee(self) -> str:
        venue = self._request.venue
        name = venue.addressee or venue.name
        if self._words.language == "ko":
            return venue.name_ko or name
        return name if name == venue.name else f"{name} ({venue.name})"

    def _copy(self) -> Text:
        languages = self._words.listed(self._words.text(f"language.{x}") for x in self._request.letters_sent)
        return self._say("form.copy", venue=self._addressee(), languages=Span(languages))

    def _date(self) -> Span:
        day = self._request.prepared_on
        if day is None:
            return self._words.blank("date")
        if self._words.language == "en":
            return Span(day.isoformat())
        return self._say_date(day.year, day.month, day.day)

    def _say_date(self, year: int, month: int, day: int) -> Span:
        return Span(plain(self._say("form.dated", year=str(year), month=str(month), day=str(day))))

    # -- sections ------------------------------------------------------------------------------------------------------

    def _heading(self, section: str) -> Heading:
        return Heading(self._words.text(f"{section}.heading"))

    def _who(self) -> Iterator[Block]:
        yield self._heading("who")
        values = self._values | {"officer": self._say("head.person", **self._values)}
        names = ("agency", "officer", "badge", "email", "phone", "case_number")
        yield Fields(tuple((self._words.text(f"label.{name}"), values[name]) for name in names))

    def _basis(self) -> Iterator[Block]:
        yield self._heading("basis")
        yield Para(self._say("basis.text", **self._values))

    def _facts(self) -> Iterator[Block]:
        case, say = self._request.case, self._say
        yield self._heading("facts")
        yield Para(say("facts.case", title=self._told("title", case.title), incident=case.incident), "bullet")
        if case.summary:
            yield Para(say("facts.summary", summary=self._told("summary", case.summary)), "bullet")
        for theft in self._request.thefts:
            yield Para(say("facts.theft", theft=theft.id), "bullet")
            for address in theft.addresses:
                yield Para(say("facts.from", address=Span(address.display, "code"), chain=address.chain), "sub")
            for loss in theft.losses:
                amount = _amount(loss.amount, loss.asset)
                yield Para(say("facts.loss", amount=amount, source=loss.source), "sub")
        if self._request.began:
            yield Para(say("facts.began", time=moment(self._request.began)), "bullet")
        yield Para(self._attribution(), "bullet")

    def _attribution(self) -> Text:
        said = self._request.case.attribution
        if not said:
            return self._say("facts.no_attribution")
        on = self._say("facts.on", date=said["published"]) if said.get("published") else ()
        confidence = said.get("confidence", "")
        return self._say(
            "facts.attribution",
            actor=self._told("actor", said["actor"]) if said.get("actor") else self._words.blank("actor"),
            by=self._told("by", said["by"]) if said.get("by") else self._words.blank("by"),
            on=on,
            confidence=self._told("confidence", confidence, self._words.confidence(confidence)),
            source=self._words.given(said.get("source", ""), "source"),
        )

    def _amounts(self) -> Iterator[Block]:
        request, say = self._request, self._say
        yield Heading(self._words.text(self._key("amounts.heading")))
        if request.subjects:
            yield from (Para(say("amounts.about", subject=subject), "bullet") for subject in request.subjects)
            return
        yield Para((Span(self._words.text("amounts.method")),))
        for total in request.totals:
            upper = _amount(total.upper, total.asset)
            yield Para(say("amounts.total", amount=self._span(total), upper=upper), "bullet")
        if request.frozen and request.frozen != request.totals:
            yield Para(say("amounts.frozen", amounts=self._spans(request.frozen)), "bullet")
        yield self._table(request.items[:SHOWN])
        if len(request.items) > SHOWN:
            yield Para(say("amounts.first", shown=str(SHOWN), count=str(len(request.items))))
        for why, names in (("yes", {"yes"}), ("upper", {"no_upper"}), ("other", {"no_other"})):
            if any(self._freeze(item) in names for item in request.items):
                yield Para((Span(self._words.text(f"amounts.why_{why}")),))
        yield Para((Span(self._words.text("amounts.details"), "strong"),))
        for n, item in enumerate(request.items[:SHOWN], 1):
            yield from self._details(n, item)
        if len(request.items) > SHOWN:
            yield Para(say("amounts.left_out", count=str(len(request.items) - SHOWN)))

    def _table(self, items: Iterable[Item]) -> Table:
        rows = tuple(self._row(n, item) for n, item in enumerate(items, 1))
        return Table(tuple(self._words.texts("amounts.columns")), rows, _WIDTHS)

    def _all(self) -> Iterator[Block]:
        """Give the list of all addresses, where the letter names only the first."""
        if len(self._request.items) > SHOWN:
            yield Heading(self._words.text("amounts.all"))
            yield self._table(self._request.items)

    def _row(self, n: int, item: Item) -> tuple[Text, Text, Text]:
        upper = _amount(item.amount.upper, item.amount.asset)
        return (
            self._place(n, item),
            self._say("amounts.amount", amount=self._span(item.amount), upper=upper),
            (Span(self._words.text(f"amounts.{self._freeze(item)}")),),
        )

    def _place(self, n: int, item: Item) -> Text:
        address = item.holding.address
        return self._say("amounts.address", n=str(n), address=Span(address.display, "code"), chain=address.chain)

    def _freeze(self, item: Item) -> str:
        if item.freeze:
            return "yes"
        if "freeze" not in self._request.venue.powers:
            return "no"
        return "no_upper" if item.amount.high == 0 else "no_other"

    def _details(self, n: int, item: Item) -> Iterator[Block]:
        say = self._say
        yield Para(self._place(n, item), "list")
        if item.holding.asset.contract:
            yield Para(say("amounts.contract", contract=Span(item.holding.asset.contract, "code")), "sub")
        if item.first_seen:
            yield Para(say("amounts.seen", first=moment(item.first_seen), last=moment(item.last_seen)), "sub")
        unstated = self._words.text("form.unstated")
        for label in item.labels:
            date = say("amounts.label_date", date=str(label.lastmod)) if label.lastmod else ()
            confidence, source = self._words.confidence(label.confidence), label.source or unstated
            text = say("amounts.label", label=label.text, source=source, confidence=confidence, date=date)
            yield Para(text, "sub")
        ways = [len(way.transfers) for way in self._request.ways if way.holding is item.holding]
        if ways:
            yield Para(say("amounts.ways", count=str(len(ways)), longest=str(max(ways))), "sub")
        for transfer in item.arrivals[:_ARRIVALS]:
            yield Para(say("amounts.arrived", tx=foreign(transfer.tx, "code")), "sub")
        if len(item.arrivals) > _ARRIVALS:
            yield Para(say("amounts.more_arrivals", count=str(len(item.arrivals) - _ARRIVALS)), "sub")

    def _asks(self) -> Iterator[Block]:
        yield self._heading("asks")
        yield Para((Span(self._words.text(self._key("asks.urgent"))),))
        for ask in self._request.asks:
            if ask == "freeze":
                roles = {item.role for item in self._request.items}
                names = [f"freeze_{role}" for role in ("custodian", "issuer") if role in roles]
            else:
                names = [ask]
            for name in names:
                yield Para((Span(self._words.text(self._key(f"asks.{name}"))),), "bullet")

    def _scope(self) -> Iterator[Block]:
        yield self._heading("scope")
        yield Para((Span(self._words.text(self._key("scope.text"))),))
        if "freeze" in self._request.asks:
            yield Para(self._say("scope.freeze", **self._values))

    def _secrecy(self) -> Iterator[Block]:
        yield self._heading("secrecy")
        yield Para((Span(self._words.text("secrecy.text")),))
        yield Para((Span(self._words.text(f"secrecy.{self._marking.replace('+', '_')}")),))

    def _reply(self) -> Iterator[Block]:
        officer, language = self._request.officer, self._words.language
        answer = officer.said("return_channel", language) or officer.email
        channel = self._words.given(answer, "return_channel")
        key = self._key("reply.freeze" if "freeze" in self._request.asks else "reply.other")
        yield self._heading("reply")
        yield Para(self._say(key, **{**self._values, "channel": (channel,)}))

    def _limits(self) -> Iterator[Block]:
        case, say = self._request.case, self._say
        yield self._heading("limits")
        yield Para((Span(self._words.text(self._key("limits.text"))),))
        for item in self._request.items[:SHOWN]:
            yield from self._doubts(item)
        if case.skipped or case.rejected:
            skipped, rejected = str(len(case.skipped)), str(len(case.rejected))
            yield Para(say("limits.left_out", skipped=skipped, rejected=rejected), "bullet")

    def _doubts(self, item: Item) -> Iterator[Block]:
        holding, say = item.holding, self._say
        address = Span(holding.address.display, "code")
        for note in holding.notes:
            confidence, text = self._words.confidence(note.confidence), self._translated(note.text, note.translations)
            yield Para(
                say("limits.note", address=address, text=text, confidence=confidence, source=note.source), "bullet"
            )
        if holding.unseen:
            amount = _amount(holding.unseen, holding.asset)
            yield Para(say("limits.unseen", address=address, amount=amount), "bullet")
        for asset, unseen in holding.unseen_other:
            amount, symbol = _amount(unseen, asset), holding.asset.symbol
            yield Para(say("limits.unseen_other", address=address, amount=amount, asset=symbol), "bullet")

    def _annexes(self, sums: Mapping[str, str]) -> Iterator[Block]:
        yield self._heading("annexes")
        for name, digest in sums.items():
            yield Para((Span(name, "strong"), Span(f": {self._words.text(f'annexes.{name}')}")), "list")
            yield Para((Span(digest, "code"),), "sub")
        if self._words.text("annexes.end"):
            yield Para((Span(self._words.text("annexes.end")),), "right")

    # -- words of the case, and amounts --------------------------------------------------------------------------------

    def _told(self, field: str, original: str, otherwise: str | None = None) -> Text:
        """Return what the case says, in the letter's language where the case says it so."""
        case = self._request.case
        if otherwise is not None and otherwise != original:
            return (foreign(otherwise),)
        return self._translated(original, {k: v[field] for k, v in case.translations.items() if field in v})

    def _translated(self, original: str, translations: Mapping[str, str]) -> Text:
        """Return a text in the letter's language, or the original, marked as such."""
        language = self._words.language
        if language in translations:
            return (foreign(translations[language]),)
        marked = "" if language == self._request.case.language else self._words.text("form.original")
        return (foreign(original), Span(marked)) if marked else (foreign(original),)

    def _span(self, amount: Range) -> str:
        """Write a range as "0 to 1.5 ETH", or as one amount where both ends agree."""
        high = _amount(amount.high, amount.asset)
        if amount.low == amount.high:
            return high
        return plain(self._say("form.span", low=amount.asset.shown(amount.low), high=high))

    def _spans(self, amounts: tuple[Range, ...]) -> str:
        return self._words.listed((self._span(amount) for amount in amounts), "form.join")


def _style(name: str) -> Style:
    styles: dict[str, Style] = {"title": "title", "plain": "plain", "centre": "centre", "right": "right"}
    return styles[name]


def _amount(base_units: int, asset: Asset) -> str:
    return f"{asset.shown(base_units)} {asset.symbol}"
