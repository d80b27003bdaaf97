"""Words with places in them, the pauses between tries, the hours of rest: no clock, no session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

_PLACE: Final = re.compile(r"\{(\w*)\}")
_BLANKS: Final = re.compile(r"\s+")
_MESSAGE_ID: Final = re.compile(r"<([0-9a-f]{32})\.([a-z0-9-]*)@")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
#: pauses after the first, second, … failed try; after the last one the message is given up, about three days on
PAUSES: Final = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
#: people are at rest for these; nobody's phone rings
RESTFUL: Final = frozenset({"sms", "im", "push"})


def fill(words: str, values: Mapping[str, str]) -> str:
    """``words`` with values in their places. A place without a value stays: that it is known was checked before."""
    return _PLACE.sub(lambda found: values.get(found.group(1), found.group(0)), words)


def unknown_places(words: str, known: Iterable[str]) -> list[str]:
    """Places that nothing fills, as written."""
    names = set(known)
    return list(dict.fromkeys(f"{{{name}}}" for name in _PLACE.findall(words) if name not in names))


def one_line(text: str) -> str:
    """For subjects: a line break in a value must not begin another header."""
    return _BLANKS.sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()


def pause_after(failures: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when it is time to give up."""
    return PAUSES[failures - 1] if failures <= len(PAUSES) else None


def after_rest(now: datetime, start: time, end: time, zone: str) -> datetime | None:
    """When the hours of rest that ``now`` is in are over; None outside them. ``start`` may lie after ``end``: then
    they span midnight. Equal times mean no rest at all."""
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    inside = start <= clock < end if start < end else (clock >= start or clock < end)
    if start == end or not inside:
        return None
    over = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return over if over > local else over + timedelta(days=1)


def message_id(row_id: UUID, customer: str, domain: str) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of a message, the same at every try. It names the customer, so that a bounce
    finds back from a mailbox that many share."""
    return f"<{row_id.hex}.{customer}@{domain}>"


def id_within(message_id: str) -> tuple[UUID, str] | None:
    """The row and the customer that a Message-ID of ours names; None when it is not ours."""
    found = _MESSAGE_ID.search(message_id)
    return (UUID(found.group(1)), found.group(2)) if found else None
