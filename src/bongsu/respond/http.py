"""HTTP as the case needs it: one request, one answer, and a plain word on what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer; header names in small letters. The body is cut after a million bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreached(Exception):  # noqa: N818 - it says what is the case
    """The request surely did not arrive."""


class Unsure(Exception):  # noqa: N818 - it says what is the case
    """The request may have arrived; no answer came."""


Transport: TypeAlias = "Callable[[HttpRequest, float], HttpAnswer]"
"""Sends a request, waiting so many seconds at most; raises Unreached or Unsure."""


def send(request: HttpRequest, seconds: float) -> HttpAnswer:
    """Send a request over the network; redirects are not followed, certificates are checked."""
    import httpx

    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False) as client,
            client.stream(request.method, request.url, headers=dict(request.headers), content=request.body) as answer,
        ):
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _MOST:
                    break
            return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body[:_MOST])
    except (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.InvalidURL,
        httpx.UnsupportedProtocol,
    ) as error:
        raise Unreached(f"{request.url} cannot be reached: {error or type(error).__name__}") from None
    except httpx.HTTPError as error:
        raise Unsure(f"{request.url} did not answer: {error or type(error).__name__}") from None
