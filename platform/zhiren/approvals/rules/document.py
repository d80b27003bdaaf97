"""A flow as data."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args
from uuid import UUID

import msgspec

SignerKind = Literal["person", "role", "managers", "leader"]
Mode = Literal["all", "any", "sequential"]
#: what becomes of a step for which nobody is found: passed over, or signed by a role
Empty = Literal["skip", "admin", "hr"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
MAX_STAGES: Final = 20
MAX_STEPS: Final = 6
MAX_SIGNERS: Final = 10
MAX_LEVELS: Final = 10


class Signer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who signs, by one of four ways: a person; whoever holds a role; the requester's managers, ``levels`` of them or,
    with ``until_level``, up to the first whose unit lies at that level or above; the leader of the unit at ``level``
    (1 is the top) above the requester, or above the unit that the request is about."""

    by: SignerKind = "managers"
    person_id: UUID | None = None
    person_name: str = ""
    role: str = ""
    levels: int = 1
    until_level: int = 0
    level: int = 1
    of: Literal["requester", "unit"] = "requester"


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Signatures that belong together. ``when`` is a CEL expression over the kind's facts; empty means always.
    ``escalate_h``: after so many hours the signer's manager is asked instead; 0 is never."""

    name: str = ""
    signers: tuple[Signer, ...] = (Signer(),)
    mode: Mode = "all"
    when: str = ""
    empty: Empty = "admin"
    escalate_h: int = 0


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Steps that run side by side; the next stage waits for all of them."""

    steps: tuple[Step, ...] = (Step(),)


class Document(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    stages: tuple[Stage, ...] = ()
    #: somebody who has just signed is not asked again by the stage that follows
    merge_same: bool = True
    #: requesters may sign their own request
    own_request: bool = False


#: where a customer has drawn nothing: the manager, else HR
BUILT_IN: Final = Document(stages=(Stage((Step(name="直接上级", signers=(Signer(),), empty="hr"),)),))


def load(data: dict[str, Any]) -> Document:
    return msgspec.convert(data, Document)


def dump(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(document)
    return found
