"""Mail through an SMTP server (RFC 5321)."""

from __future__ import annotations

import ssl
from contextlib import suppress
from email.errors import MessageError
from email.utils import parseaddr
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

from zhiren.notices.providers.base import Parcel, Receipt, Refused, TryLater
from zhiren.notices.providers.letter import letter
from zhiren.notices.providers.outward import Outward

TIMEOUT_S: Final = 30.0
#: 5xx that speak of the mailbox, not of the letter (RFC 3463)
_MAILBOX_CODES: Final = (550, 551, 553)


class SmtpServer(msgspec.Struct, frozen=True):
    """Where mail is handed over. ``tls`` is "start" (STARTTLS where offered), "wrapped" (smtps), "off" or
    "unverified" (STARTTLS with whatever certificate)."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = "start"

    @classmethod
    def read(cls, url: str) -> SmtpServer:
        """From ``smtp://user:password@host:port`` or ``smtps://…``, with ``?tls=off|unverified`` where needed. Raises
        ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("smtp://host:port or smtps://host:port")
        wrapped = parts.scheme == "smtps"
        tls = parse_qs(parts.query).get("tls", ["wrapped" if wrapped else "start"])[0]
        if tls not in ("start", "wrapped", "off", "unverified"):
            raise ValueError("tls is off or unverified")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if wrapped else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
        )


class SmtpMail:
    """The provider ``smtp``. A mail is sent once the server has answered 250 to its text: from then on it is the
    server's to deliver or to report (RFC 5321, 6.1)."""

    def __init__(self, server: SmtpServer, sender: str, outward: Outward | None = None) -> None:
        self._server = server
        self._outward = outward or Outward(inside=True)
        self._sender = sender

    async def send(self, parcel: Parcel) -> Receipt:
        try:
            mail = letter(parcel, self._sender)
        except (ValueError, MessageError) as error:
            # an address that is none, or an invitation without METHOD
            raise Refused("notices.recipient_refused", type(error).__name__) from error
        client = self._client()
        try:
            await client.connect(sock=await self._outward.connect(self._server.host, self._server.port))
            if self._server.user:
                await client.login(self._server.user, self._server.password)
            await client.send_message(mail, sender=parseaddr(self._sender)[1], recipients=[parcel.address])
        except aiosmtplib.SMTPException as error:
            raise _trouble(error) from error
        except (OSError, TimeoutError) as error:
            raise TryLater("notices.unreachable", type(error).__name__) from error
        finally:
            await _leave(client)
        return Receipt(str(mail["Message-ID"]))

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        if server.tls == "unverified":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return aiosmtplib.SMTP(
            hostname=server.host,
            use_tls=server.tls == "wrapped",
            start_tls=False if server.tls in ("off", "wrapped") else None,
            tls_context=context,
            timeout=TIMEOUT_S,
        )


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say good-bye where somebody listens; how that goes changes nothing."""
    with suppress(aiosmtplib.SMTPException, OSError):
        if client.is_connected:
            await client.quit()
    client.close()


def _trouble(error: aiosmtplib.SMTPException) -> TryLater | Refused:
    """4xx and a lost connection may pass, 5xx do not (RFC 5321, 4.2.1)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refused = error.recipients[0]
        if refused.code < 500:
            return TryLater("notices.busy", f"{refused.code} {refused.message}")
        return Refused("notices.recipient_refused", f"{refused.code} {refused.message}")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        # a password that is put right sends what waits
        return TryLater("notices.login_refused", f"{error.code} {error.message}")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"{error.code} {error.message}"
        if error.code < 500:
            return TryLater("notices.busy", said)
        mailbox = error.code in _MAILBOX_CODES
        return Refused("notices.recipient_refused" if mailbox else "notices.message_refused", said)
    return TryLater("notices.unreachable", type(error).__name__)
