"""What stands before every endpoint: request id, size of the body, key, rate.

Plain ASGI, so that nothing large is read first.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

_OPEN = frozenset({"/healthz", "/openapi.json", "/docs"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one caller may send.

    Attributes:
        body: bytes of one request.
        rate: requests a second, on average; 0 for no limit.
        burst: requests at once.
    """

    body: int = 2_000_000
    rate: float = 50.0
    burst: int = 200


@dataclass(slots=True)
class Buckets:
    """Token buckets, one a caller; the longest silent one is forgotten first."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _callers: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, caller: str) -> float:
        """Take one token; return 0, or after how many seconds the next one comes."""
        if not self.limits.rate:
            return 0.0
        now = self.clock()
        tokens, last = self._callers.pop(caller, (float(self.limits.burst), now))
        tokens = min(float(self.limits.burst), tokens + (now - last) * self.limits.rate)
        taken = tokens >= 1
        self._callers[caller] = (tokens - 1 if taken else tokens, now)
        while len(self._callers) > _MOST_CALLERS:
            self._callers.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self.limits.rate


@dataclass(slots=True)
class _Excess:
    """Whether a body went over the limit; the framework above may swallow the exception that says so."""

    seen: bool = False


class TooLargeError(Exception):
    """The body exceeds what one request may carry."""


class Guard:
    """Wrap an ASGI application with the checks of this module."""

    def __init__(self, app: Any, keys: frozenset[str], limits: Limits) -> None:
        self._app = app
        self._keys = frozenset(hashlib.sha256(k.encode()).digest() for k in keys)
        self._limits = limits
        self._buckets = Buckets(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: refuse it, or pass it on with its body bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        excess = _Excess()

        async def tagged(message: dict[str, Any]) -> None:
            if excess.seen:
                return  # what the application makes of half a body is not what is answered
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        refused = self._refusal(scope, headers)
        if refused is not None:
            status, code, text, extra = refused
            await _answer(tagged, status, code, text, request_id, extra)
            return
        try:
            await self._app(scope, self._bounded(receive, excess), tagged)
        except TooLargeError:
            excess.seen = True
        if excess.seen:
            excess.seen = False
            await _answer(tagged, 413, "too_large", self._too_large(), request_id, ((b"connection", b"close"),))

    def _refusal(
        self, scope: Scope, headers: dict[str, str]
    ) -> tuple[int, str, str, tuple[tuple[bytes, bytes], ...]] | None:
        key = _key(headers)
        caller = key or (scope.get("client") or ("?",))[0]
        if self._keys and scope["path"] not in _OPEN and not self._known(key):
            asks = ((b"www-authenticate", b'Bearer realm="bongsu"'),)
            return 401, "unauthorised", "send a known key: Authorization: Bearer KEY", asks
        wait = self._buckets.wait(caller)
        if wait:
            after = ((b"retry-after", str(max(1, round(wait))).encode()),)
            return 429, "too_many_requests", f"this caller may send {self._limits.rate:g} requests a second", after
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limits.body:
            return 413, "too_large", self._too_large(), ((b"connection", b"close"),)
        return None

    def _known(self, key: str) -> bool:
        digest = hashlib.sha256(key.encode()).digest()
        return any([hmac.compare_digest(digest, known) for known in self._keys])  # noqa: C419 - the same time for all

    def _too_large(self) -> str:
        return f"the body is larger than {self._limits.body:,} bytes: send it in parts"

    def _bounded(self, receive: Receive, excess: _Excess) -> Receive:
        got = 0

        async def bounded() -> dict[str, Any]:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > self._limits.body:
                excess.seen = True
                raise TooLargeError
            return message

        return bounded


def _key(headers: dict[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "apikey"} else headers.get("x-api-key", "")


def problem(code: str, message: str, request_id: str, hint: str = "") -> dict[str, Any]:
    """Return the body of an error."""
    return {"error": {"code": code, "message": message, "hint": hint, "request_id": request_id}}


async def _answer(
    send: Send, status: int, code: str, text: str, request_id: str, extra: tuple[tuple[bytes, bytes], ...]
) -> None:
    body = json.dumps(problem(code, text, request_id)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
