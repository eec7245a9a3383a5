"""FollowTheMoney entities as OpenSanctions publishes them: entities.ftm.json or targets.nested.json, one JSON a line.

Source: https://followthemoney.tech (schemata and properties)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, imo_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {
    "Person": Kind.PERSON,
    "Organization": Kind.ORGANISATION,
    "Company": Kind.ORGANISATION,
    "PublicBody": Kind.ORGANISATION,
    "LegalEntity": Kind.UNKNOWN,
    "Vessel": Kind.VESSEL,
    "Airplane": Kind.AIRCRAFT,
    "CryptoWallet": Kind.WALLET,
}
_NAMES = (
    ("name", "name", False),
    ("alias", "alias", False),
    ("previousName", "previous name", False),
    ("weakAlias", "alias", True),
)
_IDS = (
    "passportNumber",
    "idNumber",
    "registrationNumber",
    "taxNumber",
    "innCode",
    "ogrnCode",
    "leiCode",
    "swiftBic",
    "mmsi",
)


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entities that name somebody or something; addresses, sanctions and the like are no entries."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                found = entity(list_id, record)
            except (ValueError, RecursionError, TypeError, AttributeError) as error:
                rejected.append(f"{path.name}:{number}: {str(error)[:100]}")
                continue
            if found is not None:
                yield found


def entity(list_id: str, record: dict[str, Any]) -> Entry | None:
    """Return the entry of one FtM entity; None for a schema that is no party, ship or wallet."""
    kind = KINDS.get(str(record.get("schema")))
    if kind is None:
        return None
    properties = record.get("properties") or {}

    def values(name: str) -> tuple[str, ...]:
        found = properties.get(name) or ()
        return tuple(t for t in (clean(str(v)) for v in ([found] if isinstance(found, str) else found)) if t)

    names = [Name(t, f, w) for p, f, w in _NAMES for t in values(p)]
    keys = values("publicKey")
    if not names and not keys:
        raise ValueError(f"entity {str(record.get('id'))[:40]!r} has no name")
    tickers = values("currency") or ("",)
    return Entry(
        list=list_id,
        id=clean(str(record.get("id", ""))),
        kind=kind,
        names=tuple(names) or (Name(keys[0], "wallet"),),
        wallets=tuple(Wallet(tickers[0], k) for k in keys),
        births=tuple(d for d in map(date, values("birthDate")) if d),
        birth_places=values("birthPlace"),
        countries=values("nationality") + values("citizenship") + values("country") + values("jurisdiction"),
        positions=values("position"),
        ids=tuple((k, v) for k in _IDS for v in values(k)),
        imo=imo_numbers(" ".join(values("imoNumber"))),
        flags=values("flag"),
        emails=tuple(m.lower() for m in values("email")),
        programs=values("program") + values("programId"),
        source=next(iter(values("sourceUrl")), ""),
    )
