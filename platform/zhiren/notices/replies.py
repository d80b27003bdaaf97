"""Answers of calendars that come by mail (RFC 6047): found in a mailbox, handed to the room that knows calendars.

Whoever reads them registers; this room only finds the part and the customer that its UID names.
"""

from __future__ import annotations

import email
import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.policy import default
from typing import Final

import msgspec

from zhiren.context import Context

#: takes the iCalendar object; answers whether it was heard, and raises nothing for what it cannot read
Reader = Callable[[Context, bytes], Awaitable[bool]]
MAX_BYTES: Final = 2 * 1024 * 1024
_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_ANSWERS: Final = re.compile(rb"^METHOD:(REPLY|COUNTER)\s*$", re.I | re.M)
#: the UIDs we give out end in the customer
_UID: Final = re.compile(rb"^UID:[^@\r\n]{1,200}@([a-z0-9-]+)\.zhiren\s*$", re.I | re.M)
_readers: list[Reader] = []


class CalendarAnswer(msgspec.Struct, frozen=True):
    """What somebody's calendar answered to a meeting of this customer's."""

    customer: str
    data: bytes


def register(reader: Reader) -> None:
    """Doing so twice is doing it once."""
    if reader not in _readers:
        _readers.append(reader)


async def hand_on(ctx: Context, answer: CalendarAnswer) -> bool:
    """Whether some room had been waiting for it."""
    return any([await reader(ctx, answer.data) for reader in _readers])


def find(data: bytes) -> CalendarAnswer | None:
    """The answer that a mail carries; None when there is none, or not to a meeting of ours."""
    if len(data) > MAX_BYTES:
        return None
    for part in email.message_from_bytes(data, policy=default).walk():
        if part.get_content_type() not in ("text/calendar", "application/ics") or not isinstance(part, EmailMessage):
            continue
        found = _FOLD.sub(b"", _bytes(part))
        uid = _UID.search(found)
        if uid is not None and _ANSWERS.search(found) is not None:
            return CalendarAnswer(uid.group(1).decode().lower(), found)
    return None


def _bytes(part: EmailMessage) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""
