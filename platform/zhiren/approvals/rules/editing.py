"""Drawing a flow with a form: what the form says, and what its buttons do to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar, cast, get_args
from uuid import UUID

from msgspec.structs import replace

from zhiren.approvals.kinds import Fact
from zhiren.approvals.rules import conditions
from zhiren.approvals.rules.document import (
    MAX_LEVELS,
    MAX_SIGNERS,
    MAX_STAGES,
    MAX_STEPS,
    MODES,
    Document,
    Empty,
    Signer,
    SignerKind,
    Stage,
    Step,
)
from zhiren.i18n import _

MAX_HOURS: Final = 720
MAX_NAME: Final = 60
_EMPTY: Final = get_args(Empty)
_BY: Final = get_args(SignerKind)
_ACT: Final = re.compile(r"(add|remove|up|down)(?::(\d+)(?:\.(\d+)(?:\.(\d+))?)?)?")
T = TypeVar("T")


def read(form: Mapping[str, str]) -> Document:
    """The flow that a form's fields draw. What cannot be read is taken as empty: ``problems`` tells people."""
    stages = []
    for i in range(_count(form, "s", MAX_STAGES + 1)):
        steps = tuple(_step(form, f"s{i}.p{j}.") for j in range(_count(form, f"s{i}.p", MAX_STEPS + 1)))
        stages.append(Stage(steps))
    return Document(
        stages=tuple(stages), merge_same=bool(form.get("merge_same")), own_request=bool(form.get("own_request"))
    )


def _count(form: Mapping[str, str], prefix: str, limit: int) -> int:
    for number in range(limit):
        if not any(name.startswith(f"{prefix}{number}.") for name in form):
            return number
    return limit


def _step(form: Mapping[str, str], at: str) -> Step:
    mode, empty = form.get(f"{at}mode", ""), form.get(f"{at}empty", "")
    return Step(
        name=form.get(f"{at}name", "")[:MAX_NAME],
        signers=tuple(_signer(form, f"{at}g{k}.") for k in range(_count(form, f"{at}g", MAX_SIGNERS + 1))),
        mode=mode if mode in MODES else "all",
        when=form.get(f"{at}when", ""),
        empty=cast(Empty, empty) if empty in _EMPTY else "admin",
        escalate_h=_int(form.get(f"{at}escalate_h", ""), 0, 0, MAX_HOURS),
    )


def _signer(form: Mapping[str, str], at: str) -> Signer:
    by, _colon, of = form.get(f"{at}by", "managers").partition(":")
    until = by == "until"
    try:
        person_id = UUID(form.get(f"{at}person", ""))
    except ValueError:
        person_id = None
    return Signer(
        by="managers" if until or by not in _BY else cast(SignerKind, by),
        person_id=person_id if by == "person" else None,
        role=form.get(f"{at}role", "")[:60] if by == "role" else "",
        levels=_int(form.get(f"{at}levels", ""), 1, 1, MAX_LEVELS),
        until_level=_int(form.get(f"{at}level", ""), 1, 1, MAX_LEVELS) if until else 0,
        level=_int(form.get(f"{at}level", ""), 1, 1, MAX_LEVELS),
        of="unit" if of == "unit" else "requester",
    )


def _int(text: str, default: int, low: int, high: int) -> int:
    return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 6 else default


def changed(document: Document, act: str) -> Document:
    """What a button makes of the flow: ``add`` a stage, ``add:0`` a step beside, ``add:0.1`` a signer; ``remove``,
    ``up`` and ``down`` with the place of what they move. An act that leads nowhere changes nothing."""
    found = _ACT.fullmatch(act)
    if found is None:
        return document
    what, places = found[1], [int(place) for place in found.groups()[1:] if place is not None]
    if what == "add":
        return _added(document, places)
    if not places:
        return document
    return _within(document, places, what)


def _added(document: Document, places: Sequence[int]) -> Document:
    if not places:
        return replace(document, stages=(*document.stages, Stage())[:MAX_STAGES])
    if places[0] >= len(document.stages):
        return document
    stage = document.stages[places[0]]
    if len(places) == 1:
        stage = Stage((*stage.steps, Step())[:MAX_STEPS])
    elif places[1] < len(stage.steps):
        step = stage.steps[places[1]]
        step = replace(step, signers=(*step.signers, Signer())[:MAX_SIGNERS])
        stage = Stage(_put(stage.steps, places[1], step))
    return replace(document, stages=_put(document.stages, places[0], stage))


def _within(document: Document, places: Sequence[int], what: str) -> Document:
    """Moves or removes a stage, a step or a signer; a stage without steps goes with its last one."""
    first, *rest = places
    if not rest:
        return replace(document, stages=_moved(document.stages, first, what))
    if first >= len(document.stages):
        return document
    steps = document.stages[first].steps
    if len(rest) == 1:
        steps = _moved(steps, rest[0], what)
    elif rest[0] < len(steps):
        step = steps[rest[0]]
        steps = _put(steps, rest[0], replace(step, signers=_moved(step.signers, rest[1], what)))
    if not steps:
        return replace(document, stages=_moved(document.stages, first, "remove"))
    return replace(document, stages=_put(document.stages, first, Stage(steps)))


def _put(items: tuple[T, ...], place: int, item: T) -> tuple[T, ...]:
    return (*items[:place], item, *items[place + 1 :])


def _moved(items: tuple[T, ...], place: int, what: str) -> tuple[T, ...]:
    if place >= len(items):
        return items
    rest = (*items[:place], *items[place + 1 :])
    if what == "remove":
        return rest
    to = place - 1 if what == "up" else place + 1
    return (*rest[:to], items[place], *rest[to:]) if 0 <= to < len(items) else items


def problems(document: Document, facts: Sequence[Fact], roles: Mapping[str, str]) -> dict[str, str]:
    """What keeps a flow from being published: the field's name in the form -> words. ``roles``: those there are."""
    found: dict[str, str] = {}
    if not document.stages:
        found["stages"] = _("至少要有一步。")
    has_unit = any(fact.type == "unit" for fact in facts)
    for i, stage in enumerate(document.stages):
        for j, step in enumerate(stage.steps):
            at = f"s{i}.p{j}."
            if wrong := conditions.problem(step.when, facts):
                found[f"{at}when"] = wrong
            if not step.signers:
                found[f"{at}signers"] = _("请加上审批人。")
            for k, signer in enumerate(step.signers):
                if signer.by == "person" and signer.person_id is None:
                    found[f"{at}g{k}.person"] = _("请选择一个人。")
                if signer.by == "role" and signer.role not in roles:
                    found[f"{at}g{k}.role"] = _("请选择角色。")
                if signer.by == "leader" and signer.of == "unit" and not has_unit:
                    found[f"{at}g{k}.by"] = _("这种申请没有所属部门。")
    return found
