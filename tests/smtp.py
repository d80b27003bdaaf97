"""A mail server that keeps what it is given: real SMTP (aiosmtpd) on a free port of this machine."""

from __future__ import annotations

import asyncio
import email
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = Callable[[Envelope], str | None]


@dataclass
class Mailbox:
    """What arrived, in order, parsed. Usable from any thread: browser tests read it while a server elsewhere sends.

    ``answer`` may say something else than 250 to a mail (``"451 later"``, ``"550 no such user"``); what it refuses is
    not kept. ``refuse`` holds addresses refused at RCPT. ``user`` and ``password`` ask for a log-in.
    """

    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    password: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    answer: Answer | None = None
    #: seconds before a mail is answered
    slow_s: float = 0.0
    #: seconds between keeping a mail and saying so
    slow_to_say_s: float = 0.0
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """For ZHIREN_SMTP_URL."""
        who = f"{self.user}:{self.password}@" if self.user else ""
        return f"smtp://{who}{self.host}:{self.port}?tls=off"

    def to(self, address: str) -> list[EmailMessage]:
        """Mails whose envelope names ``address``, oldest first."""
        with self._arrived:
            return [
                mail
                for mail, envelope in zip(self.messages, self.envelopes, strict=True)
                if address.lower() in (one.lower() for one in envelope.rcpt_tos)
            ]

    def wait_for(self, address: str, *, count: int = 1, subject: str = "", timeout_s: float = 15.0) -> EmailMessage:
        """The newest mail to ``address`` (whose subject holds ``subject``) once there are ``count`` of them; blocks.
        Raises AssertionError when they do not come."""
        until_s = time.monotonic() + timeout_s
        with self._arrived:
            while True:
                found = [mail for mail in self.to(address) if subject in str(mail["Subject"])]
                if len(found) >= count:
                    return found[-1]
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    seen = [(envelope.rcpt_tos, str(mail["Subject"])) for mail, envelope in self._pairs()]
                    raise AssertionError(f"{len(found)} of {count} mails to {address} within {timeout_s} s: {seen}")
                self._arrived.wait(left_s)

    async def arrives(self, address: str, **options: Any) -> EmailMessage:
        """``wait_for`` without blocking the event loop."""
        return await asyncio.to_thread(lambda: self.wait_for(address, **options))

    def clear(self) -> None:
        with self._arrived:
            self.messages.clear()
            self.envelopes.clear()

    def _pairs(self) -> Iterator[tuple[EmailMessage, Envelope]]:
        return zip(self.messages, self.envelopes, strict=True)

    # ---- aiosmtpd's handler

    async def handle_RCPT(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.user and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address in self.refuse:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.slow_s)
        said = self.answer(envelope) if self.answer is not None else None
        if said is not None and not said.startswith("2"):
            return said
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        with self._arrived:
            self.messages.append(email.message_from_bytes(content, policy=default))
            self.envelopes.append(envelope)
            self._arrived.notify_all()
        await asyncio.sleep(self.slow_to_say_s)
        return said or "250 OK"

    def check(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login, given.password) == (self.user.encode(), self.password.encode())
        # "handled" would mean that the refusal was said already
        return AuthResult(success=right, handled=right)


@contextmanager
def mailbox(*, user: str = "", password: str = "", port: int = 0) -> Iterator[Mailbox]:
    """A server in a thread of its own, gone at the end. ``with mailbox() as box: ... box.url``."""
    box = Mailbox(user=user, password=password, port=port or free_port())
    login: dict[str, Any] = {"authenticator": box.check, "auth_require_tls": False} if user else {}
    controller = Controller(box, hostname=box.host, port=box.port, ready_timeout=10.0, **login)
    controller.start()
    try:
        yield box
    finally:
        controller.stop(no_assert=True)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    """The parts of a mail that are no containers, by media type; of two of one type the first."""
    found: dict[str, EmailMessage] = {}
    for part in mail.walk():
        if not part.is_multipart():
            found.setdefault(part.get_content_type(), part)
    return found
