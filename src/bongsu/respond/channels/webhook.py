"""Signed web hook: the packet as JSON, with an HMAC that the receiver can check and a key to know repeats by.

Headers: `Idempotency-Key` is the packet's key, the same at each attempt; `Bongsu-Signature` is
`t=TIME,v1=HEX`, the HMAC-SHA256 of `TIME.BODY` under the shared secret. Body and headers are the same bytes at each
attempt. Redirects are not followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, ClassVar

from bongsu.respond.channel import DoubtfulError, FailedError
from bongsu.respond.http import HttpRequest, Unreached, Unsure, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.respond.channel import Packet
    from bongsu.respond.http import Transport

_GONE = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
"""Answers after which the same request would be answered the same."""


class Webhook:
    """Packets are posted to `url`, signed with `secret`."""

    repeatable: ClassVar[bool] = True
    seconds: ClassVar[float] = 20.0

    def __init__(self, url: str, secret: bytes, transport: Transport = send) -> None:
        self._url = url
        self._secret = secret
        self._transport = transport

    def deliver(self, packet: Packet) -> str:
        """Post the packet and return the receiver's reference."""
        body = json.dumps(document(packet), ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": packet.key,
            "Bongsu-Signature": signature(self._secret, packet.at, body),
        }
        try:
            answer = self._transport(HttpRequest("POST", self._url, headers, body), self.seconds)
        except Unreached as error:
            raise FailedError(str(error)) from None
        except Unsure as error:
            raise DoubtfulError(str(error)) from None
        if 200 <= answer.status < 300 or answer.status == 409:  # noqa: PLR2004 - 409: it has it already
            return answer.headers.get("location", f"HTTP {answer.status}")
        raise FailedError(f"{self._url} answers {answer.status}", final=answer.status in _GONE)


def signature(secret: bytes, at: str, body: bytes) -> str:
    """Return the value of the header Bongsu-Signature."""
    return f"t={at},v1={hmac.new(secret, f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def document(packet: Packet) -> dict[str, Any]:
    """Return a packet as JSON values; files in base64."""
    return {
        "key": packet.key,
        "case": packet.case,
        "request": packet.request,
        "version": packet.version,
        "venue": packet.venue,
        "action": packet.action,
        "marking": f"TLP:{packet.marking.upper()}",
        "subject": packet.subject,
        "approved_at": packet.at,
        "files": {name: base64.b64encode(content).decode() for name, content in sorted(packet.files.items())},
    }


def webhook(row: Mapping[str, Any], secrets: Mapping[str, str]) -> Webhook:
    """Make the channel from its table: `url`, and `secret_env`, the environment variable with the secret."""
    return Webhook(row["url"], secrets[row["secret_env"]].encode())
