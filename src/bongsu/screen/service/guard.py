"""What stands before every endpoint: request id, key, rate, turn, and the size and pace of the body.

Plain ASGI, so that nothing large is read first.
"""

from __future__ import annotations

import asyncio
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
_MOST_DRAINED = 256_000_000
_CLOSE = ((b"connection", b"close"),)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one caller may send, and what all may together.

    Attributes:
        body: bytes of one request.
        rate: requests a second, on average; 0 for no limit.
        burst: requests at once.
        parallel: requests of all callers that are read and worked on at once; the others wait. Together with `body` it
            bounds the memory.
        wait: seconds that a request waits for its turn.
        reading: seconds in which a body must have come.
    """

    body: int = 2_000_000
    rate: float = 50.0
    burst: int = 200
    parallel: int = 64
    wait: float = 30.0
    reading: float = 20.0


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


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    code: str
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(slots=True)
class _Excess:
    """Why a body was not read to its end; the framework above may swallow the exception that says so."""

    refusal: _Refusal | None = None


class BodyError(Exception):
    """The body exceeds what one request may carry, or it comes too slowly."""


class Guard:
    """Wrap an ASGI application with the checks of this module."""

    def __init__(self, app: Any, keys: frozenset[str], limits: Limits) -> None:
        self._app = app
        self._keys = frozenset(hashlib.sha256(k.encode()).digest() for k in keys)
        self._limits = limits
        self._buckets = Buckets(limits)
        self._slots = asyncio.Semaphore(limits.parallel)

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
            if excess.refusal is not None:
                return  # what the application makes of half a body is not what is answered
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        refused = self._refusal(scope, headers)
        if refused is None:
            refused = await self._passed_on(scope, receive, tagged, excess)
        if refused is not None:
            excess.refusal = None
            if refused.status == 413:
                await self._drain(receive)
            await _answer(tagged, refused, request_id)

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send, excess: _Excess) -> _Refusal | None:
        """Let the application answer when it is this request's turn; return the refusal if it cannot."""
        try:
            async with asyncio.timeout(self._limits.wait):
                await self._slots.acquire()
        except TimeoutError:
            return _Refusal(429, "busy", "too many requests are being answered", ((b"retry-after", b"5"),))
        try:
            await self._app(scope, self._bounded(receive, excess), send)
        except BodyError:
            pass  # its reason stands in `excess`
        finally:
            self._slots.release()
        return excess.refusal

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> _Refusal | None:
        key = _key(headers)
        caller = key or (scope.get("client") or ("?",))[0]
        if self._keys and scope["path"] not in _OPEN and not self._known(key):
            asks = ((b"www-authenticate", b'Bearer realm="bongsu"'),)
            return _Refusal(401, "unauthorised", "send a known key: Authorization: Bearer KEY", asks)
        wait = self._buckets.wait(caller)
        if wait:
            after = ((b"retry-after", str(max(1, round(wait))).encode()),)
            text = f"this caller may send {self._limits.rate:g} requests a second"
            return _Refusal(429, "too_many_requests", text, after)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limits.body:
            return self._too_large()
        return None

    def _known(self, key: str) -> bool:
        digest = hashlib.sha256(key.encode()).digest()
        return any([hmac.compare_digest(digest, known) for known in self._keys])  # noqa: C419 - the same time for all

    def _too_large(self) -> _Refusal:
        return _Refusal(
            413, "too_large", f"the body is larger than {self._limits.body:,} bytes: send it in parts", _CLOSE
        )

    async def _drain(self, receive: Receive) -> None:
        """Read the rest of a body away: a caller that is still sending would lose the answer with the connection."""
        left = _MOST_DRAINED
        try:
            async with asyncio.timeout(self._limits.reading):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    def _bounded(self, receive: Receive, excess: _Excess) -> Receive:
        """Return a `receive` that stops a body which is too large or too slow."""
        got, whole = 0, False
        until = asyncio.get_running_loop().time() + self._limits.reading

        async def bounded() -> dict[str, Any]:
            nonlocal got, whole
            if whole:
                return await receive()  # it says when the caller has left
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                text = f"the body did not come within {self._limits.reading:g} seconds"
                excess.refusal = _Refusal(408, "too_slow", text, _CLOSE)
                raise BodyError from None
            whole = not message.get("more_body", False)
            got += len(message.get("body", b""))
            if got > self._limits.body:
                excess.refusal = self._too_large()
                raise BodyError
            return message

        return bounded


def _key(headers: dict[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "apikey"} else headers.get("x-api-key", "")


def problem(code: str, message: str, request_id: str, hint: str = "") -> dict[str, Any]:
    """Return the body of an error; `detail` is where clients of yente look."""
    error = {"code": code, "message": message, "hint": hint, "request_id": request_id}
    return {"error": error, "detail": message}


async def _answer(send: Send, refusal: _Refusal, request_id: str) -> None:
    body = json.dumps(problem(refusal.code, refusal.text, request_id)).encode()
    length = (b"content-length", str(len(body)).encode())
    headers = [(b"content-type", b"application/json"), length, *refusal.headers]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
