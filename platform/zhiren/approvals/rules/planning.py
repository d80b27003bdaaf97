"""Who signs a request, in which order: from the flow, the facts and the people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from zhiren.approvals.rules import conditions
from zhiren.approvals.rules.document import Document, Mode, Signer, Step


class Person(msgspec.Struct, frozen=True):
    """``user_id`` is None for one who cannot log in. ``level`` is the depth of their unit, 1 being the top."""

    name: str
    user_id: UUID | None = None
    level: int | None = None


class People(msgspec.Struct, frozen=True, kw_only=True):
    """All that a plan needs to know of people, gathered before."""

    requester: Person
    #: the requester's managers from below
    chain: tuple[Person, ...] = ()
    #: leaders by whose unit (requester or unit) and level
    leaders: Mapping[tuple[str, int], Person] = {}
    persons: Mapping[UUID, Person] = {}
    #: who holds each role and can log in
    roles: Mapping[str, tuple[Person, ...]] = {}


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One signature: of a person, or of anybody in ``role``. ``note`` says why it is not who the flow names."""

    person: Person | None = None
    role: str = ""
    note: str = ""
    note_name: str = ""
    #: counts as signed: the same person has just signed
    merged: bool = False


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True):
    """``skipped`` says why nobody is asked: ``condition``, ``empty`` or ``nobody``."""

    name: str
    mode: Mode
    seats: tuple[Seat, ...] = ()
    skipped: str = ""
    escalate_h: int = 0

    @property
    def asked(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if not seat.merged)


class Plan(msgspec.Struct, frozen=True):
    stages: tuple[tuple[PlannedStep, ...], ...]

    @property
    def nobody(self) -> bool:
        """A signature is wanted and there is no one in the company to give it."""
        return any(step.skipped == "nobody" for stage in self.stages for step in stage)


def plan(document: Document, facts: Mapping[str, Any], people: People) -> Plan:
    """The steps with those who sign them. A condition that cannot be worked out counts as met: a signature too many is
    better than one too few. Nobody signs their own request unless the flow says so: the next manager up does."""
    stages: list[tuple[PlannedStep, ...]] = []
    before: frozenset[UUID] = frozenset()
    for stage in document.stages:
        steps = tuple(_planned(step, document, facts, people) for step in stage.steps)
        if document.merge_same and before:
            steps = tuple(_merged(step, before) for step in steps)
        stages.append(steps)
        if any(step.asked for step in steps):
            before = _surely_signs(steps)
    found = Plan(tuple(stages))
    if any(step.asked for steps in found.stages for step in steps) or found.nobody:
        return found
    if any(step.skipped == "empty" for steps in found.stages for step in steps):
        # a flow passed over for want of people would wave everything through
        seat = _role_seat("admin", document, people, note="empty")
        step = PlannedStep(name="", mode="all", seats=(seat,) if seat else (), skipped="" if seat else "nobody")
        return Plan((*found.stages, (step,)))
    return found


def _planned(step: Step, document: Document, facts: Mapping[str, Any], people: People) -> PlannedStep:
    known = conditions.holds(step.when, facts)
    made = PlannedStep(name=step.name, mode=step.mode, escalate_h=step.escalate_h)
    if known is False:
        return msgspec.structs.replace(made, skipped="condition")
    wanted: list[Seat | None] = []
    for signer in step.signers:
        wanted += _seats(signer, document, people)
    seats = _distinct(seat for seat in wanted if seat is not None)
    if not seats and None in wanted:
        return msgspec.structs.replace(made, skipped="nobody")
    if not seats and step.empty == "skip":
        return msgspec.structs.replace(made, skipped="empty")
    if not seats:
        stand_in = _role_seat(step.empty, document, people, note="empty")
        return msgspec.structs.replace(
            made, seats=(stand_in,) if stand_in else (), skipped="" if stand_in else "nobody"
        )
    if known is None:
        seats = tuple(msgspec.structs.replace(seat, note=seat.note or "condition_failed") for seat in seats)
    return msgspec.structs.replace(made, seats=seats)


def _seats(signer: Signer, document: Document, people: People) -> list[Seat | None]:
    """None stands for a signature that is wanted and nobody can give."""
    if signer.by == "role":
        # too few in the role is an empty step, as a missing leader is
        return [Seat(role=signer.role)] if _eligible(signer.role, document, people) else []
    if signer.by == "person":
        found = people.persons.get(signer.person_id) if signer.person_id else None
        named = [found if found is not None else Person(signer.person_name)]
    elif signer.by == "leader":
        leader = people.leaders.get((signer.of, signer.level))
        named = [leader] if leader is not None else []
    else:
        named = list(_managers(signer, people))
    return [_seat(person, document, people) for person in named]


def _managers(signer: Signer, people: People) -> tuple[Person, ...]:
    if not signer.until_level:
        return people.chain[: signer.levels]
    for count, person in enumerate(people.chain, start=1):
        if person.level is not None and person.level <= signer.until_level:
            return people.chain[:count]
    return people.chain


def _seat(person: Person, document: Document, people: People) -> Seat | None:
    if person.user_id is None:
        return _role_seat("admin", document, people, note="no_login", note_name=person.name)
    if document.own_request or person.user_id != people.requester.user_id:
        return Seat(person=person)
    above = next((one for one in people.chain if one.user_id not in {None, people.requester.user_id}), None)
    if above is not None:
        return Seat(person=above, note="own", note_name=person.name)
    return _role_seat("admin", document, people, note="own", note_name=person.name)


def _eligible(role: str, document: Document, people: People) -> bool:
    members = people.roles.get(role, ())
    return any(document.own_request or one.user_id != people.requester.user_id for one in members)


def _role_seat(role: str, document: Document, people: People, *, note: str = "", note_name: str = "") -> Seat | None:
    """Anybody of the role; where the requester is alone in it, of administration or HR."""
    for code in dict.fromkeys((role, "admin", "hr")):
        if _eligible(code, document, people):
            return Seat(role=code, note=note, note_name=note_name)
    return None


def _who(seat: Seat) -> UUID | str | None:
    return seat.person.user_id if seat.person is not None else seat.role


def _distinct(seats: Any) -> tuple[Seat, ...]:
    return tuple({_who(seat): seat for seat in reversed(list(seats))}.values())[::-1]


def _merged(step: PlannedStep, before: frozenset[UUID]) -> PlannedStep:
    again = [seat.person is not None and seat.person.user_id in before for seat in step.seats]
    if step.mode == "any" and any(again):
        again = [True] * len(again)
    seats = (msgspec.structs.replace(seat, merged=is_again) for seat, is_again in zip(step.seats, again, strict=True))
    return msgspec.structs.replace(step, seats=tuple(seats))


def _surely_signs(steps: tuple[PlannedStep, ...]) -> frozenset[UUID]:
    """Who has signed for certain once these steps are done."""
    return frozenset(
        seat.person.user_id
        for step in steps
        if step.mode != "any" or len(step.seats) == 1
        for seat in step.seats
        if seat.person is not None and seat.person.user_id is not None
    )
