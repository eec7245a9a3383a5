"""Mail over SMTP. Its Message-ID is made from the packet's key, so that a second copy can be told.

SMTP has a moment in which nobody knows: the text was handed over and the answer did not come. Such a mail is not sent
again by itself: a person asks the receiver.
"""

from __future__ import annotations

import hashlib
import mimetypes
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, ClassVar

from bongsu.respond.channel import DoubtfulError, FailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.respond.channel import Packet

_FOR_GOOD = 500


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server. `tls` is "starttls", "tls" or "none"."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str = ""
    password: str = ""


class Mail:
    """Packets go to the address `to` as a mail with attachments."""

    repeatable: ClassVar[bool] = False

    def __init__(self, server: Server, to: str, seconds: float = 30.0) -> None:
        self._server = server
        self._to = to
        self.seconds = seconds

    def deliver(self, packet: Packet) -> str:
        """Send the mail and return its Message-ID."""
        message = compose(packet, self._server.sender, self._to)
        try:
            connection = self._ready()
        except (OSError, smtplib.SMTPException) as error:
            raise FailedError(f"{self._server.host}: {_said(error)}", final=_is_final(error)) from None
        try:
            self._hand_over(connection, message)
        finally:
            connection.close()
        return str(message["Message-ID"])

    def _ready(self) -> smtplib.SMTP:
        """Return a connection on which sender and receiver have been accepted; nothing of the text has gone yet."""
        server = self._server
        if server.tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self.seconds / 3, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self.seconds / 3)
        try:
            connection.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if server.user:
                connection.login(server.user, server.password)
            _accepted(connection.mail(server.sender))
            _accepted(connection.rcpt(self._to))
        except BaseException:
            connection.close()
            raise
        return connection

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            code, said = connection.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            raise FailedError(_said(error), final=error.smtp_code >= _FOR_GOOD) from None
        except (OSError, smtplib.SMTPException) as error:
            raise DoubtfulError(
                f"{self._server.host} took the text and did not say whether it keeps it: {_said(error)}"
            ) from None
        _accepted((code, said))


def _accepted(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if not 200 <= code < 300:  # noqa: PLR2004 - RFC 5321: 2yz is positive
        raise FailedError(f"{code} {said.decode(errors='replace')}", final=code >= _FOR_GOOD)


def _is_final(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError)


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def compose(packet: Packet, sender: str, to: str) -> EmailMessage:
    """Return the mail for a packet: the letter as its text where there is one, everything as attachments."""
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = " ".join(packet.subject.split())
    message["Message-ID"] = f"<{hashlib.sha256(packet.key.encode()).hexdigest()[:32]}@{sender.partition('@')[2]}>"
    message["Date"] = format_datetime(datetime.fromisoformat(packet.at))
    message["X-Bongsu-Request"] = packet.key
    letter = next((packet.files[n] for n in sorted(packet.files) if n.startswith("letter") and n.endswith(".txt")), b"")
    message.set_content(letter.decode() or packet.subject)
    for name, content in sorted(packet.files.items()):
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def mail(row: Mapping[str, Any], secrets: Mapping[str, str]) -> Mail:
    """Make the channel from its table: host, port, from, to, tls, user, password_env, seconds."""
    password = secrets[row["password_env"]] if "password_env" in row else ""
    server = Server(
        row["host"], int(row.get("port", 587)), row["from"], row.get("tls", "starttls"), row.get("user", ""), password
    )
    return Mail(server, row["to"], float(row.get("seconds", 30)))
