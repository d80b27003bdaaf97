"""What rooms hand in, and what the page is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Role = Literal["host", "guest", "observer"]
State = Literal["in", "waiting"]
Phase = Literal["early", "open", "over"]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Who may come in: a user, or a guest (``id`` of the candidate). An observer sees and hears, sends no picture, and
    is shown to all."""

    kind: Literal["user", "guest"]
    id: UUID
    name: str
    role: Role


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's open page. ``sid`` is the page's own name, which a reload changes and a lost network does not;
    ``connection`` that of its socket."""

    sid: str
    connection: str
    state: State
    mic: bool = False
    cam: bool = False
    screen: bool = False


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One line of who is here."""

    id: str
    name: str
    role: Role
    state: State
    sid: str
    mic: bool
    cam: bool
    screen: bool
    consents: bool | None


class View(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="state"):
    """The room as one of its members may see it."""

    you: str
    state: State
    people: list[Person]
    recording: bool
    recorder: str
    #: while waiting: whether anybody is there to open the door
    hosts_here: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something said in the chat."""

    id: str
    by: str
    name: str
    text: str
    at: datetime


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One that was made; ``stopped_at`` is None while it runs."""

    id: UUID
    by: str
    started_at: datetime
    stopped_at: datetime | None
    erased: bool


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    about: tuple[str, UUID]
    title: str
    opens_at: datetime
    closes_at: datetime
    #: recordings are kept so many days
    keep_days: int
    phase: Phase


class Sent(msgspec.Struct, frozen=True):
    """A message of the page. Which of the fields matter is told by ``t``."""

    t: str
    to: str = ""
    sid: str = ""
    data: Any = None
    text: str = ""
    base: str = ""
    version: int = 0
    on: bool = False
    mic: bool = False
    cam: bool = False
    screen: bool = False
