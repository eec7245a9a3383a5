"""What the API takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_QUERIES = 500
MOST_ADDRESSES = 10_000
MOST_VALUES = 50
MOST_NAMES = 2000
"""Names of all parties of one request together: at two milliseconds each, seconds and not minutes."""
LONGEST = 1000

_VISIBLE = r"[^\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
"""Something to read. White space is spelt out: engines of regular expressions differ in what they count as such."""
Text = Annotated[str, StringConstraints(max_length=LONGEST)]
Value = Text | int | float | None
"""What yente's clients put into properties: numbers of documents come as numbers, empty cells as null."""
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=_VISIBLE)]
Wallet = Annotated[str, StringConstraints(max_length=130)]
Several = Annotated[list[Said], Field(max_length=MOST_VALUES)]
Births = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]],
    Field(max_length=MOST_VALUES),
]
Schema = Literal[
    "person", "organisation", "organization", "company", "vessel", "aircraft", "unknown", "Person", "Organization",
    "Company",
    "LegalEntity", "PublicBody", "Vessel", "Airplane", "Thing",
]  # fmt: skip
_NAMING = ("names", "wallets", "id_number", "imo", "email")
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Party(BaseModel):
    """One party to screen; at least a name, a wallet, a document, an IMO number or an e-mail."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"names": ["박진혁"], "birth": ["1984-08-15"]}],
            "anyOf": [{"required": [f], "properties": {f: {"type": "array", "minItems": 1}}} for f in _NAMING],
        },
    )

    names: Several = []
    schema_: Annotated[Schema, Field(alias="schema")] = "unknown"
    birth: Births = []
    birth_place: Several = []
    country: Several = []
    position: Several = []
    id_number: Several = []
    imo: Several = []
    flag: Several = []
    email: Several = []
    wallets: Several = []
    threshold: Annotated[float | None, Field(ge=0, le=1)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    @model_validator(mode="after")
    def _names_something(self) -> Party:
        if not any(getattr(self, field) for field in _NAMING):
            raise ValueError("the query names nothing: give " + ", ".join(_NAMING))
        return self


class Bulk(BaseModel):
    """Several parties at once."""

    model_config = ConfigDict(extra="forbid")

    queries: Annotated[list[Party], Field(min_length=1, max_length=MOST_QUERIES)]

    @model_validator(mode="after")
    def _names_not_too_many(self) -> Bulk:
        _few(sum(len(party.names) for party in self.queries))
        return self


def _few(names: int) -> None:
    if names > MOST_NAMES:
        raise ValueError(f"{names} names are asked for at once: send at most {MOST_NAMES}")


class Addresses(BaseModel):
    """Wallets to look up."""

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[Wallet], Field(min_length=1, max_length=MOST_ADDRESSES)]


class Pair(BaseModel):
    """Two names to compare."""

    model_config = ConfigDict(extra="forbid")

    a: Text
    b: Text
    schema_: Annotated[Schema, Field(alias="schema")] = "unknown"


class EntityExample(BaseModel):
    """A FollowTheMoney entity as yente takes it in a query."""

    model_config = ConfigDict(extra="ignore")

    id: Text | None = None
    schema_: Annotated[Text, Field(alias="schema")]
    properties: Annotated[dict[Identifier, Values | Value], Field(max_length=100)] = {}


class EntityMatchQuery(BaseModel):
    """The body of yente's /match."""

    model_config = ConfigDict(extra="ignore")

    queries: Annotated[dict[Identifier, EntityExample], Field(min_length=1, max_length=MOST_QUERIES)]

    @model_validator(mode="after")
    def _names_not_too_many(self) -> EntityMatchQuery:
        values = (v for example in self.queries.values() for v in example.properties.values())
        _few(sum(len(v) if isinstance(v, list) else 1 for v in values))
        return self


Words = list[str]


class Result(BaseModel):
    """One hit."""

    list: str
    list_title: str
    list_version: str
    entry: str
    kind: str
    caption: str
    score: float
    band: str
    name_score: float
    method: str
    field: str
    matched: str
    reading: str
    reasons: Words
    why_not_higher: Words
    programs: Words
    source: str


class Source(BaseModel):
    """A list that was screened against; `age_days` counts from the date that the list gives itself."""

    id: str
    version: str
    age_days: int | None
    entries: int
    whole: bool


class Screened(BaseModel):
    """The answer to one party."""

    band: str
    hits: list[Result]
    notes: list[str]
    lists: list[Source]


class Fault(BaseModel):
    """What went wrong with a request."""

    error: dict[str, Any]
    detail: str
