"""Commands that leave the house: http-api and openc2-http over HTTP; every other type is refused by policy.

A playbook may come from anywhere. Commands that would run a program here or log in elsewhere (bash, ssh, powershell and
their like) are refused whatever the playbook says; those that send something wait for a second person's approval.

Results of an HTTP command, where out_args name them: `__status__` (number), `__body__` (text; SOARCA's name for it,
`__soarca_http_api_result__`, is taken too), `__name__` for each text, number or truth value called `name` or `__name__`
at the top of a JSON body.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bongsu.errors import RecordError
from bongsu.respond.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.respond.http import HttpAnswer
    from bongsu.respond.machine import Job

HTTP = frozenset({"http-api", "openc2-http", "openc2"})
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods of which RFC 9110, section 9.2.2, says that doing it twice comes to the same as once."""
OPENC2_TYPE = "application/openc2+json;version=1.0"
_START_LINE = re.compile(r"([A-Z]+) +(\S+)(?: +HTTP/?\d(?:\.\d)?)?\Z")


class Result(NamedTuple):
    """What a command came to."""

    ok: bool
    values: dict[str, str]
    why: str


def refusal(job: Job) -> str:
    """Return why a command is not run here; empty where it is."""
    if job.type in HTTP or job.type in {"manual", "bongsu"}:
        return ""
    return (
        f"commands of type {job.type!r} are refused by policy: this house runs manual, http-api, openc2-http and "
        f"its own commands; nothing was run"
    )


def http_request(job: Job, key: str) -> HttpRequest:
    """Return the HTTP request that a command means.

    Args:
        job: the command, its target an agent-target with an address.
        key: goes along as Idempotency-Key.

    Raises:
        RecordError: it has no start line or no target that can be called.
    """
    match = _START_LINE.match(job.text.strip())
    if match is None or any(c in job.text.strip() for c in "\r\n"):
        raise RecordError(f"{job.text[:80]!r} is no HTTP start line such as 'GET /path HTTP/1.1'")
    headers = {"Idempotency-Key": key}
    if job.type != "http-api":
        headers["Content-Type"] = OPENC2_TYPE
    for name, values in job.headers.items():
        if re.search(r"[\r\n]", name + "".join(values)):
            raise RecordError(f"the header {name[:40]!r} holds a line break")
        headers[name] = ", ".join(values)
    return HttpRequest(match[1], _url(job.target, match[2]), headers, job.content.encode())


def _url(target: Mapping[str, Any] | None, path: str) -> str:
    if re.match(r"https?://", path):
        return path
    address = target.get("address") if target else None
    if not isinstance(address, dict):
        raise RecordError("the command has no target with an address")
    path = path if path.startswith("/") else f"/{path}"
    if address.get("url"):
        return str(address["url"][0]).rstrip("/") + path
    port = str((target or {}).get("port") or "")
    for kind in ("dname", "ipv4", "ipv6"):
        if address.get(kind):
            host = f"[{address[kind][0]}]" if kind == "ipv6" else str(address[kind][0])
            if not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", host) or not re.fullmatch(r"\d{0,5}", port):
                raise RecordError(f"{host[:60]!r} is no host")
            here = host in {"localhost", "127.0.0.1", "[::1]"}
            scheme = "http" if port == "80" or (here and port != "443") else "https"  # plain text stays on this machine
            return f"{scheme}://{host}{':' + port if port not in {'', '80', '443'} else ''}{path}"
    raise RecordError("the target has neither a url nor a name nor an address that HTTP can use")


def http_result(job: Job, answer: HttpAnswer) -> Result:
    """Return what an answer means to the playbook: 2xx is success."""
    body = answer.body.decode(errors="replace")
    values = {"__status__": str(answer.status), "__body__": body, "__soarca_http_api_result__": body}
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    for name, value in parsed.items() if isinstance(parsed, dict) else ():
        if isinstance(value, bool | str | int | float):
            plain = name if name.startswith("__") else f"__{name}__"
            values[plain] = str(value).lower() if isinstance(value, bool) else str(value)
    kept = {name: value for name, value in values.items() if name in job.out_args}
    ok = 200 <= answer.status < 300  # noqa: PLR2004 - RFC 9110: 2xx is success
    return Result(ok, kept if ok else {}, "" if ok else f"the target answers {answer.status}")
