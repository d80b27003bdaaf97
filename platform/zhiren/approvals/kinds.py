"""What can be asked for: modules declare each kind of request once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from zhiren.context import Context

if TYPE_CHECKING:
    from zhiren.approvals.schemas import CaseView

#: ``fen`` is money in fen, ``unit`` the id of an organisation unit, ``date`` is written YYYY-MM-DD in conditions
FactType = Literal["int", "fen", "text", "bool", "date", "unit"]
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_FACT: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something conditions may ask about a request. ``title`` is Chinese source text. A fact may be unknown: None."""

    name: str
    type: FactType
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a signer is shown: what it is about, in lines, and the page with the rest. Already in the reader's language,
    and holding no more than ``ctx.actor`` may see; by a signed link the actor is the signer, without any grant. No
    ``path`` for who may not open that page: who signs is not thereby somebody who works there."""

    title: str
    lines: Sequence[tuple[str, str]] = ()
    path: str = ""


Describe = Callable[[Context, UUID], Awaitable[Card]]
Decided = Callable[[Context, "CaseView"], Awaitable[None]]


async def _nothing(_ctx: Context, _case: CaseView) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalKind:
    """``decided`` runs in the transaction of the last signature, or of the withdrawal: what it raises undoes both."""

    name: str
    title: str
    describe: Describe
    facts: tuple[Fact, ...] = ()
    decided: Decided = field(default=_nothing)


_kinds: dict[str, ApprovalKind] = {}


def register(kind: ApprovalKind) -> None:
    """Called once when the module is imported; a second of the same name replaces it."""
    if not _NAME.fullmatch(kind.name):
        raise ValueError(f"approval {kind.name!r} is not named like room.thing")
    if any(not _FACT.fullmatch(fact.name) for fact in kind.facts):
        raise ValueError(f"{kind.name}: a fact's name is lower case letters, digits and underscores")
    _kinds[kind.name] = kind


def find(name: str) -> ApprovalKind | None:
    return _kinds.get(name)


def get(name: str) -> ApprovalKind:
    """Raises LookupError: the module that declares it is not imported."""
    found = _kinds.get(name)
    if found is None:
        raise LookupError(f"no approval is named {name!r}: is the module that declares it imported?")
    return found


def every() -> Sequence[ApprovalKind]:
    return [_kinds[name] for name in sorted(_kinds)]


def plain(kind: ApprovalKind, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as conditions and JSON take them. Raises ValueError when they are not those the kind declares."""
    declared = {fact.name for fact in kind.facts}
    if facts.keys() != declared:
        raise ValueError(f"{kind.name}: facts differ from those declared: {sorted(facts.keys() ^ declared)}")
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
