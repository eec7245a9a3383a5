"""The endpoints.

`/match` takes and gives what yente (OpenSanctions) does, so that its clients work; the others speak Bongsu's own words.
Screening is pure computation: the endpoints are plain functions, which FastAPI runs in its pool of threads.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bongsu import __version__
from bongsu.errors import AddressError, RecordError
from bongsu.screen.ask import query
from bongsu.screen.compare import SCHEMATA, band, compare, scoring
from bongsu.screen.lists.common import date
from bongsu.screen.match import screen, wallet_hits
from bongsu.screen.query import Answer
from bongsu.screen.service.guard import Guard, Limits, problem
from bongsu.screen.service.models import Addresses, Bulk, EntityExample, EntityMatchQuery, Fault, Pair, Party, Screened

if TYPE_CHECKING:
    from bongsu.screen.index import Index
    from bongsu.screen.query import Hit

_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": Fault, "description": "The request is no JSON that can be read"},
    401: {"model": Fault, "description": "No known key"},
    413: {"model": Fault, "description": "The body is too large"},
    408: {"model": Fault, "description": "The body comes too slowly"},
    404: {"model": Fault, "description": "No such path or dataset"},
    422: {"model": Fault, "description": "A field is wrong; the message says which"},
    429: {"model": Fault, "description": "Too many requests"},
}
_FTM = {
    "name": "names", "alias": "names", "previousName": "names", "weakAlias": "names",
    "birthDate": "birth", "incorporationDate": "", "birthPlace": "birth_place",
    "nationality": "country", "citizenship": "country", "country": "country", "jurisdiction": "country",
    "position": "position", "passportNumber": "id_number", "idNumber": "id_number", "registrationNumber": "id_number",
    "taxNumber": "id_number", "innCode": "id_number", "ogrnCode": "id_number", "leiCode": "id_number",
    "swiftBic": "id_number",
    "imoNumber": "imo", "flag": "flag", "email": "email", "publicKey": "wallets",
}  # fmt: skip
Several = Annotated[tuple[str, ...], Query(max_length=100)]
_SCHEMA_OF = {
    "person": "Person", "organisation": "Organization", "vessel": "Vessel", "aircraft": "Airplane",
    "wallet": "CryptoWallet",
}  # fmt: skip


def create(index: Index, keys: frozenset[str] = frozenset(), limits: Limits | None = None) -> Any:
    """Return the ASGI application over an index.

    Args:
        index: the lists.
        keys: keys that callers must send; without any, none is asked for.
        limits: what one caller may send.
    """
    api = FastAPI(
        title="Bongsu screening",
        version=__version__,
        description="Names, wallets and ships against sanctions lists, with the reasons. Bands: clear, review, strong. "
        "A result is evidence for a person who decides, never a verdict.",
        responses=_FAULTS,
        redoc_url=None,
    )
    _faults(api)
    _own(api, index)
    _yente(api, index)
    return Guard(api, keys, limits or Limits())


def _faults(api: FastAPI) -> None:
    @api.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "the body"
        code = 400 if first["type"] == "json_invalid" else 422
        return JSONResponse(problem("invalid", f"{where}: {first['msg']}"[:500], _request_id(request)), code)

    @api.exception_handler(RecordError)
    def at_fault(request: Request, error: RecordError) -> JSONResponse:
        return JSONResponse(problem("invalid", error.message, _request_id(request), error.hint or ""), 422)

    @api.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "error")
        body = problem(code, str(error.detail), _request_id(request))
        return JSONResponse(body, error.status_code, headers=error.headers)


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _own(api: FastAPI, index: Index) -> None:
    @api.get("/healthz")
    def health() -> dict[str, Any]:
        """Say that the service runs, over how many entries, and of how old lists."""
        return {
            "status": "ok",
            "entries": len(index.entries),
            "whole": all(x.complete for x in index.listings),
            "lists": _sources(index),
        }

    @api.get("/lists")
    def lists() -> list[dict[str, Any]]:
        """Return the loaded lists with their versions."""
        return [
            source
            | {
                "title": x.title,
                "expected": x.expected,
                "shortage": x.shortage,
                "unread": len(x.rejected),
                "sha256": x.sha256,
            }
            for source, x in zip(_sources(index), index.listings, strict=True)
        ]

    @api.post("/screen", response_model=Screened)
    def one(party: Party) -> dict[str, Any]:
        """Screen one party."""
        return _document(index, _screened(index, party))

    @api.post("/screen/bulk", response_model=list[Screened])
    def several(bulk: Bulk) -> list[dict[str, Any]]:
        """Screen up to 500 parties; the answers stand in the order of the queries."""
        return [_document(index, _screened(index, party)) for party in bulk.queries]

    @api.post("/addresses")
    def addresses(asked: Addresses) -> list[dict[str, Any]]:
        """Look up to 10,000 wallets up; one that cannot be an address says why."""
        return [_address(index, text) for text in asked.addresses]

    @api.post("/compare")
    def pair(asked: Pair) -> dict[str, Any]:
        """Compare two names."""
        found = compare(asked.a, asked.b, SCHEMATA[asked.schema_.lower()])
        return {
            "score": round(found.score, 4),
            "band": band(found.score),
            "match": band(found.score) != "clear",
            "method": found.method,
            "reading": found.reading,
            "reasons": list(found.reasons),
        }


def _screened(index: Index, party: Party) -> Answer:
    fields = party.model_dump(by_alias=True)
    notes = _without_bad_imo(fields)
    return _noted(screen(index, query(fields), threshold=party.threshold, limit=party.limit), notes, fields)


def _without_bad_imo(fields: dict[str, Any]) -> tuple[str, ...]:
    """Take out IMO numbers that fail their check digit, and say which."""
    good, notes = [], []
    for number in fields.get("imo", ()):
        try:
            query({"imo": [number]})
            good.append(number)
        except RecordError as error:
            notes.append(f"{error.message}: not compared")
    fields["imo"] = good
    return tuple(notes)


def _noted(answer: Answer, notes: tuple[str, ...], fields: dict[str, Any]) -> Answer:
    """Add notes; a query of which nothing could be compared is an error and not clear."""
    said = (*answer.notes, *notes)
    compared = any(fields.get(f) for f in ("names", "id_number", "imo", "email")) or (
        len(answer.notes) < len(fields.get("wallets", ()))
    )
    return Answer(answer.hits, answer.band if compared else "error", said)


def _document(index: Index, answer: Answer) -> dict[str, Any]:
    hits = [h.document() for h in answer.hits]
    return {"band": answer.band, "hits": hits, "notes": list(answer.notes), "lists": _sources(index)}


def _sources(index: Index) -> list[dict[str, Any]]:
    """Return the lists with their age: what an answer rests on."""
    today = dt.datetime.now(dt.UTC).date()
    return [
        {
            "id": x.id,
            "version": x.version,
            "age_days": (today - day).days if (day := _day(x.version)) is not None else None,
            "entries": len(x.entries),
            "whole": x.complete,
        }
        for x in index.listings
    ]


def _day(version: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(version)
    except ValueError:
        return None


def _address(index: Index, text: str) -> dict[str, Any]:
    try:
        hits = wallet_hits(index, text)
    except AddressError as error:
        return {"address": text, "band": "error", "error": error.message, "hits": []}
    return {"address": text, "band": "strong" if hits else "clear", "hits": [h.document() for h in hits]}


def _yente(api: FastAPI, index: Index) -> None:
    @api.post("/match/{dataset}")
    def match(
        asked: EntityMatchQuery,
        dataset: Annotated[
            str, Path(max_length=100, description="A loaded list's id; `default` or `sanctions` for all.")
        ],
        response: Response,
        limit: Annotated[int, Query(ge=1, le=500)] = 5,
        threshold: Annotated[float, Query(ge=0, le=1)] = scoring()["bands"]["review"],
        cutoff: Annotated[float, Query(ge=0, le=1)] = 0.5,
        include_dataset: Several = (),
        exclude_dataset: Several = (),
        exclude_schema: Several = (),
        exclude_entity_ids: Several = (),
    ) -> dict[str, Any]:
        """Match entities by example, in the request and answer shape of yente.

        Of yente's other options, `algorithm` and `weights` do not apply, and `topics` and `changed_since` would only
        hide entries: they are not looked at.
        """
        if dataset not in {"default", "sanctions", *index.lists}:
            raise HTTPException(404, f"there is no dataset {dataset!r}; see /lists")
        lists = (set(include_dataset) or set(index.lists)) - set(exclude_dataset)
        if dataset in index.lists:
            lists &= {dataset}
        wanted = _Wanted(
            frozenset(lists), frozenset(exclude_schema), frozenset(exclude_entity_ids), limit, threshold, cutoff
        )
        responses = {name: _matched(index, example, wanted) for name, example in asked.queries.items()}
        response.headers["x-batch-size"] = str(len(responses))
        about = {"description": "docs/screening.md", "coefficient": 1.0, "url": None}
        return {"responses": responses, "matcher": {"bongsu": about}, "limit": limit}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which results of a match are given."""

    lists: frozenset[str]
    without_schemata: frozenset[str]
    without: frozenset[str]
    limit: int
    threshold: float
    cutoff: float


def _matched(index: Index, example: EntityExample, wanted: _Wanted) -> dict[str, Any]:
    fields: dict[str, Any] = {"schema": example.schema_ if example.schema_.lower() in SCHEMATA else "unknown"}
    for name, values in example.properties.items():
        target = _FTM.get(name, "")
        if target:
            given = values if isinstance(values, list) else [values]
            fields.setdefault(target, []).extend(str(v) for v in given if v is not None)
    fields["birth"] = [d for d in map(date, fields.get("birth", ())) if d]
    _without_bad_imo(fields)
    answer = screen(index, query(fields), threshold=min(wanted.cutoff, wanted.threshold), limit=1000)
    results = [_result(index, hit, wanted.threshold) for hit in answer.hits if hit.list in wanted.lists]
    kept = [r for r in results if r["schema"] not in wanted.without_schemata and r["id"] not in wanted.without]
    asked = {"id": example.id, "schema": example.schema_, "properties": example.properties}
    total = {"value": len(kept), "relation": "eq"}
    return {"status": 200, "results": kept[: wanted.limit], "total": total, "query": asked}


def _result(index: Index, hit: Hit, threshold: float) -> dict[str, Any]:
    return {
        "id": f"{hit.list}:{hit.entry}",
        "caption": hit.caption,
        "schema": _SCHEMA_OF.get(hit.kind, "LegalEntity"),
        "properties": {
            "name": [hit.caption],
            "alias": [hit.matched] if hit.matched != hit.caption else [],
            "program": list(hit.programs),
        },
        "datasets": [hit.list],
        "referents": [],
        "target": True,
        "first_seen": None,
        "last_seen": None,
        "last_change": version if _day(version := index.lists[hit.list].version) else None,
        "score": round(hit.score, 4),
        "features": {hit.method: round(hit.name_score, 4)},
        "explanations": {
            hit.method: {"score": round(hit.name_score, 4), "detail": "; ".join((*hit.reasons, *hit.limits))}
        },
        "match": hit.score >= threshold,
    }
