"""The people that a plan needs, looked up before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from zhiren.approvals.kinds import ApprovalKind
from zhiren.approvals.rules.document import MAX_LEVELS, Document, Signer
from zhiren.approvals.rules.planning import People, Person
from zhiren.context import Context
from zhiren.people import Account, Colleague, accounts, accounts_of_employees, directory, in_roles


async def gather(
    ctx: Context,
    document: Document,
    kind: ApprovalKind,
    facts: Mapping[str, Any],
    *,
    user_id: UUID | None,
    employee_id: UUID | None,
    name: str,
) -> People:
    """Everybody whom ``document`` may ask to sign a request of this person with these facts."""
    signers = [one for stage in document.stages for step in stage.steps for one in step.signers]
    chain = await directory().manager_chain(ctx, employee_id, _levels(signers)) if employee_id else []
    leaders = await _leaders(ctx, signers, kind, facts, employee_id)
    logins = await accounts_of_employees(ctx, {one.employee_id for one in (*chain, *leaders.values())})
    named = await accounts(ctx, {one.person_id for one in signers if one.person_id is not None})
    codes = {one.role for one in signers if one.by == "role"} | {"admin", "hr"}
    roles = await in_roles(ctx, codes)
    return People(
        requester=Person(name, user_id),
        chain=tuple(_person(one, logins) for one in chain),
        leaders={place: _person(one, logins) for place, one in leaders.items()},
        persons={one.id: Person(one.name, one.id if one.active else None) for one in named.values()},
        roles={code: tuple(Person(one.name, one.id) for one in holders) for code, holders in roles.items()},
    )


def _levels(signers: Iterable[Signer]) -> int:
    """One more than asked for: the next one up signs what is a manager's own."""
    wanted = [MAX_LEVELS if one.until_level else one.levels for one in signers if one.by == "managers"]
    return min(max(wanted, default=1) + 2, MAX_LEVELS)


async def _leaders(
    ctx: Context, signers: Iterable[Signer], kind: ApprovalKind, facts: Mapping[str, Any], employee_id: UUID | None
) -> dict[tuple[str, int], Colleague]:
    found: dict[tuple[str, int], Colleague] = {}
    units: dict[str, UUID | None] = {}
    for one in signers:
        if one.by != "leader" or (one.of, one.level) in found:
            continue
        if one.of not in units:
            own = await directory().unit_of(ctx, employee_id) if employee_id and one.of == "requester" else None
            units[one.of] = own if one.of == "requester" else _unit_asked_for(kind, facts)
        unit_id = units[one.of]
        leader = await directory().unit_leader(ctx, unit_id, one.level) if unit_id is not None else None
        if leader is not None:
            found[one.of, one.level] = leader
    return found


def _unit_asked_for(kind: ApprovalKind, facts: Mapping[str, Any]) -> UUID | None:
    value = next((facts.get(fact.name) for fact in kind.facts if fact.type == "unit"), None)
    return UUID(value) if value else None


def _person(one: Colleague, logins: Mapping[UUID, Account]) -> Person:
    login = logins.get(one.employee_id)
    return Person(one.name, login.id if login is not None and login.active else None, one.level)
