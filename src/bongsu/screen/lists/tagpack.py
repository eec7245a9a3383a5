"""GraphSense TagPacks as lists of wallets: one entry an address, named by its label.

Format: https://github.com/graphsense/graphsense-tagpack-tool
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from bongsu.errors import SourceError
from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield one entry for each tagged address."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        pack = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise SourceError(f"this YAML cannot be read: {str(error)[:120]}", source=str(path)) from None
    if not isinstance(pack, dict) or not isinstance(pack.get("tags"), list):
        raise SourceError("this is no TagPack", source=str(path), hint="it needs a list called 'tags'")
    for number, tag in enumerate(pack["tags"], 1):
        merged = {**pack, **tag} if isinstance(tag, dict) else {}
        address = merged.get("address")
        if not isinstance(address, str):
            rejected.append(f"{path.name}: tag {number} has no address (quote it: YAML reads a bare 0x… as a number)")
            continue
        label = clean(str(merged.get("label") or merged.get("title") or address))
        yield Entry(
            list=list_id,
            id=f"{path.name}#{number}",
            kind=Kind.WALLET,
            names=(Name(label, "label"),),
            wallets=(Wallet(clean(str(merged.get("currency") or merged.get("network") or "")), address.strip()),),
            programs=(clean(str(merged["abuse"])),) if merged.get("abuse") else (),
            listed_on=date(str(merged.get("lastmod") or "")),
            source=clean(str(merged.get("source") or "")),
        )
