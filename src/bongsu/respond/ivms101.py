"""What is known of accounts and venue, in the fields of IVMS101, for travel-rule desks to read with their own tools.

IVMS101 (interVASP Messaging Standards, issue 1, May 2020) describes one transfer between two customers. This is an
evidence block in its fields, not such a message: who the customers are is what the request asks. What nobody knows is
left out, never filled in, and listed under "unknown"; ivms101.schema.json therefore requires no person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bongsu.model.text import one_line

if TYPE_CHECKING:
    from bongsu.respond.request import Request

_LONGEST = 100
"""Characters of a name or an account number in IVMS101 (Max100Text)."""


def block(request: Request) -> dict[str, Any]:
    """Return the block: for each theft what went from its accounts to the accounts the request is about."""
    return {
        "standard": "IVMS101 issue 1 (2020)",
        "use": "evidence block in the fields of IVMS101; not a travel-rule message",
        "reference": request.reference,
        "unknown": _unknown(request),
        "payloads": [_payload(request, theft.id) for theft in request.thefts],
    }


def _payload(request: Request, theft_id: str) -> dict[str, Any]:
    theft = next(theft for theft in request.thefts if theft.id == theft_id)
    items = [item for item in request.items if item.holding.theft == theft_id]
    payload: dict[str, Any] = {
        "originator": {"accountNumber": [address.display for address in theft.addresses]},
        "beneficiary": {"accountNumber": list(dict.fromkeys(item.holding.address.display for item in items))},
    }
    if any(item.role == "custodian" for item in items):
        payload["beneficiaryVASP"] = {"beneficiaryVASP": {"legalPerson": {"name": _name(request)}}}
    return payload


def _name(request: Request) -> dict[str, Any]:
    """Return the venue's trading name: a profile does not know its legal one."""
    name: dict[str, Any] = {"nameIdentifier": [_identifier(request.venue.name)]}
    if request.venue.name_ko:
        name["localNameIdentifier"] = [_identifier(request.venue.name_ko)]
    return name


def _identifier(name: str) -> dict[str, str]:
    return {"legalPersonName": one_line(name)[:_LONGEST], "legalPersonNameIdentifierType": "TRAD"}


def _unknown(request: Request) -> list[str]:
    found = ["originator.originatorPersons", "originatingVASP", "beneficiary.beneficiaryPersons"]
    if any(item.role == "custodian" for item in request.items):
        return [*found, "beneficiaryVASP: legal name (LEGL), nationalIdentification, countryOfRegistration"]
    return [*found, "beneficiaryVASP"]
