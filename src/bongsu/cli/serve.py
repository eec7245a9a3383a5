"""`bongsu serve`: the screening API over HTTP."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from bongsu.cli.shell import err
from bongsu.errors import SourceError

_SHORTEST_KEY = 16
_PATIENCE = 30
"""Seconds that requests under way have to end in when the service is stopped."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8077,
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help="Keys that callers must send, one a line.")] = None,
    lists: Annotated[list[Path] | None, typer.Option(metavar="DIR|FILE", help="Lists to screen against.")] = None,
    rate: Annotated[float, typer.Option(min=0, help="Requests a second from one caller; 0 for no limit.")] = 50.0,
    burst: Annotated[int, typer.Option(min=1, help="Requests at once from one caller.")] = 200,
    body: Annotated[int, typer.Option(min=1000, help="Bytes of one request.")] = 2_000_000,
    parallel: Annotated[int, typer.Option(min=1, help="Requests of all callers worked on at once.")] = 64,
) -> None:
    """Serve screening over HTTP; its description stands at /openapi.json."""
    import uvicorn

    from bongsu.screen.engine import open_index
    from bongsu.screen.service.app import create
    from bongsu.screen.service.guard import Limits

    known = _keys(keys) if keys else frozenset()
    if not known and not _loopback(host):
        raise SourceError(
            f"without keys the service listens on this machine only, not on {host}", hint="give --keys FILE"
        )
    index = open_index(lists or [])
    entries = f"{len(index.entries):,} entries of {len(index.listings)} lists"
    err.print(f"{entries}; http://{host}:{port}/openapi.json")
    uvicorn.run(
        create(index, known, Limits(body, rate, burst, parallel)),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=_PATIENCE,
    )


def _keys(path: Path) -> frozenset[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the keys cannot be read: {error}", source=str(path)) from None
    found = frozenset(line for line in lines if line and not line.startswith("#"))
    short = [key for key in found if len(key) < _SHORTEST_KEY]
    if short or not found:
        what = "a key is shorter than 16 characters" if short else "there is no key"
        raise SourceError(what, source=str(path), hint="one key a line: openssl rand -hex 24")
    return found


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
