"""Kinds of guests, declared by the modules that know them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from zhiren.audit import describe
from zhiren.context import Context

_NAME: Final = re.compile(r"[a-z][a-z_]{0,30}")


class Match(msgspec.Struct, frozen=True):
    """Somebody whom an address belongs to. ``name`` stands in the message, in the audit trail and on pages."""

    id: UUID
    name: str
    locale: str = "zh_CN"


@dataclass(frozen=True, slots=True)
class GuestKind:
    """One kind. ``title`` is a Chinese source text; ``login_path`` is where strangers are led, with ``next=``.

    ``find`` tells whom a mail address or mobile number belongs to, in the form ``normal_address`` gives it; the first
    one gets the code. ``known`` is asked at each request: None ends the way in at once, for whom was erased or locked
    out; without it a session lasts until it is ended.
    """

    name: str
    title: str
    login_path: str
    find: Callable[[Context, str], Awaitable[Sequence[Match]]]
    known: Callable[[Context, UUID], Awaitable[Match | None]] | None = None


_kinds: dict[str, GuestKind] = {}


def register(kind: GuestKind) -> None:
    """Declares a kind. Doing so twice with the same words is doing it once; others raise ValueError."""
    if not _NAME.fullmatch(kind.name):
        raise ValueError(f"a kind of guest is not named {kind.name!r}")
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"two kinds of guests are named {kind.name!r}")
    _kinds[kind.name] = kind
    describe(roles={kind.name: kind.title})


def get(name: str) -> GuestKind:
    """Raises LookupError: the module that declares it is not imported."""
    if name not in _kinds:
        raise LookupError(f"no kind of guest is named {name!r}: is the module that declares it imported?")
    return _kinds[name]


def names() -> Sequence[str]:
    return sorted(_kinds)
