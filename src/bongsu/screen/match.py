"""Screen a query against the index: candidates, comparison, evidence, bands, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.errors import AddressError
from bongsu.screen import compare, evidence, korean, wallets
from bongsu.screen.entry import Entry, Kind
from bongsu.screen.query import Answer, Hit, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bongsu.screen.index import Index

LONGEST_NAME = 1000
"""Characters of a name that are accepted; the command line and the service refuse longer ones before."""
_NAMED = frozenset({Kind.PERSON, Kind.ORGANISATION, Kind.VESSEL})


def screen(index: Index, query: Query, *, threshold: float | None = None, limit: int = 20) -> Answer:
    """Return the entries that a query may mean, best first.

    Args:
        index: the lists.
        query: who is asked for.
        threshold: least score of a hit; the review band's by default.
        limit: most hits; one an entry.
    """
    least = compare.scoring()["bands"]["review"] if threshold is None else threshold
    hits: dict[tuple[str, str], Hit] = {}
    notes: list[str] = []
    for entry, name, similarity in _by_name(index, query):
        hit = _named_hit(index, query, entry, name, similarity, least)
        if hit is not None:
            _keep(hits, hit)
    for entry, what in _by_document(index, query):
        _keep(hits, _document_hit(index, query, entry, what))
    for text in query.wallets:
        try:
            for hit in wallet_hits(index, text):
                _keep(hits, hit)
        except AddressError as error:
            notes.append(error.message)
    found = sorted((h for h in hits.values() if h.score >= least), key=lambda h: (-h.score, h.list, h.entry))[:limit]
    best = found[0].band if found else "clear"
    return Answer(tuple(found), best, tuple(notes))


def _keep(hits: dict[tuple[str, str], Hit], hit: Hit) -> None:
    place = (hit.list, hit.entry)
    if place not in hits or hits[place].score < hit.score:
        hits[place] = hit


def _by_name(index: Index, query: Query) -> Iterable[tuple[Entry, int, compare.Similarity]]:
    for given in query.names:
        text = given[:LONGEST_NAME]
        compared: dict[tuple[str, Kind], compare.Similarity] = {}  # several lists name the same parties
        for candidate in sorted(index.candidates(text)):
            entry, number = index.name_of(candidate)
            kind = entry.kind if entry.kind in _NAMED else query.kind
            listed = entry.names[number].text
            similarity = compared.get((listed, kind))
            if similarity is None:
                similarity = compared[listed, kind] = compare.compare(text, listed, kind)
            if similarity.score > 0.3:
                yield entry, number, similarity


def _named_hit(
    index: Index, query: Query, entry: Entry, number: int, similarity: compare.Similarity, least: float
) -> Hit | None:
    """Return the hit, or None below the threshold: the reasons are only put into words for what is shown."""
    name = entry.names[number]
    raising, lowering = evidence.weigh(query, entry)
    limits: list[str] = []
    if name.weak:
        factor = compare.scoring()["evidence"]["weak_alias"]
        lowering = [*lowering, (factor, "the list itself calls this alias weak")]
    base = similarity.score
    if evidence.combined(base, [*raising, *lowering]) < least:  # namesakes lower it further, never raise it
        return None
    if not raising and entry.kind is not Kind.ORGANISATION and korean.read(name.text).korean:
        base, said = _namesakes(name.text, base)
        limits += said
    score = evidence.combined(base, [*raising, *lowering])
    if score < least:
        return None
    limits += [f"{said} (x{factor:g})" for factor, said in lowering]
    if not raising:
        limits.append(_missing(entry))
    reasons = [*similarity.reasons, *(f"{said} (x{factor:g})" for factor, said in raising)]
    return _hit(index, entry, score, similarity, name.field, name.text, reasons, limits)


def _namesakes(text: str, score: float) -> tuple[float, list[str]]:
    """Hold a common name below the strong band: others bear it, and the name cannot tell them apart."""
    bearers = korean.read(text).bearers
    bounds = compare.scoring()["limits"]
    if bearers < bounds["namesakes"]:
        return score, []
    rounded = float(f"{bearers:.1g}")
    return min(score, bounds["namesakes_score"]), [f"about {rounded:,.0f} people may be expected to bear this name"]


def _missing(entry: Entry) -> str:
    """Say what would decide between homonyms."""
    listed = [
        what
        for what, have in (
            ("date of birth", entry.births),
            ("place of birth", entry.birth_places),
            ("documents", entry.ids),
            ("IMO number", entry.imo),
            ("wallets", entry.wallets),
        )
        if have
    ]
    if not listed:
        return "only the name speaks: the entry lists nothing else to compare"
    return "only the name speaks: compare the entry's " + ", ".join(listed)


def _by_document(index: Index, query: Query) -> Iterable[tuple[Entry, str]]:
    for text in query.ids:
        for number in index.documents.get(evidence.compact(text), ()):
            yield index.entries[number], f"document number {text}"
    for imo in query.imo:
        for number in index.imo.get(imo, ()):
            yield index.entries[number], f"IMO number {imo}"
    for mail in query.emails:
        for number in index.emails.get(mail.lower(), ()):
            yield index.entries[number], f"e-mail {mail}"


def _document_hit(index: Index, query: Query, entry: Entry, what: str) -> Hit:
    names = [compare.compare(own, name.text, entry.kind) for own in query.names for name in entry.names]
    best = max(names, key=lambda s: s.score, default=None)
    limits = []
    score = 0.98 if "IMO" in what or "e-mail" in what else 0.9
    if best is not None and best.score < 0.3:
        limits.append(f"the names differ: {query.names[0]!r} against {entry.caption!r}")
        score -= 0.1
    _, lowering = evidence.weigh(query, entry)
    limits += [f"{said} (x{factor:g})" for factor, said in lowering if "IMO" not in said]
    score = evidence.combined(score, [f for f in lowering if "IMO" not in f[1]])
    similarity = compare.Similarity(best.score if best else 0.0, "document")
    return _hit(index, entry, score, similarity, what.partition(" ")[0], what, [f"{what} is listed"], limits)


def wallet_hits(index: Index, text: str, chain: str = "") -> list[Hit]:
    """Return the entries that list a wallet.

    Raises:
        AddressError: the text is no wallet address.
    """
    asked = wallets.key(text, chain)
    hits = []
    for number, i in index.wallets.get(wallets.fast_key(asked.text), ()):
        entry = index.entries[number]
        wallet = entry.wallets[i]
        reasons = [f"the address is listed ({wallet.ticker or 'no ticker'})"]
        limits = []
        if asked.family == "evm" and wallet.ticker:
            reasons.append("one key owns an EVM address on every EVM chain: it is found whatever the chain")
        if not asked.checked:
            limits.append("Bongsu knows no checksum for this chain: compared letter by letter")
        similarity = compare.Similarity(1.0, "wallet")
        hits.append(_hit(index, entry, 1.0, similarity, f"wallet ({wallet.ticker})", wallet.text, reasons, limits))
    return hits


def wallet_batch(index: Index, texts: Sequence[str]) -> list[bool]:
    """Say for each address whether it is listed: the fast path for many, without checksums or reasons."""
    known = index.wallets
    fold = wallets.fast_key
    return [text in known or fold(text) in known for text in texts]


def _hit(
    index: Index,
    entry: Entry,
    score: float,
    similarity: compare.Similarity,
    field: str,
    matched: str,
    reasons: list[str],
    limits: list[str],
) -> Hit:
    listing = index.lists[entry.list]
    return Hit(
        list=entry.list,
        title=listing.title,
        version=listing.version,
        entry=entry.id,
        kind=entry.kind.value,
        caption=entry.caption,
        score=score,
        band=compare.band(score),
        name_score=similarity.score,
        method=similarity.method,
        field=field,
        matched=matched,
        reading=similarity.reading,
        reasons=tuple(reasons),
        limits=tuple(limits),
        programs=entry.programs,
        source=entry.source,
    )
