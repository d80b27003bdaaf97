"""Which fields a person may see, and what stands in their place otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, Protocol
from uuid import UUID

from zhiren.context import Context, Scope

FieldClass = Literal["pay", "identity", "contact"]
MaskKind = Literal["id_number", "phone", "bank_account", "money", "email", "address", "text"]

_DOT: Final = "•"


class Reach(Protocol):
    """Says whose data a scope reaches; records knows the organisation and hands this in."""

    async def visible_employee_ids(self, ctx: Context, scope: Scope, employee_ids: frozenset[UUID]) -> frozenset[UUID]:
        """Those of ``employee_ids`` that ``scope`` reaches today. Never asked for ``self`` or ``all`` alone."""
        ...

    async def units(self, ctx: Context) -> Sequence[tuple[UUID, str]]:
        """Units a role may be limited to: id, and name with its place (``总部 / 研发``), in the tree's order."""
        ...


class _NoReach:
    """Without an organisation there are no reports and no units."""

    async def visible_employee_ids(self, ctx: Context, scope: Scope, employee_ids: frozenset[UUID]) -> frozenset[UUID]:  # noqa: ARG002
        return frozenset()

    async def units(self, ctx: Context) -> Sequence[tuple[UUID, str]]:  # noqa: ARG002
        return ()


_reach: Reach = _NoReach()


def register_reach(reach: Reach) -> None:
    """Called once, by the module that knows the organisation, when it is imported."""
    global _reach  # noqa: PLW0603
    _reach = reach


async def units(ctx: Context) -> Sequence[tuple[UUID, str]]:
    """What the administrator chooses from when a role is limited to units."""
    return await _reach.units(ctx)


def permission_of(field_class: FieldClass) -> str:
    return f"field.{field_class}.read"


async def visible_ids(ctx: Context, field_class: FieldClass, employee_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the employees whose fields of this class the actor may see unmasked. At most one query."""
    wanted = frozenset(employee_ids)
    scope = ctx.actor.scope(permission_of(field_class))
    if scope.everyone:
        return wanted
    seen = wanted & {scope.employee_id} if "self" in scope.kinds and scope.employee_id else frozenset[UUID]()
    rest = wanted - seen
    if rest and scope.kinds & {"direct_reports", "reports", "unit"}:
        seen |= await _reach.visible_employee_ids(ctx, scope, rest)
    return frozenset(employee_id for employee_id in seen if employee_id is not None)


async def can_see(ctx: Context, field_class: FieldClass, employee_id: UUID) -> bool:
    """Whether the actor may see this person's fields of this class unmasked."""
    return employee_id in await visible_ids(ctx, field_class, (employee_id,))


def mask(value: object, kind: MaskKind) -> str:
    """What a field shows when its value is not for the reader: enough to tell two apart, never how much.

    Empty stays empty. Money shows nothing at all, not even how many digits.
    """
    text = "" if value is None else str(value)
    if not text:
        return ""
    match kind:
        case "id_number":
            return _keep(text, 3, 4)
        case "phone":
            return _keep(text, 3, 4)
        case "bank_account":
            return _keep(text, 0, 4)
        case "email":
            name, at, domain = text.rpartition("@")
            return f"{name[:1]}{_DOT * 3}{at}{domain}" if at else _DOT * 4
        case "money" | "address" | "text":
            return _DOT * 4


def _keep(text: str, first: int, last: int) -> str:
    # also in what is too short to be real, most stays hidden
    if len(text) < first + last + 4:
        first, last = 0, min(last, len(text) // 4)
    return text[:first] + _DOT * min(len(text) - first - last, 8) + text[len(text) - last :]
