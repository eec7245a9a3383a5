"""An assessment as a STIX 2.1 bundle (docs/stix.md): incident, actor, wallets, transactions, positions, who can act.

Plain dictionaries, not the classes of the stix2 library: a case of thousands of addresses takes seconds. Pure and
deterministic: the same assessment, times, marking and producer give the same bytes.

Sources: STIX 2.1 (OASIS Standard, 10 June 2021), 2.9 for the ids of observables; the cryptocurrency-wallet and
cryptocurrency-transaction extensions of https://github.com/muchdogesec/stix2extensions; TLP 2.0 as a STIX extension,
https://github.com/oasis-open/cti-stix-common-objects.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.model.chain import chain
from bongsu.respond.venue import venue
from bongsu.share.values import (
    CONFIDENCE,
    EXTENSION,
    EXTENSION_TIME,
    PRODUCER,
    SCHEMA,
    TLP,
    TRANSACTION_EXTENSION,
    WALLET_EXTENSION,
    Object,
    asset_document,
    exact,
    object_id,
    references,
    rough_amount,
    timestamp,
    tlp,
    transaction_id,
    transfer_values,
    wallet_id,
)
from bongsu.trace.output import to_json
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from datetime import datetime

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.respond.assessment import Assessment, Holding
    from bongsu.respond.venue import Venue
    from bongsu.trace.case import Note, Theft


def bundle(
    assessment: Assessment,
    prepared_on: datetime,
    marking: str = "amber",
    *,
    producer: str = PRODUCER,
    first_shared: datetime | None = None,
) -> str:
    """Return the assessment as the text of a STIX 2.1 bundle.

    Args:
        assessment: what to share. A holding that only poison reaches is left out and counted in the report object.
        prepared_on: `modified` of every object; with its time zone.
        marking: a TLP 2.0 label: clear, green, amber, amber+strict or red.
        producer: the organisation that shares.
        first_shared: `created` of every object where an earlier bundle of the case was shared; else `prepared_on`.

    Raises:
        RecordError: the marking is no TLP 2.0 label, the producer has no name, or a time is without its zone or is
            before the time of its creation.
    """
    if marking not in TLP:
        raise RecordError(f"{marking[:40]!r} is no TLP 2.0 label", hint=f"use one of: {', '.join(TLP)}")
    if not producer.strip():
        raise RecordError("the producer has no name", hint="name the organisation that shares the bundle")
    created = timestamp(first_shared or prepared_on)
    if created > timestamp(prepared_on):
        raise RecordError("a bundle is prepared before it was first shared", hint="check both times")
    return to_json(_Bundle(assessment, created, timestamp(prepared_on), marking, producer.strip()).build())


class _Bundle:
    def __init__(self, assessment: Assessment, created: str, modified: str, marking: str, producer: str) -> None:
        self._assessment, self._case = assessment, assessment.case
        self._created, self._modified, self._marking = created, modified, marking
        self._objects: dict[str, Object] = {}
        self._producer = object_id("identity", producer)
        self._identity(self._producer, producer)
        self._venues = self._case.venues
        self._holdings = tuple(h for h in assessment.holdings if h.high)

    def build(self) -> Object:
        self._extension()
        self._incident_ref = self._incident()
        self._attribution()
        self._wallets()
        self._transactions()
        for theft in self._case.thefts:
            self._theft(theft)
        for holding in self._holdings:
            self._position(holding)
        for note in self._case.notes:
            self._remark(note)
        self._report()
        objects = [tlp(self._marking), *self._objects.values()]
        digest = json.dumps(objects, sort_keys=True)
        return {"type": "bundle", "id": object_id("bundle", digest), "objects": objects}

    def _add(self, kind: str, ref: str, **fields: Any) -> str:
        """Put an SDO or SRO in; what has no value is left out."""
        self._objects[ref] = {
            "type": kind,
            "spec_version": "2.1",
            "id": ref,
            "created_by_ref": self._producer,
            "created": self._created,
            "modified": self._modified,
            **{key: value for key, value in fields.items() if value not in (None, "", [], ())},
            "object_marking_refs": [TLP[self._marking]],
        }
        return ref

    def _observable(self, kind: str, ref: str, extension: str, own: Object, **fields: Any) -> None:
        self._objects[ref] = {
            "type": kind,
            "spec_version": "2.1",
            "id": ref,
            **{key: value for key, value in fields.items() if value is not None},
            "object_marking_refs": [TLP[self._marking]],
            "extensions": {extension: {"extension_type": "new-sco"}, **exact(own)},
        }

    def _identity(self, ref: str, name: str, who: Venue | None = None) -> str:
        return self._add(
            "identity",
            ref,
            name=name,
            identity_class="organization",
            contact_information=who.channel if who else None,
            external_references=references(who.sources if who else ()),
        )

    def _venue(self, who: Venue) -> str:
        ref = object_id("identity", "venue", who.id)
        return ref if ref in self._objects else self._identity(ref, who.name, who)

    def _extension(self) -> None:
        self._add(
            "extension-definition",
            EXTENSION,
            name="Bongsu exact crypto records",
            description="Chain, contract, exact amounts and provenance of wallets, transactions and positions.",
            schema=SCHEMA,
            version="1.0.0",
            extension_types=["property-extension"],
        )
        self._objects[EXTENSION] |= {"created": EXTENSION_TIME, "modified": EXTENSION_TIME}

    def _incident(self) -> str:
        case = self._case
        losses = [loss.source for theft in case.thefts for loss in theft.losses]
        return self._add(
            "incident",
            object_id("incident", case.incident),
            name=case.title or case.incident,
            description=case.summary,
            external_references=references(losses),
        )

    def _attribution(self) -> None:
        said = self._case.attribution
        if not said.get("actor"):
            return
        confidence = CONFIDENCE.get(said.get("confidence", "").lower())
        actor = self._add(
            "threat-actor",
            object_id("threat-actor", said["actor"]),
            name=said["actor"],
            threat_actor_types=["unknown"],
        )
        link = self._relate(self._incident_ref, "attributed-to", actor, confidence)
        by, published = said.get("by") or "nobody named", said.get("published") or "on a date not given"
        self._add(
            "note",
            object_id("note", "attribution", self._case.incident),
            abstract="Who attributes the incident",
            content=f"Attributed to {said['actor']} by {by}, {published}; "
            f"confidence in the case's words: {said.get('confidence') or 'not given'}. "
            f"Source: {said.get('source') or 'not given'}.",
            authors=[by],
            confidence=confidence,
            external_references=references([said.get("source", "")]),
            object_refs=[self._incident_ref, actor, link],
        )

    def _wallets(self) -> None:
        found = set(self._case.stolen_from) | {holding.address for holding in self._holdings}
        found |= {note.address for note in self._case.notes}
        for transfer in self._carried():
            found |= {transfer.sender, transfer.receiver}
        by_text: defaultdict[str, list[Address]] = defaultdict(list)
        for address in sorted(found):
            by_text[address.text].append(address)
        for text, addresses in by_text.items():
            accounts = [f"{chain(a.chain).caip2}:{a.text}" for a in addresses]
            holders = [self._owner(a) for a in addresses if a in self._venues]
            # A wallet is named by its text alone: a holder on one chain only is no holder of them all.
            holder = holders[0] if len(holders) == len(addresses) and len(set(holders)) == 1 else None
            self._observable(
                "cryptocurrency-wallet",
                wallet_id(text),
                WALLET_EXTENSION,
                {"accounts": accounts},
                value=text,
                holder_ref=holder,
            )

    def _owner(self, address: Address) -> str:
        kind = next(label.venue_kind for label in self._case.labels[address] if label.venue_kind)
        return self._venue(venue(self._venues[address], kind))

    def _carried(self) -> dict[Transfer, list[Object]]:
        """Return each transfer that carries stolen value under a policy that conserves, with what it carries."""
        found: dict[Transfer, list[Object]] = {}
        for name, trace in self._assessment.traces.items():
            if POLICIES[name].conserves:
                for move in trace.moves:
                    entry = {"theft": move.theft, "policy": name, "base_units": str(move.amount)}
                    found.setdefault(move.transfer, []).append(entry)
        return found

    def _transactions(self) -> None:
        carried = self._carried()
        by_id: defaultdict[tuple[str, str], list[Transfer]] = defaultdict(list)
        for transfer in self._case.transfers:
            if transfer in carried:
                by_id[transfer.asset.symbol, transfer.tx].append(transfer)
        for (symbol, tx), transfers in by_id.items():
            times = [t.time for t in transfers if t.time]
            self._observable(
                "cryptocurrency-transaction",
                transaction_id(symbol, tx),
                TRANSACTION_EXTENSION,
                {"transfers": [transfer_values(t, carried[t]) for t in transfers]},
                symbol=symbol,
                value=tx,
                execution_time=timestamp(min(times)) if times else None,
                input=[{"amount": rough_amount(t), "address_ref": wallet_id(t.sender.text)} for t in transfers],
                output=[{"amount": rough_amount(t), "address_ref": wallet_id(t.receiver.text)} for t in transfers],
            )

    def _theft(self, theft: Theft) -> None:
        wallets = sorted({wallet_id(a.text) for a in theft.addresses})
        for ref in wallets:
            self._relate(ref, "related-to", self._incident_ref, description=f"The money of theft {theft.id} left here.")
        traced = [b for b in self._assessment.traces["fifo"].balances if b.theft == theft.id]
        lines = [
            f"The transfers show {b.asset.text(b.stolen)} {b.asset.symbol} ({b.asset.chain}) leaving." for b in traced
        ]
        lines += [f"Published: {x.asset.text(x.amount)} {x.asset.symbol}. Source: {x.source}" for x in theft.losses]
        own = {
            "id": theft.id,
            "traced": [{**asset_document(b.asset), "base_units": str(b.stolen)} for b in traced],
            "published": [
                {**asset_document(x.asset), "base_units": str(x.amount), "source": x.source} for x in theft.losses
            ],
        }
        self._add(
            "note",
            object_id("note", "theft", self._case.incident, theft.id),
            abstract=f"Theft {theft.id}",
            content="\n".join(lines) or "No transfer of this theft is known.",
            external_references=references(x.source for x in theft.losses),
            object_refs=[self._incident_ref, *wallets],
            extensions=exact({"theft": own}),
        )

    def _position(self, holding: Holding) -> None:
        asset, wallet = holding.asset, wallet_id(holding.address.text)
        self._relate(wallet, "related-to", self._incident_ref, description="Money of the theft passed or rests here.")
        actors = [(self._venue(actor.venue), actor) for actor in holding.actors]
        amounts = "; ".join(f"{name} {asset.text(amount)}" for name, amount in holding.by_policy.items())
        names = ", ".join(f"{actor.venue.name} ({actor.role})" for _, actor in actors) or "nobody known"
        low, high = asset.text(holding.low), asset.text(holding.high)
        own = {
            "theft": holding.theft,
            "wallet_ref": wallet,
            **asset_document(asset),
            "low": str(holding.low),
            "high": str(holding.high),
            "by_policy": {name: str(amount) for name, amount in holding.by_policy.items()},
            "can_act": [{"identity_ref": ref, "role": actor.role} for ref, actor in actors],
        }
        key = (
            self._case.incident,
            holding.theft,
            asset.chain,
            asset.contract or "",
            asset.symbol,
            holding.address.text,
        )
        self._add(
            "note",
            object_id("note", "position", *key),
            abstract=f"Position of theft {holding.theft}: {low} to {high} {asset.symbol}",
            content=f"At {holding.address.display} on {chain(asset.chain).name} rest {low} to {high} {asset.symbol} "
            f"of theft {holding.theft}. By policy: {amounts}; poison is an upper bound. Can act: {names}.",
            object_refs=list(dict.fromkeys([wallet, self._incident_ref, *(ref for ref, _ in actors)])),
            extensions=exact({"position": own}),
        )

    def _remark(self, note: Note) -> None:
        self._add(
            "note",
            object_id(
                "note", "remark", self._case.incident, note.address.chain, note.address.text, note.text, note.source
            ),
            content=f"{note.text}\nSource: {note.source}",
            confidence=CONFIDENCE.get(note.confidence.lower()),
            external_references=references([note.source]),
            object_refs=[wallet_id(note.address.text)],
        )

    def _report(self) -> None:
        left_out = len(self._assessment.holdings) - len(self._holdings)
        self._add(
            "report",
            object_id("report", self._case.incident),
            name=self._case.title or self._case.incident,
            description=f"{len(self._holdings)} positions. Left out: {left_out} that only the policy poison reaches. "
            f"Records that are no part of the flow: {len(self._case.skipped)}; unreadable and set aside: "
            f"{len(self._case.rejected)}.",
            report_types=["threat-report"],
            published=self._modified,
            object_refs=list(self._objects),
        )

    def _relate(
        self, source: str, kind: str, target: str, confidence: int | None = None, description: str | None = None
    ) -> str:
        ref = object_id("relationship", source, kind, target)
        if ref in self._objects:
            return ref
        return self._add(
            "relationship",
            ref,
            relationship_type=kind,
            description=description,
            source_ref=source,
            target_ref=target,
            confidence=confidence,
        )
