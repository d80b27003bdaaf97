"""The protocol between delivery and those who carry."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from zhiren.notices.schemas import Content, Enclosure


class Place(msgspec.Struct, frozen=True):
    """A browser that asked for push messages (RFC 8030), with the keys to encrypt for it (RFC 8291)."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One message, opened, on its way out. ``id`` is the row's and stays the same at every try."""

    id: UUID
    kind: str
    company: str
    recipient: str
    locale: str
    address: str
    content: Content
    #: absolute; empty when the message leads nowhere
    link: str = ""
    enclosure: Enclosure | None = None
    #: absolute address at which one press switches this kind of notice off (RFC 8058)
    unsubscribe: str = ""
    urgent: bool = False
    places: tuple[Place, ...] = ()
    #: short name of the customer, which Message-IDs carry
    customer: str = ""
    #: the place messages are answered to in Message-IDs when the sender has no domain
    domain: str = "localhost"


class Receipt(msgspec.Struct, frozen=True):
    """The other side has the message. ``external_id`` is its name for it."""

    external_id: str = ""
    #: places that are gone for good
    gone: tuple[UUID, ...] = ()


class TryLater(Exception):
    """Not now. ``code`` is one of ``zhiren.notices.service.problems``; ``detail`` is for administrators."""

    def __init__(self, code: str, detail: str = "", *, after_s: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:500]
        self.after_s = after_s


class Refused(Exception):
    """Never: another try would end the same way. ``gone`` names places that exist no more."""

    def __init__(self, code: str, detail: str = "", *, gone: tuple[UUID, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:500]
        self.gone = gone


class Provider(Protocol):
    """Carries messages of one channel."""

    async def send(self, parcel: Parcel) -> Receipt:
        """Hand the parcel over. Raises TryLater or Refused."""
        ...
