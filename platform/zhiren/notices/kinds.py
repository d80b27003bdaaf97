"""What the product has to say: every kind of notice is declared once, and customers may reword it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

Channel = Literal["inapp", "mail", "sms", "im", "push"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_PLACE: Final = re.compile(r"\{(\w+)\}")
#: given to every notice besides its own values
COMMON: Final = ("name", "company")


class NoticeKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of notice. ``title``, ``subject``, ``body`` and ``short`` are Chinese source texts.

    Texts hold ``{values}``; ``{name}`` (of who gets it) and ``{company}`` are always there. ``body`` is plain text,
    an empty line ends a paragraph; the link is added by the channel. ``short`` is for SMS, IM and push; without it
    ``subject`` serves. ``urgent`` knows no quiet hours. A notice with ``valid_s`` is not sent later than that many
    seconds after it was asked for: a code that has expired helps nobody. ``optional`` ones may be switched off by who
    gets them. ``secret`` ones (codes, links that log in) are never shown to an administrator.
    """

    name: str
    title: str
    subject: str
    body: str
    short: str = ""
    channels: tuple[Channel, ...] = ("inapp", "mail")
    urgent: bool = False
    optional: bool = False
    secret: bool = False
    valid_s: int | None = None
    #: what the link is called on a button; Chinese source text
    action: str = "查看"

    @property
    def places(self) -> frozenset[str]:
        """Names of all values its texts may use."""
        return frozenset((*self.values, *COMMON))

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the values its own texts use, in order."""
        own = _PLACE.findall(f"{self.subject} {self.body} {self.short}")
        return tuple(dict.fromkeys(name for name in own if name not in COMMON))


_kinds: dict[str, NoticeKind] = {}


def register(*kinds: NoticeKind) -> None:
    """Declare kinds of notices. Doing so twice with the same words is doing it once; other words raise ValueError."""
    for kind in kinds:
        if not _NAME.fullmatch(kind.name):
            raise ValueError(f"notice {kind.name!r} is not named like room.thing.happened")
        if _kinds.get(kind.name, kind) != kind:
            raise ValueError(f"two notices are named {kind.name!r}")
        _kinds[kind.name] = kind


def find(name: str) -> NoticeKind | None:
    return _kinds.get(name)


def get(name: str) -> NoticeKind:
    """Raises LookupError: the module that declares it is not imported."""
    kind = _kinds.get(name)
    if kind is None:
        raise LookupError(f"no notice is named {name!r}: is the module that declares it imported?")
    return kind


def every() -> Sequence[NoticeKind]:
    return [_kinds[name] for name in sorted(_kinds)]
