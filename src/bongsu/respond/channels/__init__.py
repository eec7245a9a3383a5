"""The ways out: a folder that somebody carries, a signed web hook, mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.respond.channels.folder import folder
from bongsu.respond.channels.mail import mail
from bongsu.respond.channels.webhook import webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bongsu.respond.channel import Channel

KINDS: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], Channel]] = {
    "file": folder,
    "webhook": webhook,
    "smtp": mail,
}
"""Makers of channels by the `kind` of their table in the channels' file."""
